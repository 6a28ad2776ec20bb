//! Paging through a list of tags.
//!
//! The walk follows `Link`, but only on the registry's own origin and only by its query, because some proxies
//! change the path. After a full page without `Link` it requests the tags after the last one, because some
//! registries page without `Link`. A walk that does not reach the end of the list is an error.

use std::collections::HashSet;
use std::sync::Arc;

use url::Url;

use super::first_page::FirstPage;
use super::ordered::Ordered;
use crate::limits::Limits;
use crate::link::{self, Link};

/// The maximum length of a tag. Longer entries are ignored.
pub(super) const MAX_TAG_LENGTH: usize = 128;

/// A walk in progress.
pub(super) struct Walk<'a> {
    limits: &'a Limits,
    first: Arc<FirstPage>,
    /// The URLs of the pages so far, once there is more than one.
    visited: HashSet<String>,
    pages: usize,
    tags: Ordered,
    /// Whether the next page was requested without a link.
    is_guess: bool,
}

/// The next page of a walk.
pub(super) struct Next {
    pub(super) url: Url,
    /// Whether the page was not linked: an error then means that there is no such page.
    pub(super) is_guessed: bool,
}

/// A walk that does not reach the end of the list.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum WalkError {
    #[error(
        "has a `Link` header on page {pages} that cannot be read, so there may be more tags; {tags} tags \
         were read; correct the header in the registry or its proxy"
    )]
    Unreadable { pages: usize, tags: usize },
    #[error("links from page {pages} to a URL without a query; {tags} tags were read")]
    NoQuery { pages: usize, tags: usize },
    #[error("links from page {pages} back to an earlier page; {tags} tags were read")]
    Loop { pages: usize, tags: usize },
    #[error("repeats itself: page {pages} has no new tag; {tags} tags were read")]
    NoProgress { pages: usize, tags: usize },
    #[error("has more than {pages} pages, which is the limit; {tags} tags were read")]
    Pages { pages: usize, tags: usize },
    #[error("has more than {tags} tags on {pages} pages, which is the limit")]
    Tags { pages: usize, tags: usize },
}

impl<'a> Walk<'a> {
    /// Starts a walk at this page.
    pub(super) fn new(limits: &'a Limits, first: Arc<FirstPage>) -> Self {
        Self {
            limits,
            first,
            visited: HashSet::new(),
            pages: 0,
            tags: Ordered::default(),
            is_guess: false,
        }
    }

    /// The number of pages so far.
    pub(super) fn pages(&self) -> usize {
        self.pages
    }

    /// All tags, each once, in text order.
    pub(super) fn into_tags(self) -> Vec<String> {
        self.tags.into_vec()
    }

    /// Adds a page with the target of its `Link`. Returns the next page; `None` at the end.
    pub(super) fn add(
        &mut self,
        entries: Vec<String>,
        link: &Link,
    ) -> Result<Option<Next>, WalkError> {
        self.pages += 1;
        let (count, before) = (entries.len(), self.tags.len());
        let last = entries.last().cloned();
        self.tags.extend(
            entries
                .into_iter()
                .filter(|entry| entry.len() <= MAX_TAG_LENGTH),
        );
        let (pages, tags) = (self.pages, self.tags.len());
        if tags > self.limits.tags {
            return Err(WalkError::Tags {
                pages,
                tags: self.limits.tags,
            });
        }
        let progress = tags > before;
        let guessed = std::mem::take(&mut self.is_guess);
        match (link, &last) {
            // The registry does not page and returned the whole list again.
            (Link::None, _) if guessed && !progress => return Ok(None),
            (Link::None, Some(_)) if !progress && pages > 1 => {
                return Err(WalkError::NoProgress { pages, tags });
            }
            (Link::Next(_), _) if !progress => return Err(WalkError::NoProgress { pages, tags }),
            _ => {}
        }
        let Some(next) = self.page_after(count, last.as_deref(), link)? else {
            return Ok(None);
        };
        self.is_guess = next.is_guessed;
        if self.visited.is_empty() {
            self.visited.insert(self.first.url.to_string());
        }
        if !self.visited.insert(next.url.to_string()) {
            return Err(WalkError::Loop { pages, tags });
        }
        if pages >= self.limits.pages {
            return Err(WalkError::Pages { pages, tags });
        }
        Ok(Some(next))
    }

