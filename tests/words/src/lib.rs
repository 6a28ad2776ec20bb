//! Checks the wording of the whole repository: documents, comments, string literals, identifiers and file names.
//!
//! [`RULES`] lists words and phrases that have a standard term, and the term. [`check`] reads every text file below a
//! root and returns a [`Hit`] for each use. A use that is right all the same is listed in `allowed.txt` with its
//! reason; an exception that matches nothing is an error.

mod allowed;
mod files;
mod matching;
mod rules;
mod segments;

pub use allowed::{Allowance, Allowances};
pub use files::{SourceFile, folder_of, source_files};
pub use rules::{RULES, Rule, Scope};

/// One use of a listed word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Path below the root, with `/`.
    pub path: String,
    /// Line number from 1; 0 is the path itself.
    pub line: usize,
    /// The line, trimmed.
    pub text: String,
    /// The first pattern of the rule, which names it.
    pub word: &'static str,
    /// The matched text, in lower case.
    pub found: String,
    /// The standard term.
    pub instead: &'static str,
}

impl std::fmt::Display for Hit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}:{}: {} -> {} | {}",
            self.path, self.line, self.found, self.instead, self.text
        )
    }
}

/// All uses of listed words in a file, in the order of the text.
#[must_use]
pub fn hits_in(file: &SourceFile) -> Vec<Hit> {
    let mut hits = Vec::new();
    let path = matching::tokens(&file.path, segments::Kind::Name, 0);
    collect(file, &path, 0, &mut hits);
    for segment in segments::segments(&file.path, &file.text) {
        let tokens = matching::tokens(segment.text, segment.kind, segment.start);
        collect(file, &tokens, 1, &mut hits);
    }
    hits
}

fn collect(file: &SourceFile, tokens: &[matching::Token<'_>], first: usize, hits: &mut Vec<Hit>) {
    for found in matching::matches(tokens) {
        let (line, text) = match first {
            0 => (0, file.path.clone()),
            _ => file.line_at(found.start),
        };
        hits.push(Hit {
            path: file.path.clone(),
            line,
            text,
            word: found.rule.name(),
            found: found.text,
            instead: found.rule.instead,
        });
    }
}

/// The uses of listed words in all files below a root that no exception allows, and the exceptions that were used.
///
/// # Errors
///
/// When a file or folder cannot be read.
pub fn check(root: &std::path::Path, allowed: &mut Allowances) -> std::io::Result<Vec<Hit>> {
    let mut hits = Vec::new();
    for file in source_files(root)? {
        hits.extend(
            hits_in(&file)
                .into_iter()
                .filter(|hit| !allowed.allows(hit)),
        );
    }
    Ok(hits)
}
