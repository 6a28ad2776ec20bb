//! How long a server asks us to stay away.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// A pause longer than this is taken for a mistake and cut to it.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

/// `Retry-After`, given in seconds or as an HTTP date (RFC 9110, 10.2.3), as the span from `now`, at most
/// [`LONGEST_PAUSE`]. `None` if it is absent or cannot be read; a date that has passed is no pause.
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let pause = if let Ok(seconds) = value.parse::<u64>() {
        Duration::from_secs(seconds)
    } else {
        let until = DateTimeParser::new().parse_timestamp(value).ok()?;
        Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO)
    };
    Some(pause.min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::{Duration, HeaderMap, LONGEST_PAUSE, RETRY_AFTER, retry_after};

    #[test]
    fn seconds_and_dates_are_read() {
        let now = "2026-01-02T03:04:05Z".parse().unwrap();
        for (value, expected) in [
            ("30", Some(Duration::from_secs(30))),
            (" 0 ", Some(Duration::ZERO)),
            (
                "Fri, 02 Jan 2026 03:05:05 GMT",
                Some(Duration::from_secs(60)),
            ),
            ("Fri, 02 Jan 2026 03:04:00 GMT", Some(Duration::ZERO)),
            ("99999999999", Some(LONGEST_PAUSE)),
            ("Fri, 01 Jan 2049 00:00:00 GMT", Some(LONGEST_PAUSE)),
            ("-5", None),
            ("soon", None),
            ("", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]);
            assert_eq!(retry_after(&headers, now), expected, "{value}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
