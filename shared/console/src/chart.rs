//! Charts as pictures within the page. Each says in words what it shows, and its numbers stand in a table
//! beneath it, for whoever cannot see it or wants them exactly.

mod axis;
mod days;

use domain::time::{Span, Timestamp};
use maud::{Markup, html};

use crate::parts::{day, long};
pub(crate) use days::days;

/// A point of a chart: when, how high, and what the table says of it.
pub(crate) struct Point {
    pub(crate) at: Timestamp,
    pub(crate) value: i64,
    pub(crate) shown: String,
    pub(crate) what: String,
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
    /// Half of what the axis goes up to.
    tick: i64,
}

impl Frame {
    /// For these points, until now, with ticks as they are chosen for the highest.
    fn of(points: &[Point], now: Timestamp, tick: fn(i64) -> i64) -> Self {
        let most = points.iter().map(|point| point.value).max().unwrap_or(1);
        Self {
            from: points.iter().map(|point| point.at).min().unwrap_or(now),
            until: now,
            tick: tick(most),
        }
    }

    fn x(&self, at: Timestamp) -> i64 {
        let whole = self.until.since(self.from).as_millis().max(1);
        LEFT + at.since(self.from).as_millis().min(whole) * (WIDTH - LEFT - RIGHT) / whole
    }

    fn y(&self, value: i64) -> i64 {
        let most = self.tick.saturating_mul(2);
        HEIGHT - BOTTOM - value.min(most).saturating_mul(HEIGHT - TOP - BOTTOM) / most.max(1)
    }
}

/// How long each release took, as dots, with a line at half of them.
pub(crate) fn durations(points: &[Point], half: i64, words: &str, now: Timestamp) -> Markup {
    let frame = Frame::of(points, now, axis::tick_of_millis);
    let span = |millis| match millis {
        0 => "0".to_owned(),
        millis => Span::from_millis(millis).to_string(),
    };
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
    let frame = Frame::of(points, now, axis::tick_of_numbers);
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

fn axes(frame: &Frame, shown: impl Fn(i64) -> String) -> Markup {
    let levels = [0, frame.tick, frame.tick.saturating_mul(2)];
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
