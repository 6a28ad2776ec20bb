//! `if`: the newest combination that meets a condition.

use std::num::NonZeroU32;

use domain::decide::{Answers, Decision};
use domain::options::{
    CatchUp, FirstSight, MAX_COMBINATIONS, Options, VersionConditions, VersionPolicy, When,
};
use domain::simulate::{MAX_DECISIONS, simulate};
use domain::time::Span;
use domain::version::{Version, VersionFormat};
use proptest::prelude::*;

use super::{table, with_packages};
use crate::case::Case;
use crate::options::window::window;
use crate::{at, check_property};

fn options(condition: &str) -> Options {
    Options {
        condition: Some(condition.to_owned()),
        ..Options::default()
    }
}

fn case(packages: &[&str], released: &str, options: Options) -> Case {
    with_packages(packages).released(released).options(options)
}

const NOTHING: &str = "skip: no source is newer than in the previous release 0.0.7";

#[test]
fn newest_version_that_meets_the_condition_is_released() {
    let web = |condition: &str| {
        case(
            &["web 1.0.0 1.0.1 1.1.0 2.0.0"],
            "web 1.0.0",
            options(condition),
        )
    };
    table([
        (web("true"), "create web 2.0.0"),
        (web("packages.web.change != 'major'"), "create web 1.1.0"),
        (web("packages.web.change == 'patch'"), "create web 1.0.1"),
        (
            web("packages['acme/web'].minor == 0 and packages['deploy-web:web'].major == 1"),
            "create web 1.0.1",
        ),
        (
            web("packages.web.change == 'none'"),
            "skip: the trigger's `if` is not met by acme/web 2.0.0, nor by 2 older combinations: packages.web.change is major",
        ),
        (
            web("previous.version != '0.0.7' or channel != 'Default'"),
            "skip: the trigger's `if` is not met by acme/web 2.0.0, nor by 2 older combinations: previous.version is \
             0.0.7; channel is Default",
        ),
        (
            web("packages | selectattr('changed') | length > 1"),
            "skip: the trigger's `if` is not met by acme/web 2.0.0, nor by 2 older combinations: packages is [acme/web \
             2.0.0 (was 1.0.0)]",
        ),
        (
            web("packages.web.change == 'none'").released("web 2.0.0"),
            NOTHING,
        ),
        // An older version is no choice.
        (
            web("packages.web.major == 1").released("web 1.1.0"),
            "skip: the trigger's `if` is not met by acme/web 2.0.0: packages.web.major is 2",
        ),
    ]);
}

#[test]
fn values_of_packages_and_of_the_release_are_known() {
    let now = 90_000;
    let packages = ["web 1.0.0@0 1.1.0-rc.1@100!aa", "api 1.0@0"];
    for condition in [
        "packages.web.name == 'acme/web'",
        "packages.web.version == '1.1.0-rc.1' and packages.web.previous == '1.0.0'",
        "packages.web.digest == 'sha256:aa' and packages.api.digest is none",
        "packages.web.previousDigest is none",
        "packages.web.published == 100 and now - packages.web.published > 86400",
        "packages.web.change == 'minor' and packages.api.change == 'none'",
        "packages.web.changed and not packages.api.changed",
        "packages.web.action == 'deploy-web' and packages.web.reference == 'web'",
        "(packages.web.major, packages.web.minor, packages.web.patch) == (1, 1, 0)",
        "packages.web.preRelease == 'rc.1' and packages.api.preRelease == ''",
        "packages | length == 2 and changed | length == 1",
        "changed[0].name == 'acme/web' and (packages | last).version == '1.0'",
        "packages | map(attribute='change') | unique | list == ['minor', 'none']",
        "packages | rejectattr('change', 'eq', 'none') | map(attribute='reference') | join == 'web'",
        "previous.version == '0.0.7' and previous.created is none",
        "project == 'Shop' and channel == 'Default'",
        "packages.web.version is startingwith '1.' and 'rc' in packages.web.version",
        "packages.other is not defined",
    ] {
        let case = case(&packages, "web 1.0.0, api 1.0", options(condition)).at(now);
        let parsed = options(condition).check();
        assert_eq!(parsed, [], "{condition}");
        assert_eq!(
            case.decided(),
            "create web 1.1.0-rc.1, api 1.0",
            "{condition}"
        );
    }
    let first = Case {
        previous: None,
        ..with_packages(&["web 1.0 1.1"]).options(options(
            "packages.web.previous is none and packages.web.change == 'other' and previous.version is none",
        ))
    };
    assert_eq!(first.decided(), "create web 1.1");
}

