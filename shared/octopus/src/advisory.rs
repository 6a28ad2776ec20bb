//! Advisory properties: properties of Octopus's resources that no decision needs.
//!
//! [`advisory`] reads `null` and a value of another type like an absent property. Properties that a decision needs
//! use [`or_default`](crate::tolerant::or_default), and fail with a value of another type.

use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// For `#[serde(default, deserialize_with = "advisory")]`.
pub(crate) fn advisory<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Advisory,
{
    deserializer.deserialize_any(AdvisoryVisitor(PhantomData))
}

/// A type of advisory properties. The default is the value of an absent property.
///
/// Values of another type are skipped instead of stored, because they may be as large as an answer.
pub(crate) trait Advisory: Default {
    fn from_text(_text: &str) -> Self {
        Self::default()
    }

    fn from_bool(_value: bool) -> Self {
        Self::default()
    }

    fn from_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }

    fn from_object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

impl Advisory for bool {
    fn from_bool(value: bool) -> Self {
        value
    }
}

impl Advisory for String {
    fn from_text(text: &str) -> Self {
        text.to_owned()
    }
}

impl<T: Advisory> Advisory for Option<T> {
    fn from_text(text: &str) -> Self {
        Some(T::from_text(text))
    }

    fn from_object<'de, A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        T::from_object(object).map(Some)
    }
}

/// Items of another type become defaults.
impl<T: Advisory> Advisory for Vec<T> {
    fn from_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut items = Self::new();
        while let Some(Item(item)) = list.next_element()? {
            items.push(item);
        }
        Ok(items)
    }
}

struct Item<T>(T);

impl<'de, T: Advisory> Deserialize<'de> for Item<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        advisory(deserializer).map(Self)
    }
}

/// Implements [`Advisory`] for structs that are read from an object and whose properties are all advisory.
macro_rules! advisory_object {
    ($($resource:ty),+) => {$(
        impl $crate::advisory::Advisory for $resource {
            fn from_object<'de, A: serde::de::MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
                $crate::advisory::read_object(object)
            }
        }
    )+};
}
pub(crate) use advisory_object;

pub(crate) fn read_object<'de, T, A>(object: A) -> Result<T, A::Error>
where
    T: Deserialize<'de>,
    A: MapAccess<'de>,
{
    T::deserialize(MapAccessDeserializer::new(object))
}

struct AdvisoryVisitor<T>(PhantomData<T>);

impl<'de, T: Advisory> Visitor<'de> for AdvisoryVisitor<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<T, E> {
        Ok(T::from_bool(value))
    }

    fn visit_i64<E>(self, _value: i64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_u64<E>(self, _value: u64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_f64<E>(self, _value: f64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::from_text(text))
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::from_list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<T, A::Error> {
        T::from_object(object)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Inner {
        #[serde(deserialize_with = "advisory")]
        text: Option<String>,
    }
    advisory_object!(Inner);

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Outer {
        #[serde(deserialize_with = "advisory")]
        text: String,
        #[serde(deserialize_with = "advisory")]
        flag: bool,
        #[serde(deserialize_with = "advisory")]
        inner: Option<Inner>,
        #[serde(deserialize_with = "advisory")]
        texts: Vec<String>,
    }

    const OTHER_TYPES: [&str; 9] = [
        "null",
        "true",
        "-7",
        "7",
        "7.5",
        "\"text\"",
        "[{\"a\": [1]}]",
        "{\"a\": {\"text\": 7}}",
        "{\"text\": [7]}",
    ];

    #[test]
    fn advisory_reads_other_types_like_absent_properties() {
        for name in ["text", "flag", "inner", "texts"] {
            for value in OTHER_TYPES {
                let json = format!(r#"{{"{name}": {value}}}"#);
                let read: Outer = serde_json::from_str(&json).unwrap();
                let again = serde_json::from_str::<serde_json::Value>(&json).unwrap();
                assert_eq!(Outer::deserialize(&again).unwrap(), read, "{json}");
                let is_kept = matches!(
                    (name, value),
                    ("text", "\"text\"") | ("flag", "true") | ("texts", "[{\"a\": [1]}]")
                ) || name == "inner"
                    && (value.starts_with('{') || value.starts_with('"'));
                assert_eq!(read == Outer::default(), !is_kept, "{json}: {read:?}");
            }
        }
    }

    #[test]
    fn advisory_keeps_values_of_the_expected_type() {
        let json = r#"{"text": "a", "flag": true, "inner": {"text": "b"}, "texts": ["c", 7]}"#;
        let read: Outer = serde_json::from_str(json).unwrap();
        assert_eq!((read.text.as_str(), read.flag), ("a", true));
        assert_eq!(
            read.inner.and_then(|inner| inner.text).as_deref(),
            Some("b")
        );
        assert_eq!(read.texts, ["c", ""]);
    }
}
