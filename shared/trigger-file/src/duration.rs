//! Durations: `90s`, `5m`, `24h`, `7d`, `1h30m`; or by ISO 8601: `PT5M`, `P1DT12H`.

use domain::time::Span;

/// The longest duration: the history covers 90 days.
const LONGEST: Span = Span::from_days(90);

/// The pattern of a duration, for editors.
pub(crate) const PATTERN: &str = "^(?=.*[0-9])(([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?\
    |P([0-9]+D)?(T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+S)?)?)$";

/// The units with their seconds, longest first.
const UNITS: [(char, i64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// Parses a duration.
///
/// # Errors
/// The problem and its remedy, as text.
pub fn parse(text: &str) -> Result<Span, String> {
    let seconds = text
        .strip_prefix('P')
        .map_or_else(|| plain(text, &UNITS), iso)
        .ok_or_else(|| {
            format!("`{text}` is not a duration; write it like 90s, 5m, 24h, 7d or 1h30m")
        })?;
    let span = Span::from_seconds(seconds);
    if span.as_millis() == 0 {
        return Err("it must be longer than zero; remove the field for none".to_owned());
    }
    if span > LONGEST {
        return Err(format!("{text} is longer than the longest, 90d"));
    }
    Ok(span)
}

/// Writes whole seconds as [`parse`] reads them.
pub(crate) fn write(span: Span) -> String {
    let mut left = span.as_millis() / 1_000;
    let mut text = String::new();
    for (unit, seconds) in UNITS {
        let count = left / seconds;
        left %= seconds;
        if count > 0 {
            text.push_str(&format!("{count}{unit}"));
        }
    }
    text
}

/// Numbers with units, each unit once and longest first.
fn plain(text: &str, units: &[(char, i64)]) -> Option<i64> {
    let (mut units, mut rest, mut sum) = (units.iter(), text, 0_i64);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at(digits);
        let unit = tail.chars().next()?;
        let (_, seconds) = units.find(|(known, _)| *known == unit)?;
        // A number that overflows is longer than the longest duration.
        let number = match number {
            "" => return None,
            _ => number.parse::<i64>().unwrap_or(i64::MAX),
        };
        sum = sum.saturating_add(number.saturating_mul(*seconds));
        rest = tail.get(1..)?;
    }
    (!text.is_empty()).then_some(sum)
}

/// The text after the `P`, with units in upper case.
fn iso(text: &str) -> Option<i64> {
    let (days, time) = UNITS.split_at(1);
    if text.contains(|c: char| c.is_ascii_lowercase()) {
        return None;
    }
    let text = text.to_ascii_lowercase();
    match text.split_once('t') {
        Some(("", after)) => plain(after, time),
        Some((before, after)) => Some(plain(before, days)?.saturating_add(plain(after, time)?)),
        None => plain(&text, days),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_and_write_are_inverse() {
        for (text, seconds, written) in [
            ("90s", 90, "1m30s"),
            ("5m", 300, "5m"),
            ("24h", 86_400, "1d"),
            ("7d", 604_800, "7d"),
            ("1h30m", 5_400, "1h30m"),
            ("PT5M", 300, "5m"),
            ("P1DT12H", 129_600, "1d12h"),
            ("P90D", 7_776_000, "90d"),
        ] {
            let span = parse(text).unwrap();
            assert_eq!(span, Span::from_seconds(seconds), "{text}");
            assert_eq!(write(span), written);
            assert_eq!(parse(written), Ok(span), "{text}");
        }
    }

    #[test]
    fn parse_malformed_duration_is_an_error() {
        for text in [
            "",
            "5",
            "m",
            "5 m",
            "-5m",
            "1.5h",
            "5m1h",
            "5m5m",
            "P",
            "PT",
            "P5M",
            "1w",
            "0s",
            "91d",
            "99999999999999999999d",
            "5é",
            "PT1D",
            "PT5m",
            "5M",
            "P1DT",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
