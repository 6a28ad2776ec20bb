//! Pairs of options that affect each other.

use std::num::NonZeroU32;

use domain::options::{
    CatchUp, FirstSight, Options, VersionConditions, VersionOrder, VersionPolicy, When,
};
use domain::time::Span;

use super::{table, with_packages};
use crate::at;
use crate::case::Case;

fn seconds(seconds: i64) -> Option<Span> {
    Some(Span::from_seconds(seconds))
}

fn case(packages: &[&str], released: &str, options: Options) -> Case {
    with_packages(packages).released(released).options(options)
}

fn every() -> Options {
    Options {
        catch_up: CatchUp::Every,
        ..Options::default()
    }
}

fn same_version() -> Options {
    Options {
        when: When::SameVersion { extract: None },
        ..Options::default()
    }
}

fn following(tag: &str) -> VersionPolicy {
    VersionPolicy {
        follow: Some(tag.to_owned()),
        ..VersionPolicy::default()
    }
}

const NOTHING: &str = "skip: no source is newer than in the previous release 0.0.7";

#[test]
fn every_and_minimum_age_keep_the_order() {
    let options = || Options {
        minimum_age: seconds(60),
        ..every()
    };
    let web = "web 1.0@0 1.2@10 1.1@100";
    table([
        // 1.2 is old enough, but 1.1 would then come too late.
        (
            case(&[web], "web 1.0", options()).at(120),
            "wait: acme/web 1.1 is only 20 s old; minimumAge is 60 s; until 160",
        ),
        (
            case(&[web], "web 1.0", options()).at(160),
            "create web 1.1 ...",
        ),
        (
            case(&["web 1.0@0 1.1@10 1.2@100"], "web 1.0", options()).at(120),
            "create web 1.1",
        ),
    ]);
}

#[test]
fn per_minor_and_minimum_age_wait_for_the_newest_of_a_minor() {
    let options = Options {
        catch_up: CatchUp::NewestPerMinor,
        minimum_age: seconds(60),
        ..Options::default()
    };
    let web = "web 1.0.0@0 1.1.0@10 1.1.1@100 1.2.0@20";
    table([
        (
            case(&[web], "web 1.0.0", options.clone()).at(120),
            "create web 1.1.0",
        ),
        (
            case(&[web], "web 1.1.0", options.clone()).at(120),
            "wait: acme/web 1.1.1 is only 20 s old; minimumAge is 60 s; until 160",
        ),
        (
            case(&[web], "web 1.1.0", options).at(160),
            "create web 1.1.1 ...",
        ),
    ]);
}

#[test]
fn every_and_quiet_wait_once_and_then_release_all() {
    let options = Options {
        quiet_period: seconds(60),
        ..every()
    };
    let web = "web 1.0@0 1.1@100 1.2@120";
    let waiting = case(&[web], "web 1.0", options.clone()).at(150);
    assert!(
        waiting.decided().ends_with("until 180"),
        "{}",
        waiting.decided()
    );
    let due = case(&[web], "web 1.0", options).at(180);
    assert_eq!(due.releases(), ["web 1.1", "web 1.2"]);
}

#[test]
fn every_with_a_limit_delays_releases_and_loses_none() {
    let limited = |made: &[i64], now| {
        let options = Options {
            max_releases_per_hour: NonZeroU32::new(1),
            ..every()
        };
        let mut case = case(&["web 1.0@0 1.1@10 1.2@20"], "web 1.1", options).at(now);
        case.made = made.iter().map(|&one| at(one)).collect();
        case
    };
    let waiting = limited(&[30], 40).decided();
    assert!(
        waiting.starts_with("wait: 1 releases") && waiting.ends_with("until 3630"),
        "{waiting}"
    );
    assert_eq!(limited(&[30], 3_630).decided(), "create web 1.2");
}

#[test]
fn every_and_all_take_a_step_of_each() {
    let options = Options {
        when: When::All,
        ..every()
    };
    let packages = ["web 1.0@0 1.1@10 1.2@20", "api 2.0@0 2.1@30"];
    let case = case(&packages, "web 1.0, api 2.0", options);
    assert_eq!(case.decided(), "create web 1.1, api 2.1");
    assert_eq!(case.releases(), ["web 1.1, api 2.1"]);
}

#[test]
fn every_and_same_version_release_all_that_they_share() {
    let options = Options {
        catch_up: CatchUp::Every,
        ..same_version()
    };
    let packages = ["web 1.0 1.1 1.2 1.3", "api 1.0 1.1 1.3 1.4"];
    let case = case(&packages, "web 1.0, api 1.0", options);
    assert_eq!(case.releases(), ["web 1.1, api 1.1", "web 1.3, api 1.3"]);
}

#[test]
fn same_version_and_minimum_age_share_what_is_old_enough() {
    let options = || Options {
        minimum_age: seconds(60),
        ..same_version()
    };
    let packages = ["web 1.0@0 1.1@10 1.2@20", "api 1.0@0 1.1@10 1.2@100"];
    let released = "web 1.0, api 1.0";
    table([
        (
            case(&packages, released, options()).at(120),
            "create web 1.1, api 1.1",
        ),
        (
            case(&packages, released, options()).at(160),
            "create web 1.2, api 1.2",
        ),
    ]);
}

