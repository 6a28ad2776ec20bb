//! Headers of answers: where the next page is, who may read, how long to wait. One header in each line.

use feeds::parsing;
use http::header::{LINK, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue};
use http_client::{LONGEST_PAUSE, rate_limit, retry_after, retry_after_in};
use jiff::Timestamp;

fn values(name: &HeaderName, data: &[u8]) -> HeaderMap {
    let lines = data.split(|byte| *byte == b'\n');
    let values = lines.filter_map(|line| HeaderValue::from_bytes(line).ok());
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(name, value);
    }
    headers
}

/// The target of the next page is a part of a header. A header with text is never ignored unless it has another
/// relation than `next`.
pub(crate) fn link(data: &[u8]) {
    let headers = values(&LINK, data);
    let texts = headers.values();
    let mut texts =
        texts.map(|value| String::from_utf8_lossy(value.as_bytes()).replace("&amp;", "&"));
    match parsing::next_page(&headers) {
        parsing::Link::Next(target) => {
            assert!(
                texts.any(|text| text.contains(&target)),
                "{target} is in no header"
            );
        }
        parsing::Link::Unreadable => assert!(texts.next().is_some()),
        parsing::Link::None => assert!(
            texts.all(|text| {
                let is_blank = text.trim_matches([' ', '\t', ',', ';']).is_empty();
                is_blank || text.to_ascii_lowercase().contains("rel")
            }),
            "a header without a relation is ignored"
        ),
    }
}

/// A token request has an address and requests reading alone, and formatting the challenge again results in the same
/// request.
pub(crate) fn challenge(data: &[u8]) {
    let Some(chosen) = parsing::challenge(&values(&WWW_AUTHENTICATE, data)) else {
        return;
    };
    let parsing::Challenge::Bearer(bearer) = &chosen else {
        return;
    };
    assert!(!bearer.realm.is_empty());
    assert!(bearer.scopes.is_sorted());
    let writes = |scope: &String| {
        let (_, actions) = scope.rsplit_once(':').unwrap_or_default();
        let is_reading = actions.split(',').any(|action| action == "pull");
        is_reading && actions != "pull"
    };
    assert!(!bearer.scopes.iter().any(writes), "{:?}", bearer.scopes);
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let mut again = format!("Bearer realm=\"{}\"", quoted(&bearer.realm));
    if let Some(service) = &bearer.service {
        again.push_str(&format!(",service=\"{}\"", quoted(service)));
    }
    again.push_str(&format!(",scope=\"{}\"", quoted(&bearer.scopes.join(" "))));
    assert_eq!(
        parsing::challenge(&values(&WWW_AUTHENTICATE, again.as_bytes())).as_ref(),
        Some(&chosen),
        "{again}"
    );
}

/// No server makes us wait for longer than the longest pause.
pub(crate) fn pauses(data: &[u8]) {
    let now = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(500_000);
    let mut headers = HeaderMap::new();
    for line in super::lines(data) {
        let waits = retry_after_in(&line, now);
        assert!(waits.is_none_or(|pause| pause <= LONGEST_PAUSE), "{line}");
        if let Some((name, value)) = line.split_once(':')
            && let Ok(name) = HeaderName::from_bytes(name.trim().as_bytes())
            && let Ok(value) = HeaderValue::from_str(value.trim())
        {
            headers.append(name, value);
        }
    }
    let pause = retry_after(&headers, now);
    let reset = rate_limit(&headers, now).and_then(|limit| limit.resets_in);
    for pause in [pause, reset].into_iter().flatten() {
        assert!(pause <= LONGEST_PAUSE, "{pause:?}");
    }
}
