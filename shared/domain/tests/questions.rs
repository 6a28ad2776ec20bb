//! Rules that only the server can apply: what is asked, and what its answers make of the decision.

#![expect(clippy::panic, reason = "in a test a panic is the report")]

#[expect(dead_code, reason = "only some of the cases' parts are needed here")]
#[path = "decisions/case.rs"]
mod case;

use domain::decide::{Answer, Answers, ExplainedDecision, Question, decide, decide_with};
use domain::process::{ChannelRule, RuleNames, rule_for, with_names};
use domain::rule::{RuleStrategy, VersionRule};
use domain::snapshot::Snapshot;
use domain::time::Timestamp;
use domain::version::VersionFormat;

use case::{Case, key, most_recent, range, regex, seen, tag};

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000)
}

/// A pattern that only .NET evaluates: `\Z` is not known here.
const DOTNET: &str = r"^beta\Z";

/// A pattern that needs more work than is allowed on a long pre-release text, and little on others.
const SLOW: &str = r"^(?:$|(a*)*\1b)";

/// Asks the questions of the case and answers each with what the server permits.
fn answered(case: &Case, permitted: &[&str]) -> ExplainedDecision {
    let versions = permitted.iter().map(|&version| version.to_owned());
    answered_with(case, &Answer::Permitted(versions.collect()))
}

fn answered_with(case: &Case, answer: &Answer) -> ExplainedDecision {
    let mut answers = Answers::default();
    for question in decide(&case.situation()).questions {
        answers.add(question, answer.clone());
    }
    let decided = decide_with(&case.situation(), &answers);
    assert_eq!(decided.questions, [], "nothing is asked twice");
    decided
}

#[test]
fn what_can_be_evaluated_here_is_not_asked() {
    for rule in [
        VersionRule::default(),
        range("[1.0,2.0)"),
        tag(r"^(?!beta).+"),
        range("[1.0"),
        regex("("),
    ] {
        let case = Case::new().image("web", "1.0.0").rule("web", rule);
        assert_eq!(case.judge().questions, []);
    }
}

#[test]
fn what_cannot_be_evaluated_here_is_asked_and_not_guessed() {
    for (rule, place) in [
        (tag(DOTNET), "byte 5"),
        (regex(r"[a-z-[aeiou]]"), "byte 4"),
        (range("1.*"), "floating versions"),
    ] {
        let case = Case::new()
            .image("web", "1.0.0 2.0.0")
            .rule("web", rule.clone());
        let decided = case.judge();
        let package = key("web");
        assert_eq!(decided.questions, [Question { package, rule }]);
        let decision = decided.decision.to_string();
        assert!(decision.starts_with("refuse: "), "{decision}");
        assert!(
            decision.contains("cannot be evaluated locally"),
            "{decision}"
        );
        assert!(decision.contains(place), "{decision}");
    }
}

#[test]
fn the_server_s_answer_is_the_verdict_on_each_candidate() {
    let rule = VersionRule {
        pre_release_tag: Some(DOTNET.to_owned()),
        ..range("[1.0,2.0)")
    };
    let case = Case::new()
        .image("web", "2.0.0 1.1.0-beta 1.0.0-beta latest not*a*version")
        .rule("web", rule)
        .released("web 1.0.0-beta");
    let decided = answered(&case, &["1.1.0-beta", "1.0.0-beta", "0.9.0-beta", "latest"]);
    assert_eq!(
        decided.decision.to_string(),
        "create: acme/web 1.1.0-beta is newer than 1.0.0-beta in the previous release"
    );
    let candidates: Vec<_> = decided.findings[0]
        .candidates
        .iter()
        .map(|one| {
            (
                one.version.as_str(),
                one.refused
                    .as_ref()
                    .map_or("permitted", |one| one.message.as_str()),
            )
        })
        .collect();
    let by_server =
        r"refused by Octopus's evaluation of version range [1.0,2.0), pre-release tag ^beta\Z";
    assert_eq!(
        candidates[..4],
        [
            ("2.0.0", by_server),
            ("1.1.0-beta", "permitted"),
            ("1.0.0-beta", "permitted"),
            ("latest", "ignored: it has no version number"),
        ]
    );
    assert!(candidates[4].1.contains("not*a*version"));
}

