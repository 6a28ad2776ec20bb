//! Parses JSON of untrusted servers within limits.
//!
//! serde_json parses no deeper than [`DEEPEST`]. But for skipped values it uses a byte per open level, it copies a
//! text with an escape, and a list of empty values takes ten times its length. So a document of some megabytes,
//! cheap to make, could use several times its size. [`from_json`] limits the first two before parsing, [`at_most`]
//! the third.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The maximum depth of a document: the same as serde_json's.
pub const DEEPEST: usize = 128;
/// The maximum length of a text in bytes, including escapes.
pub const LONGEST_TEXT: usize = 1 << 20;

/// Parses a document.
///
/// # Errors
/// Where it is not JSON of the expected form, or exceeds [`DEEPEST`] or [`LONGEST_TEXT`].
pub fn from_json<'de, T: Deserialize<'de>>(document: &'de [u8]) -> serde_json::Result<T> {
    if !is_plain(document) {
        let mut outline = Outline::default();
        outline.take(document).map_err(serde_json::Error::custom)?;
    }
    serde_json::from_slice(document)
}

/// Whether the document is certainly within the limits, which is cheap to see for nearly every list of tags.
fn is_plain(document: &[u8]) -> bool {
    let mut openings = memchr::memchr2_iter(b'[', b'{', document);
    openings.nth(DEEPEST).is_none() && memchr::memchr(b'\\', document).is_none()
}

/// A document that exceeds a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooMuch {
    /// It is nested too deep.
    #[error("it is nested more than {DEEPEST} deep")]
    Deep,
    /// It contains a text that is too long.
    #[error("it contains a text of more than {LONGEST_TEXT} bytes")]
    Long,
}

/// The depth of a document and the length of the current text, while its bytes are read. For invalid JSON the
/// values are right up to the position at which a parser stops.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    depth: usize,
    /// The length of the current text so far.
    text: Option<usize>,
    is_escaped: bool,
}

impl Outline {
    /// Reads these bytes.
    ///
    /// # Errors
    /// When the document exceeds a limit.
    pub fn take(&mut self, bytes: &[u8]) -> Result<(), TooMuch> {
        bytes.iter().try_for_each(|byte| self.step(*byte))
    }

    fn step(&mut self, byte: u8) -> Result<(), TooMuch> {
        let is_escaped = std::mem::take(&mut self.is_escaped);
        match (&mut self.text, byte) {
            (Some(_), b'"') if !is_escaped => self.text = None,
            (Some(length), _) => {
                self.is_escaped = byte == b'\\' && !is_escaped;
                *length += 1;
                if *length > LONGEST_TEXT {
                    return Err(TooMuch::Long);
                }
            }
            (None, b'"') => self.text = Some(0),
            (None, b'[' | b'{') => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(TooMuch::Deep);
                }
            }
            (None, b']' | b'}') => self.depth = self.depth.saturating_sub(1),
            (None, _) => {}
        }
        Ok(())
    }
}

/// For `#[serde(default, deserialize_with = "lenient")]`: a field that is not required. A value of another type
/// is the default; a number may also be a text, and a text that looks like a number or boolean may be one.
///
/// # Errors
/// Where the document is not JSON.
pub fn lenient<'de, D, T>(value: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromScalar + Default,
{
    let scalar = value.deserialize_any(ScalarVisitor)?;
    Ok(scalar.and_then(T::from_scalar).unwrap_or_default())
}

/// A value of a JSON document that is neither a list, an object nor null.
#[derive(Debug)]
pub enum Scalar {
    /// A text.
    Text(String),
    /// A number. Integers above 2^53 are rounded.
    Number(f64),
    /// A boolean.
    Bool(bool),
}

/// A type that [`lenient`] reads.
pub trait FromScalar: Sized {
    /// The value; `None` if the scalar is not such a value.
    fn from_scalar(scalar: Scalar) -> Option<Self>;
}

impl FromScalar for Option<String> {
    fn from_scalar(scalar: Scalar) -> Option<Self> {
        match scalar {
            Scalar::Text(text) => Some(Some(text)),
            Scalar::Number(_) | Scalar::Bool(_) => None,
        }
    }
}

impl FromScalar for String {
    fn from_scalar(scalar: Scalar) -> Option<Self> {
        Option::<Self>::from_scalar(scalar).flatten()
    }
}

impl FromScalar for Option<f64> {
    fn from_scalar(scalar: Scalar) -> Option<Self> {
        match scalar {
            Scalar::Text(text) => Some(text.trim().parse().ok()),
            Scalar::Number(number) => Some(Some(number)),
            Scalar::Bool(_) => None,
        }
    }
}

impl FromScalar for bool {
    fn from_scalar(scalar: Scalar) -> Option<Self> {
        match scalar {
            Scalar::Text(text) => text.trim().parse().ok(),
            Scalar::Number(number) => Some(number != 0.0),
            Scalar::Bool(bool) => Some(bool),
        }
    }
}

/// For `#[serde(default, deserialize_with = "lenient_object")]`: an object that is not required. `None` for any
/// other value.
///
/// # Errors
/// Where the document is not JSON, or a required field of the object is missing.
pub fn lenient_object<'de, D, T>(value: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    value.deserialize_any(ObjectVisitor(PhantomData))
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Some)
    }
}

