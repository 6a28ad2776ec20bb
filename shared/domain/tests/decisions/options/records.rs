//! `require.scan` and `require.signed.profile`: what ECR records of the selected version.

use domain::feed::FeedKind;
use domain::metadata::{EcrRecord, MetadataOf, ReadMetadata, VersionMetadata};
use domain::options::{
    CatchUp, Options, Requirements, ScanLimit, SignedBy, VersionConditions, VersionPolicy, When,
};
use domain::scan::{Findings, Severity};
use domain::time::Span;

use super::require::check;
use super::with_packages;
use crate::at;
use crate::case::{Case, key};

pub(crate) const PROFILE: &str = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/release";

const PENDING: &str = "ECR has not finished the scan";

fn scanned(allow: Option<Severity>) -> Requirements {
    Requirements {
        scan: Some(ScanLimit {
            allow,
            within: Some(Span::from_seconds(1_000)),
        }),
        ..Requirements::default()
    }
}

fn medium() -> Requirements {
    scanned(Some(Severity::Medium))
}

fn by_profile() -> Requirements {
    Requirements {
        signed: Some(SignedBy {
            profile: Some(PROFILE.to_owned()),
            within: Some(Span::from_seconds(1_000)),
            ..SignedBy::default()
        }),
        ..Requirements::default()
    }
}

fn policy(require: Requirements) -> VersionPolicy {
    VersionPolicy {
        require,
        ..VersionPolicy::default()
    }
}

/// All feeds are registries of ECR.
pub(crate) fn of_ecr(mut case: Case) -> Case {
    for package in case.packages.values_mut() {
        package.feed.kind = FeedKind::AwsElasticContainerRegistry;
        package.feed.region = Some("eu-west-1".to_owned());
    }
    case
}

/// Version 1.1, first seen at 100, is newer than the released 1.0.
fn requiring(require: Requirements) -> Case {
    let case = of_ecr(with_packages(&["web 1.0@0 1.1@100!aa"]));
    case.released("web 1.0").at(110).select(&policy(require))
}

fn content(record: EcrRecord) -> MetadataOf {
    MetadataOf {
        version: "1.1".to_owned(),
        digest: Some("sha256:aa".to_owned()),
        keys: Vec::new(),
        record: Some(record),
    }
}

fn read(
    mut case: Case,
    seconds: i64,
    record: EcrRecord,
    result: Result<VersionMetadata, &str>,
) -> Case {
    let content = content(record);
    let result = result.map_err(str::to_owned);
    let digest = content.digest.clone();
    let read = ReadMetadata::new(digest, result, at(seconds), Span::from_minutes(5));
    let package = case.packages.get_mut(&key("web")).expect("a package");
    let read = read.with_keys_of(&content);
    package.snapshot.add_metadata("1.1", read);
    case
}

fn found(case: Case, seconds: i64, findings: &[(Severity, u32)]) -> Case {
    let findings: Findings = findings.iter().copied().collect();
    let metadata = VersionMetadata::default().with_scan(Ok(findings));
    read(case, seconds, EcrRecord::Scan, Ok(metadata))
}

fn pending(case: Case, seconds: i64) -> Case {
    let metadata = VersionMetadata::default().with_scan(Err(PENDING.to_owned()));
    read(case, seconds, EcrRecord::Scan, Ok(metadata))
}

fn signed(case: Case, seconds: i64, status: Result<(), &str>) -> Case {
    let metadata = VersionMetadata::default().with_signature(status.map_err(str::to_owned));
    let profile = PROFILE.to_owned();
    read(case, seconds, EcrRecord::Signing { profile }, Ok(metadata))
}

/// The records that the decision requests.
fn requested(case: &Case) -> Vec<Option<EcrRecord>> {
    let unread = case.judge().unread.into_iter();
    unread.map(|one| one.content.record).collect()
}

/// The history contains it once an hour, however often the scan is read.
#[test]
fn wait_for_a_scan_repeats_an_earlier_one() {
    let waiting = pending(requiring(medium()), 105).judge().decision;
    assert!(waiting.reason().details().code.is_read_again());
}

