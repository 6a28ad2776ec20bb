//! Tolerant deserialization: server versions differ in omitting properties and in writing `null`, even for
//! lists.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// For `#[serde(default, deserialize_with = "or_default")]`: reads `null` like an absent property.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A number, which some proxies and servers write as text. The numbers of a page show whether a list is complete, so
/// a value of another type is an error.
pub(crate) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<usize>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Count {
        Number(usize),
        Text(String),
    }
    match Option::<Count>::deserialize(deserializer)? {
        None => Ok(None),
        Some(Count::Number(number)) => Ok(Some(number)),
        Some(Count::Text(text)) => text.trim().parse().map(Some).map_err(D::Error::custom),
    }
}

/// Reads an item of a list. Unreadable items are errors with the item's id, because an omitted item would count
/// as deleted.
pub(crate) fn item<T: DeserializeOwned>(item: &Value) -> Result<T, serde_json::Error> {
    let id = item.get("Id").and_then(Value::as_str);
    let id = id.ok_or_else(|| serde_json::Error::custom("an item has no id"))?;
    T::deserialize(item)
        .map_err(|error| serde_json::Error::custom(format_args!("{id} cannot be read: {error}")))
}

/// A text property by its name without case: the case differs between answers of `releases/create/v1`.
pub(crate) fn without_case<'a>(document: &'a Value, name: &str) -> Option<&'a str> {
    let (_, value) = document
        .as_object()?
        .iter()
        .find(|(own, _)| own.eq_ignore_ascii_case(name))?;
    value.as_str()
}

/// The text unless it is blank.
pub(crate) fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}
