//! Parses the `Link` header (RFC 8288) for the URL of the next page.
//!
//! A header that cannot be parsed is [`Link::Unreadable`], and never the last page: the rest of the list would be
//! missing without an error.

use std::borrow::Cow;

use http_client::{same_origin, shown};
use reqwest::header::{HeaderMap, LINK};
use url::Url;

/// The link to the next page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// There is none: this is the last page.
    None,
    /// The target, as sent.
    Next(String),
    /// A `Link` header that may link to the next page and cannot be parsed.
    Unreadable,
}

/// The first link with the relation `next` in all `Link` headers.
pub(crate) fn next(headers: &HeaderMap) -> Link {
    let mut outcome = Link::None;
    for value in headers.get_all(LINK) {
        match in_value(&String::from_utf8_lossy(value.as_bytes())) {
            Link::None => {}
            Link::Unreadable => outcome = Link::Unreadable,
            next @ Link::Next(_) => return next,
        }
    }
    outcome
}

/// The list's URL with the link's query. Only the query is used: registries behind proxies link to the host, port or scheme
/// that they know themselves by, or to another path. No request leaves the list's own URL. `None`: the link has no query.
pub(crate) fn follow(list: &Url, link: &str) -> Option<Url> {
    let target = list.join(link);
    if let Ok(target) = &target
        && !same_origin(target, list)
    {
        tracing::debug!(
            list = shown(list),
            // A host or path may repeat a secret, so neither is logged.
            scheme = target.scheme(),
            port = target.port_or_known_default(),
            "link to another origin; only its query is used"
        );
    }
    let query = match &target {
        Ok(target) => target.query(),
        // Only the host or port is invalid.
        Err(_) => link.split_once('?').map(|(_, query)| query),
    };
    let query = query.filter(|query| !query.is_empty())?;
    let mut next = list.clone();
    next.set_query(Some(query));
    Some(next)
}

fn in_value(value: &str) -> Link {
    let mut rest = value;
    let mut outcome = Link::None;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',', ';']);
        if rest.is_empty() {
            return outcome;
        }
        let (link, after) = one_link(rest);
        let is_paging = link.target.as_deref().is_some_and(continues_list);
        match (link.target, link.relation) {
            (Some(target), Some(relation)) if is_next(&relation) => return Link::Next(target),
            // Another relation: `prev`, `first`, `preload`.
            (Some(_), Some(_)) => {}
            // Without a relation, a target that continues a list is the next page.
            (Some(target), None) if is_paging => return Link::Next(target),
            (_, None) => outcome = Link::Unreadable,
            (None, Some(relation)) if is_next(&relation) => outcome = Link::Unreadable,
            (None, Some(_)) => {}
        }
        rest = after;
    }
}

/// Whether the query of a target has a parameter by which registries name the next page.
fn continues_list(target: &str) -> bool {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let mut names = query.split('&').map(|pair| pair.split('=').next());
    names.any(|name| matches!(name, Some("last" | "next_page" | "page")))
}

/// A link-value as far as it could be parsed.
#[derive(Default)]
struct LinkValue {
    target: Option<String>,
    relation: Option<String>,
}

/// Parses the link-value at the start of the text. Returns it with the text after it.
fn one_link(text: &str) -> (LinkValue, &str) {
    let mut link = LinkValue::default();
    let mut rest = text;
    if let Some(after) = text.strip_prefix('<') {
        // Without a closing bracket, the target ends at the first parameter.
        let (target, after) = match after.split_once('>') {
            Some(parts) => parts,
            None => after.split_at(after.find([';', ' ']).unwrap_or(after.len())),
        };
        link.target = Some(unescaped(target));
        rest = after;
    } else if is_target(text) {
        // A target without brackets. It may contain commas, but no white space.
        let end = text.find([';', ' ', '\t']).unwrap_or(text.len());
        let (target, after) = text.split_at(end);
        link.target = Some(unescaped(target.trim_end_matches(['>', ','])));
        rest = after;
    }
    loop {
        rest = rest.trim_start_matches([' ', '\t', ';']);
        if rest.is_empty() || rest.starts_with(',') {
            return (link, rest);
        }
        // Parameters before the target: `rel="next"; <...>`.
        if rest.starts_with('<') {
            if link.target.is_some() {
                return (link, rest);
            }
            let (late, after) = one_link(rest);
            link.target = late.target;
            link.relation = link.relation.or(late.relation);
            return (link, after);
        }
        let end = rest.find(['=', ';', ',']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let (value, after) = match after.strip_prefix('=') {
            Some(after) => parameter_value(after.trim_start()),
            None => ("", after),
        };
        // The first relation counts (RFC 8288, 3.3).
        let is_relation = name.trim().eq_ignore_ascii_case("rel") && !value.trim().is_empty();
        if is_relation && link.relation.is_none() {
            link.relation = Some(value.to_owned());
        }
        rest = after;
    }
}

/// Whether the text starts with a URL or a path, rather than with a parameter.
fn is_target(text: &str) -> bool {
    let end = text.find([';', ' ', ',']).unwrap_or(text.len());
    let start = text.get(..end).unwrap_or_default();
    start.starts_with(['/', '?']) || start.contains("://")
}

/// A value in double or single quotes, or without, and the text after it.
fn parameter_value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    text.split_at(text.find([';', ',']).unwrap_or(text.len()))
}

