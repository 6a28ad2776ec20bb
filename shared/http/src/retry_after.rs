//! The pause that a server asks for.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// The maximum pause; longer ones are cut to it.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

/// The header of Docker Hub's API for the pause.
const X_RETRY_AFTER: &str = "x-retry-after";

/// Numbers from here on are Unix times and not seconds: this many seconds are 31 years.
pub(crate) const SMALLEST_UNIX_TIME: u64 = 1_000_000_000;

/// The pause in `Retry-After`, or Docker Hub's `X-Retry-After`, from `now` on, at most [`LONGEST_PAUSE`].
/// Accepts seconds, an HTTP date (RFC 9110, 10.2.3), a Unix time and a duration as Go writes it, such as
/// `1m30s`. `None` if the header is absent, cannot be parsed or names a time in the past.
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = headers
        .get(RETRY_AFTER)
        .or_else(|| headers.get(X_RETRY_AFTER))?;
    pause(value.to_str().ok()?, now)
}

/// The pause in a message such as GHCR's `retry-after: 714.415µs, allowed: 44000/minute`.
pub fn retry_after_in(message: &str, now: Timestamp) -> Option<Duration> {
    let lower = message.to_ascii_lowercase();
    let (_, value) = lower.split_once("retry-after:")?;
    pause(value.split(',').next().unwrap_or_default(), now)
}

fn pause(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    let pause = match text.parse::<u64>() {
        Ok(number) => from_number(number, now),
        Err(_) => go_duration(text).or_else(|| {
            let until = DateTimeParser::new().parse_timestamp(text).ok()?;
            Some(until_then(until, now))
        })?,
    };
    Some(pause.min(LONGEST_PAUSE))
}

/// The span in seconds, or until a Unix time.
pub(crate) fn from_number(number: u64, now: Timestamp) -> Duration {
    if number < SMALLEST_UNIX_TIME {
        return Duration::from_secs(number);
    }
    let until = i64::try_from(number)
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    until.map_or(LONGEST_PAUSE, |until| until_then(until, now))
}

fn until_then(until: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO)
}

/// Parses a duration as Go's `time.Duration` writes it: `1h2m3.5s`, `100ms`, `714.415µs`.
fn go_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|char: char| !char.is_ascii_digit() && char != '.')?;
        let (number, unit) = rest.split_at(end);
        let end = unit
            .find(|char: char| char.is_ascii_digit() || char == '.')
            .unwrap_or(unit.len());
        let (unit, next) = unit.split_at(end);
        let scale = match unit {
            "h" => 3_600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" | "μs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        seconds += number.parse::<f64>().ok()? * scale;
        rest = next;
    }
    // A duration that overflows is longer than the maximum pause.
    (!text.is_empty()).then(|| Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::{Duration, HeaderMap, LONGEST_PAUSE, RETRY_AFTER, Timestamp, X_RETRY_AFTER};
    use super::{retry_after, retry_after_in};

    fn now() -> Timestamp {
        "2026-01-02T03:04:05Z".parse().unwrap()
    }

    #[test]
    fn retry_after_is_parsed_in_every_form() {
        let seconds = Duration::from_secs;
        for (value, expected) in [
            ("30", Some(seconds(30))),
            (" 0 ", Some(Duration::ZERO)),
            ("Fri, 02 Jan 2026 03:05:05 GMT", Some(seconds(60))),
            ("Fri, 02 Jan 2026 03:04:00 GMT", Some(Duration::ZERO)),
            ("99999999", Some(LONGEST_PAUSE)),
            ("Fri, 01 Jan 2049 00:00:00 GMT", Some(LONGEST_PAUSE)),
            // A Unix time: a minute from now, past, beyond all calendars.
            ("1767323105", Some(seconds(60))),
            ("1767323000", Some(Duration::ZERO)),
            ("18446744073709551615", Some(LONGEST_PAUSE)),
            ("1m30s", Some(seconds(90))),
            ("44.5s", Some(Duration::from_millis(44_500))),
            ("1h0m1s", Some(seconds(3_601))),
            ("250ms", Some(Duration::from_millis(250))),
            ("9e9h", None),
            ("999999999999h", Some(LONGEST_PAUSE)),
            ("1x", None),
            ("1.5", None),
            ("-5", None),
            ("soon", None),
            ("", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]);
            assert_eq!(retry_after(&headers, now()), expected, "{value}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now()), None);
    }

    #[test]
    fn docker_hub_header_is_parsed() {
        let mut headers = HeaderMap::new();
        headers.insert(X_RETRY_AFTER, "1767323105".parse().unwrap());
        assert_eq!(retry_after(&headers, now()), Some(Duration::from_secs(60)));
    }

    #[test]
    fn pause_in_message_is_parsed() {
        for (message, expected) in [
            (
                "retry-after: 714.415µs, allowed: 44000/minute",
                Some(Duration::from_nanos(714_415)),
            ),
            (
                "TOOMANYREQUESTS: Retry-After: 1m30s",
                Some(Duration::from_secs(90)),
            ),
            ("Rate exceeded", None),
            ("retry-after: never", None),
        ] {
            assert_eq!(retry_after_in(message, now()), expected, "{message}");
        }
    }
}
