//! Charts as pictures within the page. Each says in words what it shows, and its numbers stand in a table
//! beneath it, for whoever cannot see it or wants them exactly.

use domain::history::{Evaluation, Outcome};
use domain::time::{Span, Timestamp};
use maud::{Markup, html};

use crate::parts::{Tone, day, long, tone};

/// So many days the small line of a trigger goes back.
pub(crate) const DAYS: i64 = 14;

const DAY: Span = Span::from_days(1);

/// A point of a chart: when, how high, and what the table says of it.
pub(crate) struct Point {
    pub(crate) at: Timestamp,
    pub(crate) value: i64,
    pub(crate) shown: String,
    pub(crate) what: String,
}

/// A day of a trigger in one word: the release if there was one, else what went wrong, else what else was.
fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Created => 5,
        Outcome::Failed | Outcome::Refused => 4,
        Outcome::Observed | Outcome::AlreadyReleased => 3,
        Outcome::Waiting => 2,
        Outcome::Skipped => 1,
    }
}

/// The last days of a trigger, a bar for each: the most telling outcome of the day.
pub(crate) fn days(evaluations: &[Evaluation], now: Timestamp) -> Markup {
    let of_day = |back: i64| {
        let is_then = |one: &&Evaluation| {
            now.since(one.at).as_millis() / DAY.as_millis() == back && one.at <= now
        };
        let outcomes = evaluations.iter().filter(is_then).map(|one| one.outcome);
        outcomes.max_by_key(|outcome| rank(*outcome))
    };
    let bars: Vec<Option<Tone>> = (0..DAYS).rev().map(|back| of_day(back).map(tone)).collect();
    let releases = evaluations
        .iter()
        .filter(|one| one.outcome == Outcome::Created && now.since(one.at) < Span::from_days(DAYS));
    let trouble = bars.iter().filter(|bar| **bar == Some(Tone::Bad)).count();
    let words = format!(
        "Last {DAYS} days: {} releases, {trouble} days with trouble",
        releases.count()
    );
    html! {
        svg.days viewBox="0 0 140 24" role="img" aria-label=(words) {
            title { (words) }
            @for (index, bar) in bars.iter().enumerate() {
                @let (height, class) = match bar {
                    Some(Tone::Good) => (22, "good"),
                    Some(Tone::Bad) => (16, "bad"),
                    Some(Tone::Info) => (12, "info"),
                    Some(Tone::Wait) => (10, "wait"),
                    Some(Tone::Quiet) => (5, "quiet"),
                    None => (2, "none"),
                };
                rect.(class) x=(index * 10 + 1) y=(24 - height) width="8" height=(height) rx="1.5" {}
            }
        }
    }
}

const WIDTH: i64 = 640;
const HEIGHT: i64 = 200;
const LEFT: i64 = 56;
const RIGHT: i64 = 12;
const TOP: i64 = 12;
const BOTTOM: i64 = 28;

/// Where points lie in the picture.
struct Frame {
    from: Timestamp,
    until: Timestamp,
    most: i64,
}

impl Frame {
    fn x(&self, at: Timestamp) -> i64 {
        let whole = self.until.since(self.from).as_millis().max(1);
        LEFT + at.since(self.from).as_millis().min(whole) * (WIDTH - LEFT - RIGHT) / whole
    }

    fn y(&self, value: i64) -> i64 {
        HEIGHT - BOTTOM - value.min(self.most) * (HEIGHT - TOP - BOTTOM) / self.most.max(1)
    }
}

/// How long each release took, as dots, with a line at half of them.
pub(crate) fn durations(points: &[Point], half: i64, words: &str, now: Timestamp) -> Markup {
    let from = points.iter().map(|point| point.at).min().unwrap_or(now);
    let most = points.iter().map(|point| point.value).max().unwrap_or(1);
    let frame = Frame {
        from,
        until: now,
        most: rounded(most),
    };
    let span = |millis| Span::from_millis(millis).to_string();
    figure(
        words,
        &html! {
            (axes(&frame, span))
            line.half x1=(LEFT) x2=(WIDTH - RIGHT) y1=(frame.y(half)) y2=(frame.y(half)) {}
            @for point in points {
                circle.dot cx=(frame.x(point.at)) cy=(frame.y(point.value)) r="4.5" {
                    title { (point.what) ": " (point.shown) }
                }
            }
        },
        points,
        ("Release", "Time"),
    )
}

/// How something grew, as a line of steps.
pub(crate) fn growth(points: &[Point], words: &str, now: Timestamp) -> Markup {
    let from = points.iter().map(|point| point.at).min().unwrap_or(now);
    let most = points.iter().map(|point| point.value).max().unwrap_or(1);
    let frame = Frame {
        from,
        until: now,
        most: rounded(most),
    };
    let mut path = format!("M{LEFT} {}", frame.y(0));
    for point in points {
        path.push_str(&format!("H{}V{}", frame.x(point.at), frame.y(point.value)));
    }
    path.push_str(&format!("H{}", WIDTH - RIGHT));
    let area = format!("{path}V{}H{LEFT}Z", frame.y(0));
    figure(
        words,
        &html! {
            path.area d=(area) {}
            (axes(&frame, |value| value.to_string()))
            path.line d=(path) {}
        },
        points,
        ("Version", "Versions then"),
    )
}

/// The next number that divides well: 1, 2, 4 or 10 times a power of ten.
fn rounded(most: i64) -> i64 {
    let mut unit = 1_i64;
    while unit.saturating_mul(10) < most {
        unit = unit.saturating_mul(10);
    }
    let steps = [1, 2, 4, 10].map(|times| unit.saturating_mul(times));
    steps.into_iter().find(|step| *step >= most).unwrap_or(most)
}

fn axes(frame: &Frame, shown: impl Fn(i64) -> String) -> Markup {
    let levels = [0, frame.most / 2, frame.most];
    html! {
        @for level in levels {
            line.grid x1=(LEFT) x2=(WIDTH - RIGHT) y1=(frame.y(level)) y2=(frame.y(level)) {}
            text.label x=(LEFT - 8) y=(frame.y(level) + 4) text-anchor="end" { (shown(level)) }
        }
        text.label x=(LEFT) y=(HEIGHT - 8) { (day(frame.from)) }
        text.label x=(WIDTH - RIGHT) y=(HEIGHT - 8) text-anchor="end" { (day(frame.until)) }
    }
}

/// The most rows of a chart's table; the newest are shown.
const ROWS: usize = 50;

fn figure(words: &str, picture: &Markup, points: &[Point], heads: (&str, &str)) -> Markup {
    html! {
        figure.chart {
            svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(words) {
                (picture)
            }
            figcaption { (words) }
            details {
                summary { "As a table" }
                div.scroll role="group" aria-label=(words) tabindex="0" {
                    table {
                        thead { tr {
                            th scope="col" { (heads.0) }
                            th scope="col" { "When" }
                            th.number scope="col" { (heads.1) }
                        } }
                        tbody {
                            @for point in points.iter().rev().take(ROWS) {
                                tr {
                                    td { (point.what) }
                                    td { (long(point.at)) }
                                    td.number { (point.shown) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_numbers_that_divide_well() {
        for (most, end) in [
            (0, 1),
            (1, 1),
            (3, 4),
            (7, 10),
            (11, 20),
            (40, 40),
            (41, 100),
        ] {
            assert_eq!(rounded(most), end, "{most}");
        }
    }
}
