//! Shared by all senders: kinds of packages, plausible names, repeated pushes.

use std::collections::BTreeMap;

use domain::push::{PackageKind, Push};

/// The longest name of a repository or package, in bytes. OCI allows 255 for a host and a path together.
const LONGEST_NAME: usize = 512;

/// The most pushes of one request. A request with more asks for a check of the whole feed.
pub(crate) const MOST_PUSHES: usize = 100;

/// The kind of a package format, by its name.
pub(crate) fn kind_of_format(name: &str) -> Option<PackageKind> {
    Some(match name.to_ascii_lowercase().as_str() {
        "docker" | "container" => PackageKind::Image,
        "oci" => PackageKind::Oci,
        "helm" => PackageKind::Helm,
        "nuget" => PackageKind::Nuget,
        "npm" => PackageKind::Npm,
        "maven" | "maven2" => PackageKind::Maven,
        _ => return None,
    })
}

/// The kind of a manifest, by its media type.
pub(crate) fn kind_of_media_type(media_type: &str) -> PackageKind {
    match media_type {
        "application/vnd.cncf.helm.config.v1+json" => PackageKind::Chart,
        "application/vnd.oci.image.index.v1+json"
        | "application/vnd.docker.distribution.manifest.v2+json"
        | "application/vnd.docker.distribution.manifest.list.v2+json"
        | "application/vnd.docker.container.image.v1+json"
        | "application/vnd.oci.image.config.v1+json" => PackageKind::Image,
        _ => PackageKind::Oci,
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
