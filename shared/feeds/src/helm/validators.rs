//! Decides which validators of a server make the next request conditional.
//!
//! A validator can be wrong: the server then answers 304 although the index has changed. Three rules prevent that a
//! wrong one lasts:
//!
//! - `Last-Modified` is used only if it is a possible date and clearly older than the answer's `Date` (RFC 9110,
//!   8.8.2.2). Reproducible images give all files one date; a file that was written just now can be written again
//!   within the resolution of the date. An `ETag` that contains such a date is not used either.
//! - The index is read unconditionally once a day, at a time that depends on its URL.
//! - If that shows that a validator was wrong, the index is read unconditionally for a week.

use std::hash::{DefaultHasher, Hash, Hasher};

use domain::time::{Span, Timestamp};
use engine::ports::{ReadRequest, Validators};
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{DATE, ETAG, HeaderMap, HeaderName, LAST_MODIFIED};
use url::Url;

use crate::facts::is_plausible;

/// How much older than the answer a `Last-Modified` must be: a minute, as RFC 7232 required.
const CLEARLY_OLDER: Span = Span::from_minutes(1);

/// The time between two unconditional reads is in the last hours of a day, by the URL.
const MAX_AGE: Span = Span::from_hours(24);
const SPREAD_MINUTES: i64 = 4 * 60;

/// How long a wrong validator is not used.
const DISTRUST: Span = Span::from_hours(7 * 24);

/// The validators that all requests have in common, if they may be used now. With different validators, 304 would be
/// true for some charts only.
pub(super) fn common<'r>(
    requests: &'r [ReadRequest],
    url: &Url,
    now: Timestamp,
) -> Option<&'r Validators> {
    let first = requests.first()?.validators.as_ref()?;
    let are_usable = requests.iter().all(|request| {
        request.validators.as_ref().is_some_and(|known| {
            known.etag == first.etag
                && known.last_modified == first.last_modified
                && !known.is_untrusted
                && known.received_at.is_some_and(|at| is_recent(at, url, now))
        })
    });
    Some(first).filter(|first| are_usable && first.has_any())
}

/// Whether the last unconditional read is less than a day ago.
fn is_recent(at: Timestamp, url: &Url, now: Timestamp) -> bool {
    let mut hasher = DefaultHasher::new();
    url.as_str().hash(&mut hasher);
    let share = i64::try_from(hasher.finish() % SPREAD_MINUTES.unsigned_abs()).unwrap_or_default();
    let age = now.since(at);
    age < Span::from_millis(MAX_AGE.as_millis() - Span::from_minutes(share).as_millis())
        && !at.is_ahead_of(now)
}

/// The validators of an answer that may make the next request conditional.
pub(super) fn of_answer(headers: &HeaderMap, now: Timestamp) -> Option<Validators> {
    let modified = date(headers, LAST_MODIFIED);
    let answered = date(headers, DATE).unwrap_or(now);
    let is_reliable = |modified: Timestamp| {
        is_plausible(modified, now) && answered.since(modified) >= CLEARLY_OLDER
    };
    let unreliable = modified.filter(|modified| !is_reliable(*modified));
    let etag = text(headers, ETAG);
    let etag = etag.filter(|etag| !unreliable.is_some_and(|date| is_made_of(etag, date)));
    // With an ETag the date is not sent.
    let last_modified = text(headers, LAST_MODIFIED)
        .filter(|_| etag.is_none() && modified.is_some_and(is_reliable));
    let validators = Validators {
        etag,
        last_modified,
        received_at: Some(now),
        ..Validators::default()
    };
    Some(validators).filter(Validators::has_any)
}