    /// The page after one with `count` entries that ends with `last`: the target of its link, or the tags
    /// after `last` if the page is full.
    pub(super) fn page_after(
        &self,
        count: usize,
        last: Option<&str>,
        link: &Link,
    ) -> Result<Option<Next>, WalkError> {
        let (url, is_guessed) = match (link, last) {
            (Link::Next(link), _) => (self.follow(link)?, false),
            (Link::Unreadable, _) => {
                let (pages, tags) = (self.pages, self.tags.len());
                return Err(WalkError::Unreadable { pages, tags });
            }
            (Link::None, Some(last)) if count == self.first.size => (self.after(last), true),
            (Link::None, _) => return Ok(None),
        };
        Ok(Some(Next { url, is_guessed }))
    }

    fn follow(&self, link: &str) -> Result<Url, WalkError> {
        let (pages, tags) = (self.pages, self.tags.len());
        link::follow(&self.first.url, link).ok_or(WalkError::NoQuery { pages, tags })
    }

    fn after(&self, last: &str) -> Url {
        let mut url = self.first.url.clone();
        url.query_pairs_mut().append_pair("last", last);
        url
    }
}

#[cfg(test)]
mod tests {
    use super::{Arc, FirstPage, Limits, Link, Url, Walk, WalkError};

    const LIST: &str = "https://registry.example.com/v2/a/b/tags/list";

    /// Walks through pages of two tags, each with its link. Returns the requested URLs and the outcome.
    fn walk(pages: &[(&[&str], Option<&str>)]) -> (Vec<String>, Result<usize, WalkError>) {
        let limits = Limits {
            pages: 4,
            tags: 7,
            ..Limits::default()
        };
        let first = Arc::new(FirstPage::new(Url::parse(LIST).unwrap(), 2));
        let mut asked = vec![first.url.to_string()];
        let mut walk = Walk::new(&limits, first);
        for (tags, link) in pages {
            let tags = tags.iter().map(|&tag| tag.to_owned()).collect();
            let link = link.map_or(Link::None, |link| Link::Next(link.to_owned()));
            match walk.add(tags, &link) {
                Ok(Some(next)) => asked.push(next.url.to_string()),
                Ok(None) => return (asked, Ok(walk.into_tags().len())),
                Err(error) => return (asked, Err(error)),
            }
        }
        panic!("the walk continues: {asked:?}");
    }

    #[test]
    fn link_in_every_form_is_followed_by_its_query() {
        for (link, expected) in [
            ("/v2/a/b/tags/list?last=b&n=2", "?last=b&n=2"),
            ("?last=b", "?last=b"),
            (
                "https://registry.example.com/v2/a/b/tags/list?last=tEN%2Fi%2B%3D",
                "?last=tEN%2Fi%2B%3D",
            ),
            (
                "https://registry.example.com:443/repository/x/v2/a/b/tags/list?last=b",
                "?last=b",
            ),
            (
                "/v2/b/tags/list?last=b&n=2&orderby=",
                "?last=b&n=2&orderby=",
            ),
            ("tags/list?next_page=gAAA", "?next_page=gAAA"),
            ("https://joe:pw@registry.example.com/?last=b", "?last=b"),
        ] {
            let (asked, outcome) = walk(&[(&["a", "b"], Some(link)), (&["c"], None)]);
            assert_eq!(
                asked,
                [format!("{LIST}?n=2"), format!("{LIST}{expected}")],
                "{link}"
            );
            assert_eq!(outcome, Ok(3));
        }
    }

    /// The registry's own names behind a proxy, and hostile targets: no request is sent to another origin.
    #[test]
    fn link_to_another_origin_is_followed_on_own_origin_by_its_query() {
        for link in [
            "http://registry.example.com/v2/a/b/tags/list?last=a",
            "https://registry.example.com:444/?last=a",
            "https://registry:5000/v2/a/b/tags/list?last=a",
            "http://10.0.0.7:5000/v2/a/b/tags/list?last=a",
            "https://evil.net/v2/a/b/tags/list?last=a",
            "https://registry.example.com.evil.net/?last=a",
            "https://registry.example.com@evil.net/?last=a",
            "//evil.net/?last=a",
            "\\\\evil.net\\?last=a",
            "https://registry.exаmple.com/?last=a",
            "file:///etc/passwd?last=a",
            "data:,x?last=a",
            "javascript:x?last=a",
            "https://registry.example.com:80/?last=a",
            "https://registry.example.com%2eevil.net/?last=a",
            "https://registry.example.com\t.evil.net/?last=a",
            "https://registry.example.com。evil.net/?last=a",
            "https://registry.example.com./?last=a",
            "https://[::1]/?last=a",
            "https://169.254.169.254/?last=a",
            "/\\evil.net/?last=a",
            "////evil.net/?last=a",
            "https://registry.example.com:port/?last=a",
        ] {
            let (asked, outcome) = walk(&[(&["a"], Some(link)), (&["b"], None)]);
            assert_eq!(asked[1], format!("{LIST}?last=a"), "{link}");
            assert_eq!(outcome, Ok(2), "{link}");
        }
    }

