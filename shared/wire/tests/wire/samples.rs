//! A sample of every message and row. Samples named `full` have every field set.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use domain::budget::{BudgetState, Quota, QuotaReading};
use domain::cause::{CheckCause, EvaluationCause};
use domain::decide::{Candidate, Finding, RefusalCode, VersionRefusal};
use domain::definition::{Definition, Definitions, NativeOptions, NativeRef, SourceDefinition};
use domain::due::BackOff;
use domain::feed::{Access, Feed, FeedKind};
use domain::history::{Evaluation, MadeRelease, Outcome, SeenChanges};
use domain::ids::{
    ChannelId, FeedId, PackageId, PackageKey, ProjectId, ReleaseId, SpaceId, TriggerId,
};
use domain::metadata::{EcrRecord, MetadataOf, ReadMetadata, VersionMetadata};
use domain::options::{
    CatchUp, FirstSight, Options, ReleaseContext, Requirements, ScanLimit, SignedBy,
    VersionConditions, VersionOrder, VersionPolicy, When,
};
use domain::problem::{Problem, ProblemCode};
use domain::reason_code::{ReasonCode, ReasonDetails};
use domain::scan::Severity;
use domain::snapshot::{Changes, Seen, Snapshot};
use domain::time::{Span, Timestamp};
use domain::trigger::{
    PackageDetails, ResolvedSource, Source, SourceRef, Trigger, TriggerOrigin, WatchList,
};
use domain::window::{Day, Freeze, OpenHours, ReleaseWindow};
use engine::messages::{
    Announcement, ChangeCounts, CheckFailure, EvaluationRequest, Event, FeedCheck, Message,
    PackageChange, StalledTrigger,
};
use engine::ports::{Head, Validators};

/// 2026-03-01T12:00:00.250Z plus the minutes.
pub(crate) fn at(minutes: i64) -> Timestamp {
    Timestamp::from_millis(1_772_366_400_250) + Span::from_minutes(minutes)
}

pub(crate) fn space() -> SpaceId {
    SpaceId::new("Spaces-1")
}

/// The changes that an evaluation has considered.
pub(crate) fn seen() -> SeenChanges {
    SeenChanges {
        message: "b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2".into(),
        at: at(0),
        generations: [(package(), 7)].into(),
    }
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
            metadata_read: Vec::new(),
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
        cause: EvaluationCause::PackageChanged {
            package: PackageId::new("acme/web-shop"),
            feed_name: "Images".into(),
        },
        outcome: Outcome::Created,
        reason: "acme/web-shop 1.4.1 is newer than 1.3.0 in the previous release".into(),
        details: ReasonDetails::default(),
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
            blocker: None,
            blocker_code: None,
        }],
    }
}

pub(crate) fn failed() -> Evaluation {
    Evaluation {
        outcome: Outcome::Failed,
        reason: "Octopus does not answer".into(),
        release: None,
        findings: Vec::new(),
        ..evaluation()
    }
}

pub(crate) fn unreadable() -> Evaluation {
    let reason =
        "acme/web-shop could not be read: HTTP 503, 3 times since 2026-03-01T12:00:00Z".to_owned();
    let details = ReasonDetails::of(ReasonCode::CannotRead)
        .text("package", "acme/web-shop")
        .text("error", "HTTP 503")
        .number("failedChecks", 3);
    Evaluation {
        details,
        findings: vec![Finding {
            package: Some("acme/web-shop".into()),
            blocker: Some(reason.clone()),
            blocker_code: Some(ReasonCode::CannotRead),
            ..skipped().findings.remove(0)
        }],
        reason,
        ..skipped()
    }
}

/// An evaluation with a refused version, with its code.
pub(crate) fn refused() -> Evaluation {
    let refused = VersionRefusal::new(
        RefusalCode::VersionRange,
        "refused by version range [1.0,2.0)",
    )
    .text("range", "[1.0,2.0)")
    .text("owner", "Channel");
    let mut evaluation = unreadable();
    evaluation.findings[0].candidates = vec![Candidate {
        version: "2.0.0".into(),
        refused: Some(refused),
    }];
    evaluation.findings[0].considered = 1;
    evaluation
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
            blocker: Some("the process has no action `deploy-web`".into()),
            blocker_code: None,
        }],
        ..evaluation()
    }
}

