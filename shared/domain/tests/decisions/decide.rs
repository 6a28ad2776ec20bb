//! Every outcome with its reason, as the trigger's owner reads it.

use domain::coded::DetailValue;
use domain::due::BackOff;
use domain::process::Versioning;
use domain::reason_code::ReasonCode;
use domain::snapshot::Snapshot;
use domain::version::VersionFormat;

use crate::at;
use crate::case::{Case, action, seen};

/// Checks the decision about a situation and its reason.
#[track_caller]
fn check(case: &Case, expected: &str) {
    assert_eq!(case.judge().decision.to_string(), expected);
}

/// Checks the versions of the planned release.
#[track_caller]
fn plans(case: &Case, expected: &[&str]) {
    let packages = case.plan().packages.into_iter();
    let planned: Vec<_> = packages
        .map(|one| format!("{} {}", one.package_reference, one.version))
        .collect();
    assert_eq!(planned, expected);
}

#[test]
fn a_newer_version_is_released() {
    let case = Case::new()
        .image("web", "1.0.0 1.1.0")
        .released("web 1.0.0");
    check(
        &case,
        "create: acme/web 1.1.0 is newer than 1.0.0 in the previous release",
    );
    plans(&case, &["web 1.1.0"]);
    assert_eq!(case.plan().packages[0].previous.as_deref(), Some("1.0.0"));
}

#[test]
fn a_channel_without_releases_gets_its_first() {
    let case = Case::new().image("web", "1.0.0 1.1.0");
    let reason =
        "create: the channel has no release with acme/web yet; 1.1.0 is the latest version";
    check(&case, reason);
    check(&case.clone().released("api 9.9.9"), reason);
    plans(&case, &["web 1.1.0"]);
}

#[test]
fn one_newer_source_takes_the_latest_of_every_source() {
    let case = Case::new()
        .image("web", "1.0.0")
        .image("api", "2.0.0 2.1.0")
        .unwatched("db")
        .released("web 1.0.0, api 2.0.0, db 7");
    check(
        &case,
        "create: acme/api 2.1.0 is newer than 2.0.0 in the previous release",
    );
    plans(&case, &["api 2.1.0", "web 1.0.0"]);
}

#[test]
fn nothing_newer_is_no_release() {
    for tags in [
        "1.1.0",
        "1.0.0 1.1.0",
        "1.1.0 0.9.0",
        "1.1.0 latest",
        "v1.1.0",
    ] {
        let case = Case::new().image("web", tags).released("web 1.1.0");
        check(
            &case,
            "skip: no source is newer than in the previous release 0.0.7",
        );
        assert_eq!(case.finding().previous.as_deref(), Some("1.1.0"), "{tags}");
    }
}

#[test]
fn a_release_never_takes_a_package_back() {
    let gone = Case::new()
        .image("web", "1.0.0")
        .image("api", "2.1.0")
        .released("web 1.1.0, api 2.0.0");
    check(
        &gone,
        "refuse: acme/web would go back from 1.1.0 to 1.0.0, the latest permitted version in the feed; a release never moves a package back",
    );
    // With nothing newer beside it there is no release to refuse.
    let alone = Case::new().image("web", "1.0.0").released("web 1.1.0");
    check(
        &alone,
        "skip: no source is newer than in the previous release 0.0.7",
    );
}

#[test]
fn without_sources_nothing_is_followed() {
    check(
        &Case::new().unwatched("web"),
        "skip: the trigger selects no packages; choose at least one source in the trigger",
    );
}

#[test]
fn problem_of_the_trigger_is_reported_first() {
    let mut case = Case::new().image("web", "1.1.0").released("web 1.0.0");
    case.trigger.problem = Some("the project `Shop` is disabled".into());
    check(&case, "wait: the project `Shop` is disabled");
}

#[test]
fn source_without_a_package_blocks_the_trigger() {
    let case = Case::new()
        .image("web", "1.1.0")
        .unresolved("api", "the action `Deploy api` is disabled")
        .released("web 1.0.0");
    let reason = "the source deploy-api:api does not resolve to a package: the action `Deploy api` is disabled";
    check(&case, &format!("wait: {reason}"));
    let findings = case.judge().findings;
    assert_eq!(findings[1].blocker.as_deref(), Some(reason));
    assert_eq!(findings[1].package, None);
    assert_eq!(findings[0].latest.as_deref(), Some("1.1.0"));
}

#[test]
fn a_package_that_was_never_read_is_waited_for() {
    let case = Case::new()
        .image("web", "1.1.0")
        .unread("api")
        .released("web 1.0.0");
    check(&case, "wait: acme/api has not been read yet");
}

