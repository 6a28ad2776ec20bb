//! How the channel's rules and strategies choose among the candidates, and what is reported of each.

use domain::decide::REPORTED_CANDIDATES;
use domain::process::ChannelRule;
use domain::rule::VersionRule;
use domain::snapshot::{Seen, Snapshot};
use domain::version::VersionFormat;

use crate::at;
use crate::case::{Case, action, most_recent, range, regex, seen, tag};

/// Checks the version that is chosen under a rule; `-` for none.
#[track_caller]
fn check(tags: &str, rule: VersionRule, expected: &str) {
    let case = Case::new().image("web", tags).rule("web", rule);
    let latest = case.finding().latest;
    assert_eq!(latest.as_deref().unwrap_or("-"), expected, "{tags}");
}

/// A rule that names a missing package applies to nothing, so a version that it refuses must not be released.
#[test]
fn rule_for_a_missing_package_is_refused() {
    let problem = "a version rule of the channel names the action `Deploy web`, which the process does not have";
    let case = Case {
        unmatched_rule: Some(problem.into()),
        ..Case::new().image("web", "1.0 1.1-beta").released("web 1.0")
    };
    assert_eq!(
        case.judge().decision.to_string(),
        format!("refuse: {problem}")
    );
    let unresolved = case.unresolved("old", "it is gone");
    let decision = unresolved.judge().decision.to_string();
    assert!(decision.contains("it is gone"), "{decision}");
}

#[test]
fn the_latest_permitted_version_is_chosen() {
    let tags = "1.0.0 1.9.0 1.10.0 2.0.0-rc.1 2.0.0 latest main 3.0.0-feature-x";
    check(tags, VersionRule::default(), "3.0.0-feature-x");
    check(tags, range("[1.0,2.0)"), "2.0.0-rc.1");
    check(tags, range("[1.0,1.10)"), "1.9.0");
    check(tags, tag("^$"), "2.0.0");
    check(tags, tag("^rc"), "2.0.0-rc.1");
    check(tags, regex(r"^1\."), "1.10.0");
    check(tags, range("[9.0,)"), "-");
    check("latest main", VersionRule::default(), "-");
    check("", VersionRule::default(), "-");
}

#[test]
fn a_rule_is_for_the_packages_that_it_names() {
    let mut case = Case::new()
        .image("web", "1.0.0 2.0.0")
        .image("api", "1.0.0 2.0.0");
    case.rules = vec![
        ChannelRule {
            packages: vec![("DEPLOY WEB".to_owned(), "WEB".to_owned())],
            rule: range("[1.0,2.0)"),
        },
        // The first of two rules for a package counts.
        ChannelRule {
            packages: vec![(action("web"), "web".to_owned())],
            rule: VersionRule::default(),
        },
    ];
    let latest: Vec<_> = case
        .judge()
        .findings
        .into_iter()
        .map(|one| one.latest)
        .collect();
    assert_eq!(latest, [Some("1.0.0".to_owned()), Some("2.0.0".to_owned())]);
}

#[test]
fn nothing_permitted_is_no_release() {
    let case = Case::new()
        .image("web", "1.0.0")
        .rule("web", range("[2.0,)"));
    assert_eq!(
        case.judge().decision.to_string(),
        "skip: the channel's rules permit no version of acme/web"
    );
}

#[test]
fn each_candidate_is_reported_with_its_reason() {
    let case = Case::new()
        .image("web", "latest 1.0.0 2.0.0 1.1.0-rc.1 1.1.0 not*a*version")
        .rule(
            "web",
            VersionRule {
                pre_release_tag: Some("^$".to_owned()),
                ..range("[1.0,2.0)")
            },
        );
    let reported = case.candidates();
    let reported: Vec<_> = reported
        .iter()
        .map(|(version, refused)| (version.as_str(), refused.as_deref().unwrap_or("permitted")))
        .collect();
    assert_eq!(
        reported[..5],
        [
            ("2.0.0", "refused by version range [1.0,2.0)"),
            ("1.1.0", "permitted"),
            ("1.1.0-rc.1", "refused by pre-release tag ^$"),
            ("1.0.0", "permitted"),
            ("latest", "ignored: it has no version number"),
        ]
    );
    let (last, why) = reported[5];
    assert_eq!(last, "not*a*version");
    assert!(why.contains("not*a*version"), "{why}");
}

#[test]
fn what_is_reported_is_bounded_and_what_was_considered_is_counted() {
    let tags: Vec<_> = (0..200).map(|patch| format!("1.0.{patch}")).collect();
    let case = Case::new().image("web", &tags.join(" "));
    let finding = case.finding();
    assert_eq!(finding.candidates.len(), REPORTED_CANDIDATES);
    assert_eq!(finding.considered, 200);
    assert_eq!(finding.candidates[0].version, "1.0.199");

    // The latest permitted one is found at any position.
    let deep = case.rule("web", range("[1.0.3]")).finding();
    assert_eq!(deep.latest.as_deref(), Some("1.0.3"));
    assert_eq!(deep.candidates.len(), REPORTED_CANDIDATES);
}

