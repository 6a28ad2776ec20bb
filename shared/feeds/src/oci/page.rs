//! A page of tags, read tolerantly in what registries vary and strictly in what would lose tags.

use serde::{Deserialize, Deserializer, de::IgnoredAny};

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
}

/// The tags in a body, whatever its content type. Absent and null lists are empty, null entries are passed
/// over, other members are not looked at.
pub(super) fn tags(body: &[u8]) -> Result<Vec<String>, PageError> {
    #[derive(Deserialize)]
    struct Page {
        #[serde(default, deserialize_with = "present")]
        name: Option<IgnoredAny>,
        #[serde(default, deserialize_with = "present")]
        tags: Option<Option<Vec<Option<String>>>>,
    }
    match body.trim_ascii_start().first() {
        None => return Err(PageError::Empty),
        Some(b'<') => return Err(PageError::Html),
        Some(_) => {}
    }
    let page: Page = serde_json::from_slice(body)?;
    if page.name.is_none() && page.tags.is_none() {
        return Err(PageError::NoList);
    }
    Ok(page
        .tags
        .flatten()
        .unwrap_or_default()
        .into_iter()
        .flatten()
        .collect())
}

/// Tells a member that is null from one that is not there.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    value: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

#[cfg(test)]
mod tests {
    use super::tags;

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
    fn depth_costs_nothing() {
        let (open, close) = ("[".repeat(1_000_000), "]".repeat(1_000_000));
        let deep = format!("{{\"name\":\"x\",\"y\":{open}1{close},\"tags\":[\"a\"]}}");
        assert_eq!(tags(deep.as_bytes()).unwrap(), ["a"]);
        assert!(tags(format!("{{\"tags\":{open}1{close}}}").as_bytes()).is_err());
    }
}
