//! Octopus's collections: an envelope with the page's items, the totals, and `Page.*` links.

use serde_json::{Map, Value, json};

use crate::answer::{Answer, Reply};
use crate::call::Call;

/// Clients send this `take` for all items.
const EVERYTHING: usize = 2_147_483_647;

/// Default page size.
pub(crate) const TAKE: usize = 30;

/// Default page size of package searches and version queries.
pub(crate) const TAKE_PACKAGES: usize = 20;

/// One page of `items`, as the request's `skip` and `take` ask.
pub(crate) fn page(call: &Call, path: &str, item_type: &str, items: Vec<Value>) -> Value {
    page_of(call, path, item_type, items, TAKE)
}

/// One page with another default size.
pub(crate) fn page_of(
    call: &Call,
    path: &str,
    item_type: &str,
    items: Vec<Value>,
    default: usize,
) -> Value {
    let skip = call.query_number("skip", 0);
    let take = match call.query_number("take", default) {
        0 => default,
        take => take.min(EVERYTHING),
    };
    let total = items.len();
    let pages = total.div_ceil(take);
    let last = pages.saturating_sub(1);
    let filters = call.filters();
    let link = |skip: usize, take: usize| {
        let tail = if filters.is_empty() {
            String::new()
        } else {
            format!("&{filters}")
        };
        json!(format!("{path}?skip={skip}&take={take}{tail}"))
    };

    let mut links = Map::new();
    links.insert("Self".to_owned(), link(skip, take));
    links.insert(
        "Template".to_owned(),
        json!(format!("{path}{{?skip,take,ids,partialName}}")),
    );
    links.insert("Page.All".to_owned(), link(0, EVERYTHING));
    links.insert("Page.Current".to_owned(), link(skip, take));
    links.insert(
        "Page.Last".to_owned(),
        link(last.saturating_mul(take), take),
    );
    if skip.saturating_add(take) < total {
        links.insert("Page.Next".to_owned(), link(skip + take, take));
    }
    json!({
        "ItemType": item_type,
        "TotalResults": total,
        "ItemsPerPage": take,
        "NumberOfPages": pages,
        "LastPageNumber": last,
        "Items": items.into_iter().skip(skip).take(take).collect::<Vec<_>>(),
        "Links": links,
    })
}

/// A collection of named resources: filtered by `ids`, `name` and `partialName`, then paged, or whole
/// when the path ends in `/all`.
pub(crate) fn collection(call: &Call, path: &str, item_type: &str, mut items: Vec<Value>) -> Reply {
    if let Some(ids) = call.query_list("ids") {
        items.retain(|item| ids.iter().any(|id| has_id(item, id)));
    }
    if let Some(part) = call.query("partialName").or_else(|| call.query("name")) {
        let part = part.to_lowercase();
        items.retain(|item| text(item, "Name").to_lowercase().contains(&part));
    }
    Ok(Answer::ok(match path.strip_suffix("/all") {
        Some(_) => Value::Array(items),
        None => page(call, path, item_type, items),
    }))
}

/// The built-in feed also has its well-known id, in every space.
fn has_id(item: &Value, id: &str) -> bool {
    text(item, "Id").eq_ignore_ascii_case(id)
        || (id.eq_ignore_ascii_case("feeds-builtin") && text(item, "FeedType") == "BuiltIn")
}

/// A text property of a document; empty when there is none.
pub(crate) fn text<'a>(document: &'a Value, name: &str) -> &'a str {
    document
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, Method};

    use super::*;

    fn asked(query: &str, total: usize) -> Value {
        let call = Call::new(
            &Method::GET,
            "/api/things",
            query,
            &HeaderMap::new(),
            Vec::new(),
        );
        page(
            &call,
            "/api/things",
            "Thing",
            (0..total).map(|n| json!(n)).collect(),
        )
    }

    #[test]
    fn page_links_to_the_next_until_the_last() {
        for (query, total, items, next) in [
            ("", 61, 30, Some("/api/things?skip=30&take=30")),
            ("skip=30", 61, 30, Some("/api/things?skip=60&take=30")),
            ("skip=60", 61, 1, None),
            ("skip=99", 61, 0, None),
            ("take=2147483647", 61, 61, None),
            (
                "take=2&partialName=a+b",
                3,
                2,
                Some("/api/things?skip=2&take=2&partialName=a+b"),
            ),
            ("", 0, 0, None),
        ] {
            let page = asked(query, total);
            assert_eq!(
                page["Items"].as_array().map(Vec::len),
                Some(items),
                "{query}"
            );
            assert_eq!(
                page["Links"].get("Page.Next").and_then(Value::as_str),
                next,
                "{query}"
            );
        }
    }

    #[test]
    fn last_page_number_is_zero_based() {
        let full = asked("", 61);
        assert_eq!(
            (&full["NumberOfPages"], &full["LastPageNumber"]),
            (&json!(3), &json!(2))
        );
        assert_eq!(full["Links"]["Page.Last"], "/api/things?skip=60&take=30");
        let empty = asked("", 0);
        assert_eq!(
            (&empty["NumberOfPages"], &empty["LastPageNumber"]),
            (&json!(0), &json!(0))
        );
    }
}