#[test]
fn condition_that_cannot_be_evaluated_is_refused() {
    for (condition, expected) in [
        (
            "packages.wbe.changed",
            "unknown package `wbe`; did you mean `web`?",
        ),
        (
            "packages.web.chnaged",
            "unknown name of a package `chnaged`; did you mean `changed`?",
        ),
        ("packages[7].changed", "undefined value"),
        (
            "packages.web.version",
            "it results in a string, not in true or false; write a comparison",
        ),
        (
            "packages.web.previous | nosuch",
            "unknown filter: filter nosuch is unknown",
        ),
        (
            "packages.web.",
            "syntax error: unexpected end of input, expected identifier or integer",
        ),
        (
            "range(100000) | map('string') | join | length > 1",
            "it needs too much work; shorten it",
        ),
    ] {
        let decided = case(&["web 1.0 1.1"], "web 1.0", options(condition)).decided();
        assert_eq!(
            decided,
            format!("refuse: the option if: {expected}"),
            "{condition}"
        );
    }
    // A name of several packages with different versions.
    let mut twice = case(
        &["web 1.0 1.1", "api 2.0"],
        "web 1.0, api 2.0",
        options("packages.web.changed"),
    );
    for (source, entry) in twice
        .trigger
        .sources
        .iter_mut()
        .zip(&mut twice.template.packages)
    {
        source.reference.package_reference = "web".to_owned();
        entry.package_reference = "web".to_owned();
    }
    for selected in twice.previous.iter_mut().flat_map(|one| &mut one.selected) {
        selected.1 = "web".to_owned();
    }
    assert_eq!(
        twice.judge().decision.to_string(),
        "refuse: the option if: several packages are named `web`; write one as `action:reference`"
    );
}

#[test]
fn unknown_names_are_found_in_all_branches() {
    for (condition, expected) in [
        (
            "packages.web.change == 'minor' or pakages.web.changed",
            &["unknown name `pakages`; did you mean `packages`?"][..],
        ),
        (
            "true or packages['web']['verison'] == '1'",
            &["unknown name of a package `verison`; did you mean `version`?"],
        ),
        (
            "true or (packages | first).verison == '1'",
            &["unknown name of a package `verison`; did you mean `version`?"],
        ),
        (
            "true or packages | selectattr('chnaged') | length > 0",
            &["unknown name of a package `chnaged`; did you mean `changed`?"],
        ),
        (
            "true or packages | map(attribute='verison') | list == []",
            &["unknown name of a package `verison`; did you mean `version`?"],
        ),
        (
            "true or previous.verison == '1'",
            &["unknown name of `previous` `verison`; did you mean `version`?"],
        ),
        (
            "true or channel.name == '1'",
            &["`channel.name`: a text or number has no values of its own"],
        ),
        (
            "true or packages.web.version.major == 1",
            &["`packages.web.version.major`: a text or number has no values of its own"],
        ),
        (
            "true or channel | uper == 'A'",
            &["unknown filter `uper`; did you mean `upper`?"],
        ),
        (
            "true or channel is startswith 'A'",
            &["unknown test `startswith`; did you mean `startingwith`?"],
        ),
        (
            "true or rnage(3) == 1",
            &["unknown function `rnage`; did you mean `range`?"],
        ),
        ("'pakages.verison' == \"it's \\\" pakages\" or true", &[]),
        (
            "packages.web.changed is not none and packages.web.minor not in [1, 2]",
            &[],
        ),
        (
            "packages.web.changed if channel == 'A' else packages['a.b/c'].changed",
            &[],
        ),
    ] {
        let errors: Vec<_> = options(condition)
            .check()
            .into_iter()
            .map(|one| one.problem)
            .collect();
        assert_eq!(errors, expected, "{condition}");
    }
    let long = format!("{} true", "true or ".repeat(600));
    assert_eq!(
        options(&long).check()[0].to_string(),
        "if: it has more than 4096 bytes; shorten it"
    );
}