#[test]
fn a_rule_that_cannot_be_read_is_refused_with_its_place() {
    for (rule, field) in [
        (range("[1.0"), "version range"),
        (tag("("), "pre-release tag"),
        (regex("[z-a]"), "version tag regex"),
    ] {
        let case = Case::new().image("web", "1.0.0").rule("web", rule);
        let decision = case.judge().decision.to_string();
        let start = "refuse: cannot apply the channel's rule for acme/web: the ";
        assert!(
            decision.starts_with(&format!("{start}{field}")),
            "{decision}"
        );
        assert!(
            decision.contains("correct it in the channel's version rules"),
            "{decision}"
        );
    }
}

/// A pattern that needs more work than is allowed on a version with a long pre-release, and little on
/// others.
const SLOW: &str = r"^(?:$|(a*)*\1b)";

#[test]
fn a_rule_that_gives_no_verdict_never_lets_an_older_version_through() {
    let slow = format!("2.0.0-{}", "a".repeat(60));
    let case = Case::new()
        .image("web", &format!("1.0.0 {slow}"))
        .rule("web", tag(SLOW))
        .released("web 0.9.0");
    let decision = case.judge().decision.to_string();
    assert!(
        decision.starts_with("refuse: cannot apply the channel's rule for acme/web: 2.0.0-aaa"),
        "{decision}"
    );
    assert!(decision.contains("simplify it"), "{decision}");
    // Nothing behind it is looked at.
    assert_eq!(case.candidates().len(), 1);
    assert_eq!(case.finding().considered, 2);

    // Versions older than the chosen one are irrelevant.
    let newer = Case::new()
        .image("web", &format!("3.0.0 {slow} 1.0.0"))
        .rule("web", tag(SLOW));
    assert_eq!(newer.finding().latest.as_deref(), Some("3.0.0"));
    assert_eq!(newer.candidates().len(), 2);
}

fn dated(text: &str, published: i64) -> (String, Seen) {
    let (text, seen) = seen(text, 1_000_000);
    let published = Some(at(published));
    (text, Seen { published, ..seen })
}

/// Checks the decision where the version published last counts.
#[track_caller]
fn check_recent(versions: Vec<(String, Seen)>, previous: Option<&str>, expected: &str) {
    let snapshot = Snapshot::from_versions(versions);
    let mut case = Case::new()
        .package("web", VersionFormat::Docker, snapshot)
        .rule("web", most_recent());
    if let Some(previous) = previous {
        case = case.released(&format!("web {previous}"));
    }
    assert_eq!(case.judge().decision.to_string(), expected);
}

#[test]
fn the_most_recently_published_may_be_any_text() {
    let versions = || vec![dated("2.0.0", 10), dated("main-9f", 30), dated("1.0.1", 20)];
    check_recent(
        versions(),
        Some("2.0.0"),
        "create: acme/web main-9f is newer than 2.0.0 in the previous release",
    );
    check_recent(
        versions(),
        Some("main-9f"),
        "skip: no source is newer than in the previous release 0.0.7",
    );
    check_recent(
        versions(),
        None,
        "create: the channel has no release with acme/web yet; main-9f is the latest version",
    );
}

#[test]
fn of_two_published_at_once_the_higher_is_later() {
    check_recent(
        vec![dated("1.0.1", 10), dated("1.0.2", 10)],
        Some("1.0.1"),
        "create: acme/web 1.0.2 is newer than 1.0.1 in the previous release",
    );
}

#[test]
fn without_dates_the_first_sight_counts() {
    check_recent(
        vec![seen("2.0.0", 10), seen("1.0.1", 20)],
        Some("2.0.0"),
        "create: acme/web 1.0.1 is newer than 2.0.0 in the previous release",
    );
}

#[test]
fn what_was_published_before_the_previous_one_is_not_newer() {
    let mut case = Case::new()
        .package(
            "web",
            VersionFormat::Docker,
            Snapshot::from_versions([dated("3.0.0", 10), dated("1.0.0", 20)]),
        )
        .image("api", "2.0.0")
        .released("web 1.0.0, api 1.0.0");
    case = case.rule(
        "web",
        VersionRule {
            range: Some("[2.0,)".to_owned()),
            ..most_recent()
        },
    );
    assert_eq!(
        case.judge().decision.to_string(),
        "refuse: acme/web would go back from 1.0.0 to 3.0.0, the latest permitted version in the feed; a release never moves a package back"
    );
}
