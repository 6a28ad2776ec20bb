//! `quietPeriod`, `maxWait`, `minimumAge` and `maxReleasesPerHour`: waiting.

use std::num::NonZeroU32;

use domain::options::Options;
use domain::time::Span;

use super::{table, with_packages};
use crate::at;
use crate::case::Case;

fn seconds(seconds: i64) -> Option<Span> {
    Some(Span::from_seconds(seconds))
}

fn quiet(package: &str, quiet: i64, most: Option<i64>) -> Case {
    with_packages(&[package])
        .released("web 1.0")
        .options(Options {
            quiet_period: seconds(quiet),
            max_wait: most.and_then(seconds),
            ..Options::default()
        })
}

fn aged(package: &str, age: i64) -> Case {
    with_packages(&[package])
        .released("web 1.0")
        .options(Options {
            minimum_age: seconds(age),
            ..Options::default()
        })
}

#[test]
fn version_of_a_clock_that_was_ahead_delays_no_release() {
    table([
        (
            quiet("web 1.0@0 1.1@9000", 60, None).at(170),
            "create web 1.1",
        ),
        (aged("web 1.0@0 1.1@9000", 60).at(170), "create web 1.1"),
        (
            quiet("web 1.0@0 1.1@9000 1.2@150", 60, None).at(170),
            "wait: the last change was 20 s ago; waiting until nothing has changed for 60 s; until 210",
        ),
    ]);
}

#[test]
fn a_release_waits_for_quiet_but_not_for_ever() {
    let web = "web 1.0@0 1.1@100 1.2@150";
    table([
        (
            quiet(web, 60, None).at(170),
            "wait: the last change was 20 s ago; waiting until nothing has changed for 60 s; until 210",
        ),
        (quiet(web, 60, None).at(210), "create web 1.2"),
        (
            quiet(web, 60, Some(90)).at(170),
            "wait: the last change was 20 s ago; waiting until nothing has changed for 60 s; until 190",
        ),
        (quiet(web, 60, Some(90)).at(190), "create web 1.2"),
        // An old change does not count again.
        (
            quiet("web 1.0@0", 60, None).at(10),
            "skip: no source is newer than in the previous release 0.0.7",
        ),
        // Without `maxWait`, ten quiet periods.
        (
            quiet("web 1.0@0 1.1@100 1.2@695", 60, None).at(700),
            "create web 1.2",
        ),
    ]);
}

/// The blocker is reported for the source that delays the others.
#[test]
fn source_without_an_old_enough_version_has_a_blocker() {
    let case = with_packages(&["web 1.0@0 1.1@20", "api 2.0@100"]).released("web 1.0");
    let case = case.at(130).options(Options {
        minimum_age: seconds(60),
        ..Options::default()
    });
    let findings = case.judge().findings;
    let obstacles = findings.iter().map(|finding| finding.blocker.as_deref());
    let too_recent = "acme/api 2.0 is only 30 s old; minimumAge is 60 s";
    assert_eq!(obstacles.collect::<Vec<_>>(), [None, Some(too_recent)]);
}

#[test]
fn a_version_must_be_old_enough() {
    table([
        (
            aged("web 1.0@0 1.1@100", 60).at(130),
            "wait: acme/web 1.1 is only 30 s old; minimumAge is 60 s; until 160",
        ),
        (aged("web 1.0@0 1.1@100", 60).at(160), "create web 1.1"),
        // An older one that is old enough is released meanwhile.
        (
            aged("web 1.0@0 1.1@20 1.2@100", 60).at(130),
            "create web 1.1",
        ),
        // A push under the same version starts again.
        (
            aged("web 1.0@0 1.1@10!bb@100", 60).at(130),
            "wait: acme/web 1.1 is only 30 s old; minimumAge is 60 s; until 160",
        ),
        // A too recent version that is not newer is irrelevant.
        (
            aged("web 1.0@0 0.9@100", 60).at(130),
            "skip: no source is newer than in the previous release 0.0.7",
        ),
    ]);
}

/// Octopus would choose the too recent one for a release that does not name it.
#[test]
fn package_without_an_old_enough_version_delays_the_others() {
    let case = with_packages(&["web 1.0@0 1.1@50", "api 1.0@100"])
        .released("web 1.0")
        .options(Options {
            minimum_age: Some(Span::from_seconds(60)),
            ..Options::default()
        });
    table([
        (
            case.clone().at(130),
            "wait: acme/api 1.0 is only 30 s old; minimumAge is 60 s; until 160",
        ),
        (case.at(160), "create web 1.1, api 1.0"),
    ]);
}

#[test]
fn the_feeds_own_date_counts_where_there_is_one() {
    let mut case = aged("web 1.0@0", 60).at(1_000);
    let package = case.packages.values_mut().next().expect("one package");
    let seen = |published: i64| domain::snapshot::Seen {
        digest: None,
        published: Some(at(published)),
        first_seen: at(990),
        pushed_again: None,
    };
    package.snapshot = domain::snapshot::Snapshot::from_versions([
        ("1.1".to_owned(), seen(500)),
        ("1.2".to_owned(), seen(970)),
    ]);
    assert_eq!(case.decided(), "create web 1.1");
    let verdicts = case.candidates();
    assert_eq!(
        verdicts[0].1.as_deref(),
        Some("only 30 s old; minimumAge is 60 s")
    );
}

#[test]
fn storm_is_limited() {
    let stormy = |made: &[i64], now| {
        let mut case = with_packages(&["web 1.0@0 1.1@1"])
            .released("web 1.0")
            .at(now);
        case.made = made.iter().map(|&one| at(one)).collect();
        case.options(Options {
            max_releases_per_hour: NonZeroU32::new(2),
            ..Options::default()
        })
    };
    table([
        (stormy(&[], 4_000), "create web 1.1"),
        (stormy(&[3_900], 4_000), "create web 1.1"),
        (
            stormy(&[3_900, 3_800], 4_000),
            "wait: 2 releases were created in this channel within the last hour, and maxReleasesPerHour is 2; \
             the release is created when the hour is over; until 7400",
        ),
        (stormy(&[3_900, 3_800], 7_400), "create web 1.1"),
        (
            stormy(&[3_900, 3_800, 3_700], 4_000),
            "wait: 3 releases were created in this channel within the last hour, and maxReleasesPerHour is 2; \
             the release is created when the hour is over; until 7400",
        ),
    ]);
}
