//! Releases.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// A release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Such as `Releases-7`.
    pub id: String,
    /// The project's id.
    pub project: String,
    /// The channel's id.
    pub channel: String,
    /// The release number.
    pub version: String,
    /// The notes, as given.
    pub notes: Option<String>,
    /// The packages, in the order of the process.
    pub packages: Vec<SelectedPackage>,
    /// When it was made.
    pub assembled: Timestamp,
    /// Who made it.
    pub created_by: String,
    /// It was created without checking the channel's rules.
    pub ignored_channel_rules: bool,
    /// The custom fields.
    pub custom_fields: BTreeMap<String, String>,
    /// Its git reference and commit, in a version-controlled project.
    pub git: Option<VersionControlReference>,
    /// The id of the process's snapshot.
    pub process_snapshot: String,
}

/// A package and its version in a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectedPackage {
    /// The action's name.
    pub action: String,
    /// The package reference; empty for the primary package.
    pub reference: String,
    /// The version.
    pub version: String,
}

/// A git reference and its commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionControlReference {
    /// Such as `refs/heads/main`.
    pub git_ref: String,
    /// The commit's hash.
    pub git_commit: String,
}

impl Release {
    /// The version of a package in this release, by action and package reference.
    pub fn package(&self, action: &str, reference: &str) -> Option<&str> {
        self.packages
            .iter()
            .find(|package| {
                package.action.eq_ignore_ascii_case(action)
                    && package.reference.eq_ignore_ascii_case(reference)
            })
            .map(|package| package.version.as_str())
    }
}
