//! The published JSON Schemas describe every field of the messages.

use domain::push::{PackageKind, PackagePush, Push};
use serde_json::{Value, json};

use crate::samples;

fn schema(detail_type: &str) -> Value {
    let path = format!(
        "{}/../../infra/events/{detail_type}.schema.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).expect("JSON")
}

/// The schema without unknown fields. The published schema permits them, as readers must ignore them.
fn closed(mut schema: Value) -> Value {
    match &mut schema {
        Value::Object(object) => {
            for value in object.values_mut() {
                *value = closed(value.take());
            }
            if object.contains_key("properties") && object.get("type") == Some(&json!("object")) {
                object.insert("additionalProperties".to_owned(), json!(false));
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| *item = closed(item.take())),
        _ => {}
    }
    schema
}

#[test]
fn messages_match_their_schemas() {
    for (name, message) in samples::messages() {
        let outgoing = wire::encode(&message).expect(name);
        let validator =
            jsonschema::draft202012::new(&closed(schema(outgoing.detail_type))).expect(name);
        let detail: Value = serde_json::from_str(&outgoing.detail).expect("JSON");
        let errors: Vec<String> = validator
            .iter_errors(&detail)
            .map(|error| format!("{}: {error}", error.instance_path))
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}

#[test]
fn required_fields_are_those_that_decoding_needs() {
    for (name, message) in samples::messages() {
        let outgoing = wire::encode(&message).expect(name);
        let schema = schema(outgoing.detail_type);
        let detail: Value = serde_json::from_str(&outgoing.detail).expect("JSON");
        for path in ["/properties/metadata", "/properties/data"] {
            let required = schema
                .pointer(path)
                .and_then(|part| part["required"].as_array());
            for field in required.expect("required fields") {
                let field = field.as_str().expect("a name");
                let mut without = detail.clone();
                let part = path.rsplit('/').next().expect("a part");
                without[part]
                    .as_object_mut()
                    .expect("an object")
                    .remove(field);
                let read = wire::decode(outgoing.detail_type, &without.to_string());
                // Totals of truncated lists are informative; decoding does not need them.
                let informative = ["sourceCount", "packageCount"].contains(&field);
                assert!(
                    read.is_err() || informative,
                    "{name} decodes without {field}"
                );
            }
        }
    }
}

/// Other programs write this event too; the hook receiver's has every field.
#[test]
fn package_pushed_fixture_matches_its_schema() {
    let validator = jsonschema::draft202012::new(&schema("PackagePushed")).expect("a schema");
    let fixture = include_str!("../../fixtures/PackagePushed.json");
    let detail: Value = serde_json::from_str(fixture).expect("JSON");
    assert!(validator.is_valid(&detail));
    assert!(!validator.is_valid(&serde_json::json!({ "data": { "kind": "rpm" } })));
    let push = PackagePush {
        feeds: Some(vec!["Default/Images".to_owned()]),
        push: Push {
            registry: Some("ghcr.io".to_owned()),
            repository: Some("acme/web".to_owned()),
            kind: Some(PackageKind::Image),
            tag: Some("1.4.0".to_owned()),
            digest: Some("sha256:00".to_owned()),
            ..Push::default()
        },
        ..PackagePush::default()
    };
    let closed = jsonschema::draft202012::new(&closed(schema("PackagePushed"))).expect("a schema");
    for push in [push, PackagePush::default()] {
        let outgoing = wire::encode_push(&push).expect("encoded");
        let detail: Value = serde_json::from_str(&outgoing.detail).expect("JSON");
        assert!(closed.is_valid(&detail), "{detail}");
    }
}
