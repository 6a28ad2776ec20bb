//! How long a server asks us to stay away.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// A pause longer than this is taken for a mistake and cut to it.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

/// Docker Hub's API says when to come back in a header of its own.
const X_RETRY_AFTER: &str = "x-retry-after";

/// From here on a number is a Unix time and no span: it would be 31 years.
pub(crate) const SMALLEST_UNIX_TIME: u64 = 1_000_000_000;

/// `Retry-After`, or Docker Hub's `X-Retry-After`, as the span from `now`, at most [`LONGEST_PAUSE`]. It is
/// given in seconds or as an HTTP date (RFC 9110, 10.2.3); servers also give Unix times and durations as Go
/// writes them, such as `1m30s`. `None` if it is absent or cannot be read; a time that has passed is no
/// pause.
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

/// A span in seconds, or the span until a Unix time.
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

/// A duration as Go's `time.Duration` is written: `1h2m3.5s`, `100ms`, `714.415µs`.
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
    // What is too long to be told is longer than any pause that is believed.
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
    fn every_form_is_read() {
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
    fn docker_hub_s_own_header_is_read() {
        let mut headers = HeaderMap::new();
        headers.insert(X_RETRY_AFTER, "1767323105".parse().unwrap());
        assert_eq!(retry_after(&headers, now()), Some(Duration::from_secs(60)));
    }

    #[test]
    fn a_message_may_say_it() {
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
