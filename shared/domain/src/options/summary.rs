//! A summary of options: the differences from Octopus's own triggers.

use super::{
    CatchUp, FirstSight, Options, ReleaseContext, Requirements, VersionConditions, VersionOrder,
    VersionPolicy, When,
};
use crate::window::ReleaseWindow;

impl Options {
    /// The options and policies that differ from the defaults: `follows latest; quiet 5 min; 4 an hour`. Empty
    /// without differences.
    pub fn summary<'a>(&self, policies: impl IntoIterator<Item = &'a VersionPolicy>) -> String {
        let mut words: Vec<String> = Vec::new();
        for word in policies.into_iter().flat_map(of_policy) {
            if !words.contains(&word) {
                words.push(word);
            }
        }
        words.extend(of_options(self));
        words.join("; ")
    }
}

fn of_policy(policy: &VersionPolicy) -> Vec<String> {
    let VersionConditions {
        range,
        pre_release_tag,
        include,
        exclude,
        order,
        extract,
        platform,
        roll_back,
    } = &policy.versions;
    let named =
        |name: &str, value: &Option<String>| value.as_ref().map(|value| format!("{name} {value}"));
    let order = order.map(|order| match order {
        VersionOrder::Semver => "in semver order",
        VersionOrder::Published => "by date",
        VersionOrder::Numeric => "in numeric order",
        VersionOrder::Alphabetical => "in alphabetical order",
    });
    let words = [
        named("follows", &policy.follow),
        named("range", range),
        named("pre-release", pre_release_tag),
        named("include", include),
        named("exclude", exclude),
        order.map(str::to_owned),
        named("extract", extract),
        named("for", platform),
        roll_back.then(|| "rolls back".to_owned()),
    ];
    let words = words.into_iter().flatten();
    words.chain(of_requirements(&policy.require)).collect()
}

fn of_requirements(require: &Requirements) -> impl Iterator<Item = String> {
    let platforms: Vec<_> = require.platforms.iter().map(String::as_str).collect();
    let labels: Vec<_> = require.labels.keys().map(String::as_str).collect();
    let words = [
        require.signed.as_ref().map(|_| "signed".to_owned()),
        (!platforms.is_empty()).then(|| format!("with {}", platforms.join(", "))),
        (!labels.is_empty()).then(|| format!("with label {}", labels.join(", "))),
        require
            .scan
            .as_ref()
            .map(|scan| format!("scanned, {} at most", scan.allowed())),
    ];
    words.into_iter().flatten()
}

fn of_options(options: &Options) -> impl Iterator<Item = String> {
    let when = match &options.when {
        When::Any => None,
        When::All => Some("when all".to_owned()),
        When::SameVersion { extract: None } => Some("same version".to_owned()),
        When::SameVersion {
            extract: Some(pattern),
        } => Some(format!("same {pattern}")),
        When::SameLabel { by } => Some(format!("same label {by}")),
    };
    let catch_up = match options.catch_up {
        CatchUp::Newest => None,
        CatchUp::Every => Some("every version"),
        CatchUp::NewestPerMinor => Some("newest of each minor version"),
    };
    let first_sight = match options.first_sight {
        FirstSight::Compare => None,
        FirstSight::Baseline => Some("baseline"),
    };
    let own = |name: &str, is_there: bool| is_there.then(|| format!("own {name}"));
    let words = [
        when,
        options.quiet_period.map(|span| format!("quiet {span}")),
        options.max_wait.map(|span| format!("at most {span}")),
        options.minimum_age.map(|span| format!("{span} old")),
        catch_up.map(str::to_owned),
        first_sight.map(str::to_owned),
        options
            .max_releases_per_hour
            .map(|most| format!("{most} an hour")),
        options
            .condition
            .as_ref()
            .map(|condition| format!("if {condition}")),
        options.window.as_ref().map(window),
        options
            .git_ref
            .as_ref()
            .map(|git_ref| format!("at {git_ref}")),
        own("number", options.release_version.is_some()),
        own("notes", options.release_notes.is_some()),
        options
            .release_context
            .contains(&ReleaseContext::Commits)
            .then(|| "commits in notes".to_owned()),
        options
            .release_context
            .contains(&ReleaseContext::BuildInformation)
            .then(|| "build information in notes".to_owned()),
        own("fields", !options.custom_fields.is_empty()),
        options.dry_run.then(|| "dry run".to_owned()),
    ];
    words.into_iter().flatten()
}

fn window(window: &ReleaseWindow) -> String {
    let zone = window.time_zone.as_deref().unwrap_or("UTC");
    format!("window in {zone}")
}

#[cfg(test)]
mod tests {
    use super::super::{ScanLimit, SignedBy};
    use super::*;
    use crate::time::Span;

    #[test]
    fn summary_names_each_difference_once() {
        assert_eq!(Options::default().summary([]), "");
        let follows = |tag: &str| VersionPolicy {
            follow: Some(tag.to_owned()),
            ..VersionPolicy::default()
        };
        let range = VersionPolicy {
            versions: VersionConditions {
                range: Some("[1.0,2.0)".to_owned()),
                roll_back: true,
                ..VersionConditions::default()
            },
            require: Requirements {
                signed: Some(SignedBy::default()),
                platforms: ["linux/amd64".to_owned(), "linux/arm64".to_owned()].into(),
                labels: [("team".to_owned(), "^shop$".to_owned())].into(),
                scan: Some(ScanLimit::default()),
            },
            ..VersionPolicy::default()
        };
        let options = Options {
            when: When::All,
            quiet_period: Some(Span::from_minutes(5)),
            release_version: Some("1.2.i".to_owned()),
            ..Options::default()
        };
        let policies = [follows("latest"), follows("latest"), range, follows("main")];
        assert_eq!(
            options.summary(&policies),
            "follows latest; range [1.0,2.0); rolls back; signed; with linux/amd64, linux/arm64; with label team; \
             scanned, none at most; follows main; when all; quiet 5 min; own number"
        );
    }
}