#[test]
fn release_waits_for_a_scan_until_its_limit() {
    let waits = "wait: acme/web 1.1 has no finished scan yet: ECR has not finished the scan; the release waits for the scan \
                 until 1970-01-01T00:18:20Z; until ";
    let missing = "refuse: acme/web 1.1 has no finished scan: ECR has not finished the scan; it was first seen more than \
                   16 min ago; scan it in ECR, or publish another version";
    for (case, expected) in [
        (
            requiring(medium()),
            "wait: acme/web 1.1 has not been checked for what the trigger requires yet; an evaluation requests the check \
             and continues when it is done; until 170"
                .to_owned(),
        ),
        (pending(requiring(medium()), 105), format!("{waits}225")),
        // The reason stays while it is read again.
        (
            pending(requiring(medium()), 105).at(230),
            format!("{waits}290"),
        ),
        (
            pending(requiring(medium()), 1_050).at(1_060),
            format!("{waits}1100"),
        ),
        (
            pending(requiring(medium()), 105).at(1_100),
            missing.to_owned(),
        ),
        (
            read(requiring(medium()), 105, EcrRecord::Scan, Err("answers 400")),
            "wait: cannot check what the trigger requires of acme/web 1.1: answers 400; until 405"
                .to_owned(),
        ),
        // A scan after the limit counts.
        (
            found(requiring(medium()), 9_000, &[]).at(9_001),
            "create web 1.1".to_owned(),
        ),
    ] {
        check(&case, &expected);
    }
    assert_eq!(requested(&requiring(medium())), [Some(EcrRecord::Scan)]);
    assert_eq!(requested(&pending(requiring(medium()), 105)), []);
    assert_eq!(
        requested(&pending(requiring(medium()), 105).at(9_000)),
        [Some(EcrRecord::Scan)]
    );
}

#[test]
fn findings_above_the_permitted_severity_refuse() {
    use Severity::{Critical, High, Low, Medium, Undefined};
    let unmet = |allow: &str, found: &str| {
        format!(
            "refuse: acme/web 1.1 does not meet the trigger's `require.scan`: its scan has findings above `{allow}`: {found}"
        )
    };
    let create = || "create web 1.1".to_owned();
    for (allow, findings, expected) in [
        (Some(Medium), &[][..], create()),
        (
            Some(Medium),
            &[(Medium, 9), (Low, 1), (Undefined, 3)],
            create(),
        ),
        (Some(Medium), &[(High, 2)], unmet("medium", "2 HIGH")),
        (
            Some(Medium),
            &[(High, 2), (Critical, 1), (Low, 5)],
            unmet("medium", "1 CRITICAL, 2 HIGH"),
        ),
        (Some(High), &[(High, 2)], create()),
        (Some(Critical), &[(Critical, 2)], create()),
        (None, &[(Undefined, 1)], unmet("none", "1 UNDEFINED")),
    ] {
        check(&found(requiring(scanned(allow)), 105, findings), &expected);
    }
}

#[test]
fn finished_scan_is_read_again_after_ten_minutes() {
    use Severity::High;
    let passed = found(requiring(medium()), 105, &[]);
    assert_eq!(requested(&passed), []);
    let passed = passed.at(705);
    assert_eq!(requested(&passed), [Some(EcrRecord::Scan)]);
    check(&passed, "wait: acme/web 1.1 has not been checked");
    // Severe findings stay the reason while they are read again.
    let severe = found(requiring(medium()), 105, &[(High, 1)]).at(705);
    assert_eq!(requested(&severe), [Some(EcrRecord::Scan)]);
    check(&severe, "refuse: acme/web 1.1 does not meet");
    // Now the image has other content.
    let mut other = found(requiring(medium()), 105, &[]);
    let pushed_again = with_packages(&["web 1.0@0 1.1@100!bb@108"]).packages;
    let snapshot = pushed_again[&key("web")].snapshot.clone();
    let package = other.packages.get_mut(&key("web")).expect("a package");
    package.snapshot = snapshot.with_metadata(package.snapshot.metadata().clone());
    assert_eq!(requested(&other), [Some(EcrRecord::Scan)]);
}

#[test]
fn signature_by_a_profile_counts_until_another_digest() {
    let waits = "wait: acme/web 1.1 is not signed yet: signing is in progress; the release waits for a signature until \
                 1970-01-01T00:18:20Z; until 225";
    for (case, expected) in [
        (
            signed(requiring(by_profile()), 105, Ok(())),
            "create web 1.1",
        ),
        (
            signed(requiring(by_profile()), 105, Ok(())).at(86_400),
            "create web 1.1",
        ),
        (
            signed(requiring(by_profile()), 105, Err("signing is in progress")),
            waits,
        ),
        (
            signed(requiring(by_profile()), 105, Err("signing failed")).at(1_100),
            "refuse: acme/web 1.1 is not signed: signing failed; it was first seen more than 16 min ago",
        ),
    ] {
        check(&case, expected);
    }
    let mut other = signed(requiring(by_profile()), 105, Ok(()));
    let require = &mut other.trigger.sources[0].policy.require;
    if let Some(signed) = &mut require.signed {
        signed.profile = Some(format!("{PROFILE}2"));
    }
    assert_eq!(requested(&other).len(), 1, "a record is of its profile");
}

