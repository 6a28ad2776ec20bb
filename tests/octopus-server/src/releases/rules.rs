//! A channel's rules: versions of packages, and git references.

use super::TemplatePackage;
use crate::answer::Refusal;
use crate::packages::Condition;
use crate::world::{Channel, SelectedPackage, Space};

/// Refuses a release whose packages violate the channel's rules.
pub(crate) fn check_packages(
    space: &Space,
    channel: &Channel,
    template: &[TemplatePackage],
    selected: &[SelectedPackage],
) -> Result<(), Refusal> {
    let mut violations: Vec<&str> = Vec::new();
    for package in selected {
        let of = template
            .iter()
            .find(|of| of.action == package.action && of.reference == package.reference);
        let Some(of) = of else { continue };
        let rule = channel.rule_for(&of.action_names(), &of.reference_names());
        let Some(rule) = rule else { continue };
        let feed = space.feed(&of.feed);
        let kind = feed.map_or("NuGet", |feed| feed.kind.as_str());
        let permitted = Condition::of(rule)
            .with(&space.dotnet)
            .permits(kind, &package.version)
            .unwrap_or(false);
        if !permitted && !violations.contains(&package.action.as_str()) {
            violations.push(&package.action);
        }
    }
    if violations.is_empty() {
        return Ok(());
    }
    Err(Refusal::invalid(format!(
        "The requested package versions for the following steps violate the channel version rules: {}. \
         Please specify a different package version, channel or provide the `ignoreChannelRules` parameter \
         to override this check.",
        violations.join(", ")
    )))
}

/// Refuses charts of OCI registries by versions that are not their tags.
pub(crate) fn check_chart_tags(
    space: &Space,
    template: &[TemplatePackage],
    selected: &[SelectedPackage],
) -> Result<(), Refusal> {
    for package in selected.iter().filter(|one| one.version.contains('+')) {
        let of = template
            .iter()
            .find(|of| of.action == package.action && of.reference == package.reference);
        let Some(of) = of else { continue };
        let feed = space.feed(&of.feed);
        if feed.is_some_and(|feed| feed.kind == "OciRegistry") {
            return Err(Refusal::invalid(format!(
                "The version '{}' of package '{}' could not be found in the feed.",
                package.version, of.package_id
            )));
        }
    }
    Ok(())
}

/// Refuses a release from a git reference that violates the channel's rules.
pub(super) fn check_reference(channel: &Channel, canonical: &str) -> Result<(), Refusal> {
    let short = canonical
        .trim_start_matches("refs/heads/")
        .trim_start_matches("refs/tags/");
    let permitted = |rule: &String| glob(rule, short) || glob(rule, canonical);
    if channel.git_reference_rules.is_empty() || channel.git_reference_rules.iter().any(permitted) {
        return Ok(());
    }
    Err(Refusal::invalid(format!(
        "The Git reference '{canonical}' does not satisfy the Git reference rules of the channel '{}'.",
        channel.name
    )))
}

/// `*` matches any text, `?` one character.
fn glob(pattern: &str, text: &str) -> bool {
    match (pattern.chars().next(), text.chars().next()) {
        (None, None) => true,
        (Some('*'), _) => {
            let rest = &pattern[1..];
            text.char_indices()
                .map(|(at, _)| at)
                .chain([text.len()])
                .any(|at| glob(rest, &text[at..]))
        }
        (Some(expected), Some(next_char)) if expected == '?' || expected == next_char => glob(
            &pattern[expected.len_utf8()..],
            &text[next_char.len_utf8()..],
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn glob_matches_star_and_question_mark() {
        for (pattern, text, expected) in [
            ("main", "main", true),
            ("main", "mainly", false),
            ("release/*", "release/1.0", true),
            ("release/*", "release", false),
            ("v?", "v1", true),
            ("*", "", true),
            ("", "x", false),
        ] {
            assert_eq!(glob(pattern, text), expected, "{pattern} {text}");
        }
    }
}
