//! The history of a state file: versions that were published over two weeks, and the triggers' evaluations.

use std::path::Path;

use domain::cause::EvaluationCause;
use domain::due::BackOff;
use domain::feed::Access;
use domain::history::{Evaluation, MadeRelease, Outcome};
use domain::ids::{PackageId, PackageKey, ReleaseId};
use domain::reason_code::ReasonDetails;
use domain::snapshot::{Seen, Snapshot};
use domain::time::{Span, Timestamp};
use domain::trigger::Trigger;
use domain::usage::Usage;
use engine::ports::{
    Clock, History, NextHead, PauseKey, Pauses, SchedulerRun, SchedulerRuns, SnapshotReader,
    Snapshots, WatchLists,
};
use host::SystemClock;
use local::SqliteTable;
use store::Store;

type StateStore = Store<SqliteTable>;

const MOMENT: Span = Span::from_millis(1);

/// The versions of the web image, in publishing order.
pub(crate) const WEB: [&str; 12] = [
    "1.0.0",
    "1.1.0",
    "1.2.0",
    "1.3.0",
    "1.3.1",
    "1.4.0",
    "1.4.1",
    "1.4.2",
    "2.0.0-rc.1",
    "2.0.0",
    "1.5.0-rc.1",
    "1.5.0",
];

/// The seconds between the push and the release.
const TOOK: [i64; 7] = [58, 74, 41, 190, 66, 83, 52];

pub(crate) async fn write_history(state: &Path) {
    let store = Store::new(SqliteTable::open(state).unwrap());
    let now = SystemClock.now();
    let list = store.watch_list().await.unwrap().unwrap().list;
    for trigger in &list.triggers {
        for package in trigger.packages() {
            let feed = list.feed(&package.space, &package.feed).unwrap();
            spread(&store, feed, package, now).await;
        }
        match trigger.name.as_str() {
            "New images" => releases(&store, trigger, now).await,
            "Nightly reports" => failures(&store, trigger, now).await,
            _ => quiet_days(&store, trigger, now).await,
        }
    }
    counted(&store, now).await;
    let team = list.feeds.iter().find(|feed| feed.name == "Team images");
    let team = team.unwrap();
    let key = PauseKey::Feed(team.space.clone(), team.id.clone());
    let throttled = BackOff {
        failures: 1,
        since: Some(now),
        until: now + Span::from_hours(2),
        reason: "the registry asks for fewer requests (429)".to_owned(),
        throttled: true,
    };
    store.pause(&key, &throttled).await.unwrap();
}

/// The usage counts of two weeks with a scheduler run each minute.
async fn counted(store: &StateStore, now: Timestamp) {
    let runs = 14 * 24 * 60;
    let counted = Usage {
        since: now - Span::from_days(14),
        runs,
        checks: 3 * runs,
        packages: 4 * runs,
        evaluations: 3 * 14 * 24,
    };
    let run = store.last_run().await.unwrap().unwrap();
    let run = SchedulerRun {
        counted: Some(counted),
        ..run
    };
    store.remember_run(&run).await.unwrap();
}

/// The publishing time of the web image's version at this index; the last one is new.
fn published_at(index: usize, of: usize, now: Timestamp) -> Timestamp {
    let back = i64::try_from(of - 1 - index).unwrap();
    now - Span::from_minutes(back * 26 * 60 + 9)
}

