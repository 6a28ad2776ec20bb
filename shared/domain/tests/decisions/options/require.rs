//! `require`: what the selected version must have.

use domain::metadata::{MetadataOf, ReadMetadata, VersionMetadata};
use domain::options::{Options, Requirements, SignedBy, VersionConditions, VersionPolicy};
use domain::time::Span;
use domain::version::VersionFormat;

use super::{table, with_packages};
use crate::at;
use crate::case::{Case, key};

pub(crate) const KEY: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEvneu2mExKXJPImeI7Ecn/bnsoIA7
4G/PNV7lBXs1vrsZ8wGUAVXtnZyn9vnfEyMB73I8/TmKRTddHRQpt/2zEA==
-----END PUBLIC KEY-----";

const UNSIGNED: &str = "the registry has no signature of sha256:aa";

fn signed() -> Requirements {
    Requirements {
        signed: Some(SignedBy {
            keys: vec![KEY.to_owned()],
            profile: None,
            within: Some(Span::from_seconds(1_000)),
        }),
        ..Requirements::default()
    }
}

/// Version 1.1, first seen at 100, is newer than the released 1.0.
fn requiring(require: Requirements) -> Case {
    with_packages(&["web 1.0@0 1.1@100!aa"])
        .released("web 1.0")
        .at(110)
        .select(&VersionPolicy {
            require,
            ..VersionPolicy::default()
        })
}

/// The content whose metadata the decision needs.
fn content(case: &Case, version: &str, digest: Option<&str>) -> MetadataOf {
    let require = &case.trigger.sources[0].policy.require;
    let keys = require.signed.as_ref().map(|signed| signed.keys.clone());
    MetadataOf {
        version: version.to_owned(),
        digest: digest.map(|digest| format!("sha256:{digest}")),
        keys: keys.unwrap_or_default(),
        record: None,
    }
}

/// Adds metadata of `1.1` that was read at `seconds`.
fn read(mut case: Case, seconds: i64, result: Result<VersionMetadata, &str>) -> Case {
    let content = content(&case, "1.1", Some("aa"));
    let result = result.map_err(str::to_owned);
    let digest = content.digest.clone();
    let read = ReadMetadata::new(digest, result, at(seconds), Span::from_minutes(5));
    let package = case.packages.get_mut(&key("web")).expect("a package");
    let read = read.with_keys_of(&content);
    package.snapshot.add_metadata("1.1", read);
    case
}

fn metadata(signature: Result<(), &str>) -> VersionMetadata {
    let source = "org.opencontainers.image.source".to_owned();
    let labels = [(source, "https://github.com/acme/web".to_owned())];
    let platforms = ["linux/amd64", "linux/arm64/v8"].map(str::to_owned);
    VersionMetadata::new(labels, platforms, Some("sha256:aa".to_owned()))
        .with_signature(signature.map_err(str::to_owned))
}

fn is_signed(case: Case) -> Case {
    read(case, 105, Ok(metadata(Ok(()))))
}

/// The versions whose metadata the decision requests.
fn requested(case: &Case) -> Vec<String> {
    let unread = case.judge().unread.into_iter();
    unread.map(|one| one.content.version).collect()
}

pub(super) fn check(case: &Case, expected: &str) {
    let decided = case.decided();
    assert!(decided.starts_with(expected), "{decided}\n{expected}");
}

#[test]
fn release_waits_for_a_signature_until_its_limit() {
    let unsigned = |seconds| read(requiring(signed()), seconds, Ok(metadata(Err(UNSIGNED))));
    table([
        (
            requiring(signed()),
            "wait: acme/web 1.1 has not been checked for what the trigger requires yet; an evaluation requests the check \
             and continues when it is done; until 170",
        ),
        (is_signed(requiring(signed())), "create web 1.1"),
        (
            read(requiring(signed()), 105, Err("answers 403")),
            "wait: cannot check what the trigger requires of acme/web 1.1: answers 403; until 405",
        ),
    ]);
    let waits = "wait: acme/web 1.1 is not signed yet: the registry has no signature of sha256:aa; the release waits for \
                 a signature until 1970-01-01T00:18:20Z; until ";
    let missing = "refuse: acme/web 1.1 is not signed: the registry has no signature of sha256:aa; it was first seen more \
                   than 16 min ago; sign it, or publish another version";
    for (case, expected) in [
        // Read again two minutes later; the reason stays the same meanwhile.
        (unsigned(105), format!("{waits}225")),
        (unsigned(105).at(230), format!("{waits}290")),
        // Never later than the limit.
        (unsigned(1_050).at(1_060), format!("{waits}1100")),
        (unsigned(1_050).at(1_100), missing.to_owned()),
        (unsigned(105).at(9_000), missing.to_owned()),
        // A signature after the limit counts.
        (
            read(requiring(signed()), 8_000, Ok(metadata(Ok(())))).at(9_000),
            "create web 1.1".to_owned(),
        ),
    ] {
        check(&case, &expected);
    }
    assert_eq!(requested(&requiring(signed())), ["1.1"]);
    assert_eq!(requested(&unsigned(105)), Vec::<String>::new());
    assert_eq!(requested(&unsigned(105).at(230)), ["1.1"]);
    assert_eq!(requested(&unsigned(105).at(9_000)), ["1.1"]);
}