/// The validators to return for a request: those of the answer, or the mark of a wrong one.
pub(super) fn for_request(
    request: &ReadRequest,
    of_answer: Option<&Validators>,
    now: Timestamp,
) -> Option<Validators> {
    let known = request.validators.as_ref();
    let is_distrusted = |known: &&Validators| {
        known.is_untrusted
            && known
                .received_at
                .is_some_and(|at| now.since(at) < DISTRUST && !at.is_ahead_of(now))
    };
    known.filter(is_distrusted).or(of_answer).cloned()
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

fn date(headers: &HeaderMap, name: HeaderName) -> Option<Timestamp> {
    let text = text(headers, name)?;
    let at = DateTimeParser::new().parse_timestamp(text.trim()).ok()?;
    Some(Timestamp::from_millis(at.as_millisecond()))
}

/// Whether an `ETag` consists of this date and the file's size, as those of nginx (`"SECONDS-SIZE"`) and Apache
/// (`"SIZE-MICROSECONDS"`), in hexadecimal digits.
fn is_made_of(etag: &str, date: Timestamp) -> bool {
    let seconds = date.as_millis().div_euclid(1_000);
    let opaque = etag.trim_start_matches("W/").trim_matches('"');
    let parts = opaque.split('-');
    let mut numbers = parts.filter_map(|part| i64::from_str_radix(part, 16).ok());
    opaque.contains('-')
        && numbers.any(|number| number == seconds || number.div_euclid(1_000_000) == seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        let at: jiff::Timestamp = text.parse().unwrap();
        Timestamp::from_millis(at.as_millisecond())
    }

    fn kept(etag: &str, modified: &str, date: &str) -> (Option<String>, Option<String>) {
        let mut headers = HeaderMap::new();
        for (name, value) in [(ETAG, etag), (LAST_MODIFIED, modified), (DATE, date)] {
            if !value.is_empty() {
                headers.insert(name, value.parse().unwrap());
            }
        }
        let validators = of_answer(&headers, at("2026-03-01T12:00:00Z")).unwrap_or_default();
        (validators.etag, validators.last_modified)
    }

    #[test]
    fn last_modified_is_kept_if_possible_and_clearly_older_than_date() {
        let date = "Sun, 01 Mar 2026 12:00:00 GMT";
        for (modified, date, is_kept) in [
            ("Sun, 01 Mar 2026 11:59:00 GMT", date, true),
            ("Sun, 01 Mar 2026 11:59:01 GMT", date, false),
            ("Sun, 01 Mar 2026 12:00:00 GMT", date, false),
            ("Sun, 01 Mar 2026 13:00:00 GMT", date, false),
            ("Fri, 01 Mar 2024 11:00:00 GMT", date, true),
            ("Fri, 01 Mar 2024 11:00:00 GMT", "", true),
            ("Sun, 01 Mar 2026 11:59:30 GMT", "", false),
            ("Sun, 01 Mar 2026 11:59:30 GMT", "soon", false),
            ("Thu, 01 Jan 1970 00:00:00 GMT", date, false),
            ("Thu, 01 Jan 1970 00:00:01 GMT", date, false),
            ("Tue, 01 Jan 1980 00:00:00 GMT", date, false),
            ("Thu, 03 Jan 1980 00:00:00 GMT", date, true),
            ("yesterday", date, false),
            ("0", date, false),
        ] {
            let (_, last_modified) = kept("", modified, date);
            assert_eq!(last_modified.is_some(), is_kept, "{modified} {date}");
            let (etag, last_modified) = kept("\"abc\"", modified, date);
            assert_eq!(
                (etag.as_deref(), last_modified),
                (Some("\"abc\""), None),
                "{modified}"
            );
        }
    }

    #[test]
    fn etag_made_of_unreliable_date_is_dropped() {
        let fixed = "Tue, 01 Jan 1980 00:00:00 GMT"; // 315532800 seconds, 0x12cea600
        let date = "Sun, 01 Mar 2026 12:00:00 GMT";
        for (etag, modified, is_kept) in [
            ("\"12cea600-1a2\"", fixed, false),
            ("W/\"12cea600-1a2\"", fixed, false),
            ("\"1a2-11ef900a90000\"", fixed, true),
            ("\"1-0\"", "Thu, 01 Jan 1970 00:00:00 GMT", false),
            ("\"12cea600-1a2\"", "Fri, 01 Mar 2024 11:00:00 GMT", true),
            ("\"12cea600\"", fixed, true),
            ("\"5d41402a-1a2\"", fixed, true),
        ] {
            assert_eq!(
                kept(etag, modified, date).0.is_some(),
                is_kept,
                "{etag} {modified}"
            );
        }
        let micros = format!("\"1a2-{:x}\"", 315_532_800_000_000_i64);
        assert_eq!(kept(&micros, fixed, date).0, None);
    }

    #[test]
    fn unconditional_read_is_due_within_a_day_spread_by_url() {
        let now = at("2026-03-01T12:00:00Z");
        let mut due = Vec::new();
        for number in 0..200 {
            let url = Url::parse(&format!("https://charts.test/{number}/index.yaml")).unwrap();
            let hours =
                (0..=24).find(|hours| !is_recent(now, &url, now + Span::from_hours(*hours)));
            due.push(hours.unwrap());
        }
        assert!(due.iter().all(|hours| (20..=24).contains(hours)), "{due:?}");
        for hours in 21..=24 {
            assert!(due.contains(&hours), "{hours}");
        }
        let url = Url::parse("https://charts.test/index.yaml").unwrap();
        assert!(
            !is_recent(now + Span::from_hours(1), &url, now),
            "a time in the future"
        );
    }
}