/// Stores a snapshot in which the versions were published one by one.
async fn spread(store: &StateStore, feed: &domain::feed::Feed, key: &PackageKey, now: Timestamp) {
    let Some(snapshot) = store.snapshot(key).await.unwrap() else {
        return;
    };
    let mut versions: Vec<_> = snapshot.versions().map(|(one, _)| one.to_owned()).collect();
    if key.package.as_str() == "acme/web" {
        versions = WEB.map(str::to_owned).to_vec();
    }
    let count = versions.len();
    let versions = versions.into_iter().enumerate().map(|(index, version)| {
        let seen = Seen {
            digest: None,
            published: None,
            first_seen: published_at(index, count, now),
            pushed_again: None,
        };
        (version, seen)
    });
    let later = Snapshot::from_versions(versions);
    let budget = feed.budget(&Access::default());
    let packages = [key.package.clone()];
    let opened = store.open(feed, &budget, &packages).await.unwrap();
    let head = opened.heads.into_iter().flatten().next().unwrap();
    let next = NextHead {
        generation: head.generation + 1,
        validators: head.validators.clone(),
        fingerprint: head.fingerprint.clone(),
        platform: head.platform.clone(),
        changed_at: now - Span::from_minutes(9),
        pending_event: None,
    };
    store.advance(key, Some(&head), next, &later).await.unwrap();
}

/// A release for each of the web image's versions up to 1.4.2, with evaluations without a change in between.
async fn releases(store: &StateStore, trigger: &Trigger, now: Timestamp) {
    quiet_days(store, trigger, now).await;
    let latest = store.latest().await.unwrap();
    let latest = latest.into_iter().find(|one| one.trigger == trigger.id);
    let latest = latest.unwrap();
    let findings = latest.findings.clone();
    for (index, took) in TOOK.iter().enumerate() {
        let (before, version) = (WEB[index], WEB[index + 1]);
        let mut findings = findings.clone();
        findings[0].previous = Some(before.to_owned());
        findings[0].latest = Some(version.to_owned());
        findings[1].latest = findings[1].previous.clone();
        let reason = format!("acme/web {version} is newer than {before} in the previous release");
        let at = published_at(index + 1, WEB.len(), now) + Span::from_seconds(*took);
        let release = MadeRelease {
            id: ReleaseId::new(format!("Releases-{}", 101 + index)),
            version: format!("1.0.{}", index + 2),
        };
        let made = Evaluation {
            release: Some(release),
            findings,
            ..evaluation(trigger, at, Outcome::Created, &reason)
        };
        store.record(&made).await.unwrap();
    }
    // The last release is stored with the newest evaluation, which existed before this history.
    let found = Evaluation {
        release: Some(MadeRelease {
            id: ReleaseId::new("Releases-107"),
            version: "1.0.8".to_owned(),
        }),
        ..evaluation(
            trigger,
            latest.at + MOMENT,
            Outcome::AlreadyReleased,
            "it is there",
        )
    };
    store.record(&found).await.unwrap();
    let again = Evaluation {
        at: found.at + MOMENT,
        ..latest
    };
    store.record(&again).await.unwrap();
}

async fn failures(store: &StateStore, trigger: &Trigger, now: Timestamp) {
    quiet_days(store, trigger, now).await;
    for hours in [30, 31, 32, 80] {
        let at = now - Span::from_hours(hours);
        let why = "Octopus cannot be reached: it does not answer within 20 s";
        let failed = evaluation(trigger, at, Outcome::Failed, why);
        store.record(&failed).await.unwrap();
    }
}

async fn quiet_days(store: &StateStore, trigger: &Trigger, now: Timestamp) {
    for back in 1..40 {
        let at = now - Span::from_hours(back * 8);
        let why = "no source is newer than in the previous release";
        let skipped = evaluation(trigger, at, Outcome::Skipped, why);
        store.record(&skipped).await.unwrap();
    }
}

fn evaluation(trigger: &Trigger, at: Timestamp, outcome: Outcome, reason: &str) -> Evaluation {
    let cause = match outcome {
        Outcome::Created => EvaluationCause::PackageChanged {
            package: PackageId::new("acme/web"),
            feed_name: "Images".to_owned(),
        },
        _ => EvaluationCause::Hourly,
    };
    Evaluation {
        trigger: trigger.id.clone(),
        trigger_name: trigger.name.clone(),
        space: trigger.space.clone(),
        project_name: trigger.project_name.clone(),
        at,
        took: Span::from_millis(640),
        cause,
        outcome,
        reason: reason.to_owned(),
        details: ReasonDetails::default(),
        release: None,
        findings: Vec::new(),
    }
}
