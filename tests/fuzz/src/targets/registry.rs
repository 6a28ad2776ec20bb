//! Lists of tags, and the way through their pages.

use feeds::{Limits, parsing};
use serde_json::Value;
use url::Url;

/// A list is what any reader of JSON finds in it.
pub(crate) fn tags(data: &[u8]) {
    let Ok(tags) = parsing::tags(data) else {
        return;
    };
    // The other reader cannot parse deep nesting in ignored fields.
    let Ok(document) = serde_json::from_slice::<Value>(data) else {
        return;
    };
    let listed = document["tags"].as_array();
    let listed = listed.into_iter().flatten().filter_map(Value::as_str);
    assert!(listed.eq(tags.iter().map(String::as_str)));
}

/// Pages and links, one in each line: tags between commas, then `|`, then the link if there is one. However
/// a registry links its pages, there is an end, no other server is asked, and no tag is listed twice.
pub(crate) fn walk(data: &[u8]) {
    let lines = super::lines(data);
    let limits = Limits {
        pages: 8,
        tags: 64,
        ..Limits::default()
    };
    let Ok(list) = Url::parse("https://registry.test/v2/acme/web/tags/list") else {
        return;
    };
    let mut asked = Vec::new();
    let walked = parsing::walk(&limits, &list, 2, |url| {
        assert_eq!(url.origin(), list.origin());
        assert_eq!(url.path(), list.path());
        asked.push(url.clone());
        // A registry without more pages repeats its last one for ever.
        let line = lines.get(asked.len() - 1).or(lines.last());
        let (tags, link) = line.map_or(("", ""), |line| {
            line.split_once('|').unwrap_or((line.as_ref(), ""))
        });
        let tags = tags.split(',').filter(|tag| !tag.is_empty());
        let link = Some(link.to_owned()).filter(|link| !link.is_empty());
        (tags.map(str::to_owned).collect(), link)
    });
    assert!(asked.len() <= limits.pages, "{} pages", asked.len());
    if let Ok(tags) = walked {
        assert!(tags.len() <= limits.tags);
        assert!(tags.is_sorted_by(|one, next| one < next), "{tags:?}");
    }
}
