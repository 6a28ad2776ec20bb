//! `catchUp`: which of several new versions get a release.

use domain::options::{CatchUp, Options, When};

use super::{table, with_packages};
use crate::case::{Case, range};

fn catching(catch_up: CatchUp, packages: &[&str]) -> Case {
    with_packages(packages).options(Options {
        catch_up,
        ..Options::default()
    })
}

#[test]
fn every_version_gets_its_release_in_order() {
    let web = "web 1.0@0 1.1@10 1.3@20 1.2@30";
    let case = catching(CatchUp::Every, &[web]).released("web 1.0");
    assert_eq!(case.decided(), "create web 1.1 ...");
    assert_eq!(case.releases(), ["web 1.1", "web 1.2", "web 1.3"]);
}

#[test]
fn the_newest_of_each_minor_gets_its_release() {
    let web = "web 1.0.0@0 1.0.1@1 1.1.0@2 1.1.1@3 2.0.0@4 2.0.1-rc@5 1.1.2@6";
    let case = catching(CatchUp::NewestPerMinor, &[web]).released("web 1.0.0");
    assert_eq!(case.releases(), ["web 1.0.1", "web 1.1.2", "web 2.0.1-rc"]);
}

#[test]
fn without_an_earlier_release_the_newest_is_the_first() {
    for catch_up in [CatchUp::Every, CatchUp::NewestPerMinor, CatchUp::Newest] {
        let case = catching(catch_up, &["web 1.0@0 1.1@10 1.2@20"]);
        assert_eq!(case.releases(), ["web 1.2"], "{catch_up:?}");
    }
}

#[test]
fn several_sources_move_one_at_a_time_as_things_came() {
    let packages = ["web 1.0@0 1.1@10 1.2@30", "api 2.0@0 2.1@20"];
    let case = catching(CatchUp::Every, &packages).released("web 1.0, api 2.0");
    assert_eq!(
        case.releases(),
        ["web 1.1, api 2.0", "web 1.1, api 2.1", "web 1.2, api 2.1"]
    );
}

#[test]
fn sources_that_move_together_take_a_step_each() {
    let together = |packages: &[&str]| {
        let case = catching(CatchUp::Every, packages).released("web 1.0, api 2.0");
        let options = Options {
            when: When::All,
            ..case.trigger.options.clone()
        };
        case.options(options)
    };
    table([
        (
            together(&["web 1.0@0 1.1@10 1.2@30", "api 2.0@0 2.1@20 2.2@40"]),
            "create web 1.1, api 2.1 ...",
        ),
        (
            together(&["web 1.0@0 1.1@10 1.2@30", "api 2.0@0 2.1@20"]),
            "create web 1.1, api 2.1",
        ),
    ]);
}

#[test]
fn a_version_that_is_shared_catches_up_like_any_other() {
    let shared = |catch_up| {
        let versions = "1.0.0@0 1.0.1@1 1.1.0@2 1.1.1@3";
        let packages = [format!("web {versions}"), format!("api {versions}")];
        with_packages(&packages.each_ref().map(String::as_str)).options(Options {
            when: When::SameVersion { extract: None },
            catch_up,
            ..Options::default()
        })
    };
    for (catch_up, expected) in [
        (CatchUp::Every, &["1.0.1", "1.1.0", "1.1.1"][..]),
        (CatchUp::NewestPerMinor, &["1.0.1", "1.1.1"]),
        (CatchUp::Newest, &["1.1.1"]),
    ] {
        let release = |version: &&str| format!("web {version}, api {version}");
        let expected: Vec<_> = expected.iter().map(release).collect();
        let case = shared(catch_up);
        assert_eq!(case.clone().releases(), expected[expected.len() - 1..]);
        let case = case.released("web 1.0.0, api 1.0.0");
        assert_eq!(case.decided().ends_with(" ..."), expected.len() > 1);
        assert_eq!(case.clone().releases(), expected);
        let case = case.released("web 1.1.0, api 1.1.0");
        assert_eq!(case.decided(), "create web 1.1.1, api 1.1.1");
    }
}

#[test]
fn a_source_that_cannot_stay_moves_too() {
    // 2.0 is gone from the feed, or no longer permitted.
    table([
        (
            catching(CatchUp::Every, &["web 1.0@0 1.1@10", "api 2.1@20"])
                .released("web 1.0, api 2.0"),
            "create web 1.1, api 2.1 ...",
        ),
        (
            catching(
                CatchUp::Every,
                &["web 1.0@0 1.1@10", "api 2.0@0 2.1@20 2.2@30"],
            )
            .released("web 1.0, api 2.0")
            .rule("api", range("[2.1,)")),
            "create web 1.1, api 2.1 ...",
        ),
    ]);
}
