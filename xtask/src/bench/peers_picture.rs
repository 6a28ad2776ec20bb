//! The picture of `bench --peers`: CPU time of a check over the size of the feed, both axes logarithmic.

use std::fmt::Write as _;

use super::compared::{Cost, Pair};
use super::picture::polyline;

const HEIGHT: f64 = 400.0;
const TOP: f64 = 40.0;
/// The length of a factor of ten on the vertical axis, and of the horizontal axis of a panel.
const DECADE: f64 = 42.0;
const ACROSS: f64 = 220.0;

/// Powers of ten at the ends of the vertical axis: from 0.01 ms to 100 s.
const TIMES: (i32, i32) = (-2, 5);

/// The lines: label, colour, and their figure. The colours differ on white and on black.
type Line = (&'static str, &'static str, fn(&Pair) -> f64);

const LINES: [Line; 3] = [
    ("peer, each check", "#808080", |pair| first(&pair.theirs)),
    ("first check", "#d9730d", |pair| first(&pair.ours)),
    ("unchanged check", "#2f80ed", |pair| pair.ours.cpu[1]),
];

/// A half of the picture.
struct Panel {
    kind: &'static str,
    title: &'static str,
    left: f64,
    /// The sizes at the ends of the axis.
    sizes: (f64, f64),
}

const PANELS: [Panel; 2] = [
    Panel {
        kind: "tags",
        title: "tags, beside go-containerregistry",
        left: 64.0,
        sizes: (100.0, 100_000.0),
    },
    Panel {
        kind: "index",
        title: "MB of an index, beside Helm's loader",
        left: 374.0,
        sizes: (1.0, 140.0),
    },
];

/// The picture, as SVG.
pub(crate) fn svg(pairs: &[Pair]) -> anyhow::Result<String> {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 {HEIGHT}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\" fill=\"#808080\">\n\
         <title>CPU time of a check beside go-containerregistry and Helm's index loader</title>\n"
    );
    for (number, (label, colour, _)) in LINES.iter().enumerate() {
        let x = 64.0 + 180.0 * f64::from(u32::try_from(number)?);
        writeln!(
            svg,
            "<g fill=\"{colour}\"><circle cx=\"{x}\" cy=\"16\" r=\"4\"/><text x=\"{}\" y=\"20\">{label}</text></g>",
            x + 10.0
        )?;
    }
    for panel in &PANELS {
        let own: Vec<_> = pairs
            .iter()
            .filter(|pair| pair.kind == panel.kind)
            .collect();
        panel.axes(&mut svg, &own)?;
        for (_, colour, figure) in LINES {
            panel.line(&mut svg, &own, colour, figure)?;
        }
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn first(cost: &Cost) -> f64 {
    cost.cpu[0]
}

impl Panel {
    fn axes(&self, svg: &mut String, pairs: &[&Pair]) -> anyhow::Result<()> {
        let (left, right) = (self.left, self.left + ACROSS);
        for power in TIMES.0..=TIMES.1 {
            let y = up(10_f64.powi(power));
            let label = match power {
                3.. => format!("{} s", 10_f64.powi(power - 3)),
                _ => format!("{} ms", 10_f64.powi(power)),
            };
            writeln!(
                svg,
                "<path d=\"M{left} {y}H{right}\" stroke=\"#808080\" stroke-opacity=\"0.3\"/>\
                 <text x=\"{}\" y=\"{}\" text-anchor=\"end\">{label}</text>",
                left - 6.0,
                y + 4.0
            )?;
        }
        let bottom = up(10_f64.powi(TIMES.0));
        for pair in pairs {
            writeln!(
                svg,
                "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                self.across(pair.size),
                bottom + 18.0,
                pair.size
            )?;
        }
        writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            f64::midpoint(left, right),
            bottom + 38.0,
            self.title
        )?;
        Ok(())
    }

    fn line(
        &self,
        svg: &mut String,
        pairs: &[&Pair],
        colour: &str,
        figure: fn(&Pair) -> f64,
    ) -> anyhow::Result<()> {
        let places = pairs
            .iter()
            .map(|pair| (self.across(pair.size), up(figure(pair))));
        polyline(svg, &places.collect::<Vec<_>>(), colour)
    }

    fn across(&self, size: f64) -> f64 {
        let (from, to) = self.sizes;
        self.left + (size / from).log10() / (to / from).log10() * ACROSS
    }
}

/// The place of a time in milliseconds.
fn up(milliseconds: f64) -> f64 {
    TOP + (f64::from(TIMES.1) - milliseconds.log10()) * DECADE
}
