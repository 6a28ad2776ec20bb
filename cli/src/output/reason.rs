//! Reasons as JSON: a code and values for programs, and the message for people.

use domain::reason_code::{ReasonDetails, ReasonValue};
use serde_json::{Map, Value, json};

/// The reason as JSON.
pub(super) fn reason_json(message: &str, details: &ReasonDetails) -> Value {
    let values = details.values.iter().map(|(name, value)| {
        let value = match value {
            ReasonValue::Text(text) => json!(text),
            ReasonValue::Number(number) => json!(number),
        };
        (pascal_case(name), value)
    });
    let values: Map<_, _> = values.collect();
    json!({
        "Code": details.code.name(),
        "IsError": details.code.is_error(),
        "Values": values,
        "Message": message,
    })
}

/// A name in camel case with a capital at its start.
fn pascal_case(name: &str) -> String {
    let mut characters = name.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}
