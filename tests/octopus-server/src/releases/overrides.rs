//! Package overrides of `releases/create/v1`: `Action:Reference:Version`, and shorter forms.
//!
//! ```text
//! override  := part DELIM version | part DELIM reference DELIM version
//! DELIM     := ":" | "/" | "="
//! part      := action name | package id | "*" | ""
//! reference := package reference name | "*" | ""
//! escape    := "\" before one of  : / = \      (since 2025.4.10680)
//! ```

use super::TemplatePackage;
use crate::answer::Refusal;
use crate::world::same;

const DELIMITERS: [char; 3] = [':', '/', '='];

/// One override. `None` matches everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Override {
    part: Option<String>,
    reference: Option<String>,
    version: String,
}

impl Override {
    /// Reads an override.
    ///
    /// # Errors
    /// 400 unless it has two or three components and a version that begins with a number.
    pub(crate) fn parse(text: &str, escapes: bool) -> Result<Self, Refusal> {
        let invalid = || {
            Refusal::invalid(format!(
                "The package version '{text}' is not in the form Step:Version or Step:PackageReference:Version."
            ))
        };
        let components = split(text, escapes);
        let (part, reference, version) = match components.as_slice() {
            [part, version] => (part, "", version),
            [part, reference, version] => (part, reference.as_str(), version),
            _ => return Err(invalid()),
        };
        if !is_version(version) {
            return Err(invalid());
        }
        let named = |name: &str| (!name.is_empty() && name != "*").then(|| name.to_owned());
        Ok(Self {
            part: named(part),
            reference: named(reference),
            version: version.clone(),
        })
    }

    /// The priority for a package; `None` if the override does not match.
    fn rank(&self, package: &TemplatePackage) -> Option<u8> {
        if self
            .reference
            .as_deref()
            .is_some_and(|reference| !same(reference, &package.reference))
        {
            return None;
        }
        let has_reference = self.reference.is_some();
        match self.part.as_deref() {
            Some(part) if same(part, &package.action) => Some(if has_reference { 100 } else { 50 }),
            Some(part) if same(part, &package.package_id) => {
                Some(if has_reference { 90 } else { 40 })
            }
            Some(_) => None,
            None => Some(if has_reference { 80 } else { 10 }),
        }
    }
}

/// The version for a package: the last override with the highest priority.
pub(crate) fn resolve<'a>(overrides: &'a [Override], package: &TemplatePackage) -> Option<&'a str> {
    overrides
        .iter()
        .filter_map(|given| given.rank(package).map(|rank| (rank, given)))
        .max_by_key(|(rank, _)| *rank)
        .map(|(_, given)| given.version.as_str())
}

fn split(text: &str, escapes: bool) -> Vec<String> {
    let mut components = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(next_char) = chars.next() {
        let escaped = chars
            .peek()
            .copied()
            .filter(|next| *next == '\\' || DELIMITERS.contains(next));
        match (next_char, escaped) {
            ('\\', Some(next)) if escapes => {
                chars.next();
                append(&mut components, next);
            }
            _ if DELIMITERS.contains(&next_char) => components.push(String::new()),
            _ => append(&mut components, next_char),
        }
    }
    components
        .iter()
        .map(|component| component.trim().to_owned())
        .collect()
}

fn append(components: &mut [String], next_char: char) {
    if let Some(last) = components.last_mut() {
        last.push(next_char);
    }
}

/// The check of Octopus's command line: a leading number, then a Docker version.
fn is_version(text: &str) -> bool {
    text.trim_start_matches(['v', 'V'])
        .starts_with(|first: char| first.is_ascii_digit())
        && domain::version::Version::parse(domain::version::VersionFormat::Docker, text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str, escapes: bool) -> Option<(String, String, String)> {
        let star = |name: Option<String>| name.unwrap_or_else(|| "*".to_owned());
        let given = Override::parse(text, escapes).ok()?;
        Some((star(given.part), star(given.reference), given.version))
    }

    #[test]
    fn parse_accepts_the_examples_of_the_command_line() {
        for (text, part, reference, version) in [
            ("pterm:2.5", "pterm", "*", "2.5"),
            ("NuGet.CommandLine:5.4.1", "NuGet.CommandLine", "*", "5.4.1"),
            ("*:5", "*", "*", "5"),
            (":5", "*", "*", "5"),
            ("::5", "*", "*", "5"),
            ("*:*:5", "*", "*", "5"),
            (":*:5", "*", "*", "5"),
            (":Push Package:55", "*", "Push Package", "55"),
            ("*:Push Package:55", "*", "Push Package", "55"),
            ("pterm::55", "pterm", "*", "55"),
            (
                "NuGet:nuget-on-install:0.1",
                "NuGet",
                "nuget-on-install",
                "0.1",
            ),
            (
                "pterm/Push Package=9.7-pre-xyz",
                "pterm",
                "Push Package",
                "9.7-pre-xyz",
            ),
            (
                "pterm=Push Package/9.7-pre-xyz",
                "pterm",
                "Push Package",
                "9.7-pre-xyz",
            ),
            (
                "com.yourcompany\\:project-name:1.0-SNAPSHOT",
                "com.yourcompany:project-name",
                "*",
                "1.0-SNAPSHOT",
            ),
            (
                "Deploy Templates\\/templates:1.0",
                "Deploy Templates/templates",
                "*",
                "1.0",
            ),
            ("foo\\\\bar:1.0", "foo\\bar", "*", "1.0"),
            ("foo\\bar:1.0", "foo\\bar", "*", "1.0"),
            ("acme/web-shop:2.31.0", "acme", "web-shop", "2.31.0"),
        ] {
            let expected = (part.to_owned(), reference.to_owned(), version.to_owned());
            assert_eq!(parsed(text, true), Some(expected), "{text}");
        }
        for text in [
            "",
            "5",
            "fish",
            "Install:pterm:nuget:5",
            ":x5",
            "NuGet:NuGet:dog",
        ] {
            assert_eq!(parsed(text, true), None, "{text}");
        }
    }

    #[test]
    fn parse_without_escapes_splits_at_every_delimiter() {
        assert_eq!(
            parsed("a\\:b:1.0", false).map(|(part, reference, _)| (part, reference)),
            Some(("a\\".to_owned(), "b".to_owned()))
        );
        assert_eq!(parsed("a\\:b:c:1.0", false), None);
    }

    #[test]
    fn resolve_prefers_priority_then_order() {
        let package = TemplatePackage {
            action: "Deploy web".to_owned(),
            action_id: String::new(),
            action_slug: String::new(),
            reference: "web".to_owned(),
            reference_id: String::new(),
            package_id: "acme/web".to_owned(),
            feed: String::new(),
            feed_name: None,
            is_resolvable: true,
            fixed_version: None,
            project_name: None,
            last_version: None,
        };
        for (given, expected) in [
            (vec!["*:1", "Deploy web:2"], Some("2")),
            (vec!["Deploy web:2", "*:1"], Some("2")),
            (vec!["deploy WEB:Web:3", "Deploy web:2"], Some("3")),
            (vec!["acme\\/web:4", ":web:5"], Some("5")),
            (vec!["acme\\/web:web:6", ":web:5"], Some("6")),
            (vec!["Deploy web:7", "Deploy web:8"], Some("8")),
            (vec!["other:1", "Deploy web:side:2"], None),
        ] {
            let overrides: Vec<_> = given
                .iter()
                .map(|text| Override::parse(text, true).unwrap())
                .collect();
            assert_eq!(resolve(&overrides, &package), expected, "{given:?}");
        }
    }
}
