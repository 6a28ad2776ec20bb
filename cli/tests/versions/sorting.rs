//! `feedctl versions sort`.

use crate::tables::{
    NONE_DOCKER, NONE_SEMVER, ORDER_DOCKER, ORDER_MAVEN, ORDER_SEMVER, RISING_MAVEN, relations,
    rows,
};
use crate::versions;

fn sort(kind: &str, input: &[&str]) -> Vec<String> {
    let ran = versions(&["sort", "--feed-type", kind], input);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{kind}");
    ran.lines().into_iter().map(str::to_owned).collect()
}

/// Sorts the versions of a table in both input orders, and compares the positions with each row. Equal versions
/// stay in the order of the input.
fn check(kind: &str, table: &str) {
    let relations = relations(table);
    let mut input: Vec<_> = relations.iter().flat_map(|(a, _, b)| [*a, *b]).collect();
    input.sort_unstable();
    input.dedup();
    for _ in 0..2 {
        input.reverse();
        let sorted = sort(kind, &input);
        assert_eq!(sorted.len(), input.len());
        for (a, relation, b) in &relations {
            let newer_first = |of: &str| sorted.iter().position(|one| one == of).unwrap();
            let given = |of: &str| input.iter().position(|one| *one == of).unwrap();
            let expected = match relation {
                '<' => newer_first(b) < newer_first(a),
                '>' => newer_first(a) < newer_first(b),
                _ => newer_first(a).cmp(&newer_first(b)) == given(a).cmp(&given(b)),
            };
            assert!(expected, "{kind}: {a} {relation} {b} in {sorted:?}");
        }
    }
}

#[test]
fn sort_follows_semver() {
    for kind in ["NuGet", "Helm", "BuiltIn"] {
        check(kind, ORDER_SEMVER);
    }
}

#[test]
fn sort_orders_images_and_releases() {
    for kind in ["Docker", "AwsElasticContainerRegistry", "OctopusProject"] {
        check(kind, ORDER_DOCKER);
    }
}

#[test]
fn sort_follows_maven() {
    check("Maven", ORDER_MAVEN);
    let mut rising: Vec<_> = rows(RISING_MAVEN).collect();
    let sorted = sort("Maven", &rising);
    rising.reverse();
    assert_eq!(sorted, rising);
}

#[test]
fn sort_reports_invalid_versions_and_succeeds() {
    for (kind, table) in [("NuGet", NONE_SEMVER), ("Docker", NONE_DOCKER)] {
        let none: Vec<_> = rows(table).collect();
        let mut input = none.clone();
        input.insert(0, "1.0.0");
        input.push("2.0.0");
        let ran = versions(&["sort", "--feed-type", kind], &input);
        assert_eq!((ran.code, ran.lines()), (0, vec!["2.0.0", "1.0.0"]));
        let messages: Vec<_> = ran.stderr.lines().collect();
        assert_eq!(messages.len(), none.len());
        for (message, text) in messages.into_iter().zip(none) {
            assert!(message.starts_with(&format!("{text}: ")), "{message}");
            assert!(message.contains("(byte "), "{message}");
        }
    }
}

#[test]
fn sort_json_contains_only_versions() {
    for format in [["--output-format", "json"], ["-f", "json"]] {
        let arguments = [&["sort", "--feed-type", "Docker"][..], &format].concat();
        let ran = versions(&arguments, &["1.9", "a/b", "v1.10", "latest"]);
        assert_eq!(ran.json(), serde_json::json!(["v1.10", "1.9", "latest"]));
        assert!(ran.stderr.starts_with("a/b: "), "{}", ran.stderr);
    }
}

#[test]
fn sort_keeps_the_spelling_of_versions() {
    let input = ["1.001.002", " 1.0.0 ", "v1.2.3", "1.2.3.0"];
    assert_eq!(
        sort("NuGet", &input),
        ["v1.2.3", "1.2.3.0", "1.001.002", " 1.0.0 "]
    );
}