#[test]
fn same_version_and_follow_share_what_has_versions() {
    let case = |digest: &str, released: &str| {
        let api = format!("api latest@0!{digest}");
        let mut case = with_packages(&["web 1.0@0 1.1@10", "chart 1.0@0", &api])
            .released(released)
            .options(same_version());
        case.trigger.sources[2].policy = following("latest");
        case
    };
    table([
        (
            case("aa", "web 1.0, chart 1.0, api 3.0"),
            "create web 1.0, chart 1.0, api latest@aa",
        ),
        (
            case("aa", "web 1.0, chart 0.9, api latest"),
            "create web 1.0, chart 1.0, api latest@aa",
        ),
    ]);
}

#[test]
fn all_and_minimum_age_come_back_when_it_is_old_enough() {
    let options = Options {
        when: When::All,
        minimum_age: seconds(60),
        ..Options::default()
    };
    let packages = ["web 1.0@0 1.1@10", "api 2.0@0 2.1@100"];
    let waiting = case(&packages, "web 1.0, api 2.0", options)
        .at(120)
        .decided();
    assert!(
        waiting.starts_with("wait: nothing newer of acme/api"),
        "{waiting}"
    );
    assert!(waiting.ends_with("until 160"), "{waiting}");
}

#[test]
fn follow_and_minimum_age_start_again_with_a_push() {
    let options = Options {
        minimum_age: seconds(60),
        ..Options::default()
    };
    let case = |now| {
        let case = case(&["web latest@0!bb@100"], "web 1.0", options.clone());
        case.select(&following("latest")).at(now)
    };
    table([
        (
            case(130),
            "wait: acme/web latest is only 30 s old; minimumAge is 60 s; until 160",
        ),
        (case(160), "create web latest@bb"),
    ]);
}

#[test]
fn follow_and_quiet_wait_for_the_last_push() {
    let options = Options {
        quiet_period: seconds(60),
        ..Options::default()
    };
    let case = |now| {
        let case = case(&["web latest@0!bb@100"], "web 1.0", options.clone());
        case.select(&following("latest")).at(now)
    };
    assert!(
        case(130).decided().ends_with("until 160"),
        "{}",
        case(130).decided()
    );
    assert_eq!(case(160).decided(), "create web latest@bb");
}

#[test]
fn follow_and_baseline_release_the_next_push() {
    let followed = |web: &str, options: Options| {
        let mut case = with_packages(&[web])
            .options(options)
            .select(&following("latest"));
        case.trigger.since = at(50);
        case.decided()
    };
    let baseline = Options {
        first_sight: FirstSight::Baseline,
        ..Options::default()
    };
    assert_eq!(
        followed("web latest@0!aa", Options::default()),
        "create web latest@aa"
    );
    assert!(followed("web latest@0!aa", baseline.clone()).starts_with("skip"));
    assert_eq!(
        followed("web latest@0!bb@60", baseline),
        "create web latest@bb"
    );
}

#[test]
fn quiet_and_minimum_age_both_have_to_pass() {
    let options = || Options {
        quiet_period: seconds(30),
        minimum_age: seconds(60),
        ..Options::default()
    };
    let web = "web 1.0@0 1.1@100";
    table([
        (
            case(&[web], "web 1.0", options()).at(140),
            "wait: acme/web 1.1 is only 40 s old; minimumAge is 60 s; until 160",
        ),
        (case(&[web], "web 1.0", options()).at(160), "create web 1.1"),
    ]);
}

#[test]
fn published_order_and_a_vanished_version_do_not_go_back() {
    let by_date = VersionPolicy {
        versions: VersionConditions {
            order: Some(VersionOrder::Published),
            ..VersionConditions::default()
        },
        follow: None,
        ..VersionPolicy::default()
    };
    let case = |assembled: Option<i64>| {
        let mut case = with_packages(&["web 1.0@10 2.0@50"])
            .released("web 3.0")
            .select(&by_date);
        if let Some(previous) = &mut case.previous {
            previous.assembled = assembled.map(at);
        }
        case.decided()
    };
    // 2.0 was published before the release was made: it is no news.
    assert_eq!(case(Some(60)), NOTHING);
    assert_eq!(case(Some(40)), "create web 2.0");
}

#[test]
fn roll_back_and_another_source_that_vanished_is_refused() {
    let rolled = VersionPolicy {
        versions: VersionConditions {
            exclude: Some("^1.5$".to_owned()),
            roll_back: true,
            ..VersionConditions::default()
        },
        follow: None,
        ..VersionPolicy::default()
    };
    let mut case = with_packages(&["web 1.4@0 1.5@10", "api 2.0@0"]).released("web 1.5, api 2.1");
    case.trigger.sources[0].policy = rolled;
    assert_eq!(
        case.decided(),
        "refuse: acme/api would go back from 2.1 to 2.0, the latest permitted version in the feed; a release never moves a package back"
    );
}

#[test]
fn failing_source_blocks_its_own_trigger_with_a_reason() {
    let options = every();
    let case = with_packages(&["web 1.0@0 1.1@10"])
        .released("web 1.0")
        .options(options);
    let case = case.unresolved("api", "the process has no action `deploy-api`");
    assert_eq!(
        case.judge().decision.to_string(),
        "wait: the source deploy-api:api does not resolve to a package: the process has no action `deploy-api`"
    );
}