#[test]
fn signature_counts_for_its_keys_and_digest_only() {
    let mut other_keys = is_signed(requiring(signed()));
    if let Some(signed) = &mut other_keys.trigger.sources[0].policy.require.signed {
        signed.keys.push(KEY.to_owned());
    }
    let mut other_content = is_signed(requiring(signed()));
    let pushed_again = with_packages(&["web 1.0@0 1.1@100!bb@108"]).packages;
    let snapshot = pushed_again[&key("web")].snapshot.clone();
    let package = other_content.packages.get_mut(&key("web"));
    let package = package.expect("a package");
    package.snapshot = snapshot.with_metadata(package.snapshot.metadata().clone());
    for case in [other_keys, other_content] {
        assert_eq!(requested(&case), ["1.1"]);
    }
}

#[test]
fn platforms_and_labels_of_the_selected_version_are_required() {
    let platforms = |platforms: &[&str]| Requirements {
        platforms: platforms.iter().map(|&one| one.to_owned()).collect(),
        ..Requirements::default()
    };
    let label = |name: &str, pattern: &str| Requirements {
        labels: [(name.to_owned(), pattern.to_owned())].into(),
        ..Requirements::default()
    };
    let unmet =
        |what: &str| format!("refuse: acme/web 1.1 does not meet the trigger's `require.{what}");
    let create = || "create web 1.1".to_owned();
    for (require, expected) in [
        (platforms(&["linux/amd64", "linux/arm64"]), create()),
        (platforms(&["linux/arm64/v8"]), create()),
        (platforms(&["arm64", "linux/x86_64"]), create()),
        (platforms(&["Linux/AArch64"]), create()),
        (
            platforms(&["linux/arm64/v9"]),
            unmet("platforms`: it has no image for linux/arm64/v9"),
        ),
        (
            platforms(&["linux/arm", "linux/amd64"]),
            unmet(
                "platforms`: it has no image for linux/arm; its platforms are linux/amd64, linux/arm64/v8",
            ),
        ),
        (label("source", "^https://github\\.com/acme/"), create()),
        (
            label("org.opencontainers.image.source", "^https://gitlab"),
            unmet(
                "labels`: its label org.opencontainers.image.source is https://github.com/acme/web, which \
                 ^https://gitlab does not match",
            ),
        ),
        (label("team", "."), unmet("labels`: it has no label team")),
        (
            label("team", "("),
            "refuse: acme/web: the option require.labels.team: ".to_owned(),
        ),
    ] {
        check(&is_signed(requiring(require)), &expected);
    }
}

#[test]
fn requirements_are_read_for_the_selected_version_only() {
    let policy = VersionPolicy {
        require: signed(),
        ..VersionPolicy::default()
    };
    let case = |packages: &[&str], released: &str| {
        let case = with_packages(packages).released(released);
        case.at(200).select(&policy)
    };
    for (case, expected) in [
        (
            case(&["web 1.0@0 1.1@100 1.2@150"], "web 1.0"),
            &["1.2"][..],
        ),
        (case(&["web 1.0@0"], "web 1.0"), &[]),
        // Each package of a release is checked; all are requested at once.
        (
            case(&["web 1.1@100", "api 2.0@0"], "web 1.0, api 2.0"),
            &["2.0", "1.1"],
        ),
        // A quiet period comes first.
        (
            case(&["web 1.1@190"], "web 1.0").options(Options {
                quiet_period: Some(Span::from_minutes(5)),
                ..Options::default()
            }),
            &[],
        ),
    ] {
        assert_eq!(requested(&case), expected);
    }
}

#[test]
fn signature_with_a_platform_is_of_the_tag() {
    let case = with_packages(&["web 1.0@0!aa 1.1@100!bb"]).released("web 1.0");
    let case = case.at(200).select(&VersionPolicy {
        versions: VersionConditions {
            platform: Some("linux/arm64".to_owned()),
            ..VersionConditions::default()
        },
        require: signed(),
        ..VersionPolicy::default()
    });
    let unread = case.judge().unread;
    assert_eq!(unread[0].content, content(&case, "1.1", None));
}

#[test]
fn requirement_of_a_package_without_images_is_refused() {
    let versions = with_packages(&["web 1.0@0"]).packages;
    let versions = versions[&key("web")].snapshot.clone();
    let case = Case::new().package("web", VersionFormat::Semver, versions);
    let case = case.at(100).select(&VersionPolicy {
        require: signed(),
        ..VersionPolicy::default()
    });
    check(
        &case,
        "refuse: acme/web: the option require: the feed \"Images\" has no images; set `require` for the packages that are images",
    );
}
