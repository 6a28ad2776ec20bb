//! The picture of P14: time over size, both axes logarithmic, so that linear growth is a line at 45°.

use std::fmt::Write as _;

use anyhow::Context;
use serde_json::Value;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 64.0;
const TOP: f64 = 24.0;

/// The length of a factor of ten, the same on both axes.
const DECADE: f64 = 64.0;

/// Powers of ten at the axes' ends: from 10 to 100,000 things, from 0.01 to 1,000 ms.
const SIZES: (i32, i32) = (1, 5);
const TIMES: (i32, i32) = (-2, 3);

/// The series: JSON name, label, and colour. The colours differ on white and on black.
const SERIES: [(&str, &str, &str); 3] = [
    ("firstCheckOfTags", "first check, by tags", "#d9730d"),
    (
        "unchangedCheckOfTags",
        "unchanged check, by tags",
        "#2f80ed",
    ),
    ("runOfFeeds", "scheduler run, by feeds", "#2a9d5c"),
];

/// The picture, as SVG.
pub(crate) fn svg(growth: &Value) -> anyhow::Result<String> {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\" fill=\"#808080\">\n\
         <title>Time of a check by tags, and of a scheduler run by feeds</title>\n"
    );
    axes(&mut svg)?;
    for (number, (at, name, colour)) in SERIES.into_iter().enumerate() {
        let series = growth.get(at).with_context(|| format!("P14 has no {at}"))?;
        let exponent = series["exponent"]
            .as_f64()
            .context("a series without an exponent")?;
        line(&mut svg, &points(series)?, colour)?;
        let row = TOP + 24.0 * f64::from(u32::try_from(number)?) + 12.0;
        let x = across(f64::from(SIZES.1)) + 24.0;
        writeln!(
            svg,
            "<g fill=\"{colour}\"><circle cx=\"{x}\" cy=\"{row}\" r=\"4\"/>\
             <text x=\"{}\" y=\"{}\">{name}: n^{exponent:.2}</text></g>",
            x + 12.0,
            row + 4.0
        )?;
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

/// Size and milliseconds of each point, in order of size, as powers of ten.
fn points(series: &Value) -> anyhow::Result<Vec<(f64, f64)>> {
    let times = series["milliseconds"].as_object();
    let times = times.context("a series without times")?.iter();
    let point = |(size, time): (&String, &Value)| {
        let time = time.as_f64().context("a time that is no number")?;
        Ok((size.parse::<f64>()?.log10(), time.log10()))
    };
    let mut points: Vec<(f64, f64)> = times.map(point).collect::<anyhow::Result<_>>()?;
    points.sort_by(|one, other| one.0.total_cmp(&other.0));
    Ok(points)
}

fn axes(svg: &mut String) -> anyhow::Result<()> {
    let (left, right) = (across(f64::from(SIZES.0)), across(f64::from(SIZES.1)));
    let (bottom, top) = (up(f64::from(TIMES.0)), up(f64::from(TIMES.1)));
    for power in TIMES.0..=TIMES.1 {
        let y = up(f64::from(power));
        writeln!(
            svg,
            "<path d=\"M{left} {y}H{right}\" stroke=\"#808080\" stroke-opacity=\"0.3\"/>\
             <text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            left - 8.0,
            y + 4.0,
            time(power)
        )?;
    }
    for power in SIZES.0..=SIZES.1 {
        let x = across(f64::from(power));
        let size = 10_u32.pow(u32::try_from(power)?);
        writeln!(
            svg,
            "<path d=\"M{x} {bottom}V{top}\" stroke=\"#808080\" stroke-opacity=\"0.3\"/>\
             <text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{size}</text>",
            bottom + 20.0
        )?;
    }
    writeln!(
        svg,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">tags of a package, feeds of a scheduler run</text>",
        f64::midpoint(left, right),
        bottom + 40.0
    )?;
    Ok(())
}

fn line(svg: &mut String, points: &[(f64, f64)], colour: &str) -> anyhow::Result<()> {
    let points = points.iter().map(|&(size, time)| (across(size), up(time)));
    polyline(svg, &points.collect::<Vec<_>>(), colour)
}

/// Draws a line through these places, with a dot at each.
pub(super) fn polyline(
    svg: &mut String,
    places: &[(f64, f64)],
    colour: &str,
) -> anyhow::Result<()> {
    let path: Vec<_> = places
        .iter()
        .map(|(x, y)| format!("{x:.1},{y:.1}"))
        .collect();
    writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
        path.join(" ")
    )?;
    for (x, y) in places {
        writeln!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{colour}\"/>"
        )?;
    }
    Ok(())
}

fn across(size: f64) -> f64 {
    LEFT + (size - f64::from(SIZES.0)) * DECADE
}

fn up(time: f64) -> f64 {
    TOP + (f64::from(TIMES.1) - time) * DECADE
}

fn time(power: i32) -> String {
    match power {
        3.. => format!("{} s", 10_i32.pow(u32::try_from(power - 3).unwrap_or(0))),
        _ => format!("{} ms", 10_f64.powi(power)),
    }
}
