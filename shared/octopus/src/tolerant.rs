//! Reading what servers of many versions write: they leave properties out, or write `null`, even for lists.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// For `#[serde(default, deserialize_with = "or_default")]`: `null` is the same as absent.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// The items of a list that can be read. One that cannot is logged and left out, so that it does not hide
/// the others.
pub(crate) fn readable<T: DeserializeOwned>(items: Vec<Value>, what: &str) -> Vec<T> {
    let read = |item: Value| {
        let id = item
            .get("Id")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        serde_json::from_value(item)
            .inspect_err(|error| tracing::warn!(id, %error, "Octopus sent a {what} that cannot be read; it is left out"))
            .ok()
    };
    items.into_iter().filter_map(read).collect()
}

/// A property by its name without case: answers of `releases/create/v1` come in either case.
pub(crate) fn without_case<'a>(document: &'a Value, name: &str) -> Option<&'a str> {
    let (_, value) = document
        .as_object()?
        .iter()
        .find(|(own, _)| own.eq_ignore_ascii_case(name))?;
    value.as_str()
}

/// Text that says something.
pub(crate) fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}
