//! Errors within options, each with its name in a file.

use domain::options::{
    MAX_RELEASES_PER_HOUR, OptionError, Options, VersionConditions, VersionPolicy, When,
};
use domain::snapshot::Snapshot;
use domain::time::Span;
use domain::version::VersionFormat;

use crate::case::{Case, key};

/// The names of the options with something wrong.
fn wrong(errors: Vec<OptionError>) -> Vec<String> {
    assert!(errors.iter().all(|error| !error.problem.is_empty()));
    errors.into_iter().map(|error| error.option).collect()
}

#[test]
fn a_wait_is_bounded_only_where_there_is_one_and_not_below_it() {
    let check = |quiet: Option<i64>, most: Option<i64>| {
        let options = Options {
            quiet_period: quiet.map(Span::from_seconds),
            max_wait: most.map(Span::from_seconds),
            ..Options::default()
        };
        wrong(options.check())
    };
    assert_eq!(check(None, None), [""; 0]);
    assert_eq!(check(Some(60), None), [""; 0]);
    assert_eq!(check(Some(60), Some(60)), [""; 0]);
    assert_eq!(check(Some(60), Some(61)), [""; 0]);
    assert_eq!(check(Some(60), Some(59)), ["maxWait"]);
    assert_eq!(check(None, Some(60)), ["maxWait"]);
}

#[test]
fn releases_of_an_hour_are_bounded() {
    let check = |most: u32| {
        let options = Options {
            max_releases_per_hour: most.try_into().ok(),
            ..Options::default()
        };
        wrong(options.check())
    };
    assert_eq!(check(1), [""; 0]);
    assert_eq!(check(MAX_RELEASES_PER_HOUR), [""; 0]);
    assert_eq!(check(MAX_RELEASES_PER_HOUR + 1), ["maxReleasesPerHour"]);
}

#[test]
fn patterns_and_templates_are_parsed() {
    let broken = || Some("{{ broken".to_owned());
    let options = Options {
        when: When::SameVersion {
            extract: Some("(".to_owned()),
        },
        release_version: broken(),
        release_notes: broken(),
        custom_fields: [("Ticket".to_owned(), "{{ broken".to_owned())].into(),
        ..Options::default()
    };
    assert_eq!(
        wrong(options.check()),
        [
            "when.sameVersion.extract",
            "releaseVersion",
            "releaseNotes",
            "customFields.Ticket"
        ]
    );
    let group = || Some("(".to_owned());
    let policy = VersionPolicy {
        versions: VersionConditions {
            pre_release_tag: group(),
            include: group(),
            exclude: group(),
            extract: group(),
            ..VersionConditions::default()
        },
        ..VersionPolicy::default()
    };
    assert_eq!(
        wrong(policy.check(None)),
        [
            "versions.preReleaseTag",
            "versions.include",
            "versions.exclude",
            "versions.extract"
        ]
    );
}

/// A range is wrong where its format is not known only if it is for every format.
#[test]
fn ranges_are_those_of_the_format() {
    let check = |range: &str, format: Option<VersionFormat>| {
        let feed = format.map(|format| {
            let case = Case::new().package("web", format, Snapshot::default());
            case.packages[&key("web")].feed.clone()
        });
        let policy = VersionPolicy {
            versions: VersionConditions {
                range: Some(range.to_owned()),
                ..VersionConditions::default()
            },
            ..VersionPolicy::default()
        };
        wrong(policy.check(feed.as_ref()))
    };
    let (nuget, maven) = (Some(VersionFormat::Semver), Some(VersionFormat::Maven));
    for (range, of_nuget, of_maven) in [
        ("[1.0,2.0)", true, true),
        ("[1.0,2.0),[3.0,4.0)", false, true),
        ("[1.0", false, false),
    ] {
        let expected = |is_right: bool| {
            if is_right {
                vec![]
            } else {
                vec!["versions.range"]
            }
        };
        assert_eq!(check(range, nuget), expected(of_nuget), "{range}");
        assert_eq!(check(range, maven), expected(of_maven), "{range}");
        assert_eq!(
            check(range, None),
            expected(of_nuget || of_maven),
            "{range}"
        );
    }
}