/// A message of every type, by the name of its fixture.
pub(crate) fn messages() -> Vec<(&'static str, Message)> {
    let check = FeedCheck {
        feed: feed(),
        packages: vec![PackageId::new("acme/web-shop"), PackageId::new("acme/api")],
        retrying: vec![PackageId::new("acme/api")],
        details: BTreeMap::new(),
        feed_retrying: false,
        cause: CheckCause::Schedule,
        superseded_at: None,
    };
    let plain_check = FeedCheck {
        feed: plain_feed(),
        packages: vec![PackageId::new("Acme.Web")],
        retrying: Vec::new(),
        details: BTreeMap::new(),
        feed_retrying: true,
        cause: CheckCause::Requested,
        superseded_at: None,
    };
    let detailed_check = FeedCheck {
        details: details(|name| PackageId::new(name)),
        ..check.clone()
    };
    let metadata = PackageDetails {
        metadata_of: BTreeSet::from([
            MetadataOf {
                version: "1.4.1".into(),
                digest: None,
                keys: Vec::new(),
                record: None,
            },
            MetadataOf {
                version: "latest".into(),
                digest: Some("sha256:4b1d".into()),
                keys: Vec::new(),
                record: None,
            },
        ]),
        ..PackageDetails::default()
    };
    let signatures = PackageDetails {
        metadata_of: BTreeSet::from([MetadataOf {
            version: "1.4.1".into(),
            digest: None,
            keys: vec![PUBLIC_KEY.into()],
            record: None,
        }]),
        ..PackageDetails::default()
    };
    let profile = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/release";
    let records = [
        EcrRecord::Scan,
        EcrRecord::Signing {
            profile: profile.into(),
        },
    ];
    let records = PackageDetails {
        metadata_of: records
            .map(|record| MetadataOf {
                version: "1.4.1".into(),
                digest: Some("sha256:4b1d".into()),
                keys: Vec::new(),
                record: Some(record),
            })
            .into(),
        ..PackageDetails::default()
    };
    let metadata_check = FeedCheck {
        packages: vec![PackageId::new("acme/web-shop")],
        retrying: Vec::new(),
        details: BTreeMap::from([(PackageId::new("acme/web-shop"), metadata)]),
        cause: CheckCause::Push,
        ..check.clone()
    };
    let signature_check = FeedCheck {
        details: BTreeMap::from([(PackageId::new("acme/web-shop"), signatures)]),
        ..metadata_check.clone()
    };
    let record_check = FeedCheck {
        details: BTreeMap::from([(PackageId::new("acme/web-shop"), records)]),
        ..metadata_check.clone()
    };
    let metadata_read = Announcement {
        changes: Changes {
            metadata_read: vec!["1.4.1".into(), "latest".into()],
            ..Changes::default()
        },
        counts: ChangeCounts::default(),
        ..announcement()
    };
    let superseded_check = FeedCheck {
        superseded_at: Some(at(5)),
        ..check.clone()
    };
    let followed = Evaluation {
        findings: vec![Finding {
            latest: Some("latest".into()),
            digest: Some("sha256:4b1d".into()),
            candidates: Vec::new(),
            ..evaluation().findings.remove(0)
        }],
        ..evaluation()
    };
    let stalled = StalledTrigger {
        trigger: TriggerId::new("ProjectTriggers-31"),
        trigger_name: "New images".into(),
        space: space(),
        project_name: "Web shop".into(),
        watched_since: at(0),
        last_success: Some(at(1)),
        failing_since: None,
        reason: None,
    };
    let unreadable_trigger = StalledTrigger {
        failing_since: Some(at(2)),
        reason: Some("https://registry.example.com answered 503".into()),
        ..stalled.clone()
    };
    let never = StalledTrigger {
        last_success: None,
        ..stalled.clone()
    };
    let request = EvaluationRequest {
        space: space(),
        trigger: TriggerId::new("ProjectTriggers-31"),
        cause: EvaluationCause::Hourly,
        retrying: true,
        change: None,
    };
    let request_of_change = EvaluationRequest {
        cause: EvaluationCause::PackageChanged {
            package: package().package,
            feed_name: "Acme images".into(),
        },
        retrying: false,
        change: Some(PackageChange {
            package: package(),
            generation: 42,
        }),
        ..request.clone()
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
            "FeedCheckRequested-package-details",
            message("a3", None, Event::FeedCheckRequested(detailed_check)),
        ),
        (
            "FeedCheckRequested-superseded",
            message("a4", None, Event::FeedCheckRequested(superseded_check)),
        ),
        (
            "FeedCheckRequested-metadata",
            message("a5", Some("b1"), Event::FeedCheckRequested(metadata_check)),
        ),
        (
            "FeedCheckRequested-signatures",
            message("a6", Some("b1"), Event::FeedCheckRequested(signature_check)),
        ),
        (
            "FeedCheckRequested-records",
            message("a7", Some("b1"), Event::FeedCheckRequested(record_check)),
        ),
        (
            "PackageVersionsChanged-metadata",
            message(
                "b4",
                Some("a5"),
                Event::PackageVersionsChanged(metadata_read),
            ),
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
            "TriggerEvaluationRequested-change",
            message(
                "b3",
                Some("e4"),
                Event::TriggerEvaluationRequested(request_of_change),
            ),
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
            "ReleaseCreated-followed",
            message("d4", Some("b1"), Event::ReleaseCreated(Box::new(followed))),
        ),
        (
            "TriggerStalled",
            message("e1", None, Event::TriggerStalled(stalled)),
        ),
        (
            "TriggerStalled-never",
            message("e2", None, Event::TriggerStalled(never)),
        ),
        (
            "TriggerStalled-unreadable",
            message("e3", None, Event::TriggerStalled(unreadable_trigger)),
        ),
        (
            "ReleaseSkipped-unreadable",
            message(
                "d3",
                Some("b2"),
                Event::ReleaseSkipped(Box::new(unreadable())),
            ),
        ),
        (
            "ReleaseSkipped-refused",
            message("d4", Some("b2"), Event::ReleaseSkipped(Box::new(refused()))),
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
            ..Validators::default()
        }),
        fingerprint: "0f1e2d".into(),
        count: 12,
        changed_at: at(0),
        body: "00000001772366400258-1-0f1e2d".into(),
        pending_event: Some(announcement().into()),
        platform: None,
        suspected: None,
        is_retired: false,
    }
}

