//! A page of tags, read tolerantly in what registries vary and strictly in what would lose tags.

use std::borrow::Cow;

use http_client::from_json;
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::walk::LONGEST_ENTRY;

/// More entries than this are not kept: as many tags as a package may have altogether. A page of eight
/// mebibytes could hold two million.
const MOST: usize = 250_000;

/// A body that is not a page of tags.
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
    #[error("the body has more than {MOST} tags, which is the limit")]
    TooMany,
}

/// The tags in a body, whatever its content type. Absent and null lists are empty, null entries are passed
/// over, other members are not looked at.
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

/// The list, without entries that are null.
#[derive(Default)]
struct Entries {
    tags: Vec<String>,
    are_too_many: bool,
}

/// An entry as it stands in the body.
#[derive(Deserialize)]
struct Entry<'a>(#[serde(borrow)] Cow<'a, str>);

impl Entry<'_> {
    /// What can be no tag is cut, as long as it still shows that.
    fn into_tag(self) -> String {
        let end = self.0.char_indices().nth(LONGEST_ENTRY + 1);
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
        while self.tags.len() <= MOST {
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

/// Tells a member that is null from one that is not there.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    value: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

#[cfg(test)]
mod tests {
    use super::{MOST, PageError, tags};

    #[test]
    fn lists_are_read_as_registries_give_them() {
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
    fn what_is_no_list_is_never_taken_for_an_empty_one() {
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
    fn more_than_the_limit_is_said_and_not_kept() {
        let list = |count| format!("{{\"tags\":[{}\"a\"]}}", "\"a\",".repeat(count));
        assert_eq!(tags(list(MOST - 1).as_bytes()).unwrap().len(), MOST);
        assert!(matches!(
            tags(list(MOST).as_bytes()),
            Err(PageError::TooMany)
        ));
    }

    #[test]
    fn depth_is_refused_wherever_it_is() {
        let (open, close) = ("[".repeat(1_000_000), "]".repeat(1_000_000));
        for page in [
            format!("{{\"name\":\"x\",\"y\":{open}1{close},\"tags\":[\"a\"]}}"),
            format!("{{\"tags\":{open}1{close}}}"),
        ] {
            assert!(matches!(tags(page.as_bytes()), Err(PageError::Json(_))));
        }
    }
}