    #[test]
    fn unreadable_link_is_an_error() {
        let limits = Limits::default();
        let first = Arc::new(FirstPage::new(Url::parse(LIST).unwrap(), 2));
        let mut walk = Walk::new(&limits, first);
        let outcome = walk.add(vec!["a".to_owned()], &Link::Unreadable);
        assert_eq!(
            outcome.err(),
            Some(WalkError::Unreadable { pages: 1, tags: 1 })
        );
    }

    #[test]
    fn walk_ends_after_last_page() {
        assert_eq!(walk(&[(&[], None)]).1, Ok(0));
        assert_eq!(walk(&[(&["a"], None)]).1, Ok(1));
        assert_eq!(
            walk(&[(&["a", "b", "c", "d"], None)]).1,
            Ok(4),
            "it does not page"
        );
        assert_eq!(
            walk(&[(&["a", "b"], Some("?last=b")), (&[], None)]).1,
            Ok(2),
            "an empty last page"
        );
        assert_eq!(
            walk(&[
                (&["a"], Some("?last=a")),
                (&["b", "c"], Some("?last=c")),
                (&["d"], None)
            ])
            .1,
            Ok(4)
        );
    }

    #[test]
    fn full_page_without_link_is_followed_by_request_for_next_tags() {
        let (asked, outcome) = walk(&[(&["a", "b"], None), (&["c", "d"], None), (&[], None)]);
        assert_eq!(
            asked[1..],
            [format!("{LIST}?n=2&last=b"), format!("{LIST}?n=2&last=d")]
        );
        assert_eq!(outcome, Ok(4));
        assert_eq!(
            walk(&[(&["a", "b"], None), (&["a", "b"], None)]).1,
            Ok(2),
            "it ignores last"
        );
    }

    #[test]
    fn walk_that_does_not_reach_the_end_is_an_error() {
        let no_query = Err(WalkError::NoQuery { pages: 1, tags: 1 });
        for link in ["https://", "/v2/a/b/tags/list", "https://evil.net/", "?"] {
            assert_eq!(walk(&[(&["a"], Some(link))]).1, no_query, "{link}");
        }
        assert_eq!(
            walk(&[(&["a"], Some("?n=2"))]).1,
            Err(WalkError::Loop { pages: 1, tags: 1 })
        );
        let back = [
            (&["a"][..], Some("?last=a")),
            (&["b"], Some("?last=b")),
            (&["c"], Some("?last=a")),
        ];
        assert_eq!(walk(&back).1, Err(WalkError::Loop { pages: 3, tags: 3 }));
        let stuck = Err(WalkError::NoProgress { pages: 2, tags: 1 });
        assert_eq!(
            walk(&[(&["a"], Some("?last=a")), (&["a"], Some("?last=x"))]).1,
            stuck
        );
        assert_eq!(walk(&[(&["a"], Some("?last=a")), (&["a"], None)]).1, stuck);
        assert_eq!(
            walk(&[(&["a"], Some("?last=a")), (&[], Some("?last=x"))]).1,
            stuck
        );
        let many = [
            (&["a"][..], Some("?1")),
            (&["b"], Some("?2")),
            (&["c"], Some("?3")),
            (&["d"], Some("?4")),
        ];
        assert_eq!(walk(&many).1, Err(WalkError::Pages { pages: 4, tags: 4 }));
        let eight = ["1", "2", "3", "4", "5", "6", "7", "8"];
        assert_eq!(
            walk(&[(&eight, None)]).1,
            Err(WalkError::Tags { pages: 1, tags: 7 })
        );
    }
}
