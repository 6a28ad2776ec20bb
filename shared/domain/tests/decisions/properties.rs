//! Properties of every situation: a decision is a function of its input, and never downgrades.

use std::num::NonZeroU32;

use domain::decide::Decision;
use domain::metadata::{EcrRecord, MetadataOf, ReadMetadata, VersionMetadata};
use domain::options::{
    CatchUp, FirstSight, Options, Requirements, ScanLimit, SignedBy, VersionConditions,
    VersionOrder, VersionPolicy, When,
};
use domain::rule::VersionRule;
use domain::scan::{Findings, Severity};
use domain::snapshot::Snapshot;
use domain::time::Span;
use domain::version::{Version, VersionFormat};
use proptest::prelude::*;

use crate::case::{Case, key, range, seen, tag};
use crate::options::records::{PROFILE, of_ecr};
use crate::options::require::KEY;
use crate::options::window::window;
use crate::{at, check_property};

/// Few pieces, so that equal and near versions are common.
fn text() -> impl Strategy<Value = String> {
    let number = || 0..4_u8;
    let suffix = prop::sample::select(vec!["", "", "", "-rc.1", "-rc.2", "-beta", "+7"]);
    let version = (number(), number(), number(), suffix, any::<bool>());
    let version = version.prop_map(|(major, minor, patch, suffix, v)| {
        format!(
            "{}{major}.{minor}.{patch}{suffix}",
            if v { "v" } else { "" }
        )
    });
    prop_oneof![9 => version, 1 => Just("latest".to_owned())]
}

fn rule() -> impl Strategy<Value = VersionRule> {
    prop::sample::select(vec![
        VersionRule::default(),
        range("[1.0,3.0)"),
        range("(1.2,2.3]"),
        tag("^$"),
        tag("^rc"),
    ])
}

type Content = Vec<(String, i64)>;

fn content() -> impl Strategy<Value = Content> {
    prop::collection::vec((text(), 0..5_i64), 0..12)
}

fn case(web: &Content, api: &Content, rule: &VersionRule, previous: &(String, String)) -> Case {
    let snapshot = |content: &Content| {
        Snapshot::from_versions(content.iter().map(|(text, at)| seen(text, *at)))
    };
    Case::new()
        .package("web", VersionFormat::Docker, snapshot(web))
        .package("api", VersionFormat::Docker, snapshot(api))
        .rule("web", rule.clone())
        .released(&format!("web {}, api {}", previous.0, previous.1))
}

#[test]
fn a_planned_version_is_never_older_than_the_previous_one() {
    let strategy = (content(), content(), rule(), (text(), text()));
    check_property(strategy, |(web, api, rule, previous)| {
        let Decision::Create(plan, _) = case(&web, &api, &rule, &previous).judge().decision else {
            return Ok(());
        };
        let version = |text: &str| Version::parse(VersionFormat::Docker, text).unwrap();
        let mut newer = 0;
        for package in &plan.packages {
            let previous = version(package.previous.as_deref().unwrap());
            prop_assert!(version(&package.version) >= previous, "{package:?}");
            newer += usize::from(version(&package.version) > previous);
        }
        prop_assert!(newer > 0, "a release without anything new: {plan:?}");
        Ok(())
    });
}

#[test]
fn the_planned_version_is_the_highest_permitted() {
    let strategy = (content(), rule());
    check_property(strategy, |(web, rule)| {
        let snapshot = Snapshot::from_versions(web.iter().map(|(text, at)| seen(text, *at)));
        let case = Case::new()
            .package("web", VersionFormat::Docker, snapshot)
            .rule("web", rule.clone());
        let compiled = rule.compile(VersionFormat::Docker).unwrap();
        let best = web
            .iter()
            .filter(|(text, _)| text != "latest")
            .map(|(text, _)| Version::parse(VersionFormat::Docker, text).unwrap())
            .filter(|version| compiled.verdict(version).is_permitted())
            .max();
        let latest = case.finding().latest;
        let latest = latest.map(|text| Version::parse(VersionFormat::Docker, &text).unwrap());
        prop_assert_eq!(latest, best);
        Ok(())
    });
}

