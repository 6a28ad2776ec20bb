//! The published schemas describe what is sent, every field of it.

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

/// The same schema, forbidding what it does not describe. Readers are told to pass over unknown fields,
/// so the published schema permits them.
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
fn every_message_is_as_its_schema_says() {
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
fn what_a_schema_requires_is_what_a_reader_needs() {
    for (name, message) in samples::messages() {
        let outgoing = wire::encode(&message).expect(name);
        let schema = schema(outgoing.detail_type);
        let detail: Value = serde_json::from_str(&outgoing.detail).expect("JSON");
        for place in ["/properties/metadata", "/properties/data"] {
            let required = schema
                .pointer(place)
                .and_then(|part| part["required"].as_array());
            for field in required.expect("required fields") {
                let field = field.as_str().expect("a name");
                let mut without = detail.clone();
                let part = place.rsplit('/').next().expect("a part");
                without[part]
                    .as_object_mut()
                    .expect("an object")
                    .remove(field);
                let read = wire::decode(outgoing.detail_type, &without.to_string());
                // Counts of what was cut are for people who read the message; the reader counts itself.
                let informative = ["sourceCount", "packageCount"].contains(&field);
                assert!(
                    read.is_err() || informative,
                    "{name} can do without {field}"
                );
            }
        }
    }
}