#[test]
fn combination_of_several_sources_is_the_nearest_to_the_newest() {
    let packages = ["web 1.0 1.1 2.0", "api 1.0 1.1 2.0"];
    let released = "web 1.0, api 1.0";
    let with = |condition: &str, options: Options| {
        let condition = Some(condition.to_owned());
        case(
            &packages,
            released,
            Options {
                condition,
                ..options
            },
        )
    };
    let any = Options::default;
    let all = || Options {
        when: When::All,
        ..Options::default()
    };
    table([
        (
            with("packages.web.major == packages.api.major", any()),
            "create web 2.0, api 2.0",
        ),
        (
            with("packages.web.major == 1", any()),
            "create web 1.1, api 2.0",
        ),
        (
            with("packages.api.major == 1", any()),
            "create web 2.0, api 1.1",
        ),
        (
            with("packages | map(attribute='major') | max == 1", any()),
            "create web 1.1, api 1.1",
        ),
        // A package keeps the version of the previous release.
        (
            with("changed | length == 1 and packages.web.major == 1", any()),
            "create web 1.0, api 2.0",
        ),
        (
            with("changed | length == 1", all()),
            "skip: the trigger's `if` is not met by acme/web 2.0, acme/api 2.0, nor by 3 older combinations: changed is \
             [acme/web 2.0 (was 1.0), acme/api 2.0 (was 1.0)]",
        ),
        (
            with("packages.api.minor == 1", all()),
            "create web 2.0, api 1.1",
        ),
    ]);
}