/// A snapshot of one version.
pub(crate) fn snapshot_of(version: &str) -> Snapshot {
    let seen = Seen {
        digest: None,
        published: None,
        first_seen: at(0),
        pushed_again: None,
    };
    Snapshot::from_versions([(version.to_owned(), seen)])
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

/// A public key in PEM.
const PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEATA/hce4/h7jajg5FUV+nV4FRiSd1sErwprjxVnNP0zI=\n\
                          -----END PUBLIC KEY-----\n";

/// The same snapshot with a valid signature, and with the reason why none is valid.
pub(crate) fn snapshot_with_signatures() -> Snapshot {
    let mut snapshot = snapshot();
    let digest = Some("sha256:4b1d".to_owned());
    let unsigned = "the registry has no signature of sha256:4b1d".to_owned();
    for (version, signature) in [("1.4.0", Ok(())), ("1.3.0", Err(unsigned))] {
        let read = VersionMetadata::new([], [], digest.clone()).with_signature(signature);
        let read = ReadMetadata {
            of: None,
            keys: Some("0f1e2d3c4b5a6978".to_owned()),
            result: Ok(read),
            valid_until: at(3),
        };
        snapshot.add_metadata(version, read);
    }
    snapshot
}

/// The same snapshot with the findings of a scan, and with the reason why none is finished.
pub(crate) fn snapshot_with_scans() -> Snapshot {
    let mut snapshot = snapshot();
    let digest = Some("sha256:4b1d".to_owned());
    let findings = [(Severity::High, 2), (Severity::Undefined, 1)];
    let pending = "ECR has not finished the scan".to_owned();
    for (version, scan) in [
        ("1.4.0", Ok(findings.into_iter().collect())),
        ("1.3.0", Err(pending)),
    ] {
        let read = VersionMetadata::new([], [], digest.clone()).with_scan(scan);
        let read = ReadMetadata {
            of: digest.clone(),
            keys: Some("scan".to_owned()),
            result: Ok(read),
            valid_until: at(3),
        };
        snapshot.add_metadata(version, read);
    }
    snapshot
}

/// The same snapshot with metadata, and with an error of reading it.
pub(crate) fn snapshot_with_metadata() -> Snapshot {
    let mut snapshot = snapshot();
    let labels = [(
        "org.opencontainers.image.revision".to_owned(),
        "4f2a9c1".to_owned(),
    )];
    let digest = Some("sha256:4b1d".to_owned());
    let read = VersionMetadata::new(labels, ["linux/amd64".to_owned()], digest.clone());
    for (version, of, result) in [
        ("1.4.0", digest, Ok(read)),
        ("1.3.0", None, Err("the feed answers 403".to_owned())),
    ] {
        let read = ReadMetadata {
            of,
            keys: None,
            result,
            valid_until: at(3),
        };
        snapshot.add_metadata(version, read);
    }
    snapshot
}

pub(crate) fn watch_list() -> WatchList {
    let source = |slug: &str, resolution| Source {
        reference: SourceRef {
            action_slug: slug.into(),
            package_reference: String::new(),
        },
        resolution,
        policy: VersionPolicy::default(),
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
            stale: None,
            documents: None,
            origin: TriggerOrigin::Octopus,
            since: Timestamp::default(),
            options: Options::default(),
        }],
        feeds: vec![feed(), plain_feed()],
        details: BTreeMap::new(),
    }
}

