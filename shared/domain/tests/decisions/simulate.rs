//! Simulations: the releases that a trigger would have made, from stored data.

use std::num::NonZeroU32;

use domain::decide::{Answers, Decision};
use domain::options::{CatchUp, Options, VersionConditions, VersionPolicy, When};
use domain::plan::SelectedDigest;
use domain::simulate::{MAX_DECISIONS, simulate};
use domain::time::Span;

use crate::at;
use crate::case::{Case, action};
use crate::options::with_packages;

/// The simulation from `since` on: each release with its second, then the reasons of the others.
fn simulated(case: &Case, since: i64) -> Vec<String> {
    let simulation = simulate(
        &case.situation(),
        &Answers::default(),
        at(since),
        MAX_DECISIONS,
    );
    assert_eq!(simulation.cut_at, None);
    let releases = simulation.releases.iter().map(|one| {
        let packages = one.plan.packages.iter().map(|package| {
            let digest = package.digest.as_deref().map(|text| format!(" {text}"));
            let reference = &package.package_reference;
            format!(
                "{reference} {}{}",
                package.version,
                digest.unwrap_or_default()
            )
        });
        let packages: Vec<_> = packages.collect();
        format!("{}: {}", one.at.as_seconds(), packages.join(", "))
    });
    let blocked = simulation.blocked.iter().map(|one| match &one.decision {
        Decision::Wait(_, Some(until)) => {
            format!("{}: wait until {}", one.at.as_seconds(), until.as_seconds())
        }
        Decision::Wait(..) => format!("{}: wait", one.at.as_seconds()),
        other => format!("{}: {other}", one.at.as_seconds()),
    });
    releases.chain(blocked).collect()
}

fn watching(options: Options) -> Case {
    with_packages(&["web 1.0@0 1.1@100 1.2@130 2.0-beta@200 1.3@900"])
        .released("web 1.0")
        .options(options)
        .at(1_000)
}

#[test]
fn every_arrival_is_decided_on_in_its_time() {
    let usual = watching(Options::default());
    assert_eq!(
        simulated(&usual, 10),
        [
            "100: web 1.1",
            "130: web 1.2",
            "200: web 2.0-beta",
            "200: skip"
        ][..3]
    );
    assert_eq!(simulated(&usual, 500), ["500: web 2.0-beta"]);
    assert_eq!(
        simulated(&usual.clone().at(150), 10),
        ["100: web 1.1", "130: web 1.2"]
    );
    let unreleased = Case {
        previous: None,
        ..usual
    };
    assert_eq!(simulated(&unreleased, 0)[0], "0: web 1.0");
}

#[test]
fn options_show_what_they_would_have_spared() {
    let no_pre_releases = VersionPolicy {
        versions: VersionConditions {
            pre_release_tag: Some("^$".to_owned()),
            ..VersionConditions::default()
        },
        follow: None,
        ..VersionPolicy::default()
    };
    let quiet = Options {
        quiet_period: Some(Span::from_seconds(60)),
        ..Options::default()
    };
    assert_eq!(
        simulated(&watching(quiet).select(&no_pre_releases), 10),
        [
            "190: web 1.2",
            "960: web 1.3",
            "100: wait until 160",
            "900: wait until 960"
        ]
    );
    let at_most = Options {
        max_releases_per_hour: NonZeroU32::new(1),
        ..Options::default()
    };
    assert_eq!(
        simulated(&watching(at_most).at(4_000), 10),
        ["100: web 1.1", "3700: web 2.0-beta", "130: wait until 3700"]
    );
    let every = Options {
        catch_up: CatchUp::Every,
        ..Options::default()
    };
    assert_eq!(
        simulated(&watching(every).select(&no_pre_releases), 500),
        ["500: web 1.1", "500: web 1.2", "900: web 1.3"]
    );
}

#[test]
fn releases_before_the_start_count_for_the_rate() {
    let at_most = Options {
        max_releases_per_hour: NonZeroU32::new(1),
        ..Options::default()
    };
    let case = Case {
        made: vec![at(50)],
        ..watching(at_most).at(4_000)
    };
    let simulated = simulated(&case, 60);
    assert_eq!(simulated, ["3650: web 2.0-beta", "100: wait until 3650"]);
}

#[test]
fn packages_that_were_not_read_yet_are_waited_for() {
    let case = with_packages(&["web 1.0@50", "api 1.0@80"])
        .options(Options {
            when: When::All,
            ..Options::default()
        })
        .at(100);
    assert_eq!(simulated(&case, 0), ["80: api 1.0, web 1.0", "0: wait"]);
}

#[test]
fn a_push_under_the_same_tag_is_new_when_it_came() {
    let follow = VersionPolicy {
        follow: Some("latest".to_owned()),
        ..VersionPolicy::default()
    };
    let case = with_packages(&["web latest@10!bb@300"])
        .select(&follow)
        .at(500);
    assert_eq!(
        simulated(&case, 0),
        [
            "10: web latest an earlier digest",
            "300: web latest sha256:bb",
            "0: wait"
        ]
    );
}

/// Before it was pushed again, a version had the previous release's digest, and was not too recent yet.
#[test]
fn a_push_under_the_same_tag_changes_nothing_before_it_came() {
    let follow = VersionPolicy {
        follow: Some("latest".to_owned()),
        ..VersionPolicy::default()
    };
    let digest = |name: &str, digest: &str| SelectedDigest {
        action_name: action(name),
        package_reference: name.to_owned(),
        digest: format!("sha256:{digest}"),
    };
    let mut case = with_packages(&["api latest@10!aa", "web latest@10!bb@300"])
        .released("api latest, web latest")
        .select(&follow)
        .at(500);
    if let Some(previous) = &mut case.previous {
        previous.digests = vec![digest("api", "aa"), digest("web", "cc")];
    }
    let released = "300: api latest sha256:aa, web latest sha256:bb";
    assert_eq!(simulated(&case, 0), [released, "0: wait"]);
    let unreleased = Case {
        previous: None,
        ..with_packages(&["web latest@10!bb@300"]).select(&follow)
    };
    let aged = unreleased.at(500).options(Options {
        minimum_age: Some(Span::from_seconds(50)),
        ..Options::default()
    });
    let releases = simulated(&aged, 0);
    assert_eq!(
        releases[..2],
        [
            "60: web latest an earlier digest",
            "350: web latest sha256:bb"
        ]
    );
}

#[test]
fn a_release_keeps_the_other_packages_of_its_step() {
    let mut case = with_packages(&["web 1.0@0 1.1@100 1.2@200", "api 1.0@0"])
        .released("web 1.0, api 1.0")
        .at(500);
    for package in &mut case.template.packages {
        package.action_name = action("all");
    }
    for source in &mut case.trigger.sources {
        if let Ok(resolved) = &mut source.resolution {
            resolved.action_name = action("all");
        }
    }
    for selected in case.previous.iter_mut().flat_map(|one| &mut one.selected) {
        selected.0 = action("all");
    }
    let releases = ["100: api 1.0, web 1.1", "200: api 1.0, web 1.2"];
    assert_eq!(simulated(&case, 10)[..2], releases);
}

#[test]
fn simulation_with_too_many_decisions_reports_where_it_stopped() {
    let case = watching(Options::default());
    let simulation = simulate(&case.situation(), &Answers::default(), at(10), 3);
    assert_eq!(simulation.releases.len(), 1);
    assert_eq!(simulation.cut_at, Some(at(130)));
}