/// Reads a scalar; `None` for null, a list or an object, which is skipped.
struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Option<Scalar>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(Scalar::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Some(Scalar::Number(value as f64)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Some(Scalar::Number(value as f64)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Some(Scalar::Number(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Some(Scalar::Text(value.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

/// For `#[serde(deserialize_with = "at_most::<_, _, 100>")]`: a list with a maximum number of entries; null is
/// an empty list.
///
/// # Errors
/// Where it is not such a list, or has more entries.
pub fn at_most<'de, D, T, const MOST: usize>(list: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    list.deserialize_option(AtMost::<T, MOST>(PhantomData))
}

struct AtMost<T, const MOST: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for AtMost<T, MOST> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MOST} entries")
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_some<D: Deserializer<'de>>(self, list: D) -> Result<Self::Value, D::Error> {
        list.deserialize_seq(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = list.next_element()? {
            if entries.len() == MOST {
                return Err(A::Error::custom(format_args!(
                    "a list has more than {MOST} entries"
                )));
            }
            entries.push(entry);
        }
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde::de::IgnoredAny;

    use super::{DEEPEST, LONGEST_TEXT, Outline, TooMuch, at_most, from_json, lenient};

    fn nested(depth: usize) -> String {
        format!("{}1{}", "[".repeat(depth), "]".repeat(depth))
    }

    #[test]
    fn skipped_values_are_limited_like_parsed_ones() {
        let is_read = |text: &str| from_json::<IgnoredAny>(text.as_bytes()).is_ok();
        let texts = |length| format!("[\"\\n{}\"]", "a".repeat(length));
        for (text, expected) in [
            (nested(DEEPEST), true),
            (nested(DEEPEST + 1), false),
            (format!("[{}1]", "[],".repeat(DEEPEST * 2)), true),
            (format!("\"\\\"{}\"", "[".repeat(DEEPEST * 2)), true),
            (format!("[\"\\\\\", {}]", nested(DEEPEST)), false),
            (texts(LONGEST_TEXT - 2), true),
            (texts(LONGEST_TEXT - 1), false),
            ("[1".to_owned(), false),
        ] {
            assert_eq!(is_read(&text), expected, "{}", &text[..20.min(text.len())]);
        }
        let error = from_json::<IgnoredAny>(nested(200).as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "it is nested more than 128 deep");
    }

    #[test]
    fn outline_is_independent_of_chunk_size() {
        let text = format!("{{\"a\\\"[\": {}}}", nested(DEEPEST));
        for size in [1, 3, 1_000] {
            let mut outline = Outline::default();
            let mut pieces = text.as_bytes().chunks(size);
            let drawn = pieces.try_for_each(|piece| outline.take(piece));
            assert_eq!(drawn, Err(TooMuch::Deep), "{size}");
        }
    }

    #[test]
    fn list_above_maximum_is_an_error() {
        #[derive(Debug, Deserialize)]
        struct Page {
            #[serde(deserialize_with = "at_most::<_, _, 2>")]
            items: Vec<u8>,
        }
        let items = |list: &str| {
            let page = format!("{{\"items\":{list}}}");
            let page = from_json::<Page>(page.as_bytes());
            page.map(|page| page.items)
                .map_err(|error| error.to_string())
        };
        assert_eq!(items("[1,2]"), Ok(vec![1, 2]));
        assert_eq!(items("null"), Ok(vec![]));
        assert!(
            items("[1,2,3]")
                .unwrap_err()
                .starts_with("a list has more than 2 entries")
        );
        assert!(items("{}").is_err());
        assert!(from_json::<Page>(b"{}").is_err());
    }

    #[test]
    fn lenient_field_of_another_type_is_the_default() {
        #[derive(Debug, Default, PartialEq, Deserialize)]
        struct Read {
            #[serde(default, deserialize_with = "lenient")]
            text: Option<String>,
            #[serde(default, deserialize_with = "lenient")]
            number: Option<f64>,
            #[serde(default, deserialize_with = "lenient")]
            flag: bool,
        }
        let read = |text: Option<&str>, number, flag| Read {
            text: text.map(str::to_owned),
            number,
            flag,
        };
        for (document, expected) in [
            (
                r#"{"text":"a","number":3,"flag":true}"#,
                read(Some("a"), Some(3.0), true),
            ),
            (
                r#"{"number":"300","flag":"true"}"#,
                read(None, Some(300.0), true),
            ),
            (
                r#"{"number":" 1.5 ","flag":1}"#,
                read(None, Some(1.5), true),
            ),
            (
                r#"{"number":-1,"flag":"yes"}"#,
                read(None, Some(-1.0), false),
            ),
            (
                r#"{"text":7,"number":"soon","flag":null}"#,
                read(None, None, false),
            ),
            (r#"{"text":null,"number":null}"#, read(None, None, false)),
            (
                r#"{"text":["a",{"b":1}],"number":{"a":[1]},"flag":[]}"#,
                read(None, None, false),
            ),
            ("{}", read(None, None, false)),
        ] {
            assert_eq!(
                from_json::<Read>(document.as_bytes()).unwrap(),
                expected,
                "{document}"
            );
        }
        assert!(from_json::<Read>(br#"{"text":["a"}"#).is_err());
    }
}