#[test]
fn the_order_in_which_things_came_decides_nothing() {
    let content = || content().prop_shuffle();
    let strategy = (content(), content(), rule(), (text(), text()));
    check_property(strategy, |(mut web, mut api, rule, previous)| {
        // Each version once: which of two first sights counts is the order's matter.
        for content in [&mut web, &mut api] {
            content.sort();
            content.dedup_by(|one, other| one.0 == other.0);
        }
        let forwards = case(&web, &api, &rule, &previous);
        web.reverse();
        api.reverse();
        let mut backwards = case(&web, &api, &rule, &previous);
        backwards.template.packages.reverse();
        if let Some(previous) = &mut backwards.previous {
            previous.selected.reverse();
        }
        let decided = forwards.judge();
        prop_assert_eq!(&decided, &forwards.judge());
        prop_assert_eq!(&decided, &backwards.judge());

        // Which source is listed first may change the reason, not what is released.
        backwards.trigger.sources.reverse();
        let (one, other) = (decided.decision, backwards.judge().decision);
        if let Decision::Create(plan, _) = one {
            let Decision::Create(same, _) = other else {
                return Err(TestCaseError::fail(other.to_string()));
            };
            prop_assert_eq!(plan.key(), same.key());
        } else {
            prop_assert!(!matches!(other, Decision::Create(..)), "{}", other);
        }
        Ok(())
    });
}

/// Any options, of those that weigh on which version is taken and when.
fn options() -> impl Strategy<Value = Options> {
    let when = prop_oneof![
        3 => Just(When::Any),
        1 => Just(When::All),
        1 => Just(When::SameVersion { extract: None }),
    ];
    let catch_up = prop::sample::select(vec![
        CatchUp::Newest,
        CatchUp::Every,
        CatchUp::NewestPerMinor,
    ]);
    let first_sight = prop::sample::select(vec![FirstSight::Compare, FirstSight::Baseline]);
    let span = || prop::option::of((1..5_i64).prop_map(Span::from_seconds));
    let most = prop::option::of((1..3_u32).prop_map(|most| NonZeroU32::new(most).expect("one")));
    let window = prop::option::of(prop::sample::select(vec![
        // Open on 1970-01-01, a Thursday; then from the next day on; then after 12 hours.
        window("UTC", "thursday 00:00-24:00", ""),
        window("UTC", "friday 09:00-17:00", ""),
        window("Pacific/Auckland", "00:00-02:00", "1970-01-01..1970-01-03"),
    ]));
    let condition = prop::option::of(prop::sample::select(vec![
        "packages.web.change != 'major'",
        "packages.web.minor == packages['acme/api'].minor",
        "changed | length == 1",
    ]));
    let spans = (span(), span(), span());
    (
        when,
        catch_up,
        first_sight,
        spans,
        most,
        (window, condition),
    )
        .prop_map(
            |(when, catch_up, first_sight, spans, most, (window, condition))| Options {
                when,
                catch_up,
                first_sight,
                quiet_period: spans.0,
                max_wait: spans.1,
                minimum_age: spans.2,
                max_releases_per_hour: most,
                window,
                condition: condition.map(str::to_owned),
                ..Options::default()
            },
        )
}

fn policy() -> impl Strategy<Value = VersionPolicy> {
    let order = prop::option::of(prop::sample::select(vec![
        VersionOrder::Semver,
        VersionOrder::Published,
        VersionOrder::Alphabetical,
    ]));
    let exclude = prop::option::of(prop::sample::select(vec!["rc", r"^1\.", r"^v?2\.0\.0$"]));
    (order, exclude, require()).prop_map(|(order, exclude, require)| VersionPolicy {
        versions: VersionConditions {
            order,
            exclude: exclude.map(str::to_owned),
            ..VersionConditions::default()
        },
        follow: None,
        require,
    })
}