#[test]
fn server_answer_leads_to_every_decision() {
    let rows: [(&[&str], &str); 4] = [
        (
            &["1.5.0"],
            "skip: no source is newer than in the previous release 0.0.7",
        ),
        (
            &[],
            "skip: the channel's rules permit no version of acme/web",
        ),
        // Listed by the server, and not there when the feed was read.
        (
            &["9.0.0"],
            "skip: the channel's rules permit no version of acme/web",
        ),
        (
            &["1.0.0"],
            "skip: no source is newer than in the previous release 0.0.7",
        ),
    ];
    for (permitted, expected) in rows {
        let case = Case::new()
            .image("web", "1.0.0 1.5.0 2.0.0")
            .rule("web", regex(DOTNET))
            .released("web 1.5.0");
        let decision = answered(&case, permitted).decision.to_string();
        assert_eq!(decision, expected, "{permitted:?}");
    }
}

#[test]
fn the_server_s_answer_never_takes_a_package_back() {
    let case = Case::new()
        .image("web", "1.0.0 2.0.0")
        .rule("web", regex(DOTNET))
        .image("api", "1.1.0")
        .released("web 2.0.0, api 1.0.0");
    assert_eq!(
        answered(&case, &["1.0.0"]).decision.to_string(),
        "refuse: acme/web would go back from 2.0.0 to 1.0.0, the latest permitted version in the feed; a release never moves a package back"
    );
}

#[test]
fn a_pattern_that_takes_too_long_is_asked_where_it_matters() {
    let slow = format!("2.0.0-{}", "a".repeat(60));
    let case = Case::new()
        .image("web", &format!("1.0.0 {slow}"))
        .rule("web", tag(SLOW))
        .released("web 0.9.0");
    assert_eq!(case.judge().questions.len(), 1);
    assert_eq!(
        answered(&case, &["1.0.0"]).decision.to_string(),
        "create: acme/web 1.0.0 is newer than 0.9.0 in the previous release"
    );
    let finding = answered(&case, &[&slow, "1.0.0"]).findings.remove(0);
    assert_eq!(finding.latest, Some(slow.clone()));

    // Versions below the chosen one are not asked about.
    let newer = Case::new()
        .image("web", &format!("3.0.0 {slow}"))
        .rule("web", tag(SLOW));
    assert_eq!(newer.judge().questions, []);
}

#[test]
fn server_that_cannot_evaluate_the_rule_is_named_in_the_reason() {
    let case = Case::new().image("web", "1.0.0").rule("web", regex(DOTNET));
    let answer = Answer::Unanswerable("this server does not take versionTagRegex".to_owned());
    let decision = answered_with(&case, &answer).decision.to_string();
    assert!(
        decision.starts_with("refuse: cannot apply the channel's rule for acme/web"),
        "{decision}"
    );
    for part in [
        "cannot be evaluated locally",
        "Octopus cannot evaluate it: this server does not take versionTagRegex",
    ] {
        assert!(decision.contains(part), "{decision}");
    }
}

#[test]
fn each_source_has_its_own_question() {
    let case = Case::new()
        .image("web", "1.0.0")
        .rule("web", tag(DOTNET))
        .image("api", "1.0.0")
        .rule("api", tag(DOTNET))
        .image("db", "1.0.0");
    let packages = |decided: ExplainedDecision| -> Vec<_> {
        let questions = decided.questions.into_iter();
        questions.map(|one| one.package).collect()
    };
    assert_eq!(packages(case.judge()), [key("web"), key("api")]);

    let mut answers = Answers::default();
    let question = case.judge().questions.remove(0);
    answers.add(question, Answer::Permitted(["1.0.0".to_owned()].into()));
    let decided = decide_with(&case.situation(), &answers);
    assert_eq!(packages(decided), [key("api")]);
}

