//! One value of everything that is sent or stored, with every field filled where the name says `full`.

use std::collections::BTreeMap;

use domain::budget::{BudgetState, Quota, Tally};
use domain::decide::{Candidate, Finding};
use domain::due::BackOff;
use domain::feed::{Access, Feed, FeedKind};
use domain::history::{Evaluation, MadeRelease, Outcome};
use domain::ids::{
    ChannelId, FeedId, PackageId, PackageKey, ProjectId, ReleaseId, SpaceId, TriggerId,
};
use domain::options::{Options, Selection};
use domain::snapshot::{Changes, Seen, Snapshot};
use domain::time::{Span, Timestamp};
use domain::trigger::{Origin, ResolvedSource, Source, SourceRef, Trigger, WatchList};
use engine::messages::{
    Announcement, ChangeCounts, CheckFailure, EvaluationRequest, Event, FeedCheck, Message,
};
use engine::ports::{Head, Validators};

/// 2026-03-01T12:00:00.250Z and the given number of minutes.
pub(crate) fn at(minutes: i64) -> Timestamp {
    Timestamp::from_millis(1_772_366_400_250) + Span::from_minutes(minutes)
}

pub(crate) fn space() -> SpaceId {
    SpaceId::new("Spaces-1")
}

pub(crate) fn package() -> PackageKey {
    PackageKey {
        space: space(),
        feed: FeedId::new("Feeds-1001"),
        package: PackageId::new("acme/web-shop"),
    }
}

pub(crate) fn feed() -> Feed {
    Feed {
        id: FeedId::new("Feeds-1001"),
        space: space(),
        name: "Acme images".into(),
        kind: FeedKind::AwsElasticContainerRegistry,
        uri: Some("https://123456789012.dkr.ecr.eu-west-1.amazonaws.com".into()),
        registry_path: Some("acme".into()),
        region: Some("eu-west-1".into()),
        account: Some("123456789012".into()),
        has_credentials: true,
    }
}

fn plain_feed() -> Feed {
    Feed {
        id: FeedId::new("Feeds-1002"),
        space: space(),
        name: "Acme packages".into(),
        kind: FeedKind::Other("NuGet".into()),
        uri: None,
        registry_path: None,
        region: None,
        account: None,
        has_credentials: false,
    }
}

pub(crate) fn announcement() -> Announcement {
    Announcement {
        package: package(),
        feed_name: "Acme images".into(),
        generation: 7,
        changes: Changes {
            first_sight: false,
            added: vec!["1.4.0".into(), "1.4.1".into()],
            removed: vec!["1.0.0".into()],
            digest_changed: vec!["latest".into()],
        },
        counts: ChangeCounts {
            added: 2,
            removed: 1,
            digest_changed: 1,
        },
    }
}

fn message(id: &str, causation: Option<&str>, event: Event) -> Message {
    Message {
        id: id.repeat(16),
        correlation_id: "c0".repeat(16),
        causation_id: causation.map(|id| id.repeat(16)),
        time: at(0),
        event,
    }
}

pub(crate) fn evaluation() -> Evaluation {
    Evaluation {
        trigger: TriggerId::new("ProjectTriggers-31"),
        trigger_name: "New images".into(),
        space: space(),
        project_name: "Web shop".into(),
        at: at(1),
        took: Span::from_millis(850),
        cause: "acme/web-shop changed".into(),
        outcome: Outcome::Created,
        reason: "acme/web-shop 1.4.1 is newer than 1.3.0 in the previous release".into(),
        release: Some(MadeRelease {
            id: ReleaseId::new("Releases-1187"),
            version: "2.8.0".into(),
        }),
        findings: vec![Finding {
            reference: SourceRef {
                action_slug: "deploy-web".into(),
                package_reference: "web".into(),
            },
            package: Some("acme/web-shop".into()),
            previous: Some("1.3.0".into()),
            latest: Some("1.4.1".into()),
            digest: None,
            candidates: vec![
                Candidate {
                    version: "2.0.0-rc.1".into(),
                    refused: Some("it is a pre-release".into()),
                },
                Candidate {
                    version: "1.4.1".into(),
                    refused: None,
                },
            ],
            considered: 12,
            obstacle: None,
        }],
    }
}

fn skipped() -> Evaluation {
    Evaluation {
        outcome: Outcome::Waiting,
        reason: "acme/web-shop has not been read yet".into(),
        release: None,
        findings: vec![Finding {
            reference: SourceRef {
                action_slug: "deploy-web".into(),
                package_reference: String::new(),
            },
            package: None,
            previous: None,
            latest: None,
            digest: None,
            candidates: Vec::new(),
            considered: 0,
            obstacle: Some("the process has no action `deploy-web`".into()),
        }],
        ..evaluation()
    }
}

