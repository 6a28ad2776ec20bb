//! Package overrides, by which `releases/create/v1` is told versions: `action:reference:version`, or
//! `action:version` for the action's primary package.
//!
//! The grammar is loose, so some selections cannot be written in it, and an override may catch more than it
//! means: `action:version` also catches the action's other packages, and packages whose id is the action's
//! name. What an override would catch besides has to be named too.

use domain::process::{ReleaseTemplate, TemplatePackage, same_name};
use domain::version::{Version, VersionFormat};
use serde::Serialize;

/// The version chosen for a package of the release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Selected {
    pub(crate) action_name: String,
    pub(crate) package_reference_name: String,
    pub(crate) version: String,
}

impl Selected {
    /// Whether this is the version of that package.
    pub(crate) fn is_of(&self, package: &TemplatePackage) -> bool {
        package.is(&self.action_name, &self.package_reference_name)
    }

    /// Whether the override of this selection would catch that package.
    fn catches(&self, package: &TemplatePackage) -> bool {
        let is_named = same_name(&self.action_name, &package.action_name)
            || same_name(&self.action_name, package.package.as_str());
        let reference = &self.package_reference_name;
        is_named && (reference.is_empty() || same_name(reference, &package.package_reference))
    }
}

/// Whether the overrides of these selections catch nothing else in the template.
pub(crate) fn catch_nothing_else(selected: &[Selected], template: &ReleaseTemplate) -> bool {
    template.packages.iter().all(|package| {
        package.fixed_version.is_some()
            || selected.iter().any(|one| one.is_of(package))
            || !selected.iter().any(|one| one.catches(package))
    })
}

/// The selections as overrides; nothing if one cannot be written. Servers before 2025.4.10680 know no
/// escapes.
pub(crate) fn write(selected: &[Selected], has_escapes: bool) -> Option<Vec<String>> {
    selected
        .iter()
        .map(|one| write_one(one, has_escapes))
        .collect()
}

fn write_one(selected: &Selected, has_escapes: bool) -> Option<String> {
    let Selected {
        action_name,
        package_reference_name: reference,
        version,
    } = selected;
    let action = component(action_name, has_escapes)?;
    if !is_taken_for_a_version(version) {
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

/// A name as a component. Names that the server would trim, or take for "any", cannot be written.
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

/// An override's version must begin with a number, after an optional `v`.
fn is_taken_for_a_version(version: &str) -> bool {
    let number = version.strip_prefix(['v', 'V']).unwrap_or(version);
    number.starts_with(|c: char| c.is_ascii_digit())
        && Version::parse(VersionFormat::Octopus, version).is_ok()
}

#[cfg(test)]
mod tests {
    use domain::ids::{FeedId, PackageId};
    use domain::process::Versioning;

    use super::*;

    fn selected(action: &str, reference: &str, version: &str) -> Selected {
        Selected {
            action_name: action.into(),
            package_reference_name: reference.into(),
            version: version.into(),
        }
    }

    #[test]
    fn selections_are_written_with_and_without_escapes() {
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
    fn what_an_override_catches_besides_is_noticed() {
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
                catch_nothing_else(&selections, &template),
                expected,
                "{names:?}"
            );
        }
    }
}
