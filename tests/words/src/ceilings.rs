//! How many uses a folder may still have.

use std::collections::BTreeMap;
use std::fmt;

use crate::{Hit, folder_of};

/// Uses by folder; a folder that is not listed may have none.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ceilings(BTreeMap<String, usize>);

impl Ceilings {
    /// Reads lines of `folder count`.
    ///
    /// # Errors
    ///
    /// The first line that is not of this form.
    pub fn parse(text: &str) -> Result<Self, String> {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        lines
            .map(|line| {
                let (folder, count) = line.rsplit_once(' ')?;
                Some((folder.trim().to_owned(), count.parse().ok()?))
                    .filter(|(folder, _)| !folder.is_empty())
            })
            .zip(text.lines())
            .map(|(entry, line)| entry.ok_or_else(|| format!("expected `folder count`: {line}")))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The uses in each folder.
    #[must_use]
    pub fn of(hits: &[Hit]) -> Self {
        let mut counts = BTreeMap::new();
        for hit in hits {
            *counts.entry(folder_of(&hit.path).to_owned()).or_default() += 1;
        }
        Self(counts)
    }

    /// How many uses the folder may have.
    #[must_use]
    pub fn get(&self, folder: &str) -> usize {
        self.0.get(folder).copied().unwrap_or_default()
    }

    /// The lower of both for each folder; a folder without uses is left out.
    #[must_use]
    pub fn lowered_to(&self, counts: &Self) -> Self {
        let lower = self
            .0
            .iter()
            .map(|(folder, ceiling)| (folder.clone(), counts.get(folder).min(*ceiling)));
        Self(lower.filter(|(_, count)| *count > 0).collect())
    }

    /// All folders with their uses.
    pub fn iter(&self) -> impl Iterator<Item = (&str, usize)> {
        self.0
            .iter()
            .map(|(folder, count)| (folder.as_str(), *count))
    }
}

impl fmt::Display for Ceilings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter()
            .try_for_each(|(folder, count)| writeln!(f, "{folder} {count}"))
    }
}