fn require() -> impl Strategy<Value = Requirements> {
    let within = || (1..300_i64).prop_map(|within| Some(Span::from_seconds(within)));
    let by = prop::sample::select(vec![
        SignedBy {
            keys: vec![KEY.to_owned()],
            ..SignedBy::default()
        },
        SignedBy {
            profile: Some(PROFILE.to_owned()),
            ..SignedBy::default()
        },
    ]);
    let signed = (by, within()).prop_map(|(by, within)| SignedBy { within, ..by });
    let signed = prop::option::of(signed);
    let allow = prop::option::of(Just(Severity::Medium));
    let scan = (allow, within()).prop_map(|(allow, within)| ScanLimit { allow, within });
    let scan = prop::option::of(scan);
    let platforms = prop::sample::select(vec![vec![], vec!["arm64"], vec!["linux/amd64"]]);
    let labels = prop::sample::select(vec![vec![], vec![("team", "^web$")]]);
    let all = (scan, signed, platforms, labels);
    all.prop_map(|(scan, signed, platforms, labels)| Requirements {
        scan,
        signed,
        platforms: platforms.into_iter().map(str::to_owned).collect(),
        labels: labels
            .into_iter()
            .map(|(name, pattern)| (name.to_owned(), pattern.to_owned()))
            .collect(),
    })
}

/// Adds the metadata of the versions of both packages, by their text: unread, unavailable, unsigned and not scanned, for another
/// platform, with another label or severe findings, or as required.
fn with_metadata(mut case: Case, policy: &VersionPolicy) -> Case {
    for name in ["web", "api"] {
        let versions = case.packages[&key(name)].snapshot.versions();
        let versions: Vec<_> = versions.map(|(version, _)| version.to_owned()).collect();
        for version in versions {
            let none = || "none".to_owned();
            let findings = |severity| Ok(Findings::from_iter([(severity, 1)]));
            let low = || findings(Severity::Low);
            let arm = "linux/arm64/v8";
            let (signature, scan, platform, team) =
                match version.bytes().map(u32::from).sum::<u32>() % 8 {
                    0 => continue,
                    1 => (None, Err(none()), "", ""),
                    2 => (Some(Err(none())), Err(none()), arm, "web"),
                    3 => (Some(Ok(())), low(), "windows/amd64", "web"),
                    4 => (Some(Ok(())), findings(Severity::Critical), arm, "api"),
                    _ => (Some(Ok(())), low(), arm, "web"),
                };
            for content in contents(&version, policy) {
                let metadata = signature.clone().map(|signature| {
                    let labels = [("team".to_owned(), team.to_owned())];
                    let read = VersionMetadata::new(labels, [platform.to_owned()], None);
                    of(&content, read, signature, scan.clone())
                });
                let metadata = metadata.ok_or_else(|| "403".to_owned());
                read(&mut case, name, &content, metadata);
            }
        }
    }
    case
}

/// The contents that the policy may need of a version.
fn contents(version: &str, policy: &VersionPolicy) -> Vec<MetadataOf> {
    let content = |keys: &[String], record| MetadataOf {
        version: version.to_owned(),
        digest: None,
        keys: keys.to_owned(),
        record,
    };
    let signed = policy.require.signed.as_ref();
    let keys = signed.map_or(&[][..], |signed| &signed.keys);
    let profile = EcrRecord::Signing {
        profile: PROFILE.to_owned(),
    };
    vec![
        content(keys, None),
        content(&[], Some(profile)),
        content(&[], Some(EcrRecord::Scan)),
    ]
}

/// The metadata with what is read of this content.
fn of(
    content: &MetadataOf,
    metadata: VersionMetadata,
    signature: Result<(), String>,
    scan: Result<Findings, String>,
) -> VersionMetadata {
    match content.record {
        Some(EcrRecord::Scan) => metadata.with_scan(scan),
        None if content.keys.is_empty() => metadata,
        Some(EcrRecord::Signing { .. }) | None => metadata.with_signature(signature),
    }
}

/// Adds metadata that was read.
fn read(
    case: &mut Case,
    name: &str,
    content: &MetadataOf,
    metadata: Result<VersionMetadata, String>,
) {
    let result = ReadMetadata::new(None, metadata, case.now, Span::from_minutes(5));
    let result = result.with_keys_of(content);
    let package = case.packages.get_mut(&key(name)).expect("a package");
    package.snapshot.add_metadata(&content.version, result);
}

