//! What holds for every situation: a decision is a function of its input, and never goes back.

use domain::decide::Decision;
use domain::rule::VersionRule;
use domain::snapshot::Snapshot;
use domain::version::{Version, VersionFormat};
use proptest::prelude::*;

use crate::case::{Case, range, seen, tag};
use crate::hold;

/// Few pieces, so that equal and near versions are common.
fn text() -> impl Strategy<Value = String> {
    let number = || 0..4_u8;
    let suffix = prop::sample::select(vec!["", "", "", "-rc.1", "-rc.2", "-beta", "+7"]);
    let version = (number(), number(), number(), suffix, any::<bool>());
    let version = version.prop_map(|(major, minor, patch, suffix, v)| {
        format!(
            "{}{major}.{minor}.{patch}{suffix}",
            if v { "v" } else { "" }
        )
    });
    prop_oneof![9 => version, 1 => Just("latest".to_owned())]
}

fn rule() -> impl Strategy<Value = VersionRule> {
    prop::sample::select(vec![
        VersionRule::default(),
        range("[1.0,3.0)"),
        range("(1.2,2.3]"),
        tag("^$"),
        tag("^rc"),
    ])
}

type Content = Vec<(String, i64)>;

fn content() -> impl Strategy<Value = Content> {
    prop::collection::vec((text(), 0..5_i64), 0..12)
}

fn case(web: &Content, api: &Content, rule: &VersionRule, previous: &(String, String)) -> Case {
    let snapshot = |content: &Content| {
        Snapshot::from_versions(content.iter().map(|(text, at)| seen(text, *at)))
    };
    Case::new()
        .package("web", VersionFormat::Docker, snapshot(web))
        .package("api", VersionFormat::Docker, snapshot(api))
        .rule("web", rule.clone())
        .released(&format!("web {}, api {}", previous.0, previous.1))
}

#[test]
fn a_planned_version_is_never_older_than_the_previous_one() {
    let strategy = (content(), content(), rule(), (text(), text()));
    hold(strategy, |(web, api, rule, previous)| {
        let Decision::Create(plan, _) = case(&web, &api, &rule, &previous).judge().decision else {
            return Ok(());
        };
        let version = |text: &str| Version::parse(VersionFormat::Docker, text).unwrap();
        let mut newer = 0;
        for package in &plan.packages {
            let previous = version(package.previous.as_deref().unwrap());
            prop_assert!(version(&package.version) >= previous, "{package:?}");
            newer += usize::from(version(&package.version) > previous);
        }
        prop_assert!(newer > 0, "a release without anything new: {plan:?}");
        Ok(())
    });
}

#[test]
fn the_planned_version_is_the_highest_permitted() {
    let strategy = (content(), rule());
    hold(strategy, |(web, rule)| {
        let snapshot = Snapshot::from_versions(web.iter().map(|(text, at)| seen(text, *at)));
        let case = Case::new()
            .package("web", VersionFormat::Docker, snapshot)
            .rule("web", rule.clone());
        let compiled = rule.compile(VersionFormat::Docker).unwrap();
        let best = web
            .iter()
            .filter(|(text, _)| text != "latest")
            .map(|(text, _)| Version::parse(VersionFormat::Docker, text).unwrap())
            .filter(|version| compiled.verdict(version).is_permitted())
            .max();
        let latest = case.finding().latest;
        let latest = latest.map(|text| Version::parse(VersionFormat::Docker, &text).unwrap());
        prop_assert_eq!(latest, best);
        Ok(())
    });
}

#[test]
fn the_order_in_which_things_came_decides_nothing() {
    let content = || content().prop_shuffle();
    let strategy = (content(), content(), rule(), (text(), text()));
    hold(strategy, |(mut web, mut api, rule, previous)| {
        // Each version once: which of two first sights counts is the order's matter.
        for content in [&mut web, &mut api] {
            content.sort();
            content.dedup_by(|one, other| one.0 == other.0);
        }
        let forwards = case(&web, &api, &rule, &previous);
        web.reverse();
        api.reverse();
        let mut backwards = case(&web, &api, &rule, &previous);
        backwards.template.packages.reverse();
        if let Some(previous) = &mut backwards.previous {
            previous.selected.reverse();
        }
        let judgement = forwards.judge();
        prop_assert_eq!(&judgement, &forwards.judge());
        prop_assert_eq!(&judgement, &backwards.judge());

        // Which source is listed first may change the reason, not what is released.
        backwards.trigger.sources.reverse();
        let (one, other) = (judgement.decision, backwards.judge().decision);
        if let Decision::Create(plan, _) = one {
            let Decision::Create(same, _) = other else {
                return Err(TestCaseError::fail(other.to_string()));
            };
            prop_assert_eq!(plan.key(), same.key());
        } else {
            prop_assert!(!matches!(other, Decision::Create(..)), "{}", other);
        }
        Ok(())
    });
}