#[test]
fn condition_with_each_option() {
    let seconds = |seconds| Some(Span::from_seconds(seconds));
    let not_major = "packages.web.change != 'major'";
    let with = |packages: &[&str], released: &str, condition: &str, options: Options| {
        let condition = Some(condition.to_owned());
        case(
            packages,
            released,
            Options {
                condition,
                ..options
            },
        )
    };
    let same_version = || Options {
        when: When::SameVersion { extract: None },
        ..Options::default()
    };
    let catch_up = |catch_up| Options {
        catch_up,
        ..Options::default()
    };
    let web = "web 1.0.0@0 1.1.0@10 2.0.0@20 1.2.0@100";
    let shared = [
        "web 1.0.0@0 1.1.0@10 2.0.0@20",
        "api 1.0.0@0 1.1.0@10 2.0.0@20",
    ];
    let both = "web 1.0.0, api 1.0.0";
    let aged = || Options {
        minimum_age: seconds(60),
        ..Options::default()
    };
    let mut limited = with(
        &[web],
        "web 1.0.0",
        not_major,
        Options {
            max_releases_per_hour: NonZeroU32::new(1),
            ..Options::default()
        },
    )
    .at(200);
    limited.made = vec![at(100)];
    assert!(
        limited.decided().ends_with("until 3700"),
        "{}",
        limited.decided()
    );
    let baseline = Options {
        first_sight: FirstSight::Baseline,
        ..Options::default()
    };
    let mut unreleased = Case {
        previous: None,
        ..with(
            &["web 1.0.0@0 1.1.0@100 2.0.0@110"],
            "",
            "packages.web.major == 1",
            baseline,
        )
    };
    unreleased.trigger.since = at(50);
    table([
        // minimumAge: an older version that is old enough is released meanwhile.
        (
            with(&[web], "web 1.0.0", not_major, aged()).at(130),
            "create web 1.1.0",
        ),
        (
            with(&[web], "web 1.0.0", not_major, aged()).at(160),
            "create web 1.2.0",
        ),
        (
            with(
                &["web 1.0.0@0 1.1.0@100 2.0.0@10"],
                "web 1.0.0",
                not_major,
                aged(),
            )
            .at(130),
            "wait: the trigger's `if` is not met by acme/web 2.0.0: packages.web.change is major; until 160",
        ),
        (
            with(
                &["web 1.0.0@0 1.1.0@100"],
                "web 1.0.0",
                not_major,
                Options {
                    quiet_period: seconds(60),
                    ..Options::default()
                },
            )
            .at(130),
            "wait: the last change was 30 s ago; waiting until nothing has changed for 60 s; until 160",
        ),
        (
            with(&shared, both, not_major, same_version()),
            "create web 1.1.0, api 1.1.0",
        ),
        (
            with(&shared, both, "packages.web.patch == 1", same_version()),
            "skip: the trigger's `if` is not met by acme/web 2.0.0, acme/api 2.0.0, nor by an older combination: \
             packages.web.patch is 0",
        ),
        (
            with(&[web], "web 1.0.0", not_major, catch_up(CatchUp::Every)),
            "create web 1.1.0 ...",
        ),
        (
            with(
                &[web],
                "web 1.0.0",
                "packages.web.minor != 1",
                catch_up(CatchUp::Every),
            ),
            "create web 1.2.0 ...",
        ),
        (
            with(
                &[web],
                "web 1.0.0",
                "packages.web.change == 'major'",
                catch_up(CatchUp::NewestPerMinor),
            ),
            "create web 2.0.0",
        ),
        (
            with(
                &shared,
                both,
                "packages.web.minor == 0",
                Options {
                    catch_up: CatchUp::Every,
                    ..same_version()
                },
            ),
            "create web 2.0.0, api 2.0.0",
        ),
        (
            with(
                &shared,
                both,
                "packages.api.version == '1.1.0'",
                catch_up(CatchUp::Every),
            ),
            "create web 1.0.0, api 1.1.0 ...",
        ),
        (
            with(
                &[web],
                "web 1.0.0",
                not_major,
                Options {
                    window: Some(window("UTC", "00:00-00:01", "")),
                    ..Options::default()
                },
            )
            .at(59),
            "create web 1.2.0",
        ),
        (unreleased.at(200), "create web 1.1.0"),
    ]);
    let follow = VersionPolicy {
        follow: Some("latest".to_owned()),
        ..VersionPolicy::default()
    };
    let followed = |condition: &str| {
        with(
            &["web latest@0!bb@100"],
            "web 1.0",
            condition,
            Options::default(),
        )
        .select(&follow)
    };
    assert_eq!(
        followed("packages.web.digest == 'sha256:bb' and packages.web.change == 'other'").decided(),
        "create web latest@bb"
    );
    let rolled = VersionPolicy {
        versions: VersionConditions {
            exclude: Some("^1.5.0$".to_owned()),
            roll_back: true,
            ..VersionConditions::default()
        },
        ..VersionPolicy::default()
    };
    let rolled = |condition: &str| {
        with(
            &["web 1.3.0 1.4.0 1.5.0"],
            "web 1.5.0",
            condition,
            Options::default(),
        )
        .select(&rolled)
    };
    assert_eq!(
        rolled("packages.web.minor == 4").decided(),
        "create web 1.4.0"
    );
    assert_eq!(
        rolled("packages.web.minor == 3").decided(),
        "skip: the trigger's `if` is not met by acme/web 1.4.0: packages.web.minor is 4"
    );
}

#[test]
fn every_version_that_meets_the_condition_is_released_in_order() {
    let every = Options {
        catch_up: CatchUp::Every,
        ..options("packages.web.patch != 1 and packages.web.change != 'major'")
    };
    let case = case(
        &["web 1.0.0 1.0.1 1.0.2 1.1.0 1.1.1 1.2.0"],
        "web 1.0.0",
        every,
    );
    assert_eq!(case.releases(), ["web 1.0.2", "web 1.1.0", "web 1.2.0"]);
}

#[test]
fn number_of_tried_combinations_is_bounded() {
    let tags = |count: usize| {
        let tags: Vec<_> = (0..=count).map(|patch| format!("1.0.{patch}")).collect();
        format!("web {}", tags.join(" "))
    };
    let oldest = |count| {
        case(
            &[&tags(count)],
            "web 1.0.0",
            options("packages.web.patch == 1"),
        )
    };
    assert_eq!(oldest(MAX_COMBINATIONS).decided(), "create web 1.0.1");
    let decided = oldest(MAX_COMBINATIONS + 1).decided();
    let tried = MAX_COMBINATIONS - 1;
    assert!(
        decided.contains(&format!("nor by {tried} older combinations")),
        "{decided}"
    );
}

