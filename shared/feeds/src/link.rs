//! Parses the `Link` header (RFC 8288) for the URL of the next page.

use reqwest::header::{HeaderMap, LINK};

/// The target of the first link whose `rel` has `next` in it, of all links in all headers. Commas and
/// semicolons inside of `<...>` and of quotes belong to the value.
pub(crate) fn next(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(LINK)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .find_map(next_in)
}

fn next_in(mut text: &str) -> Option<String> {
    loop {
        let (_, after) = text.split_once('<')?;
        let (target, after) = after.split_once('>')?;
        let (is_next, rest) = parameters(after);
        if is_next {
            return Some(target.to_owned());
        }
        text = rest;
    }
}

/// Whether the parameters up to the next link say `rel=next`, and what follows them.
fn parameters(mut text: &str) -> (bool, &str) {
    let mut relation = None;
    loop {
        text = text.trim_start_matches([' ', '\t', ';']);
        if text.is_empty() || text.starts_with(',') {
            return (relation.is_some_and(is_next), text);
        }
        let end = text.find(['=', ';', ',']).unwrap_or(text.len());
        let (name, after) = text.split_at(end);
        let (value, rest) = match after.strip_prefix('=') {
            Some(after) => value(after.trim_start()),
            None => ("", after),
        };
        // The first one counts.
        if name.trim().eq_ignore_ascii_case("rel") && relation.is_none() {
            relation = Some(value);
        }
        text = rest;
    }
}

/// A quoted or bare value and what follows it.
fn value(text: &str) -> (&str, &str) {
    match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
        None => text.split_at(text.find([';', ',']).unwrap_or(text.len())),
    }
}

fn is_next(relations: &str) -> bool {
    relations
        .split_whitespace()
        .any(|relation| relation.eq_ignore_ascii_case("next"))
}

#[cfg(test)]
mod tests {
    use super::{HeaderMap, LINK, next};

    #[test]
    fn the_next_page_is_found_in_every_form() {
        for (values, expected) in [
            (
                &["</v2/x/tags/list?last=b&n=100>; rel=\"next\""][..],
                Some("/v2/x/tags/list?last=b&n=100"),
            ),
            (
                &["<https://h/v2/x/tags/list?n=2&last=a%2Cb>;rel=next"],
                Some("https://h/v2/x/tags/list?n=2&last=a%2Cb"),
            ),
            (&["</a?x=1,2;3>; rel=\"next\""], Some("/a?x=1,2;3")),
            (&["</p>; rel=prev, </n>; rel=next"], Some("/n")),
            (&["</p>; rel=\"prev\"", "</n>; REL=\"Next\""], Some("/n")),
            (
                &["</l>; title=\"a, b; rel=next\"; rel=\"last next\""],
                Some("/l"),
            ),
            (
                &["</a>; title=\"<x>; rel=next\"; rel=last , </b> ; rel = next"],
                Some("/b"),
            ),
            (&["</a?orderby=>; rel=\"next\""], Some("/a?orderby=")),
            (&["<>; rel=next"], Some("")),
            (&["</a>; rel=prev; rel=next"], None),
            (&["</a>"], None),
            (&["</a; rel=next"], None),
            (&["/a; rel=next"], None),
            (&["</a>; rel=\"next"], Some("/a")),
            (&["</a>; rel"], None),
            (&["<<<>>>;;;,,,=\"", ""], None),
            (&[], None),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(LINK, value.parse().unwrap());
            }
            assert_eq!(next(&headers).as_deref(), expected, "{values:?}");
        }
    }
}