/// Every type of message, by the name of its fixture.
pub(crate) fn messages() -> Vec<(&'static str, Message)> {
    let check = FeedCheck {
        feed: feed(),
        packages: vec![PackageId::new("acme/web-shop"), PackageId::new("acme/api")],
        retrying: vec![PackageId::new("acme/api")],
        needs: BTreeMap::new(),
        feed_retrying: false,
        cause: "schedule".into(),
    };
    let plain_check = FeedCheck {
        feed: plain_feed(),
        packages: vec![PackageId::new("Acme.Web")],
        retrying: Vec::new(),
        needs: BTreeMap::new(),
        feed_retrying: true,
        cause: "asked for".into(),
    };
    let request = EvaluationRequest {
        space: space(),
        trigger: TriggerId::new("ProjectTriggers-31"),
        cause: "hourly".into(),
        retrying: true,
    };
    let failure = CheckFailure {
        space: space(),
        feed: FeedId::new("Feeds-1001"),
        feed_name: "Acme images".into(),
        packages: vec![PackageId::new("acme/web-shop")],
        kind: "denied".into(),
        reason: "https://registry.example.com refused the credential of the feed Acme images"
            .into(),
        failures: 3,
        retry_at: at(4),
    };
    vec![
        (
            "FeedCheckRequested",
            message("a1", None, Event::FeedCheckRequested(check)),
        ),
        (
            "FeedCheckRequested-plain",
            message("a2", None, Event::FeedCheckRequested(plain_check)),
        ),
        (
            "PackageVersionsChanged",
            message(
                "b1",
                Some("a1"),
                Event::PackageVersionsChanged(announcement()),
            ),
        ),
        (
            "TriggerEvaluationRequested",
            message("b2", None, Event::TriggerEvaluationRequested(request)),
        ),
        (
            "ReleaseCreated",
            message(
                "d1",
                Some("b1"),
                Event::ReleaseCreated(Box::new(evaluation())),
            ),
        ),
        (
            "ReleaseSkipped",
            message("d2", Some("b2"), Event::ReleaseSkipped(Box::new(skipped()))),
        ),
        (
            "FeedCheckFailed",
            message("d3", Some("a1"), Event::FeedCheckFailed(failure)),
        ),
    ]
}

pub(crate) fn head() -> Head {
    Head {
        generation: 7,
        revision: 1_772_366_400_259,
        validators: Some(Validators {
            etag: Some("W/\"abc\"".into()),
            last_modified: Some("Sun, 01 Mar 2026 11:00:00 GMT".into()),
        }),
        fingerprint: "0f1e2d".into(),
        count: 12,
        changed_at: at(0),
        body: "00000001772366400258-1-0f1e2d".into(),
        owed: Some(announcement()),
        doubted: None,
    }
}

pub(crate) fn snapshot() -> Snapshot {
    let seen = |digest: Option<&str>, published| Seen {
        digest: digest.map(str::to_owned),
        published,
        first_seen: at(0),
        pushed_again: None,
    };
    Snapshot::from_versions([
        ("1.3.0".to_owned(), seen(None, None)),
        (
            "1.4.0".to_owned(),
            seen(Some("sha256:4b1d"), Some(at(0) - Span::from_minutes(60))),
        ),
    ])
}

pub(crate) fn watch_list() -> WatchList {
    let source = |slug: &str, resolution| Source {
        reference: SourceRef {
            action_slug: slug.into(),
            package_reference: String::new(),
        },
        resolution,
        selection: Selection::default(),
    };
    WatchList {
        triggers: vec![Trigger {
            id: TriggerId::new("ProjectTriggers-31"),
            name: "New images".into(),
            space: space(),
            project: ProjectId::new("Projects-101"),
            project_name: "Web shop".into(),
            channel: ChannelId::new("Channels-201"),
            sources: vec![
                source(
                    "deploy-web",
                    Ok(ResolvedSource {
                        action_name: "Deploy web".into(),
                        package: package(),
                    }),
                ),
                source("gone", Err("the process has no action `gone`".into())),
            ],
            problem: Some("the project is disabled".into()),
            origin: Origin::Octopus,
            since: Timestamp::default(),
            options: Options::default(),
        }],
        feeds: vec![feed(), plain_feed()],
        needs: BTreeMap::new(),
    }
}

pub(crate) fn back_off() -> BackOff {
    BackOff {
        failures: 2,
        until: at(15),
        reason: "HTTP 503".into(),
        throttled: true,
    }
}

/// A budget of which nothing is known but how feeds were read.
pub(crate) fn budget_state() -> BudgetState {
    BudgetState {
        access: Access {
            aws_account: Some("123456789012".into()),
            own_credentials: vec![FeedId::new("Feeds-1001")],
        },
        pause: None,
        low: None,
    }
}

pub(crate) fn tally() -> Tally {
    Tally {
        quota: Quota {
            limit: Some(100),
            remaining: 20,
            resets_at: Some(at(360)),
        },
        at: at(0),
        requests: 3,
        packages: 2,
    }
}
