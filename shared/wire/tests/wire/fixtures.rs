//! Every fixture is decoded, and encoding results in the same JSON.
//!
//! A released fixture is never changed: a new field or version gets a new fixture beside it.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::io::Read as _;
use std::sync::Arc;

use domain::budget::{AllowanceReading, BudgetKey, BudgetState, LimiterState};
use domain::deployed_settings::{DeployedSettings, SettingChange};
use domain::due::BackOff;
use domain::feed::Access;
use domain::ids::TriggerId;
use domain::ledger::{Entry, Owner};
use domain::plan::PlanKey;
use domain::push::{WebhookOutcome, WebhookRequest};
use domain::usage::Usage;
use engine::ports::RefreshProgress;
use engine::ports::{PauseKey, SchedulerRun, Validators};
use serde_json::Value;
use wire::rows::{
    budget, deployed_settings, head, history, ledger, pause, rate_limiter, scheduler_run, snapshot,
    trigger_file, watch_list, webhook_request,
};

use crate::samples;

fn fixture(name: &str) -> String {
    let path = format!("{}/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("JSON")
}

/// The row encodes to its fixture, and the fixture decodes to the row.
fn check_row<T: PartialEq + Debug, E: Debug>(
    name: &str,
    value: &T,
    written: Result<Vec<u8>, E>,
    read: impl Fn(&[u8]) -> Result<T, E>,
) {
    let fixture = fixture(name);
    assert_eq!(
        json(&written.expect(name)),
        json(fixture.as_bytes()),
        "{name} is encoded differently"
    );
    assert_eq!(
        read(fixture.as_bytes()).expect(name),
        *value,
        "{name} is decoded differently"
    );
}

/// [`check_row`] for rows that may be compressed. Fixtures are plain JSON; both forms are decoded.
pub(crate) fn check_compressed_row<T: PartialEq + Debug, E: Debug>(
    name: &str,
    value: &T,
    written: Result<Vec<u8>, E>,
    read: impl Fn(&[u8]) -> Result<T, E>,
) {
    let written = written.expect(name);
    let text = if written.starts_with(b"{") {
        written
    } else {
        inflated(&written)
    };
    check_row(name, value, Ok::<_, E>(text.clone()), &read);
    check_row(name, value, Ok::<_, E>(text), |text| read(&deflated(text)));
}

fn inflated(row: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut decoder = flate2::read::DeflateDecoder::new(row);
    decoder.read_to_end(&mut text).expect("deflated");
    text
}

fn deflated(text: &[u8]) -> Vec<u8> {
    let mut row = Vec::new();
    let mut encoder = flate2::read::DeflateEncoder::new(text, flate2::Compression::fast());
    encoder.read_to_end(&mut row).expect("memory");
    row
}

/// Plain JSON up to a kilobyte and compressed above, at any length and compression level; a compressed row never
/// begins with `{`.
#[test]
fn rows_are_plain_json_up_to_one_kilobyte() {
    for length in 0..3_000 {
        let tag = "1".repeat(length % 7) + &"ab.c".repeat(length / 4);
        let value = samples::snapshot_of(&tag);
        let row = snapshot::encode(&value).expect("written");
        assert_eq!(snapshot::decode(&row).expect("read"), value);
        if row.starts_with(b"{") {
            assert!(row.len() <= 1024, "{length}");
        } else {
            let text = inflated(&row);
            assert!(text.len() > 1024 && text.starts_with(b"{"), "{length}");
        }
        for level in 0..=9 {
            let mut again = Vec::new();
            let level = flate2::Compression::new(level);
            let mut encoder = flate2::read::DeflateEncoder::new(&row[..], level);
            encoder.read_to_end(&mut again).expect("memory");
            assert!(!again.starts_with(b"{"), "{length}");
        }
    }
}

#[test]
fn messages_match_fixtures() {
    for (name, message) in samples::messages() {
        let outgoing = wire::encode(&message).expect(name);
        let fixture = fixture(name);
        assert_eq!(
            json(outgoing.detail.as_bytes()),
            json(fixture.as_bytes()),
            "{name}"
        );
        assert_eq!(
            wire::decode(outgoing.detail_type, &fixture).expect(name),
            message,
            "{name}"
        );
        assert_eq!(outgoing.source, "octopus.feed-triggers");
    }
}

#[test]
fn scheduler_runs_match_fixtures() {
    let at = samples::at(0);
    let bare = SchedulerRun {
        at,
        list_read_at: None,
        list_confirmed_at: None,
        stalls_searched_at: None,
        counted: None,
    };
    check_row(
        "row-scheduler-run",
        &bare,
        scheduler_run::encode(&bare),
        scheduler_run::decode,
    );
    let confirmed = SchedulerRun {
        list_read_at: Some(at),
        list_confirmed_at: Some(samples::at(1)),
        stalls_searched_at: Some(samples::at(1)),
        ..bare
    };
    check_row(
        "row-scheduler-run-confirmed",
        &confirmed,
        scheduler_run::encode(&confirmed),
        scheduler_run::decode,
    );
    let counted = Usage {
        since: at,
        runs: 43_800,
        checks: 2_190_000,
        packages: 21_900_000,
        evaluations: 8_760,
    };
    let counted = SchedulerRun {
        at,
        list_read_at: None,
        list_confirmed_at: None,
        stalls_searched_at: None,
        counted: Some(counted),
    };
    let name = "row-scheduler-run-counted";
    check_row(
        name,
        &counted,
        scheduler_run::encode(&counted),
        scheduler_run::decode,
    );
}

#[test]
fn deployed_settings_match_fixture() {
    let pairs = [("CheckInterval", "300"), ("Mode", "observe")];
    let settings = DeployedSettings {
        values: pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        changes: vec![SettingChange {
            name: "Mode".to_owned(),
            before: "create".to_owned(),
            after: "observe".to_owned(),
        }],
        since: samples::at(0),
    };
    check_row(
        "row-deployed-settings",
        &settings,
        deployed_settings::encode(&settings),
        deployed_settings::decode,
    );
}

#[test]
fn webhook_requests_match_fixtures() {
    for (name, outcome, reason) in [
        ("row-webhook-request", WebhookOutcome::Accepted, None),
        (
            "row-webhook-request-ignored",
            WebhookOutcome::Ignored,
            Some("no version tag".to_owned()),
        ),
    ] {
        let request = WebhookRequest {
            receiver: "ci".to_owned(),
            sender: "generic".to_owned(),
            outcome,
            at: samples::at(0),
            reason,
        };
        check_row(
            name,
            &request,
            webhook_request::encode(&request),
            webhook_request::decode,
        );
    }
}

#[test]
fn pauses_match_fixtures() {
    let package = samples::package();
    let keys = [
        (
            "row-pause-feed",
            PauseKey::Feed(package.space.clone(), package.feed.clone()),
        ),
        ("row-pause-package", PauseKey::Package(package)),
        (
            "row-pause-trigger",
            PauseKey::Trigger(samples::space(), TriggerId::new("ProjectTriggers-31")),
        ),
    ];
    for (name, key) in keys {
        let value = (key, samples::back_off());
        check_row(
            name,
            &value,
            pause::encode(&value.0, &value.1),
            pause::decode,
        );
    }
    let package = samples::package();
    let key = PauseKey::Feed(package.space, package.feed);
    let since = BackOff {
        since: Some(samples::at(0)),
        ..samples::back_off()
    };
    let value = (key, since);
    let written = pause::encode(&value.0, &value.1);
    check_row("row-pause-since", &value, written, pause::decode);
}

#[test]
fn budgets_match_fixtures() {
    let bare = samples::budget_state();
    let full = BudgetState {
        pause: Some(samples::back_off()),
        low: Some(samples::tally()),
        ..bare.clone()
    };
    let paused = BudgetState {
        access: Access::default(),
        low: None,
        ..full.clone()
    };
    let allowed = BudgetState {
        allowance: Some(AllowanceReading {
            per_minute: 200,
            at: samples::at(0),
            requests: 12,
            packages: 10,
        }),
        ..paused.clone()
    };
    let origin = || "https://ghcr.io".to_owned();
    let feed = samples::package().feed;
    let budgets = [
        ("row-budget-octopus", BudgetKey::Octopus, paused),
        ("row-budget-octopus-allowance", BudgetKey::Octopus, allowed),
        (
            "row-budget-anonymous",
            BudgetKey::Anonymous { origin: origin() },
            full,
        ),
        (
            "row-budget-own",
            BudgetKey::Own {
                origin: origin(),
                feed,
            },
            BudgetState {
                low: Some(samples::tally()),
                ..bare.clone()
            },
        ),
        (
            "row-budget-ecr",
            BudgetKey::Ecr {
                region: "eu-west-1".into(),
            },
            bare,
        ),
    ];
    for (name, key, state) in budgets {
        let written = budget::encode(&key, &state);
        check_row(name, &(key, state), written, budget::decode);
    }
}

#[test]
fn rate_limiters_match_fixtures() {
    let bare = LimiterState {
        seen_at: samples::at(0),
        ..LimiterState::default()
    };
    let full = LimiterState {
        paused_until: Some(samples::at(1)),
        next: Some(samples::at(2)),
        spacing: domain::time::Span::from_millis(375),
        relaxed_at: Some(samples::at(3)),
        refusals: 1,
        allowance: Some(200),
        ..bare
    };
    for (name, state) in [
        ("row-rate-limiter-bare", bare),
        ("row-rate-limiter-full", full),
    ] {
        let written = rate_limiter::encode(&state);
        check_row(name, &state, written, rate_limiter::decode);
    }
}

#[test]
fn heads_match_fixtures() {
    let full = samples::head();
    let bare = engine::ports::Head {
        validators: None,
        pending_event: None,
        ..full.clone()
    };
    let suspected = engine::ports::Head {
        suspected: Some("3c4b5a".into()),
        ..bare.clone()
    };
    let of_platform = engine::ports::Head {
        platform: Some("linux/arm64".into()),
        ..bare.clone()
    };
    let of_one_page = engine::ports::Head {
        validators: Some(Validators {
            content: Some("5d41402abc4b2a76b9719d911017c592".into()),
            ..Validators::default()
        }),
        ..bare.clone()
    };
    let untrusted = engine::ports::Head {
        validators: Some(Validators {
            received_at: Some(samples::at(0)),
            is_untrusted: true,
            ..Validators::default()
        }),
        ..bare.clone()
    };
    for (name, value) in [
        ("row-head-untrusted", untrusted),
        ("row-head-content", of_one_page),
        ("row-head-platform", of_platform),
        ("row-head", full),
        ("row-head-bare", bare),
        ("row-head-suspected", suspected),
    ] {
        let read = |bytes: &[u8]| head::decode(bytes, value.revision);
        check_row(name, &value, head::encode(&value), read);
    }
}

#[test]
fn ledger_entries_match_fixtures() {
    let claimed = Entry::Claimed {
        owner: Owner("4f0c/1".into()),
        until: samples::at(2),
        unsettled: None,
        plan: None,
        number: None,
    };
    let unsettled = Entry::Claimed {
        owner: Owner("4f0c/1".into()),
        until: samples::at(2),
        unsettled: Some("cannot create a release: Octopus did not answer within 60 s".into()),
        plan: None,
        number: None,
    };
    let channel_lock = Entry::Claimed {
        owner: Owner("4f0c/1".into()),
        until: samples::at(2),
        unsettled: None,
        plan: Some(PlanKey::new("5d".repeat(32))),
        number: None,
    };
    let numbered = Entry::Claimed {
        owner: Owner("4f0c/1".into()),
        until: samples::at(2),
        unsettled: None,
        plan: None,
        number: Some("2.8.0".into()),
    };
    let done = Entry::Done {
        release: domain::ids::ReleaseId::new("Releases-1187"),
        version: "2.8.0".into(),
    };
    let states = [
        ("row-ledger-leased", Some(claimed)),
        ("row-ledger-unsettled", Some(unsettled)),
        ("row-ledger-channel-lock", Some(channel_lock)),
        ("row-ledger-numbered", Some(numbered)),
        ("row-ledger-done", Some(done)),
        ("row-ledger-released", None),
    ];
    for (name, value) in states {
        check_row(name, &value, ledger::encode(value.as_ref()), ledger::decode);
    }
}

#[test]
fn snapshots_match_fixtures() {
    let value = samples::snapshot();
    check_compressed_row(
        "row-snapshot",
        &value,
        snapshot::encode(&value),
        snapshot::decode,
    );
    let value = samples::snapshot_with_metadata();
    check_compressed_row(
        "row-snapshot-metadata",
        &value,
        snapshot::encode(&value),
        snapshot::decode,
    );
    let value = samples::snapshot_with_signatures();
    check_compressed_row(
        "row-snapshot-signatures",
        &value,
        snapshot::encode(&value),
        snapshot::decode,
    );
    let value = samples::snapshot_with_scans();
    check_compressed_row(
        "row-snapshot-scans",
        &value,
        snapshot::encode(&value),
        snapshot::decode,
    );
}

#[test]
fn watch_lists_match_fixtures() {
    let complete = |list| watch_list::WatchListBody {
        list: Arc::new(list),
        changed: BTreeSet::new(),
        progress: None,
    };
    let triggers = samples::watch_list().triggers.into_iter();
    let all: BTreeSet<_> = triggers.map(|one| (one.space, one.id)).collect();
    let changed = watch_list::WatchListBody {
        changed: all.clone(),
        ..complete(samples::watch_list())
    };
    let progress = RefreshProgress {
        started: samples::at(0),
        done: all,
    };
    let mut partly_read = samples::watch_list();
    partly_read.triggers[0].stale = Some("cannot read project Projects-101: 500".into());
    let mut with_documents = samples::watch_list();
    with_documents.triggers[0].documents = Some("0123456789abcdef".into());
    let unfinished = watch_list::WatchListBody {
        list: Arc::new(partly_read),
        changed: BTreeSet::new(),
        progress: Some(progress),
    };
    for (name, value) in [
        ("row-watch-list", complete(samples::watch_list())),
        (
            "row-watch-list-options",
            complete(samples::full_watch_list()),
        ),
        (
            "row-watch-list-coded",
            complete(samples::coded_watch_list()),
        ),
        (
            "row-watch-list-labels",
            complete(samples::watch_list_with_labels()),
        ),
        ("row-watch-list-changed", changed),
        ("row-watch-list-unfinished", unfinished),
        ("row-watch-list-documents", complete(with_documents)),
    ] {
        let written = watch_list::encode(&value);
        check_compressed_row(name, &value, written, watch_list::decode);
    }
    let head = watch_list::WatchListHead {
        read_at: samples::at(0),
        body: "00000001772366400258-1-0f1e2d".into(),
        file: None,
        is_outdated: false,
    };
    let outdated = watch_list::WatchListHead {
        file: Some(1_772_366_400_259),
        is_outdated: true,
        ..head.clone()
    };
    for (name, head) in [
        ("row-watch-list-head", head),
        ("row-watch-list-head-outdated", outdated),
    ] {
        let written = watch_list::encode_head(&head);
        check_row(name, &head, written, watch_list::decode_head);
    }
}

#[test]
fn trigger_file_matches_fixture() {
    let file = |definitions| engine::ports::AppliedFile {
        definitions,
        applied_at: samples::at(0),
        revision: 7,
    };
    let read = |bytes: &[u8]| trigger_file::decode(bytes, 7);
    for (name, value) in [
        ("row-trigger-file", file(samples::definitions())),
        (
            "row-trigger-file-require",
            file(samples::definitions_with_requirements()),
        ),
        (
            "row-trigger-file-records",
            file(samples::definitions_with_records()),
        ),
        (
            "row-trigger-file-window",
            file(samples::definitions_with_window()),
        ),
        (
            "row-trigger-file-if",
            file(samples::definitions_with_condition()),
        ),
    ] {
        let written = trigger_file::encode(&value.definitions, value.applied_at, 350 * 1024);
        check_compressed_row(name, &value, written, read);
    }
}

#[test]
fn evaluations_match_fixtures() {
    let value = samples::evaluation();
    let written = history::encode(&value, 350 * 1024);
    check_compressed_row("row-history", &value, written, history::decode);
    for (name, value) in [
        ("row-history-unreadable", samples::unreadable()),
        ("row-history-refused", samples::refused()),
    ] {
        let written = history::encode(&value, 350 * 1024);
        check_compressed_row(name, &value, written, history::decode);
    }
    let failed = history::LatestEvaluation {
        evaluation: samples::failed(),
        last_success: Some(samples::at(0)),
        last_release: None,
        seen: None,
    };
    let seen = history::LatestEvaluation {
        seen: Some(samples::seen()),
        ..failed.clone()
    };
    let released = history::LatestEvaluation {
        last_release: samples::evaluation().last_release(),
        ..failed.clone()
    };
    for (name, newest) in [
        ("row-latest-evaluation", failed),
        ("row-latest-evaluation-release", released),
        ("row-latest-evaluation-seen", seen),
    ] {
        let written = history::encode_latest(&newest, 350 * 1024);
        check_compressed_row(name, &newest, written, history::decode_latest);
    }
}

#[test]
fn latest_evaluation_without_last_success_uses_its_own() {
    for (evaluation, expected) in [
        (samples::evaluation(), Some(samples::at(1))),
        (samples::failed(), None),
    ] {
        let row = history::encode(&evaluation, 350 * 1024).expect("written");
        let newest = history::decode_latest(&row).expect("read");
        assert_eq!(newest.last_release, evaluation.last_release());
        assert_eq!(
            (newest.evaluation, newest.last_success),
            (evaluation, expected)
        );
    }
}
