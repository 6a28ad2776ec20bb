//! The quota in the headers of an answer.
//!
//! Three spellings are in use: `RateLimit-Limit`, `-Remaining` and `-Reset` (the IETF's drafts; Docker Hub,
//! which adds the window: `20;w=21600`), the same with `X-` (GitHub, Docker Hub's API), and one
//! `RateLimit` with everything in it (the IETF's later drafts: `limit=100, remaining=5, reset=30`, then
//! `"default";r=5;t=30`).

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{HeaderMap, HeaderName};

use crate::retry_after::{LONGEST_PAUSE, from_number};

/// The remaining quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests per window; `None` if the server does not send it.
    pub limit: Option<u64>,
    /// The remaining requests.
    pub remaining: u64,
    /// The time until the window ends, at most [`LONGEST_PAUSE`]; `None` if the server does not send it. If only the
    /// length of the window is known, the window is assumed to start now.
    pub resets_in: Option<Duration>,
}

/// The headers of spellings with one header per value: remaining, limit and reset.
static SEPARATE: [[HeaderName; 3]; 2] = [
    [
        HeaderName::from_static("ratelimit-remaining"),
        HeaderName::from_static("ratelimit-limit"),
        HeaderName::from_static("ratelimit-reset"),
    ],
    [
        HeaderName::from_static("x-ratelimit-remaining"),
        HeaderName::from_static("x-ratelimit-limit"),
        HeaderName::from_static("x-ratelimit-reset"),
    ],
];

/// The header of the spelling with one header.
static COMBINED: HeaderName = HeaderName::from_static("ratelimit");

/// The quota in the headers; `None` if they do not contain the remaining requests.
pub fn rate_limit(headers: &HeaderMap, now: Timestamp) -> Option<RateLimit> {
    SEPARATE
        .iter()
        .find_map(|names| separate(headers, names, now))
        .or_else(|| combined(headers, now))
}

fn separate(headers: &HeaderMap, names: &[HeaderName; 3], now: Timestamp) -> Option<RateLimit> {
    let field = |name: &HeaderName| headers.get(name)?.to_str().ok();
    let [remaining, limit, reset] = names;
    let (remaining, limit) = (field(remaining)?, field(limit));
    let window = [Some(remaining), limit]
        .into_iter()
        .flatten()
        .find_map(|text| parameter(text, "w"));
    Some(RateLimit {
        limit: limit.and_then(number),
        remaining: number(remaining)?,
        resets_in: resets_in(field(reset).and_then(number).or(window), now),
    })
}

fn combined(headers: &HeaderMap, now: Timestamp) -> Option<RateLimit> {
    let state = headers.get(&COMBINED)?.to_str().ok()?;
    let find = |names: [&str; 2]| names.into_iter().find_map(|name| parameter(state, name));
    let policy = headers.get("ratelimit-policy");
    let policy = policy.and_then(|policy| parameter(policy.to_str().ok()?, "q"));
    Some(RateLimit {
        limit: parameter(state, "limit").or(policy),
        remaining: find(["remaining", "r"])?,
        resets_in: resets_in(find(["reset", "t"]), now),
    })
}

fn resets_in(reset: Option<u64>, now: Timestamp) -> Option<Duration> {
    reset.map(|reset| from_number(reset, now).min(LONGEST_PAUSE))
}

/// The number at the start of the text.
fn number(text: &str) -> Option<u64> {
    let text = text.trim_start();
    let end = text
        .find(|char: char| !char.is_ascii_digit())
        .unwrap_or(text.len());
    text[..end].parse().ok()
}

/// The number of `name=NUMBER` in a list separated by `,` and `;`.
fn parameter(text: &str, name: &str) -> Option<u64> {
    text.split([',', ';']).find_map(|part| {
        let (key, value) = part.split_once('=')?;
        (key.trim() == name).then(|| number(value)).flatten()
    })
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn quota_is_parsed_in_every_spelling() {
        let now = "2026-01-02T03:04:05Z".parse().unwrap();
        let left = |limit: u64, remaining, reset: u64| {
            Some(RateLimit {
                limit: Some(limit),
                remaining,
                resets_in: Some(Duration::from_secs(reset)),
            })
        };
        for (headers, expected) in [
            (
                "ratelimit-limit: 100;w=21600\nratelimit-remaining: 20;w=21600",
                left(100, 20, 21_600),
            ),
            (
                "RateLimit-Limit: 60\nRateLimit-Remaining: 0\nRateLimit-Reset: 30",
                left(60, 0, 30),
            ),
            (
                "X-RateLimit-Limit: 5000\nX-RateLimit-Remaining: 4987\nX-RateLimit-Reset: 1767323105",
                left(5_000, 4_987, 60),
            ),
            (
                "X-RateLimit-Limit: 10, 100\nX-RateLimit-Remaining: 3\nX-RateLimit-Reset: 99999999",
                left(10, 3, 86_400),
            ),
            (
                "RateLimit: limit=100, remaining=5, reset=30",
                left(100, 5, 30),
            ),
            (
                "RateLimit: \"default\";r=5;t=30\nRateLimit-Policy: \"default\";q=100;w=60",
                left(100, 5, 30),
            ),
            (
                "X-RateLimit-Remaining: 7",
                Some(RateLimit {
                    limit: None,
                    remaining: 7,
                    resets_in: None,
                }),
            ),
            ("RateLimit-Limit: 100", None),
            ("RateLimit-Remaining: many", None),
            ("RateLimit-Remaining: 99999999999999999999999", None),
            ("RateLimit: yes", None),
            ("Content-Type: text/plain", None),
        ] {
            let parsed = headers.lines().map(|line| {
                let (name, value) = line.split_once(": ").unwrap();
                let name = HeaderName::try_from(name.to_lowercase()).unwrap();
                (name, HeaderValue::try_from(value).unwrap())
            });
            let parsed = HeaderMap::from_iter(parsed);
            assert_eq!(rate_limit(&parsed, now), expected, "{headers}");
        }
    }
}
