//! Package overrides, the version selections of `releases/create/v1`: `action:reference:version`, or
//! `action:version` for the action's primary package.
//!
//! The grammar cannot express every selection, and an override may match more packages than intended:
//! `action:version` also matches the action's other packages, and packages whose id equals the action's name.
//! Those packages then need overrides of their own.

use domain::process::{ReleaseTemplate, TemplatePackage, same_name};
use domain::version::{Version, VersionFormat};
use serde::Serialize;

/// The version of one package of the release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SelectedVersion {
    pub(crate) action_name: String,
    pub(crate) package_reference_name: String,
    pub(crate) version: String,
}

impl SelectedVersion {
    pub(crate) fn is_of(&self, package: &TemplatePackage) -> bool {
        package.is(&self.action_name, &self.package_reference_name)
    }

    /// Whether the override of this selection matches that package.
    fn matches(&self, package: &TemplatePackage) -> bool {
        let is_named = same_name(&self.action_name, &package.action_name)
            || same_name(&self.action_name, package.package.as_str());
        let reference = &self.package_reference_name;
        is_named && (reference.is_empty() || same_name(reference, &package.package_reference))
    }
}

/// Whether the overrides of these selections match no other package of the template.
pub(crate) fn match_nothing_else(selected: &[SelectedVersion], template: &ReleaseTemplate) -> bool {
    template.packages.iter().all(|package| {
        package.fixed_version.is_some()
            || selected.iter().any(|one| one.is_of(package))
            || !selected.iter().any(|one| one.matches(package))
    })
}

/// The selections as overrides; `None` if the grammar cannot express one. Servers before 2025.4.10680 have no
/// escapes.
pub(crate) fn write(selected: &[SelectedVersion], has_escapes: bool) -> Option<Vec<String>> {
    selected
        .iter()
        .map(|one| write_one(one, has_escapes))
        .collect()
}

fn write_one(selected: &SelectedVersion, has_escapes: bool) -> Option<String> {
    let SelectedVersion {
        action_name,
        package_reference_name: reference,
        version,
    } = selected;
    let action = component(action_name, has_escapes)?;
    if !is_version(version) {
        return None;
    }
    if reference.is_empty() {
        return Some(format!("{action}:{version}"));
    }
    Some(format!(
        "{action}:{}:{version}",
        component(reference, has_escapes)?
    ))
}

/// A name as a component. The grammar has no form for names that the server trims or reads as a wildcard.
fn component(name: &str, has_escapes: bool) -> Option<String> {
    if name.is_empty() || name == "*" || name.trim() != name {
        None
    } else if has_escapes {
        Some(
            name.replace('\\', r"\\")
                .replace(':', r"\:")
                .replace('/', r"\/")
                .replace('=', r"\="),
        )
    } else {
        (!name.contains([':', '/', '='])).then(|| name.to_owned())
    }
}

/// Whether the server accepts the text as an override's version: it begins with a number after an optional `v`.
fn is_version(version: &str) -> bool {
    let number = version.strip_prefix(['v', 'V']).unwrap_or(version);
    number.starts_with(|c: char| c.is_ascii_digit())
        && Version::parse(VersionFormat::Octopus, version).is_ok()
}

#[cfg(test)]
mod tests {
    use domain::ids::{FeedId, PackageId};
    use domain::process::Versioning;

    use super::*;

    fn selected(action: &str, reference: &str, version: &str) -> SelectedVersion {
        SelectedVersion {
            action_name: action.into(),
            package_reference_name: reference.into(),
            version: version.into(),
        }
    }

    #[test]
    fn write_escapes_only_where_supported() {
        for (action, reference, version, plain, escaped) in [
            (
                "Deploy web",
                "web",
                "2.31.0",
                Some("Deploy web:web:2.31.0"),
                Some("Deploy web:web:2.31.0"),
            ),
            ("Deploy", "", "v1", Some("Deploy:v1"), Some("Deploy:v1")),
            ("Deploy", "acme/web", "1", None, Some(r"Deploy:acme\/web:1")),
            ("a:b=c", "", "1", None, Some(r"a\:b\=c:1")),
            (r"a\b", "", "1", Some(r"a\b:1"), Some(r"a\\b:1")),
            (r"a\", "", "1", Some(r"a\:1"), Some(r"a\\:1")),
            ("Deploy", "web", "main-abc123", None, None),
            ("Deploy", "web", "1.0:x", None, None),
            ("Deploy", "web", "1.0~x", None, None),
            ("*", "web", "1", None, None),
            (" Deploy", "web", "1", None, None),
        ] {
            let one = [selected(action, reference, version)];
            let written = |has_escapes| write(&one, has_escapes).map(|mut list| list.remove(0));
            assert_eq!(written(false).as_deref(), plain, "{one:?}");
            assert_eq!(written(true).as_deref(), escaped, "{one:?}");
        }
    }

    #[test]
    fn match_nothing_else_detects_unintended_matches() {
        let package = |action: &str, reference: &str, id: &str| TemplatePackage {
            action_name: action.into(),
            package_reference: reference.into(),
            feed: FeedId::new("Feeds-1"),
            package: PackageId::new(id),
            is_resolvable: true,
            fixed_version: None,
        };
        let packages = vec![
            package("Deploy", "", "acme/web"),
            package("Deploy", "sidecar", "envoy"),
            package("envoy", "", "acme/mesh"),
            package("Chart", "web", "acme/chart"),
        ];
        let template = ReleaseTemplate {
            packages,
            versioning: Versioning::Template { next: None },
        };
        for (names, expected) in [
            (&[("Deploy", "sidecar")][..], true),
            (&[("Chart", "web")], true),
            (&[("Deploy", "")], false), // the sidecar too
            (&[("envoy", "")], false),  // the package envoy too
            (&[("envoy", ""), ("deploy", "Sidecar")], true),
            (&[("Deploy", ""), ("Deploy", "sidecar")], true),
            (&[], true),
        ] {
            let selections: Vec<_> = names
                .iter()
                .map(|(action, reference)| selected(action, reference, "1"))
                .collect();
            assert_eq!(
                match_nothing_else(&selections, &template),
                expected,
                "{names:?}"
            );
        }
    }
}
