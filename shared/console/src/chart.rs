//! Charts as inline SVG. Each has a caption and a table of its numbers, for screen readers and exact values.

mod axis;
mod days;

use domain::time::{Span, Timestamp};
use maud::{Markup, html};

use crate::parts::{day, long};
pub(crate) use days::days;

/// A point of a chart, with its label and value for the table.
pub(crate) struct Point {
    pub(crate) at: Timestamp,
    pub(crate) value: i64,
    pub(crate) shown: String,
    pub(crate) label: String,
}

const WIDTH: i64 = 640;
const HEIGHT: i64 = 200;
const LEFT: i64 = 80;
const RIGHT: i64 = 12;
const TOP: i64 = 12;
const BOTTOM: i64 = 28;

/// The coordinates of a chart.
struct Frame {
    from: Timestamp,
    until: Timestamp,
    /// Half of the axis's maximum.
    interval: i64,
}

impl Frame {
    /// The frame of the points, from the first point to `now`, with an interval chosen for the highest value.
    fn of(points: &[Point], now: Timestamp, interval: fn(i64) -> i64) -> Self {
        let max = points.iter().map(|point| point.value).max().unwrap_or(1);
        Self {
            from: points.iter().map(|point| point.at).min().unwrap_or(now),
            until: now,
            interval: interval(max),
        }
    }

    fn x(&self, at: Timestamp) -> i64 {
        let whole = self.until.since(self.from).as_millis().max(1);
        LEFT + at.since(self.from).as_millis().min(whole) * (WIDTH - LEFT - RIGHT) / whole
    }

    fn y(&self, value: i64) -> i64 {
        let max = self.interval.saturating_mul(2);
        HEIGHT - BOTTOM - value.min(max).saturating_mul(HEIGHT - TOP - BOTTOM) / max.max(1)
    }
}

/// The duration of each release as dots, with a line at the median.
pub(crate) fn durations(points: &[Point], median: i64, caption: &str, now: Timestamp) -> Markup {
    let frame = Frame::of(points, now, axis::time_interval);
    let span = |millis| match millis {
        0 => "0".to_owned(),
        millis => Span::from_millis(millis).to_string(),
    };
    figure(
        caption,
        &html! {
            (axes(&frame, span))
            line.median x1=(LEFT) x2=(WIDTH - RIGHT) y1=(frame.y(median)) y2=(frame.y(median)) {}
            @for point in points {
                circle.dot cx=(frame.x(point.at)) cy=(frame.y(point.value)) r="4.5" {
                    title { (point.label) ": " (point.shown) }
                }
            }
        },
        points,
        ("Release", "Time"),
    )
}

/// A growing number as a step line.
pub(crate) fn growth(points: &[Point], caption: &str, now: Timestamp) -> Markup {
    let frame = Frame::of(points, now, axis::number_interval);
    let mut path = format!("M{LEFT} {}", frame.y(0));
    for point in points {
        path.push_str(&format!("H{}V{}", frame.x(point.at), frame.y(point.value)));
    }
    path.push_str(&format!("H{}", WIDTH - RIGHT));
    let area = format!("{path}V{}H{LEFT}Z", frame.y(0));
    figure(
        caption,
        &html! {
            path.area d=(area) {}
            (axes(&frame, |value| value.to_string()))
            path.line d=(path) {}
        },
        points,
        ("Version", "Versions"),
    )
}

fn axes(frame: &Frame, shown: impl Fn(i64) -> String) -> Markup {
    let levels = [0, frame.interval, frame.interval.saturating_mul(2)];
    html! {
        @for level in levels {
            line.grid x1=(LEFT) x2=(WIDTH - RIGHT) y1=(frame.y(level)) y2=(frame.y(level)) {}
            text.label x=(LEFT - 8) y=(frame.y(level) + 4) text-anchor="end" { (shown(level)) }
        }
        text.label x=(LEFT) y=(HEIGHT - 8) { (day(frame.from)) }
        text.label x=(WIDTH - RIGHT) y=(HEIGHT - 8) text-anchor="end" { (day(frame.until)) }
    }
}

/// The most rows of a chart's table, newest first.
const ROWS: usize = 50;

fn figure(caption: &str, picture: &Markup, points: &[Point], heads: (&str, &str)) -> Markup {
    html! {
        figure.chart {
            svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(caption) {
                (picture)
            }
            figcaption { (caption) }
            details {
                summary { "As a table" }
                div.scroll role="group" aria-label=(caption) tabindex="0" {
                    table {
                        thead { tr {
                            th scope="col" { (heads.0) }
                            th scope="col" { "When" }
                            th.number scope="col" { (heads.1) }
                        } }
                        tbody {
                            @for point in points.iter().rev().take(ROWS) {
                                tr {
                                    td { (point.label) }
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
