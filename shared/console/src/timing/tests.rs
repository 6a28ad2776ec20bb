use domain::cause::EvaluationCause;
use domain::decide::Finding;
use domain::history::MadeRelease;
use domain::ids::{ChannelId, FeedId, PackageId, ProjectId, ReleaseId, SpaceId, TriggerId};
use domain::options::{Options, VersionPolicy};
use domain::reason_code::ReasonDetails;
use domain::snapshot::Seen;
use domain::trigger::{ResolvedSource, Source, SourceRef, TriggerOrigin};

use super::*;

const NOON: Timestamp = Timestamp::from_millis(1_772_366_400_000);

fn reference(action: &str) -> SourceRef {
    SourceRef {
        action_slug: action.into(),
        package_reference: String::new(),
    }
}

fn package(name: &str) -> PackageKey {
    PackageKey {
        space: SpaceId::new("Spaces-1"),
        feed: FeedId::new("Feeds-1"),
        package: PackageId::new(name),
    }
}

/// A trigger that watches `web` and `api`, each in the action of the same name.
fn trigger() -> Trigger {
    let source = |name: &str| Source {
        reference: reference(name),
        resolution: Ok(ResolvedSource {
            action_name: name.into(),
            package: package(name),
        }),
        policy: VersionPolicy::default(),
    };
    Trigger {
        id: TriggerId::new("T-1"),
        name: "New images".into(),
        space: SpaceId::new("Spaces-1"),
        project: ProjectId::new("Projects-1"),
        project_name: "Shop".into(),
        channel: ChannelId::new("Channels-1"),
        sources: ["web", "api"].map(source).to_vec(),
        problem: None,
        stale: None,
        documents: None,
        origin: TriggerOrigin::Octopus,
        since: Timestamp::default(),
        options: Options::default(),
    }
}

fn found(action: &str, previous: &str, latest: &str) -> Finding {
    Finding {
        reference: reference(action),
        package: Some(action.into()),
        previous: Some(previous.into()),
        latest: Some(latest.into()),
        digest: None,
        candidates: Vec::new(),
        considered: 0,
        blocker: None,
        blocker_code: None,
    }
}

/// An evaluation that started `after` noon and took five seconds.
fn evaluation(outcome: Outcome, after: Span, findings: Vec<Finding>) -> Evaluation {
    Evaluation {
        trigger: TriggerId::new("T-1"),
        trigger_name: "New images".into(),
        space: SpaceId::new("Spaces-1"),
        project_name: "Shop".into(),
        at: NOON + after,
        took: Span::from_seconds(5),
        cause: EvaluationCause::Hourly,
        outcome,
        reason: "newer".into(),
        details: ReasonDetails::default(),
        release: Some(MadeRelease {
            id: ReleaseId::new("Releases-1"),
            version: "1.0.1".into(),
        }),
        findings,
    }
}

fn seen(published: Option<Span>, first_seen: Span) -> Seen {
    Seen {
        digest: None,
        published: published.map(|after| NOON + after),
        first_seen: NOON + first_seen,
        pushed_again: None,
    }
}

fn took(history: &[Evaluation], web: Seen, api: Seen) -> Vec<Span> {
    let snapshots = [("web", web), ("api", api)].map(|(name, seen)| {
        let versions = [("1.1.0".to_owned(), seen)];
        (package(name), Snapshot::from_versions(versions))
    });
    let releases = releases(history, &trigger(), &BTreeMap::from(snapshots));
    releases.iter().map(|release| release.took).collect()
}

const SECOND: fn(i64) -> Span = Span::from_seconds;

#[test]
fn duration_is_from_the_newest_new_push_to_the_end_of_the_evaluation() {
    let both = vec![
        found("web", "1.0.0", "1.1.0"),
        found("api", "1.0.0", "1.1.0"),
    ];
    let made = [evaluation(Outcome::Created, SECOND(60), both)];
    let times = took(&made, seen(None, SECOND(0)), seen(None, SECOND(40)));
    assert_eq!(times, [SECOND(25)]);
    let web_alone = vec![
        found("web", "1.0.0", "1.1.0"),
        found("api", "1.1.0", "1.1.0"),
    ];
    let made = [evaluation(Outcome::Created, SECOND(60), web_alone)];
    let times = took(&made, seen(None, SECOND(0)), seen(None, SECOND(40)));
    assert_eq!(times, [SECOND(65)]);
}

#[test]
fn feed_date_takes_precedence_over_first_seen() {
    let web = vec![found("web", "1.0.0", "1.1.0")];
    let made = [evaluation(Outcome::Created, SECOND(60), web)];
    let times = took(
        &made,
        seen(Some(SECOND(10)), SECOND(50)),
        seen(None, SECOND(0)),
    );
    assert_eq!(times, [SECOND(55)]);
}

#[test]
fn release_without_a_known_push_is_omitted() {
    let web = || vec![found("web", "1.0.0", "1.1.0")];
    let unknown = [
        evaluation(Outcome::Skipped, SECOND(60), web()),
        // The tag was pushed again later, and the earlier push is unknown.
        evaluation(Outcome::Created, SECOND(0), web()),
        evaluation(
            Outcome::Created,
            SECOND(60),
            vec![found("web", "1.0.0", "0.9.0")],
        ),
        evaluation(
            Outcome::Created,
            SECOND(60),
            vec![found("gone", "1.0.0", "1.1.0")],
        ),
    ];
    let times = took(&unknown, seen(None, SECOND(10)), seen(None, SECOND(0)));
    assert_eq!(times, []);
    assert_eq!(median(&[]), None);
}

#[test]
fn median_of_an_even_number_is_the_lower_middle_value() {
    let of = |took| TimedRelease {
        version: String::new(),
        at: NOON,
        took: SECOND(took),
    };
    assert_eq!(median(&[of(9), of(1), of(5), of(3)]), Some(SECOND(3)));
    assert_eq!(median(&[of(9), of(1), of(5)]), Some(SECOND(5)));
}

#[test]
fn pipeline_has_the_steps_of_the_latest_release() {
    let web = vec![found("web", "1.0.0", "1.1.0")];
    let history = [
        evaluation(Outcome::Skipped, SECOND(90), web.clone()),
        evaluation(Outcome::Created, SECOND(60), web),
    ];
    let snapshot = |seen| {
        let versions = [("1.1.0".to_owned(), seen)];
        BTreeMap::from([(package("web"), Snapshot::from_versions(versions))])
    };
    let dated = snapshot(seen(Some(SECOND(10)), SECOND(50)));
    let steps_of = pipeline(&history, &trigger(), &dated).unwrap();
    let steps = [steps_of.seen, steps_of.decided, steps_of.released];
    assert_eq!(steps_of.pushed, Some(NOON + SECOND(10)));
    assert_eq!(steps, [50, 60, 65].map(|after| NOON + SECOND(after)));
    assert_eq!(
        (steps_of.package.as_str(), steps_of.version.as_str()),
        ("web", "1.1.0")
    );
    let undated = snapshot(seen(None, SECOND(50)));
    let steps_of = pipeline(&history, &trigger(), &undated).unwrap();
    assert_eq!(steps_of.pushed, None);
    assert_eq!(pipeline(&history, &trigger(), &BTreeMap::new()), None);
}