/// The same list with the codes of its problems.
pub(crate) fn coded_watch_list() -> WatchList {
    let mut list = watch_list();
    let trigger = &mut list.triggers[0];
    let problem = Problem::new(ProblemCode::ProjectDisabled, "the project is disabled");
    trigger.problem = Some(problem.text("project", "Web shop"));
    let message = "cannot read project Projects-101: 500";
    trigger.stale = Some(Problem::new(ProblemCode::OctopusUnavailable, message));
    let gone = Problem::new(
        ProblemCode::ActionNotFound,
        "the process has no action `gone`",
    );
    trigger.sources[1].resolution = Err(gone.text("action", "gone"));
    list
}

/// The same list with every field of a trigger, and a trigger of the trigger file.
pub(crate) fn full_watch_list() -> WatchList {
    let mut list = watch_list();
    let native = &mut list.triggers[0];
    native.since = at(0);
    native.options = options();
    native.sources[0].policy = policy();
    list.triggers.push(Trigger {
        id: TriggerId::new("file:nightly"),
        name: "Nightly".into(),
        origin: TriggerOrigin::File,
        since: at(1),
        options: Options {
            when: When::SameVersion { extract: None },
            catch_up: CatchUp::NewestPerMinor,
            ..Options::default()
        },
        problem: None,
        ..watch_list().triggers.remove(0)
    });
    list.details = details(|name| PackageKey {
        package: PackageId::new(name),
        ..package()
    });
    list
}

/// The watch list with a trigger that needs labels.
pub(crate) fn watch_list_with_labels() -> WatchList {
    let mut list = watch_list();
    list.triggers[0].options = Options {
        when: When::SameLabel {
            by: "org.opencontainers.image.revision".into(),
        },
        release_context: BTreeSet::from([
            ReleaseContext::Commits,
            ReleaseContext::BuildInformation,
        ]),
        ..Options::default()
    };
    list
}

fn details<K: Ord>(key: impl Fn(&str) -> K) -> BTreeMap<K, PackageDetails> {
    let dated = PackageDetails {
        dates: true,
        ..PackageDetails::default()
    };
    let followed = PackageDetails {
        digests_of: BTreeSet::from(["latest".to_owned(), "nightly".to_owned()]),
        platform: Some("linux/arm64".into()),
        dates: true,
        metadata_of: BTreeSet::new(),
    };
    [(key("acme/api"), dated), (key("acme/web-shop"), followed)].into()
}

/// Options without defaults.
pub(crate) fn options() -> Options {
    Options {
        when: When::SameVersion {
            extract: Some(r"^(\d+)\.".into()),
        },
        quiet_period: Some(Span::from_minutes(10)),
        max_wait: Some(Span::from_minutes(60)),
        minimum_age: Some(Span::from_hours(24)),
        catch_up: CatchUp::Every,
        first_sight: FirstSight::Baseline,
        max_releases_per_hour: NonZeroU32::new(3),
        git_ref: Some("release/2".into()),
        release_version: Some("{{ packages[0].version }}".into()),
        release_notes: Some("{{ reason }}".into()),
        release_context: BTreeSet::new(),
        custom_fields: [("Ticket".to_owned(), "none".to_owned())].into(),
        dry_run: true,
        ..Options::default()
    }
}

/// A trigger with a release window.
pub(crate) fn definitions_with_window() -> Definitions {
    definitions_with(window())
}

/// A trigger with a condition.
pub(crate) fn definitions_with_condition() -> Definitions {
    definitions_with(Options {
        condition: Some("packages.web.change != \"major\"".into()),
        ..Options::default()
    })
}

fn definitions_with(options: Options) -> Definitions {
    let plain = definitions().triggers.remove(1);
    Definitions {
        triggers: vec![Definition { options, ..plain }],
        native: Vec::new(),
    }
}

