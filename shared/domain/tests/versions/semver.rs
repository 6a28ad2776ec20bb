//! The Semver format.

use domain::feed::FeedKind;
use domain::version::{MAX_VERSION_BYTES, Version, VersionFault, VersionFormat, parse_helm_tag};

use crate::tables::{NONE_SEMVER, ORDER_SEMVER, relations, rows};
use crate::{check_order, check_refused, version};

const FORMAT: VersionFormat = VersionFormat::Semver;

#[test]
fn each_feed_has_its_format() {
    let rows = [
        (
            VersionFormat::Semver,
            &[
                "BuiltIn",
                "NuGet",
                "GitHub",
                "Helm",
                "Npm",
                "S3",
                "GcsStorage",
                "PyPi",
            ][..],
        ),
        (
            VersionFormat::Docker,
            &[
                "Docker",
                "AwsElasticContainerRegistry",
                "AzureContainerRegistry",
                "GoogleContainerRegistry",
                "OciRegistry",
            ],
        ),
        (VersionFormat::Maven, &["Maven"]),
        // Unknown to the server's own documents; Semver is the default of every unspecified case.
        (VersionFormat::Semver, &["ArtifactoryGeneric"]),
        // Releases are published there.
        (VersionFormat::Octopus, &["OctopusProject"]),
    ];
    for (format, feed_types) in rows {
        for feed_type in feed_types {
            let kind = FeedKind::from_feed_type(feed_type);
            assert_eq!(kind.version_format(), format, "{feed_type}");
        }
    }
}

#[test]
fn order() {
    check_order(FORMAT, &relations(ORDER_SEMVER));
}

#[test]
fn what_is_a_version() {
    let long = "1.1.01-9999999999999999999999999";
    for text in [
        "1",
        "1.2",
        "1.2.3.4",
        "v1.2",
        "1.2.3-01",
        "20240131-abcdef",
        "1.0.0-a-",
        long,
    ] {
        let version = version(FORMAT, text);
        assert_eq!((version.text(), version.to_string().as_str()), (text, text));
    }
    assert_eq!(version(FORMAT, " 1.0.0 ").text(), "1.0.0");
    assert_eq!(version(FORMAT, "1. 2.3").text(), "1.2.3");
    assert_eq!(version(FORMAT, "1. 2.3"), version(FORMAT, "1.2.3"));
    let dated = version(FORMAT, "20240131-abcdef");
    assert_eq!(
        (dated.numbers(), dated.release()),
        ([20_240_131, 0, 0, 0], "abcdef")
    );
}

#[test]
fn what_is_none() {
    check_refused(FORMAT, rows(NONE_SEMVER));
    check_refused(FORMAT, ["", " "]);
}

#[test]
fn text_stays_as_published() {
    for text in ["1.001.002", "1.2.3.0", "v1.2.3"] {
        let version = version(FORMAT, text);
        assert_eq!((version.text(), version.to_string().as_str()), (text, text));
    }
}

#[test]
fn fields() {
    let found = version(FORMAT, " v1.2-beta.2+m.1");
    assert_eq!(found.text(), "v1.2-beta.2+m.1");
    assert_eq!(
        (found.numbers(), found.release(), found.metadata()),
        ([1, 2, 0, 0], "beta.2", "m.1")
    );
    assert!(found.is_prerelease());
    assert_eq!(found.prerelease_subject(), "beta.2+m.1");
    let blanks = version(FORMAT, "1 . 2-a");
    assert_eq!((blanks.text(), blanks.release()), ("1.2-a", "a"));
    assert!(!version(FORMAT, "1.0.0+m").is_prerelease());
    assert_eq!(version(FORMAT, "1.0.0+m").prerelease_subject(), "+m");
}

#[test]
fn errors_name_fault_and_position() {
    let rows = [
        ("1.0.0-a..b", 8, VersionFault::EmptyLabel),
        ("1.0.0-a+", 8, VersionFault::EmptyLabel),
        ("1.2.3-hi there", 8, VersionFault::UnexpectedCharacter(' ')),
        (" v1.x", 4, VersionFault::UnexpectedCharacter('x')),
        ("1.2.3.4.5", 8, VersionFault::TooManyNumbers),
        ("1.", 2, VersionFault::NumberMissing),
        ("1. 2147483648", 3, VersionFault::NumberTooLarge),
        ("v", 1, VersionFault::Blank),
    ];
    for (text, offset, fault) in rows {
        let error = Version::parse(FORMAT, text).unwrap_err();
        assert_eq!((error.offset, error.fault), (offset, fault), "{text}");
    }
    let error = Version::parse(FORMAT, "latest").unwrap_err();
    assert_eq!(
        error.to_string(),
        r#""latest" is not a version in the Semver format: the character 'l' is not allowed here (byte 0)"#
    );
    let of_length =
        |bytes: usize| Version::parse(FORMAT, &format!("1.0-{}", "a".repeat(bytes - 4)));
    assert!(of_length(MAX_VERSION_BYTES).is_ok());
    let long = of_length(MAX_VERSION_BYTES + 1).unwrap_err();
    assert_eq!((long.fault, long.text.len()), (VersionFault::TooLong, 80));
}

#[test]
fn newest_first_keeps_equal_versions_in_place() {
    let mut versions: Vec<_> = ["1.0", "v2.0", "2.0-rc.1", "2", "1.10"]
        .into_iter()
        .map(|text| version(FORMAT, text))
        .collect();
    versions.sort_by(|a, b| b.cmp(a));
    let texts: Vec<&str> = versions.iter().map(Version::text).collect();
    assert_eq!(texts, ["v2.0", "2", "2.0-rc.1", "1.10", "1.0"]);
}

#[test]
fn a_version_is_small() {
    assert!(size_of::<Version>() <= 32, "{} bytes", size_of::<Version>());
}

#[test]
fn tags_of_charts_are_strict() {
    assert_eq!(parse_helm_tag("1.0.0_b1").unwrap().to_string(), "1.0.0+b1");
    assert_eq!(
        parse_helm_tag("1.0.0-rc.1").unwrap().to_string(),
        "1.0.0-rc.1"
    );
    for tag in [
        "latest",
        "v1.2.3",
        "1.2",
        "1.2.3.4",
        "01.2.3",
        "sha256-abc.sig",
        "",
    ] {
        assert!(parse_helm_tag(tag).is_err(), "{tag}");
    }
}