#[test]
fn a_package_whose_checks_fail_is_waited_for_with_the_failure() {
    let mut case = Case::new()
        .image("web", "1.1.0")
        .unread("api")
        .released("web 1.0.0");
    for (failures, times) in [(1, "once"), (3, "3 times")] {
        let failure = BackOff {
            failures,
            since: Some(at(0)),
            until: at(9),
            reason: "the registry answered 503".to_owned(),
            throttled: false,
        };
        case.read_failures.insert(crate::case::key("api"), failure);
        check(
            &case,
            &format!(
                "wait: acme/api could not be read: the registry answered 503, {times} since {}",
                at(0)
            ),
        );
    }
    let details = case.judge().decision.reason().details();
    assert_eq!(details.code, ReasonCode::CannotRead);
    assert_eq!(details.values["failedChecks"], DetailValue::Number(3));
}

/// The details of each reason contain its code; only `Other` has none.
#[test]
fn reasons_have_codes() {
    let read = Case::new().image("web", "1.1.0");
    for (case, code) in [
        (read.clone(), ReasonCode::First),
        (read.clone().released("web 1.0.0"), ReasonCode::Newer),
        (read.clone().released("web 1.1.0"), ReasonCode::NothingNewer),
        (
            read.clone()
                .image("api", "2.1.0")
                .released("web 2.0.0, api 2.0.0"),
            ReasonCode::WouldGoBack,
        ),
        (read.clone().unread("api"), ReasonCode::NotRead),
        (
            read.unresolved("api", "the action is disabled"),
            ReasonCode::Unresolved,
        ),
    ] {
        let decision = case.judge().decision;
        assert_eq!(decision.reason().details().code, code, "{decision}");
        assert_eq!(
            code.is_error(),
            code == ReasonCode::Unresolved,
            "{decision}"
        );
    }
}

#[test]
fn a_process_that_changed_since_is_waited_for() {
    let mut moved = Case::new().image("web", "1.1.0");
    moved.template.packages[0].package = crate::case::key("shop").package;
    let mut gone = Case::new().image("web", "1.1.0");
    gone.template.packages.clear();
    for case in [moved, gone] {
        check(
            &case,
            "wait: the source deploy-web:web does not resolve to a package: the process has changed; \
             the trigger is evaluated again once the new process is read, within minutes",
        );
    }
}

#[test]
fn names_are_compared_without_case() {
    let mut case = Case::new()
        .image("web", "1.0.0 1.1.0")
        .released("web 1.1.0");
    case.template.packages[0].action_name = "DEPLOY WEB".to_owned();
    case.template.packages[0].package_reference = "Web".to_owned();
    check(
        &case,
        "skip: no source is newer than in the previous release 0.0.7",
    );
}

#[test]
fn a_package_that_two_sources_name_is_planned_once() {
    let mut case = Case::new().image("web", "1.1.0");
    let again = case.trigger.sources[0].clone();
    case.trigger.sources.push(again);
    plans(&case, &["web 1.1.0"]);
}

#[test]
fn release_number_follows_the_project_settings() {
    let web = || {
        Case::new()
            .image("web", "1.0.0 1.1.0-rc.1")
            .unwatched("api")
    };
    let donor = |name: &str| Versioning::Donor {
        action_name: action(name),
        package_reference: name.to_owned(),
    };
    for (versioning, number) in [
        (Versioning::Template { next: None }, None),
        (
            Versioning::Template {
                next: Some("3.1.4".to_owned()),
            },
            Some("3.1.4"),
        ),
        (donor("web"), Some("1.1.0-rc.1")),
        // The trigger does not watch it, so the server chooses its version.
        (donor("api"), None),
    ] {
        let plan = web().versioning(versioning).plan();
        assert_eq!(plan.release_version.as_deref(), number);
    }
}

#[test]
fn a_release_that_cannot_be_numbered_is_refused() {
    let donor = |name: &str| Versioning::Donor {
        action_name: action(name),
        package_reference: name.to_owned(),
    };
    check(
        &Case::new().image("web", "1.1.0").versioning(donor("api")),
        "refuse: cannot number the release: the project numbers releases by the package of `Deploy api`, which does \
         not run in this channel; run that step in every channel, or number releases by a template",
    );
    let versions = Snapshot::from_versions([seen("1.0~rc", 0)]);
    let donor = Case::new()
        .package("web", VersionFormat::Maven, versions)
        .versioning(donor("web"));
    let decision = donor.judge().decision.to_string();
    let start = "refuse: cannot number the release: acme/web 1.0~rc: ";
    assert!(decision.starts_with(start), "{decision}");
}

#[test]
fn a_process_in_git_is_released_from_its_branch() {
    let mut case = Case::new().image("web", "1.1.0");
    assert_eq!(case.plan().git_ref, None);
    let in_the_database = case.plan().key();
    case.git_ref = Some("refs/heads/main");
    assert_eq!(case.plan().git_ref.as_deref(), Some("refs/heads/main"));
    assert_ne!(case.plan().key(), in_the_database);
}

#[test]
fn plan_names_its_channel_and_trigger() {
    let plan = Case::new().image("web", "1.1.0").plan();
    let place = (
        plan.space.as_str(),
        plan.project.as_str(),
        plan.channel.as_str(),
    );
    assert_eq!(place, ("Spaces-1", "Projects-1", "Channels-1"));
    assert!(plan.notes.contains("New images"), "{}", plan.notes);
}