#[test]
fn simulation_shows_when_the_condition_was_not_met() {
    let case = case(
        &["web 1.0.0@0 2.0.0@100 1.1.0@200"],
        "web 1.0.0",
        options("packages.web.change != 'major'"),
    );
    let simulation = simulate(
        &case.at(1_000).situation(),
        &Answers::default(),
        at(10),
        MAX_DECISIONS,
    );
    let releases: Vec<_> = simulation.releases.iter().map(|one| one.at).collect();
    let blocked: Vec<_> = simulation.blocked.iter().map(|one| one.at).collect();
    assert_eq!((releases, blocked), (vec![at(200)], vec![at(100), at(200)]));
}

/// A condition, and the same as a function of the versions of `web` and `api`.
type Checked = (&'static str, fn([u32; 4], [u32; 4]) -> bool);

const CHECKED: [Checked; 5] = [
    ("packages.web.major == packages.api.major", |web, api| {
        web[0] == api[0]
    }),
    ("packages.web.minor % 2 == 0", |web, _| web[1] % 2 == 0),
    ("packages.web.patch + packages.api.patch < 3", |web, api| {
        web[2] + api[2] < 3
    }),
    ("true", |_, _| true),
    ("false", |_, _| false),
];

/// Whatever is released meets the condition and is not older, and no newer version of a single source meets it.
#[test]
fn release_meets_the_condition_and_never_goes_back() {
    let version = (0..3_u8, 0..3_u8, 0..3_u8);
    let version = || {
        version
            .clone()
            .prop_map(|(major, minor, patch)| format!("{major}.{minor}.{patch}"))
    };
    let content = || prop::collection::btree_set(version(), 1..8);
    let whens = prop::sample::select(vec![
        When::Any,
        When::All,
        When::SameVersion { extract: None },
    ]);
    let catch_ups = prop::sample::select(vec![
        CatchUp::Newest,
        CatchUp::Every,
        CatchUp::NewestPerMinor,
    ]);
    let strategy = (
        content(),
        content(),
        version(),
        version(),
        whens,
        catch_ups,
        0..CHECKED.len(),
    );
    check_property(
        strategy,
        |(web, api, before_web, before_api, when, catch_up, index)| {
            let (condition, is_met) = CHECKED[index];
            let list = |name: &str, content: std::collections::BTreeSet<String>| {
                let versions: Vec<_> = content.into_iter().collect();
                format!("{name} {}", versions.join(" "))
            };
            let options = Options {
                when,
                catch_up,
                ..options(condition)
            };
            let (web, api) = (list("web", web), list("api", api));
            let released = format!("web {before_web}, api {before_api}");
            let case = case(&[&web, &api], &released, options.clone());
            let decided = case.judge();
            prop_assert_eq!(&decided, &case.judge());
            prop_assert!(!decided.decision.reason().to_string().is_empty());
            let unconditional = Case::clone(&case).options(Options {
                condition: None,
                ..options
            });
            let unconditional = unconditional.judge().decision;
            let Decision::Create(plan, _) = decided.decision else {
                if condition == "true" {
                    prop_assert_eq!(decided.decision, unconditional);
                }
                return Ok(());
            };
            prop_assert!(
                matches!(unconditional, Decision::Create(..))
                    || !matches!(unconditional, Decision::Wait(..))
            );
            let parsed = |text: &str| Version::parse(VersionFormat::Docker, text).unwrap();
            let mut newer = 0;
            let mut numbers = std::collections::BTreeMap::new();
            for package in &plan.packages {
                let (now, before) = (
                    parsed(&package.version),
                    parsed(package.previous.as_deref().unwrap()),
                );
                prop_assert!(now >= before, "{package:?}");
                newer += usize::from(now > before);
                numbers.insert(package.package_reference.clone(), now.numbers());
            }
            prop_assert!(newer > 0, "nothing is newer");
            prop_assert!(
                is_met(numbers["web"], numbers["api"]),
                "{condition}: {plan:?}"
            );
            Ok(())
        },
    );
}
