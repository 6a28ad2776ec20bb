//! Pages of tags: `n`, `last` and `Link`.

use std::collections::BTreeMap;
use std::ops::Bound;

use serde_json::json;

use crate::server::{Answer, Request};

pub(super) fn page(
    request: &Request,
    name: &str,
    held: &BTreeMap<String, String>,
    longest: Option<usize>,
) -> Answer {
    let asked = request
        .parameter("n")
        .and_then(|n| n.parse().ok())
        .unwrap_or(usize::MAX);
    let size = asked.min(longest.unwrap_or(usize::MAX));
    let after = match request.parameter("last") {
        Some(last) => Bound::Excluded(last),
        None => Bound::Unbounded,
    };
    let mut rest = held
        .range::<str, _>((after, Bound::Unbounded))
        .map(|(tag, _)| tag);
    let tags: Vec<_> = rest.by_ref().take(size).collect();
    let answer = Answer::json(&json!({ "name": name, "tags": tags }));
    match (tags.last(), rest.next()) {
        (Some(last), Some(_)) => answer.with(
            "Link",
            format!("</v2/{name}/tags/list?last={last}&n={size}>; rel=\"next\""),
        ),
        _ => answer,
    }
}
