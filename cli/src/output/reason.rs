//! Texts with codes as JSON: a code and values for programs, and the message for people.

use std::collections::BTreeMap;

use domain::coded::{Code as _, CodedText, DetailValue};
use domain::reason_code::ReasonDetails;
use serde_json::{Map, Value, json};

/// The reason as JSON.
pub(super) fn reason_json(message: &str, details: &ReasonDetails) -> Value {
    json!({
        "Code": details.code.name(),
        "IsError": details.code.is_error(),
        "Values": values_json(&details.values),
        "Message": message,
    })
}

/// A text with its code as JSON.
pub(crate) fn coded_json(text: impl Into<CodedText>) -> Value {
    let text = text.into();
    json!({
        "Code": text.code,
        "Values": values_json(&text.values),
        "Message": text.message,
    })
}

fn values_json(values: &BTreeMap<String, DetailValue>) -> Value {
    let values = values.iter().map(|(name, value)| {
        let value = match value {
            DetailValue::Text(text) => json!(text),
            DetailValue::Number(number) => json!(number),
        };
        (pascal_case(name), value)
    });
    Value::Object(values.collect::<Map<_, _>>())
}

/// A name in camel case with a capital at its start.
fn pascal_case(name: &str) -> String {
    let mut characters = name.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}
