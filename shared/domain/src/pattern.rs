//! The regular expressions of version rules, with the meaning that .NET gives them.
//!
//! Octopus matches with .NET's engine. Here a pattern is first rewritten where the two engines read the
//! same text differently, then matched by `fancy-regex`, which knows look-around. What it
//! cannot do as .NET does is refused at once as *not evaluable*, never approximated.
//!
//! Patterns come from people and tags from strangers, so the work on one match is bounded. A match that
//! would take more is an outcome of its own, because "no match" would be a guess.

use std::error::Error;
use std::sync::OnceLock;

use fancy_regex::{CompileError, Error as EngineError, ParseError, Regex, RegexBuilder};

use dotnet::Classes;

mod dotnet;

/// The longest pattern, in bytes. Those that people write have some tens.
pub const MAX_PATTERN_BYTES: usize = 1024;

/// How often one match may go back and try again. What it does in between is bounded by [`MAX_STEPS`] and by
/// how many look-arounds a pattern may have; with these, a match takes less than a millisecond, whatever the
/// pattern (`bench-feeds patterns`). With ten thousand, and without the other two, one took two seconds.
/// Patterns written in good faith go back some tens of times on a tag.
pub const BACKTRACK_LIMIT: usize = 500;

/// How large a compiled pattern may be, in bytes, for each of its parts. The time of one match grows
/// with it; this is room for some hundred letters and classes, repetitions counted.
const COMPILED_BYTES: usize = 64 * 1024;
/// The same where the subject is not ASCII, which makes classes large. Only Maven versions can be that.
const COMPILED_UNICODE_BYTES: usize = 1024 * 1024;
/// How many instructions a pattern may have of which the engine goes back.
const MAX_STEPS: usize = 128;
/// The memory for the states that matching builds as it goes, for each part.
const MATCHING_BYTES: usize = 512 * 1024;

/// A regular expression that is ready to be matched.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: Box<str>,
    ascii: Regex,
    /// For subjects that are not ASCII; made when the first one comes. `None` if it would be too large.
    unicode: OnceLock<Option<Regex>>,
}

/// The match would have taken more work than is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pattern goes back more than {BACKTRACK_LIMIT} times; make it simpler")]
pub struct TooSlow;

impl Pattern {
    /// Compiles a pattern as .NET understands it, with no options set.
    ///
    /// # Errors
    /// Where .NET would not take it either, and, told apart from that, where it cannot be evaluated
    /// here.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if text.len() > MAX_PATTERN_BYTES {
            let fault = PatternFault::NotEvaluable("more than 1024 bytes".into());
            return Err(PatternError {
                offset: MAX_PATTERN_BYTES,
                fault,
            });
        }
        let ascii = compile(text, Classes::Ascii)?;
        Ok(Self {
            text: text.into(),
            ascii,
            unicode: OnceLock::new(),
        })
    }

    /// Whether the pattern matches anywhere in the subject.
    ///
    /// # Errors
    /// [`TooSlow`] where it needs more work than is allowed.
    pub fn is_match(&self, subject: &str) -> Result<bool, TooSlow> {
        let regex = self.regex_for(subject).ok_or(TooSlow)?;
        regex.is_match(subject).map_err(|_| TooSlow)
    }

    /// The part of the subject that the group `version`, else the first group, else the whole pattern
    /// matches; nothing if the pattern does not match.
    ///
    /// # Errors
    /// [`TooSlow`] where it needs more work than is allowed.
    pub fn extract<'s>(&self, subject: &'s str) -> Result<Option<&'s str>, TooSlow> {
        let regex = self.regex_for(subject).ok_or(TooSlow)?;
        let captures = regex.captures(subject).map_err(|_| TooSlow)?;
        Ok(captures.and_then(|captures| {
            let part = captures.name("version").or_else(|| captures.get(1));
            part.or_else(|| captures.get(0)).map(|part| part.as_str())
        }))
    }

    fn regex_for(&self, subject: &str) -> Option<&Regex> {
        if subject.is_ascii() {
            return Some(&self.ascii);
        }
        let unicode = || compile(&self.text, Classes::Unicode).ok();
        self.unicode.get_or_init(unicode).as_ref()
    }
}

fn compile(text: &str, classes: Classes) -> Result<Regex, PatternError> {
    let translation = dotnet::translate(text, classes)?;
    let compiled_bytes = match classes {
        Classes::Ascii => COMPILED_BYTES,
        Classes::Unicode => COMPILED_UNICODE_BYTES,
    };
    RegexBuilder::new(&translation.text)
        .backtrack_limit(BACKTRACK_LIMIT)
        .delegate_size_limit(compiled_bytes)
        .delegate_dfa_size_limit(MATCHING_BYTES)
        .max_prog_size(MAX_STEPS)
        .build()
        .map_err(|error| PatternError::from_engine(&error, &translation))
}

/// A pattern that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault} (byte {offset})")]
pub struct PatternError {
    /// The byte of the pattern at which it went wrong.
    pub offset: usize,
    /// What is wrong.
    pub fault: PatternFault,
}

/// What is wrong with a pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternFault {
    /// No regular expression, for .NET neither.
    #[error("it is not a regular expression: {0}")]
    Invalid(String),
    /// The server may understand it; what it holds is named.
    #[error("it cannot be evaluated locally, because it holds {0}")]
    NotEvaluable(String),
}

impl PatternError {
    fn invalid(offset: usize, why: impl Into<String>) -> Self {
        Self {
            offset,
            fault: PatternFault::Invalid(why.into()),
        }
    }

    fn not_evaluable(offset: usize, construct: impl Into<String>) -> Self {
        Self {
            offset,
            fault: PatternFault::NotEvaluable(construct.into()),
        }
    }

    /// Whether the pattern may be fine for the server, and just cannot be evaluated here.
    pub fn is_not_evaluable(&self) -> bool {
        matches!(self.fault, PatternFault::NotEvaluable(_))
    }

    /// The engine's own verdict. What .NET takes and the engine does not is not evaluable.
    fn from_engine(error: &EngineError, translation: &dotnet::Translation) -> Self {
        match error {
            EngineError::ParseError(at, ParseError::TargetNotRepeatable) => {
                Self::not_evaluable(translation.origin(*at), "a repeated assertion")
            }
            EngineError::ParseError(at, ParseError::RecursionExceeded) => {
                Self::not_evaluable(translation.origin(*at), "too many groups within each other")
            }
            EngineError::ParseError(at, error) => {
                Self::invalid(translation.origin(*at), error.to_string())
            }
            EngineError::CompileError(error) => Self::from_compiler(error),
            _ => Self::not_evaluable(0, "what the local engine does not know"),
        }
    }

    fn from_compiler(error: &CompileError) -> Self {
        match error {
            CompileError::InnerError(error) if error.size_limit().is_none() => {
                Self::invalid(0, innermost(error))
            }
            CompileError::InvalidBackref(_) | CompileError::InvalidGroupNameBackref(_) => {
                Self::invalid(0, "it refers to a group that is not there")
            }
            CompileError::InnerError(_) | CompileError::PatternTooComplex => {
                Self::not_evaluable(0, "too much: compiled it is too large")
            }
            CompileError::LookBehindNotConst | CompileError::VariableLookBehindRequiresFeature => {
                Self::not_evaluable(0, "a look-behind of no fixed length")
            }
            error => Self::not_evaluable(0, error.to_string()),
        }
    }
}

/// What is wrong, in the words of the error's innermost cause, which draws the pattern first.
fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let text = cause.to_string();
    let line = text.lines().next_back().unwrap_or(&text);
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}