/// The target without white space around it, and with `&amp;` as `&`.
fn unescaped(target: &str) -> String {
    let target = target.trim();
    let target = match target.contains("&amp;") {
        true => Cow::Owned(target.replace("&amp;", "&")),
        false => Cow::Borrowed(target),
    };
    target.into_owned()
}

fn is_next(relations: &str) -> bool {
    relations
        .split_whitespace()
        .any(|relation| relation.eq_ignore_ascii_case("next"))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::{HeaderMap, LINK, Link, next};

    fn parsed(values: &[&str]) -> Link {
        let mut headers = HeaderMap::new();
        for value in values {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            headers.append(LINK, value);
        }
        next(&headers)
    }

    #[test]
    fn next_link_is_found_in_every_form() {
        for (values, expected) in [
            (
                &["</v2/x/tags/list?last=b&n=100>; rel=\"next\""][..],
                "/v2/x/tags/list?last=b&n=100",
            ),
            (
                &["<https://h/v2/x/tags/list?n=2&last=a%2Cb>;rel=next"],
                "https://h/v2/x/tags/list?n=2&last=a%2Cb",
            ),
            (&["</a?x=1,2;3>; rel=\"next\""], "/a?x=1,2;3"),
            (&["</p>; rel=prev, </n>; rel=next"], "/n"),
            (&["</p>; rel=\"prev\"", "</n>; REL=\"Next\""], "/n"),
            (&["</l>; title=\"a, b; rel=next\"; rel=\"last next\""], "/l"),
            (
                &["</a>; title=\"<x>; rel=next\"; rel=last , </b> ; rel = next"],
                "/b",
            ),
            (&["</a?orderby=>; rel=\"next\""], "/a?orderby="),
            (&["<>; rel=next"], ""),
            (&["</a>; rel=\"next"], "/a"),
            // Forms outside of RFC 8288.
            (
                &["/v2/x/tags/list?last=b; rel=\"next\""],
                "/v2/x/tags/list?last=b",
            ),
            (
                &["https://h/v2/x/tags/list?last=b;rel=next"],
                "https://h/v2/x/tags/list?last=b",
            ),
            (&["?last=b; rel=next"], "?last=b"),
            (&["/a?last=1,2; rel=next"], "/a?last=1,2"),
            (&["/p?last=a; rel=prev, /n?last=b; rel=next"], "/n?last=b"),
            (&["</a?last=b; rel=next"], "/a?last=b"),
            (&["/a?last=b>; rel=next"], "/a?last=b"),
            (&["</a?last=b> rel=next"], "/a?last=b"),
            (&["</a?last=b>; rel='next'"], "/a?last=b"),
            (&["rel=\"next\"; </a?last=b>"], "/a?last=b"),
            (&["</a?n=2&amp;last=b>; rel=next"], "/a?n=2&last=b"),
            (&["< /a?last=b >; rel=next"], "/a?last=b"),
            (&["</ü?last=b>; rel=next"], "/ü?last=b"),
            (
                &["</v2/x/tags/list?last=b&n=100>"],
                "/v2/x/tags/list?last=b&n=100",
            ),
            (
                &["/v2/x/tags/list?next_page=gAAA"],
                "/v2/x/tags/list?next_page=gAAA",
            ),
            (&["nonsense", "</n>; rel=next"], "/n"),
        ] {
            assert_eq!(
                parsed(values),
                Link::Next(expected.to_owned()),
                "{values:?}"
            );
        }
    }

    #[test]
    fn other_relations_and_empty_headers_are_no_link() {
        for values in [
            &["</a>; rel=prev; rel=next"][..],
            &["</a>; rel=prev"],
            &["</style.css>; rel=preload; as=style, </f>; rel=\"first\""],
            &["/a; rel=prev"],
            &["title=x; rel=prev"],
            &[""],
            &[" , "],
            &[],
        ] {
            assert_eq!(parsed(values), Link::None, "{values:?}");
        }
    }

    #[test]
    fn unparsable_header_is_never_the_last_page() {
        for values in [
            &["</a>"][..],
            &["</a>; rel"],
            &["</a>; re1=next"],
            &["rel=next"],
            &["next"],
            &["{\"next\": \"/a?last=b\"}"],
            &["<<<>>>;;;,,,=\""],
            &["</p>; rel=prev, nonsense"],
            &["%%%"],
        ] {
            assert_eq!(parsed(values), Link::Unreadable, "{values:?}");
        }
    }
}
