//! The schema and the reader agree, and the published schema is the generated one.

use serde_json::Value;
use trigger_file::{read, schema};

const PUBLISHED: &str = include_str!("../../../docs/triggers.schema.json");

#[test]
fn the_published_schema_is_this_one() {
    let current = format!("{:#}\n", schema());
    assert!(
        current == PUBLISHED,
        "docs/triggers.schema.json is outdated; run feedctl schema > docs/triggers.schema.json"
    );
}

#[test]
fn the_schema_describes_every_field() {
    fn walk(value: &Value, path: &str) {
        let Some(object) = value.as_object() else {
            return;
        };
        if let Some(properties) = object.get("properties").and_then(Value::as_object) {
            for (name, property) in properties.iter().filter(|(_, one)| one.is_object()) {
                assert!(property["description"].is_string(), "{path}.{name}");
                let is_leaf = property
                    .get("type")
                    .is_some_and(|kind| kind != "array" && kind != "object");
                let has_examples = property.get("examples").is_some();
                assert!(!is_leaf || has_examples, "{path}.{name} has no example");
            }
        }
        for (name, inner) in object {
            walk(inner, &format!("{path}.{name}"));
        }
    }
    walk(&schema(), "");
}

/// The schema accepts the same files as the reader.
#[test]
fn schema_and_reader_agree() {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    let trigger =
        |fields: &str| format!("triggers: [{{ name: A, project: P, packages: ['*'], {fields} }}]");
    let native = |fields: &str| format!("native: [{{ {fields} }}]");
    let package =
        |fields: &str| format!("triggers: [{{ name: A, project: P, packages: [{fields}] }}]");
    for (text, is_right) in [
        (include_str!("everything.yaml").to_owned(), true),
        ("triggers: []".to_owned(), true),
        ("native: []".to_owned(), true),
        ("{}".to_owned(), false),
        ("[]".to_owned(), false),
        ("triggers: null".to_owned(), false),
        ("trigger: []".to_owned(), false),
        ("triggers: [{ name: A, project: P }]".to_owned(), false),
        ("triggers: [{ name: A, packages: ['*'] }]".to_owned(), false),
        (trigger("channel: Default"), true),
        (trigger("channel: 7"), false),
        (trigger("channel: ' '"), false),
        (trigger("channel: null"), false),
        (trigger("description: ''"), true),
        (trigger("isDisabled: true"), true),
        (trigger("isDisabled: 'true'"), false),
        (
            trigger("require: { platforms: [linux/amd64], labels: { a: b } }"),
            true,
        ),
        (trigger("require: { signed: { keys: [] } }"), false),
        (trigger("require: { signed: { within: 5m } }"), false),
        (trigger("require: { scanned: true }"), false),
        (
            trigger("require: { scan: { allow: high, within: 5m } }"),
            true,
        ),
        (trigger("require: { scan: { allow: HIGH } }"), false),
        (trigger("require: { scan: {} }"), false),
        (
            trigger(
                "require: { signed: { profile: 'arn:aws:signer:eu-west-1:123456789012:/signing-profiles/p1' } }",
            ),
            true,
        ),
        (
            trigger(
                "require: { signed: { profile: 'arn:aws:signer:eu-west-1:123456789012:/signing-profiles/p1', keys: [a] } }",
            ),
            false,
        ),
        (trigger("require: { signed: { profile: release } }"), false),
        (trigger("follow: latest"), true),
        (trigger("follow: a b"), false),
        (trigger("when: all"), true),
        (trigger("when: sameVersion"), true),
        (trigger("when: never"), false),
        (trigger("when: { sameVersion: {} }"), true),
        (trigger("when: { sameVersion: { extract: '^1' } }"), true),
        (trigger("when: { all: {} }"), false),
        (trigger("when: {}"), false),
        (trigger("quietPeriod: 5m"), true),
        (trigger("quietPeriod: 1d2h3m4s"), true),
        (trigger("quietPeriod: P1DT2H"), true),
        (trigger("quietPeriod: PT"), false),
        (trigger("quietPeriod: P1DT"), false),
        (trigger("quietPeriod: 5 m"), false),
        (trigger("quietPeriod: 5"), false),
        (trigger("quietPeriod: 2h1d"), false),
        (trigger("maxReleasesPerHour: 100"), true),
        (trigger("maxReleasesPerHour: 101"), false),
        (trigger("maxReleasesPerHour: 0"), false),
        (trigger("maxReleasesPerHour: 1.5"), false),
        (
            trigger("window: { freezes: [{ from: 2026-12-18, to: 2027-01-06 }] }"),
            true,
        ),
        (
            trigger("window: { freezes: [{ from: 2026-12-18 }] }"),
            false,
        ),
        (
            trigger("window: { freezes: [{ from: 18.12.2026, to: 2027-01-06 }] }"),
            false,
        ),
        (trigger("window: { freezes: [] }"), false),
        (
            trigger("window: { open: [{ days: [monday], from: '09:00', to: '24:00' }] }"),
            true,
        ),
        (trigger("window: { open: [{ days: [Monday] }] }"), false),
        (trigger("window: { open: [{ days: [] }] }"), false),
        (trigger("window: { open: [{ from: '9:00' }] }"), false),
        (trigger("window: { open: [{ to: '24:01' }] }"), false),
        (trigger("window: always"), false),
        (trigger("if: 'packages.web.change == \"minor\"'"), true),
        (trigger("if: true"), false),
        (trigger("catchUp: newestPerMinor"), true),
        (trigger("catchUp: Newest"), false),
        (
            trigger("versions: { order: published, rollBack: true }"),
            true,
        ),
        (trigger("versions: { order: newest }"), false),
        (trigger("versions: { platform: linux/arm/v7 }"), true),
        (trigger("versions: { platform: Linux/arm64 }"), false),
        (trigger("versions: { pattern: a }"), false),
        (trigger("customFields: { A: '{{ reason }}' }"), true),
        (trigger("customFields: { A: 1 }"), false),
        (trigger("customFields: []"), false),
        (package(""), false),
        (package("{}"), false),
        (package("all"), false),
        (package("{ deploymentActionSlug: a }"), true),
        (
            package("{ deploymentActionSlug: a, packageReference: '' }"),
            true,
        ),
        (package("{ deploymentActionSlug: '' }"), false),
        (native("id: A"), true),
        (native("id: A, space: S"), false),
        (native("id: A, project: P, name: Watch"), false),
        (
            native("project: P, name: Watch, space: S, dryRun: true"),
            true,
        ),
        (native("project: P"), false),
        (native("dryRun: true"), false),
        (native("id: A, isDisabled: true"), false),
    ] {
        let value: Value = serde_saphyr::from_str(&text).unwrap();
        let found = read("t.yaml", &text);
        assert_eq!(found.is_ok(), is_right, "the reader, on {text}: {found:?}");
        assert_eq!(
            validator.is_valid(&value),
            is_right,
            "the schema, on {text}"
        );
    }
}
