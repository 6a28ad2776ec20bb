//! Parses a page of tags: tolerant where registries differ, strict where tags would be lost.

use std::borrow::Cow;

use http_client::from_json;
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::walk::MAX_TAG_LENGTH;

/// The maximum number of tags on a page: the same as of a package. A page of 8 MiB could contain two million.
const MAX_TAGS: usize = 250_000;

/// An error for a body that is not a page of tags.
#[derive(Debug, thiserror::Error)]
pub(super) enum PageError {
    #[error("the body is empty")]
    Empty,
    #[error("the body is a web page")]
    Html,
    #[error("the body is not a list of tags")]
    Json(#[from] serde_json::Error),
    #[error("the body is JSON without name and tags")]
    NoList,
    #[error("the body has more than {MAX_TAGS} tags, which is the limit")]
    TooMany,
}

/// The tags in a body, whatever its content type. A missing or null list is empty, null entries and other
/// members are ignored.
pub(super) fn tags(body: &[u8]) -> Result<Vec<String>, PageError> {
    #[derive(Deserialize)]
    struct Page {
        #[serde(default, deserialize_with = "present")]
        name: Option<IgnoredAny>,
        #[serde(default, deserialize_with = "present")]
        tags: Option<Option<Entries>>,
    }
    match body.trim_ascii_start().first() {
        None => return Err(PageError::Empty),
        Some(b'<') => return Err(PageError::Html),
        Some(_) => {}
    }
    let page: Page = from_json(body)?;
    if page.name.is_none() && page.tags.is_none() {
        return Err(PageError::NoList);
    }
    let entries = page.tags.flatten().unwrap_or_default();
    if entries.are_too_many {
        return Err(PageError::TooMany);
    }
    Ok(entries.tags)
}

/// The entries of a list, without null entries.
#[derive(Default)]
struct Entries {
    tags: Vec<String>,
    are_too_many: bool,
}

/// An entry of the list.
#[derive(Deserialize)]
struct Entry<'a>(#[serde(borrow)] Cow<'a, str>);

impl Entry<'_> {
    /// An entry that is too long for a tag is cut to a length that is still too long.
    fn into_tag(self) -> String {
        let end = self.0.char_indices().nth(MAX_TAG_LENGTH + 1);
        let end = end.map_or(self.0.len(), |(end, _)| end);
        self.0.get(..end).unwrap_or_default().to_owned()
    }
}

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(list: D) -> Result<Self, D::Error> {
        list.deserialize_seq(Self::default())
    }
}

impl<'de> Visitor<'de> for Entries {
    type Value = Self;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of tags")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Self, A::Error> {
        while self.tags.len() <= MAX_TAGS {
            match list.next_element::<Option<Entry<'de>>>()? {
                Some(entry) => self.tags.extend(entry.map(Entry::into_tag)),
                None => return Ok(self),
            }
        }
        self.are_too_many = true;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(self)
    }
}

/// Distinguishes a null member from a missing one.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    value: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

#[cfg(test)]
mod tests {
    use super::{MAX_TAGS, PageError, tags};

    #[test]
    fn list_in_every_form_of_registries_is_parsed() {
        for (body, expected) in [
            (r#"{"name":"x","tags":["b","a","b"]}"#, &["b", "a", "b"][..]),
            (r#"{"name":"x","tags":null}"#, &[]),
            (r#"{"tags":null}"#, &[]),
            (r#"{"name":"x"}"#, &[]),
            (r#"{"name":null,"tags":[]}"#, &[]),
            (r#"{"tags":[null,"a",null]}"#, &["a"]),
            (
                "\n {\"child\":[],\"manifest\":{\"sha256:0\":{\"tag\":[\"z\"]}},\"name\":\"x\",\"tags\":[\"a\"]}",
                &["a"],
            ),
        ] {
            assert_eq!(tags(body.as_bytes()).unwrap(), expected, "{body}");
        }
    }

    #[test]
    fn body_that_is_not_a_list_is_an_error() {
        for body in [
            "",
            " \n",
            "<!DOCTYPE html>",
            "{}",
            "[]",
            "null",
            "\"tags\"",
            r#"{"errors":[]}"#,
            r#"{"tags":{"a":1}}"#,
            r#"{"tags":["a",7]}"#,
            r#"{"tags":"a"}"#,
            r#"{"tags":["a","#,
            r#"{"name":"x","tags":["a"]} trailing"#,
        ] {
            assert!(tags(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn list_above_limit_is_an_error() {
        let list = |count| format!("{{\"tags\":[{}\"a\"]}}", "\"a\",".repeat(count));
        assert_eq!(tags(list(MAX_TAGS - 1).as_bytes()).unwrap().len(), MAX_TAGS);
        assert!(matches!(
            tags(list(MAX_TAGS).as_bytes()),
            Err(PageError::TooMany)
        ));
    }

    #[test]
    fn deeply_nested_body_is_an_error() {
        let (open, close) = ("[".repeat(1_000_000), "]".repeat(1_000_000));
        for page in [
            format!("{{\"name\":\"x\",\"y\":{open}1{close},\"tags\":[\"a\"]}}"),
            format!("{{\"tags\":{open}1{close}}}"),
        ] {
            assert!(matches!(tags(page.as_bytes()), Err(PageError::Json(_))));
        }
    }
}
