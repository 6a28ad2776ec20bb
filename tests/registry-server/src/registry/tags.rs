//! Pages of tags: `n`, `last` and `Link`, in the manner of the registry that is imitated.

use std::borrow::Cow;

use hyper::StatusCode;
use serde_json::{Map, Value, json};

use super::error::error;
use super::imitation::{Extra, Imitation, LinkForm, Manner, Order, Place};
use super::shelf::Shelf;
use crate::exchange::{Answer, Request};

/// One list of tags.
pub(super) struct List<'a> {
    /// The server's own address.
    pub(super) url: &'a str,
    pub(super) name: &'a str,
    pub(super) shelf: &'a Shelf,
    /// The longest page, whatever is asked for.
    pub(super) longest: Option<usize>,
    pub(super) imitation: Imitation,
}

impl List<'_> {
    pub(super) fn page(&self, request: &Request) -> Answer {
        let manner = self.imitation.manner();
        let asked = request
            .parameter("n")
            .and_then(|n| n.parse().ok())
            .unwrap_or(usize::MAX);
        let (largest, refusal) = manner.page;
        if let Some(status) = refusal.filter(|_| asked != usize::MAX && asked > largest) {
            return refused(status);
        }
        let tags = self.in_order(manner.order);
        let Some(begin) = self.begin(request, manner, &tags) else {
            return error(StatusCode::NOT_FOUND, "NAME_UNKNOWN", "no such tag");
        };
        let size = match manner.pages {
            true => asked.min(largest).min(self.longest.unwrap_or(usize::MAX)),
            false => usize::MAX,
        };
        let begin = begin.min(tags.len());
        let end = begin.saturating_add(size).min(tags.len());
        let mut answer = Answer::body(manner.content_type, self.body(manner, &tags, begin, end));
        if let Some((name, value)) = manner.header {
            answer = answer.with(name, value);
        }
        if end < tags.len() && end > 0 {
            let query = place(manner.place, &tags[end - 1], end, size);
            for link in self.links(manner.link, &query) {
                answer.headers.push(("Link".to_owned(), link));
            }
        }
        answer
    }

    /// Where a page begins; `None` where the registry does not know the place.
    fn begin(&self, request: &Request, manner: Manner, tags: &[String]) -> Option<usize> {
        let name = match manner.place {
            Place::NextPage => "next_page",
            Place::Opaque | Place::LastTag => "last",
        };
        let Some(place) = request.parameter(name).filter(|_| manner.pages) else {
            return Some(0);
        };
        let at = || tags.iter().position(|tag| tag == place);
        match (manner.place, manner.order) {
            (Place::NextPage | Place::Opaque, _) => {
                place.rsplit_once('-').and_then(|(_, at)| at.parse().ok())
            }
            (Place::LastTag, Order::Sorted) if self.imitation != Imitation::Zot => {
                Some(tags.partition_point(|tag| tag.as_str() <= place))
            }
            (Place::LastTag, _) => at().map(|at| at + 1),
        }
    }

    fn in_order(&self, order: Order) -> Cow<'_, [String]> {
        let mut tags = Cow::Borrowed(self.shelf.tags());
        match order {
            Order::Sorted => {}
            Order::OldestFirst => tags.to_mut().sort_by_key(|tag| self.shelf.pushed(tag)),
            Order::Unsorted => {
                tags.to_mut()
                    .sort_by_key(|tag| tag.bytes().rev().collect::<Vec<_>>());
            }
        }
        tags
    }

    fn body(&self, manner: Manner, tags: &[String], begin: usize, end: usize) -> String {
        let page = &tags[begin..end];
        let mut listed: Vec<Value> = page.iter().map(|tag| tag.as_str().into()).collect();
        let mut body = Map::from_iter([("name".to_owned(), self.name.into())]);
        match manner.extra {
            Extra::None => {}
            Extra::Nulls => listed.insert(0, Value::Null),
            Extra::Digests => {
                let digests = page.iter().filter_map(|tag| self.shelf.digest(tag));
                listed.extend(digests.map(Value::from));
            }
            Extra::Repeats => {
                if begin > 0 {
                    listed.insert(0, tags[begin - 1].as_str().into());
                }
            }
            Extra::Manifests => {
                body.insert("child".to_owned(), json!([]));
                body.insert("manifest".to_owned(), self.manifests(page));
            }
        }
        let listed = match self.imitation {
            Imitation::NullTags if listed.is_empty() => Value::Null,
            _ => listed.into(),
        };
        body.insert("tags".to_owned(), listed);
        Value::from(body).to_string()
    }

    /// Google's: what each manifest is, with its tags and dates, numbers as text.
    fn manifests(&self, tags: &[String]) -> Value {
        let mut manifests = Map::new();
        for tag in tags {
            let digest = self.shelf.digest(tag).unwrap_or_default();
            let pushed = self.shelf.pushed(tag).unwrap_or_default().as_millisecond();
            let manifest = manifests.entry(digest).or_insert_with(
                || json!({ "imageSizeBytes": "1", "timeCreatedMs": "0", "tag": [] }),
            );
            manifest["timeUploadedMs"] = pushed.to_string().into();
            if let Some(tags) = manifest["tag"].as_array_mut() {
                tags.push(tag.as_str().into());
            }
        }
        manifests.into()
    }

    fn links(&self, form: LinkForm, query: &str) -> Vec<String> {
        let (url, name) = (self.url, self.name);
        let path = format!("/v2/{name}/tags/list?{query}");
        let shortened = name.split_once('/').map_or(name, |(_, rest)| rest);
        let next = |target: String| vec![format!("<{target}>; rel=\"next\"")];
        match form {
            LinkForm::None => Vec::new(),
            LinkForm::Relative => next(path),
            LinkForm::RelativeWithEmptyOrder => next(format!("{path}&orderby=")),
            LinkForm::Absolute => next(format!("{url}{path}")),
            LinkForm::WrongPath => next(format!("{url}/repository/docker{path}")),
            LinkForm::Shortened => next(format!("/v2/{shortened}/tags/list?{query}")),
            LinkForm::Bare => vec![format!("<{path}>;rel=next")],
            LinkForm::OtherOrigin => next(format!("https://registry.internal:5000{path}")),
            LinkForm::NoBrackets => vec![format!("{path}; rel=\"next\"")],
            LinkForm::Several => vec![
                "</v2/>; rel=\"self\"; title=\"a, b; rel=next\"".to_owned(),
                format!("</v2/>; rel=prev, <{path}>; title=\"x\"; Rel=\"last next\""),
            ],
        }
    }
}

/// The query of the next page.
fn place(place: Place, last: &str, end: usize, size: usize) -> String {
    let noise = "MJ/y%2B8Kp%3D".repeat(20);
    match place {
        Place::LastTag => format!("last={last}&n={size}"),
        Place::Opaque => format!("n={size}&last={noise}-{end}"),
        Place::NextPage => format!("next_page=gAAAAA-{end}"),
    }
}

fn refused(status: u16) -> Answer {
    let (code, message) = match status {
        405 => ("UNSUPPORTED", "Invalid parameter at 'maxResults'"),
        413 => ("TOO_MANY_TAGS_REQUESTED", "too many tags requested"),
        _ => ("PAGINATION_NUMBER_INVALID", "invalid number of results"),
    };
    error(
        StatusCode::from_u16(status).unwrap_or_default(),
        code,
        message,
    )
}