/// Reads the metadata that the decision requests: it is as required.
fn read_requested(case: &mut Case) {
    for unread in case.judge().unread {
        let labels = [("team".to_owned(), "web".to_owned())];
        let platforms = ["linux/arm64", "linux/amd64"].map(str::to_owned);
        let metadata = VersionMetadata::new(labels, platforms, None);
        let metadata = of(&unread.content, metadata, Ok(()), Ok(Findings::default()));
        let name = unread.package.package.to_string();
        let name = name.trim_start_matches("acme/");
        read(case, name, &unread.content, Ok(metadata));
    }
}

/// The situation of a trigger with options: packages, rule, an earlier release or none, and the time.
type Seen = (Content, Content, VersionRule, Option<(String, String)>, i64);

fn with_options(seen: &Seen, options: &Options, policy: &VersionPolicy) -> Case {
    let (web, api, rule, previous, now) = seen;
    let previous = previous.clone().unwrap_or_default();
    let mut case = case(web, api, rule, &previous);
    if previous.0.is_empty() {
        case.previous = None;
    } else if let Some(release) = &mut case.previous {
        release.assembled = Some(at(2));
    }
    let case = case.options(options.clone()).select(policy).at(*now);
    with_metadata(of_ecr(case), policy)
}

fn seen_by_a_trigger() -> impl Strategy<Value = Seen> {
    let previous = prop::option::of((text(), text()));
    (content(), content(), rule(), previous, 0..12_i64)
}

#[test]
fn with_any_options_a_decision_has_a_reason_and_is_the_same_again() {
    let strategy = (seen_by_a_trigger(), options(), policy());
    check_property(strategy, |(seen, options, policy)| {
        let case = with_options(&seen, &options, &policy);
        let decided = case.judge();
        prop_assert_eq!(&decided, &case.judge());
        prop_assert!(!decided.decision.reason().to_string().is_empty());
        if let Decision::Wait(reason, Some(until)) = &decided.decision {
            prop_assert!(*until > case.now, "{reason}: it waits for what is past");
        }
        let mut backwards = case;
        backwards.template.packages.reverse();
        backwards.rules.reverse();
        prop_assert_eq!(decided, backwards.judge());
        Ok(())
    });
}

#[test]
fn with_any_options_a_release_never_goes_back() {
    let strategy = (seen_by_a_trigger(), options(), policy());
    check_property(strategy, |(seen, options, mut policy)| {
        // By date or by text, a later version may be lower: then the policy has that order.
        policy.versions.order = None;
        let case = with_options(&seen, &options, &policy);
        let Decision::Create(plan, _) = case.judge().decision else {
            return Ok(());
        };
        let version = |text: &str| Version::parse(VersionFormat::Docker, text).unwrap();
        for package in &plan.packages {
            if let Some(previous) = &package.previous {
                prop_assert!(
                    version(&package.version) >= version(previous),
                    "{package:?}"
                );
            }
        }
        Ok(())
    });
}

#[test]
fn with_any_options_releases_come_to_an_end() {
    let strategy = (seen_by_a_trigger(), options(), policy());
    check_property(strategy, |(seen, options, policy)| {
        let releases = with_options(&seen, &options, &policy).releases();
        let mut once = releases.clone();
        once.sort();
        once.dedup();
        prop_assert_eq!(once.len(), releases.len(), "{:?}", releases);
        Ok(())
    });
}

#[test]
fn waiting_for_what_a_decision_waits_for_brings_it_about() {
    let strategy = (seen_by_a_trigger(), options(), policy());
    check_property(strategy, |(seen, options, policy)| {
        let mut case = with_options(&seen, &options, &policy);
        for _ in 0..20 {
            match case.judge().decision {
                Decision::Wait(_, Some(until)) => {
                    read_requested(&mut case);
                    case.now = until;
                }
                _ => return Ok(()),
            }
        }
        Err(TestCaseError::fail("it waits for ever"))
    });
}
