//! `versions`: what is asked of versions on top of the channel's rule.

use domain::decide::{Decision, Reason};
use domain::options::{VersionConditions, VersionOrder, VersionPolicy};

use super::{table, with_packages};
use crate::case::range;

fn versions(versions: VersionConditions) -> VersionPolicy {
    VersionPolicy {
        versions,
        follow: None,
        ..VersionPolicy::default()
    }
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn conditions_come_on_top_of_the_channels_rule() {
    let web = "web 1.0.0 1.4.0 1.5.0-rc.1 1.5.0 2.0.0 3.0.0-alpine";
    let decided = |policy: VersionConditions| {
        let case = with_packages(&[web])
            .released("web 1.0.0")
            .rule("web", range("[1.0,3.0)"));
        case.select(&versions(policy)).decided()
    };
    for (policy, expected) in [
        (VersionConditions::default(), "create web 3.0.0-alpine"),
        (
            VersionConditions {
                range: some("[1.0,2.0)"),
                ..VersionConditions::default()
            },
            "create web 1.5.0",
        ),
        (
            VersionConditions {
                pre_release_tag: some("^$"),
                ..VersionConditions::default()
            },
            "create web 2.0.0",
        ),
        (
            VersionConditions {
                include: some(r"^1\."),
                ..VersionConditions::default()
            },
            "create web 1.5.0",
        ),
        (
            VersionConditions {
                include: some(r"^1\."),
                exclude: some(r"^1\.5\.0$"),
                ..VersionConditions::default()
            },
            "create web 1.5.0-rc.1",
        ),
        (
            VersionConditions {
                range: some("[9.0,)"),
                ..VersionConditions::default()
            },
            "skip: no version of acme/web meets both the channel's rules and the trigger's `versions`",
        ),
        (
            VersionConditions {
                range: some("[1.0"),
                ..VersionConditions::default()
            },
            "refuse: acme/web: the option versions: version range a closing bracket is missing; end the range with `]` or `)` (byte 0)",
        ),
    ] {
        assert_eq!(decided(policy.clone()), expected, "{policy:?}");
    }
}

#[test]
fn every_refusal_names_its_condition() {
    let policy = versions(VersionConditions {
        range: some("[1.0,2.0)"),
        pre_release_tag: some("^$"),
        exclude: some("bad"),
        extract: some("^(?!x)(.*)$"),
        ..VersionConditions::default()
    });
    let case = with_packages(&["web 1.1 2.0 1.2-rc 1.0-bad 1.0.1-bad x1 latest"])
        .rule("web", range("[1.0,1.5)"));
    let refused: Vec<_> = case
        .select(&policy)
        .candidates()
        .into_iter()
        .map(|(version, refused)| format!("{version}: {}", refused.unwrap_or("permitted".into())))
        .collect();
    assert_eq!(
        refused,
        [
            "2.0: refused by version range [1.0,1.5)",
            "1.2-rc: refused by the trigger's pre-release tag ^$",
            "1.1: permitted",
            "1.0.1-bad: refused by the trigger's exclude bad",
            "1.0-bad: refused by version range [1.0,1.5)",
            "latest: ignored: it has no version number",
            "x1: refused by the trigger's extract: it does not match",
        ]
    );
}

#[test]
fn order_determines_the_latest_version() {
    let order = |order, extract: Option<&str>| {
        versions(VersionConditions {
            order: Some(order),
            extract: extract.map(str::to_owned),
            ..VersionConditions::default()
        })
    };
    let builds = "web main-9-aa@10 main-10-bb@20 main-11-cc@5 dev-99-dd@30";
    let number = Some(r"^main-(\d+)-");
    table([
        (
            with_packages(&[builds]).select(&order(VersionOrder::Numeric, number)),
            "create web main-11-cc",
        ),
        (
            with_packages(&[builds]).select(&order(VersionOrder::Alphabetical, Some("^main-(.*)"))),
            "create web main-9-aa",
        ),
        (
            with_packages(&[builds]).select(&order(VersionOrder::Published, Some("^main-"))),
            "create web main-10-bb",
        ),
        (
            with_packages(&[builds])
                .select(&order(VersionOrder::Numeric, number))
                .released("web main-11-cc"),
            "skip: no source is newer than in the previous release 0.0.7",
        ),
        (
            with_packages(&[builds])
                .select(&order(VersionOrder::Numeric, number))
                .released("web main-10-bb"),
            "create web main-11-cc",
        ),
        (
            with_packages(&["web v2-1.9.0 v1-2.5.0"])
                .select(&order(VersionOrder::Semver, Some(r"^v\d-(?<version>.*)$"))),
            "create web v1-2.5.0",
        ),
        (
            with_packages(&["web 20261101 20261123.2 20261123"])
                .select(&order(VersionOrder::Numeric, None)),
            "create web 20261123.2",
        ),
    ]);
}

#[test]
fn a_platform_takes_images_that_have_one_for_it() {
    let policy = versions(VersionConditions {
        platform: some("linux/arm64"),
        ..VersionConditions::default()
    });
    let case = with_packages(&["web 1.0@0!aa 1.1@0!bb 1.2@0"])
        .released("web 1.0")
        .select(&policy);
    assert_eq!(case.decided(), "create web 1.1");
    let (version, refused) = case.candidates().remove(0);
    assert_eq!(
        (version.as_str(), refused.as_deref()),
        ("1.2", Some("no image for linux/arm64 is known"))
    );
}

#[test]
fn older_version_is_released_only_with_roll_back() {
    let without_1_5 = |roll_back| {
        versions(VersionConditions {
            exclude: some(r"^1\.5\."),
            roll_back,
            ..VersionConditions::default()
        })
    };
    let web = "web 1.3.0 1.4.0 1.5.0";
    table([
        (
            with_packages(&[web])
                .released("web 1.5.0")
                .select(&without_1_5(false)),
            "skip: no source is newer than in the previous release 0.0.7",
        ),
        (
            with_packages(&[web])
                .released("web 1.5.0")
                .select(&without_1_5(true)),
            "create web 1.4.0",
        ),
        // Only what the trigger's own conditions refuse is replaced.
        (
            with_packages(&[web])
                .released("web 1.5.0")
                .rule("web", range("[1.0,1.5)"))
                .select(&without_1_5(true)),
            "create web 1.4.0",
        ),
        (
            with_packages(&["web 1.3.0 1.4.0"])
                .released("web 1.6.0")
                .select(&without_1_5(true)),
            "skip: no source is newer than in the previous release 0.0.7",
        ),
        (
            with_packages(&[web])
                .released("web 1.4.0")
                .select(&without_1_5(true)),
            "skip: no source is newer than in the previous release 0.0.7",
        ),
    ]);
}

#[test]
fn reason_of_a_roll_back_names_it() {
    let back = VersionConditions {
        exclude: some(r"^1\.5\."),
        roll_back: true,
        ..VersionConditions::default()
    };
    let case = with_packages(&["web 1.4.0 1.5.0"]).released("web 1.5.0");
    let Decision::Create(_, reason) = case.select(&versions(back)).judge().decision else {
        panic!("no release");
    };
    assert!(matches!(reason, Reason::RolledBack { .. }), "{reason}");
}
