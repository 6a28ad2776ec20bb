//! The formats of versions.

use std::fmt;

/// How a feed's versions are parsed and ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum VersionFormat {
    /// One to four numbers, labels and metadata; the default.
    Semver,
    /// Tags of container images and of charts in OCI registries: [`VersionFormat::Octopus`], but
    /// `latest` is no pre-release.
    Docker,
    /// The numbers of Octopus's own releases: numbers, then anything made of letters, digits and
    /// `.`, `-`, `_`, `\`.
    Octopus,
    /// No numbers and no pre-releases: labels in alphabetical order.
    Lexicographic,
    /// Versions of Maven artifacts, ordered as Maven's `ComparableVersion` does.
    Maven,
}

impl VersionFormat {
    pub const ALL: [Self; 5] = [
        Self::Semver,
        Self::Docker,
        Self::Octopus,
        Self::Lexicographic,
        Self::Maven,
    ];

    /// Octopus's name of the format.
    pub fn name(self) -> &'static str {
        match self {
            Self::Semver => "Semver",
            Self::Docker => "Docker",
            Self::Octopus => "Octopus",
            Self::Lexicographic => "Lexicographic",
            Self::Maven => "Maven",
        }
    }
}

impl fmt::Display for VersionFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
