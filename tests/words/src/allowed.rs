//! The exceptions in `allowed.txt`.

use std::fmt;

use crate::Hit;

/// One exception: a line `path | word | text | reason`.
#[derive(Debug)]
pub struct Allowance {
    /// A path, or the beginning of paths.
    pub path: String,
    /// The matched word.
    pub word: String,
    /// A part of the line; empty for every line.
    pub text: String,
    /// Why the word is right here.
    pub reason: String,
    /// How many uses it allowed.
    pub used: usize,
}

/// All exceptions.
#[derive(Debug, Default)]
pub struct Allowances(Vec<Allowance>);

impl Allowances {
    /// Reads lines of four fields that `|` separates; blank lines and lines with `#` are comments.
    ///
    /// # Errors
    ///
    /// The first line without a path, a word and a reason.
    pub fn parse(text: &str) -> Result<Self, String> {
        let lines = text.lines().map(str::trim);
        let entries = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        entries
            .map(|line| {
                let mut fields = line.splitn(4, '|').map(|field| field.trim().to_owned());
                let mut field = || fields.next().unwrap_or_default();
                let allowance = Allowance {
                    path: field(),
                    word: field(),
                    text: field(),
                    reason: field(),
                    used: 0,
                };
                let complete = [&allowance.path, &allowance.word, &allowance.reason]
                    .iter()
                    .all(|field| !field.is_empty());
                complete
                    .then_some(allowance)
                    .ok_or_else(|| format!("expected `path | word | text | reason`: {line}"))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether an exception matches the hit; counts its use.
    pub fn allows(&mut self, hit: &Hit) -> bool {
        let found = self.0.iter_mut().find(|one| {
            hit.path.starts_with(&one.path) && hit.found == one.word && hit.text.contains(&one.text)
        });
        if let Some(one) = found {
            one.used += 1;
            return true;
        }
        false
    }

    /// The exceptions that matched nothing.
    pub fn unused(&self) -> impl Iterator<Item = &Allowance> {
        self.0.iter().filter(|one| one.used == 0)
    }

    /// All exceptions, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Allowance> {
        self.0.iter()
    }
}

impl fmt::Display for Allowance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            word,
            text,
            reason,
            used,
        } = self;
        write!(f, "{used:5}  {path} | {word} | {text} | {reason}")
    }
}
