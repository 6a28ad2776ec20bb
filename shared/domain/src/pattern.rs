//! The regular expressions of version rules, with the semantics of .NET.
//!
//! Octopus matches with .NET's engine. A pattern is first rewritten where the two engines interpret the same
//! text differently, then matched by `fancy-regex`, which supports look-around. A construct whose .NET
//! semantics it lacks is refused as *not evaluable*, never approximated.
//!
//! Users write patterns and any publisher writes tags, so the work of one match is bounded. A match that exceeds
//! the bound is an error, because "no match" would be a guess.

use std::error::Error;
use std::sync::OnceLock;

use fancy_regex::{CompileError, Error as EngineError, ParseError, Regex, RegexBuilder};

mod dotnet;
mod error;

use dotnet::Classes;

pub use error::{PatternError, PatternFault};

/// The longest pattern, in bytes. Typical patterns have some tens.
pub const MAX_PATTERN_BYTES: usize = 1024;

/// The maximum number of backtracking steps of one match. The work between two of them is bounded by
/// [`MAX_STEPS`] and by the number of look-arounds; together they bound a match to less than a millisecond for
/// every pattern (`bench-feeds patterns`). With ten thousand, and without the other bounds, one match took two
/// seconds. Typical patterns backtrack some tens of times on a tag.
pub const BACKTRACK_LIMIT: usize = 500;

/// The maximum size of each part of a compiled pattern, in bytes. The time of a match grows with it; this is
/// enough for some hundred characters and classes, repetitions counted.
const COMPILED_BYTES: usize = 64 * 1024;
/// The same for subjects that are not ASCII, which need large classes. Only Maven versions can be that.
const COMPILED_UNICODE_BYTES: usize = 1024 * 1024;
/// The maximum number of instructions that can backtrack.
const MAX_STEPS: usize = 128;
/// The maximum memory for lazily built matching states, for each part.
const MATCHING_BYTES: usize = 512 * 1024;

/// A compiled regular expression.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: Box<str>,
    ascii: Regex,
    /// For subjects that are not ASCII; compiled on first use. `None`: it would be too large.
    unicode: OnceLock<Option<Regex>>,
}

/// The match exceeds the bound on its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pattern backtracks more than {BACKTRACK_LIMIT} times; simplify it")]
pub struct TooSlow;

impl Pattern {
    /// Compiles a pattern with .NET's semantics and no options.
    ///
    /// # Errors
    /// If it is not a regular expression, or cannot be evaluated locally.
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
    /// [`TooSlow`] if the match exceeds the bound on its work.
    pub fn is_match(&self, subject: &str) -> Result<bool, TooSlow> {
        let regex = self.regex_for(subject).ok_or(TooSlow)?;
        regex.is_match(subject).map_err(|_| TooSlow)
    }

    /// The part of the subject that the group `version`, else the first group, else the whole pattern matches.
    /// `None`: the pattern does not match.
    ///
    /// # Errors
    /// [`TooSlow`] if the match exceeds the bound on its work.
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
        .map_err(|error| engine_error(&error, &translation))
}

/// An error of the local engine. A construct that .NET supports and the engine does not is not evaluable.
fn engine_error(error: &EngineError, translation: &dotnet::Translation) -> PatternError {
    match error {
        EngineError::ParseError(at, ParseError::TargetNotRepeatable) => {
            PatternError::not_evaluable(translation.origin(*at), "a repeated assertion")
        }
        EngineError::ParseError(at, ParseError::RecursionExceeded) => PatternError::not_evaluable(
            translation.origin(*at),
            "too many groups within each other",
        ),
        EngineError::ParseError(at, error) => {
            PatternError::invalid(translation.origin(*at), error.to_string())
        }
        EngineError::CompileError(error) => compiler_error(error),
        _ => PatternError::not_evaluable(0, "a construct that the local engine does not support"),
    }
}

fn compiler_error(error: &CompileError) -> PatternError {
    match error {
        CompileError::InnerError(error) if error.size_limit().is_none() => {
            PatternError::invalid(0, innermost(error))
        }
        CompileError::InvalidBackref(_) | CompileError::InvalidGroupNameBackref(_) => {
            PatternError::invalid(0, "it refers to a group that does not exist")
        }
        CompileError::InnerError(_) | CompileError::PatternTooComplex => {
            PatternError::not_evaluable(0, "too much: it is too large when compiled")
        }
        CompileError::LookBehindNotConst | CompileError::VariableLookBehindRequiresFeature => {
            PatternError::not_evaluable(0, "a look-behind of variable length")
        }
        error => PatternError::not_evaluable(0, error.to_string()),
    }
}

/// The message of the innermost cause, without the copy of the pattern before it.
fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let text = cause.to_string();
    let line = text.lines().next_back().unwrap_or(&text);
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}