/// A rule's conditions apply with every strategy, evaluated here and by the server.
#[test]
fn conditions_apply_with_every_strategy() {
    let versions = || {
        Snapshot::from_versions([
            seen("1.5.0", 10),
            seen("2.5.0", 20),
            seen("1.6.0-rc.1", 30),
            seen("main-9f", 40),
        ])
    };
    let all = |strategy| VersionRule {
        range: Some("[1.0,2.0)".to_owned()),
        pre_release_tag: Some("^$".to_owned()),
        version_tag_regex: Some(r"^\d".to_owned()),
        strategy,
    };
    let latest = |rule: VersionRule| {
        let case = Case::new()
            .package("web", VersionFormat::Docker, versions())
            .rule("web", rule);
        case.finding().latest
    };
    for strategy in [RuleStrategy::SemVer, RuleStrategy::MostRecentlyPublished] {
        assert_eq!(
            latest(all(strategy)).as_deref(),
            Some("1.5.0"),
            "{strategy:?}"
        );
    }
    let recent = |rule: VersionRule| VersionRule {
        strategy: RuleStrategy::MostRecentlyPublished,
        ..rule
    };
    for (rule, expected) in [
        (most_recent(), "main-9f"),
        (recent(range("[1.0,)")), "1.6.0-rc.1"),
        (recent(tag("^$")), "2.5.0"),
        (recent(regex("^2")), "2.5.0"),
    ] {
        assert_eq!(latest(rule.clone()).as_deref(), Some(expected), "{rule}");
    }

    let case = Case::new()
        .package("web", VersionFormat::Docker, versions())
        .rule("web", recent(tag(DOTNET)));
    for (permitted, expected) in [
        (&["2.5.0", "1.6.0-rc.1"][..], "1.6.0-rc.1"),
        (&["2.5.0", "1.5.0"], "2.5.0"),
        (&["1.5.0", "main-9f"], "main-9f"),
    ] {
        let finding = answered(&case, permitted).findings.remove(0);
        assert_eq!(finding.latest.as_deref(), Some(expected), "{permitted:?}");
    }
}

#[test]
fn rule_matches_by_name_id_or_slug() {
    let pair = |other: &str, name: &str| (other.to_owned(), name.to_owned());
    let packages = vec![pair("2c1d8b51-0001", "web"), pair("2c1d8b51-0002", "")];
    let actions = vec![
        ("6b9f1a32-0001".to_owned(), "Deploy web".to_owned()),
        pair("deploy-web", "Deploy web"),
        ("6b9f1a32-0002".to_owned(), "Deploy api".to_owned()),
        // An action whose name is another action's id.
        ("6b9f1a32-0003".to_owned(), "6b9f1a32-0002".to_owned()),
    ];
    let names = RuleNames { actions, packages };
    let case = Case::new().image("web", "1.0.0");
    let package = &case.template.packages[0];
    for (action, reference, is_for_it) in [
        ("Deploy web", "web", true),
        ("DEPLOY WEB", "Web", true),
        ("6b9f1a32-0001", "web", true),
        ("6B9F1A32-0001", "2C1D8B51-0001", true),
        ("Deploy-Web", "web", true),
        ("deploy-web", "2c1d8b51-0002", false),
        ("deploy-web", "deploy-web", false),
        ("6b9f1a32-0002", "web", false),
        ("6b9f1a32-0009", "web", false),
    ] {
        let rules = vec![ChannelRule {
            packages: vec![(action.to_owned(), reference.to_owned())],
            rule: range("[1.0,2.0)"),
        }];
        let rules = with_names(rules, &names);
        let has_rule = rule_for(&rules, package) != VersionRule::default();
        assert_eq!(has_rule, is_for_it, "{action}");
        if action.ends_with("0002") {
            assert_eq!(
                rules[0].packages[0].0, action,
                "a name has priority over an id"
            );
        }
    }
}
