//! The neutral form of a push, to which every sender's payload is translated.

use std::collections::BTreeMap;

/// The longest name of a repository or package, in bytes. OCI allows 255 for a host and a path together.
const LONGEST_NAME: usize = 512;

/// The most pushes of one request. A request with more asks for a check of the whole feed.
pub(crate) const MOST_PUSHES: usize = 100;

/// A push of one package, or of something in a feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Push {
    /// Host and port of the registry, where the payload contains it.
    pub registry: Option<String>,
    /// The repository or package. `None` asks for a check of the whole feed.
    pub repository: Option<String>,
    /// How `repository` is compared with the packages of a feed.
    pub matching: Match,
    /// The kind of package, where the payload contains it.
    pub kind: Option<PackageKind>,
    /// The tag, for logs and for the repeated check. No release depends on it.
    pub tag: Option<String>,
    /// The digest with its algorithm, for the same purpose.
    pub digest: Option<String>,
}

/// How a push's repository is compared with the packages of a feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Match {
    /// The whole repository as the feed reads it.
    #[default]
    Exact,
    /// The last segments. Prefixes differ for one image in Artifactory and Nexus.
    Suffix,
    /// The package id alone, for feeds that are no registry.
    Package,
}

/// The kind of a pushed package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackageKind {
    /// A container image.
    Image,
    /// A Helm chart in an OCI registry.
    Chart,
    /// An OCI artifact that may be either.
    Oci,
    /// A chart of a Helm HTTP repository.
    Helm,
    /// A NuGet package.
    Nuget,
    /// An npm package.
    Npm,
    /// A Maven artifact, `group:artifact`.
    Maven,
}

impl Match {
    /// The name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Suffix => "suffix",
            Self::Package => "package",
        }
    }
}

impl PackageKind {
    /// The name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Chart => "chart",
            Self::Oci => "oci",
            Self::Helm => "helm",
            Self::Nuget => "nuget",
            Self::Npm => "npm",
            Self::Maven => "maven",
        }
    }

    /// The kind of a package format, by its name.
    pub(crate) fn of_format(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "docker" | "container" => Self::Image,
            "oci" => Self::Oci,
            "helm" => Self::Helm,
            "nuget" => Self::Nuget,
            "npm" => Self::Npm,
            "maven" | "maven2" => Self::Maven,
            _ => return None,
        })
    }

    /// The kind of a manifest, by its media type.
    pub(crate) fn of_media_type(media_type: &str) -> Self {
        match media_type {
            "application/vnd.cncf.helm.config.v1+json" => Self::Chart,
            "application/vnd.oci.image.index.v1+json"
            | "application/vnd.docker.distribution.manifest.v2+json"
            | "application/vnd.docker.distribution.manifest.list.v2+json"
            | "application/vnd.docker.container.image.v1+json"
            | "application/vnd.oci.image.config.v1+json" => Self::Image,
            _ => Self::Oci,
        }
    }

    /// How packages of this kind are compared.
    pub(crate) fn matching(self) -> Match {
        match self {
            Self::Image | Self::Chart | Self::Oci => Match::Exact,
            Self::Helm | Self::Nuget | Self::Npm | Self::Maven => Match::Package,
        }
    }
}

/// Whether a name may be used: neither empty nor overlong, without control characters, marks that change the
/// direction of text, or a parent directory.
pub(crate) fn is_plausible_name(name: &str) -> bool {
    let changes_direction = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !name.is_empty()
        && name.len() <= LONGEST_NAME
        && !name.chars().any(|c| c.is_control() || changes_direction(c))
        && !name.split('/').any(|segment| segment == "..")
}

/// One push per registry and repository, in the order of the first of each. More than [`MOST_PUSHES`] become
/// one push of the whole feed for those that are over.
pub(crate) fn collapse(pushes: Vec<Push>) -> Vec<Push> {
    let mut index = BTreeMap::new();
    let mut kept: Vec<Push> = Vec::new();
    for push in pushes {
        let key = (push.registry.clone(), push.repository.clone());
        if let Some(&at) = index.get(&key) {
            // The last tag of a repository is the one to look for again.
            kept[at] = push;
        } else if kept.len() < MOST_PUSHES - 1 {
            index.insert(key, kept.len());
            kept.push(push);
        } else {
            kept.push(Push::default());
            break;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::{MOST_PUSHES, Push, collapse, is_plausible_name};

    fn push(repository: usize) -> Push {
        Push {
            repository: Some(format!("shop/{repository}")),
            ..Push::default()
        }
    }

    #[test]
    fn collapse_two_pushes_of_one_repository_keeps_the_last_tag() {
        let tagged = |tag: &str| Push {
            tag: Some(tag.to_owned()),
            ..push(1)
        };
        assert_eq!(
            collapse(vec![tagged("1.0"), tagged("1.1")]),
            [tagged("1.1")]
        );
    }

    #[test]
    fn collapse_more_than_a_hundred_ends_with_the_whole_feed() {
        let kept = collapse((0..10_000).map(push).collect());
        assert_eq!(kept.len(), MOST_PUSHES);
        assert_eq!(kept[MOST_PUSHES - 1], Push::default());
        let whole = collapse((0..MOST_PUSHES - 1).map(push).collect());
        assert_eq!(whole.len(), MOST_PUSHES - 1);
        assert!(whole.iter().all(|push| push.repository.is_some()));
    }

    #[test]
    fn is_plausible_name_refuses_what_could_forge_a_log_line_or_a_path() {
        for name in ["shop/web", "group:artifact", "Größe"] {
            assert!(is_plausible_name(name), "{name}");
        }
        let long = "x".repeat(2_048);
        for name in [
            "",
            "shop/../web",
            "..",
            "a\nb",
            "a\u{1b}[31m",
            "a\u{202e}b",
            &long,
        ] {
            assert!(!is_plausible_name(name), "{name:?}");
        }
    }
}