#[test]
fn records_and_labels_are_requested_at_once() {
    let require = || Requirements {
        platforms: ["linux/amd64".to_owned()].into(),
        signed: by_profile().signed,
        ..medium()
    };
    let case = requiring(require());
    let profile = PROFILE.to_owned();
    assert_eq!(
        requested(&case),
        [
            None,
            Some(EcrRecord::Scan),
            Some(EcrRecord::Signing { profile })
        ]
    );
    // A refusal is the reason, whatever else is unread.
    let severe = found(requiring(require()), 105, &[(Severity::Critical, 1)]);
    check(
        &severe,
        "refuse: acme/web 1.1 does not meet the trigger's `require.scan`",
    );
}

#[test]
fn feed_without_records_refuses() {
    let case = |require| {
        let case = with_packages(&["web 1.0@0 1.1@100"]).released("web 1.0");
        case.at(110).select(&policy(require))
    };
    let problem = |option: &str| {
        format!(
            "refuse: acme/web: the option {option}: the feed \"Images\" is no private registry of ECR, which alone has this; \
             remove the option"
        )
    };
    let shown = |case: Case| {
        case.decided()
            .replace(&case.packages[&key("web")].feed.name, "Images")
    };
    for (require, option) in [
        (medium(), "require.scan"),
        (by_profile(), "require.signed.profile"),
    ] {
        let decided = shown(case(require));
        assert!(decided.starts_with(&problem(option)), "{decided}");
    }
}

#[test]
fn scan_is_of_the_version_that_other_options_select() {
    let select = |packages: &[&str], released: &str, options: Options| {
        let case = of_ecr(with_packages(packages)).released(released);
        case.options(options).at(200).select(&policy(medium()))
    };
    let versions = |case: &Case| {
        let unread = case.judge().unread.into_iter();
        let mut versions: Vec<_> = unread.map(|one| one.content.version).collect();
        versions.sort_unstable();
        versions
    };
    let web = "web 1.0@0 1.1@100 1.2@150";
    for (case, expected) in [
        (select(&[web], "web 1.0", Options::default()), &["1.2"][..]),
        // Nothing is newer.
        (select(&[web], "web 1.2", Options::default()), &[]),
        (
            select(
                &[web],
                "web 1.0",
                Options {
                    catch_up: CatchUp::Every,
                    ..Options::default()
                },
            ),
            &["1.1"],
        ),
        (
            select(
                &[web],
                "web 1.0",
                Options {
                    minimum_age: Some(Span::from_seconds(80)),
                    ..Options::default()
                },
            ),
            &["1.1"],
        ),
        (
            select(
                &[web],
                "web 1.0",
                Options {
                    quiet_period: Some(Span::from_minutes(5)),
                    ..Options::default()
                },
            ),
            &[],
        ),
        (
            select(
                &[web, "api 1.0@0 1.1@100"],
                "web 1.0, api 1.0",
                Options {
                    when: When::SameVersion { extract: None },
                    ..Options::default()
                },
            ),
            &["1.1", "1.1"],
        ),
    ] {
        assert_eq!(versions(&case), expected);
    }
}

#[test]
fn scan_of_a_followed_tag_is_of_its_digest() {
    let case = of_ecr(with_packages(&["web latest@100!bb"])).at(200);
    let case = case.released("web 1.0").select(&VersionPolicy {
        follow: Some("latest".to_owned()),
        ..policy(medium())
    });
    let unread = case.judge().unread;
    let digests: Vec<_> = unread
        .iter()
        .map(|one| one.content.digest.as_deref())
        .collect();
    assert_eq!(digests, [Some("sha256:bb")]);
    // With a platform, the scan is of the tag.
    let case = of_ecr(with_packages(&["web 1.0@0!aa 1.1@100!bb"])).released("web 1.0");
    let case = case.at(200).select(&VersionPolicy {
        versions: VersionConditions {
            platform: Some("linux/arm64".to_owned()),
            ..VersionConditions::default()
        },
        ..policy(medium())
    });
    assert_eq!(case.judge().unread[0].content.digest, None);
}

#[test]
fn scan_is_checked_before_the_window_opens() {
    let closed = || Options {
        window: Some(super::window::window("UTC", "saturday 09:00-17:00", "")),
        ..Options::default()
    };
    let case = pending(requiring(medium()), 105).options(closed());
    check(&case, "wait: acme/web 1.1 has no finished scan yet");
}