fn window() -> Options {
    let date = |text: &str| text.parse().expect("a date");
    let time = |text: &str| text.parse().expect("a time");
    Options {
        window: Some(ReleaseWindow {
            time_zone: Some("Europe/Vienna".into()),
            open: vec![
                OpenHours {
                    days: [Day::Monday, Day::Friday].into(),
                    from: time("09:00"),
                    to: time("17:00"),
                },
                OpenHours {
                    days: BTreeSet::new(),
                    from: time("22:00"),
                    to: time("02:00"),
                },
            ],
            freezes: vec![Freeze {
                from: date("2026-12-18"),
                to: date("2027-01-06"),
            }],
        }),
        ..Options::default()
    }
}

/// A version policy without defaults.
pub(crate) fn policy() -> VersionPolicy {
    VersionPolicy {
        versions: VersionConditions {
            range: Some("[1.0,2.0)".into()),
            pre_release_tag: Some("^$".into()),
            include: Some("^1".into()),
            exclude: Some("debug$".into()),
            order: Some(VersionOrder::Published),
            extract: Some("v(.*)".into()),
            platform: Some("linux/arm64".into()),
            roll_back: true,
        },
        follow: Some("latest".into()),
        ..VersionPolicy::default()
    }
}

/// A trigger with requirements of its versions.
pub(crate) fn definitions_with_requirements() -> Definitions {
    let mut definitions = definitions();
    definitions.native.clear();
    definitions.triggers.truncate(1);
    for trigger in &mut definitions.triggers {
        trigger.options = Options::default();
        for source in &mut trigger.sources {
            source.policy = VersionPolicy {
                require: Requirements {
                    signed: Some(SignedBy {
                        keys: vec![PUBLIC_KEY.into()],
                        profile: None,
                        within: Some(Span::from_minutes(30)),
                    }),
                    platforms: ["linux/amd64".into(), "linux/arm64".into()].into(),
                    labels: [("team".into(), "^shop$".into())].into(),
                    scan: None,
                },
                ..VersionPolicy::default()
            };
        }
    }
    definitions
}

/// A trigger that requires records of ECR.
pub(crate) fn definitions_with_records() -> Definitions {
    let mut definitions = definitions_with_requirements();
    let profile = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/release";
    for trigger in &mut definitions.triggers {
        for source in &mut trigger.sources {
            source.policy.require = Requirements {
                signed: Some(SignedBy {
                    profile: Some(profile.into()),
                    ..SignedBy::default()
                }),
                scan: Some(ScanLimit {
                    allow: Some(Severity::Medium),
                    within: Some(Span::from_minutes(45)),
                }),
                ..Requirements::default()
            };
        }
    }
    definitions
}

pub(crate) fn definitions() -> Definitions {
    let source = |policy| SourceDefinition {
        action: "deploy-web".into(),
        package_reference: "web".into(),
        policy,
    };
    let full = Definition {
        name: "Nightly".into(),
        description: "Every night".into(),
        space: Some("Default".into()),
        project: "Web shop".into(),
        channel: Some("Nightly".into()),
        is_disabled: true,
        sources: vec![source(policy())],
        options: options(),
    };
    let plain = Definition {
        name: "Plain".into(),
        description: String::new(),
        space: None,
        channel: None,
        is_disabled: false,
        sources: vec![source(VersionPolicy::default())],
        options: Options {
            when: When::All,
            ..Options::default()
        },
        ..full.clone()
    };
    let named = NativeRef::Named {
        space: Some("Default".into()),
        project: "Web shop".into(),
        name: "New images".into(),
    };
    let by_id = NativeOptions {
        trigger: NativeRef::Id(TriggerId::new("ProjectTriggers-31")),
        options: Options::default(),
        sources: vec![source(policy())],
    };
    Definitions {
        triggers: vec![full, plain],
        native: vec![
            NativeOptions {
                trigger: named,
                options: options(),
                sources: Vec::new(),
            },
            by_id,
        ],
    }
}

pub(crate) fn back_off() -> BackOff {
    BackOff {
        failures: 2,
        since: None,
        until: at(15),
        reason: "HTTP 503".into(),
        throttled: true,
    }
}

/// A budget with only the access.
pub(crate) fn budget_state() -> BudgetState {
    BudgetState {
        access: Access {
            aws_account: Some("123456789012".into()),
            own_credentials: vec![FeedId::new("Feeds-1001")],
        },
        pause: None,
        low: None,
        allowance: None,
    }
}

pub(crate) fn tally() -> QuotaReading {
    QuotaReading {
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
