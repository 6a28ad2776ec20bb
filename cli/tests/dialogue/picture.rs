//! The screen as an SVG picture: each run of cells with equal style is one text element.

use std::fmt::Write as _;

use vt100::{Cell, Color};

use crate::terminal::{COLUMNS, ROWS, Terminal};

const WIDTH: f32 = 8.4;
const HEIGHT: u16 = 18;
const TOP: u16 = 44;
const LEFT: u16 = 16;

const INK: &str = "#d6dbe4";
/// The eight colours of terminals, then the bright ones.
const PALETTE: [&str; 16] = [
    "#5c6370", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d6dbe4",
    "#7f848e", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#ffffff",
];

pub(crate) fn svg(terminal: &Terminal, title: &str) -> String {
    let screen = terminal.screen.screen();
    let used = (0..ROWS).rev().find(|&row| !line(terminal, row).is_empty());
    let rows = used.map_or(1, |row| row + 1);
    let width = f32::from(COLUMNS) * WIDTH + f32::from(LEFT) * 2.0;
    let height = TOP + rows * HEIGHT + 12;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height}\" role=\"img\" \
         font-family=\"ui-monospace,Menlo,Consolas,monospace\" font-size=\"14\">\n\
         <title>{title}</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#1e222a\"/>\n\
         <text x=\"{LEFT}\" y=\"22\" fill=\"#7f848e\">$ {title}</text>\n"
    );
    for row in 0..rows {
        for (column, text, colour, is_bold) in pieces(screen, row) {
            let x = f32::from(LEFT) + f32::from(column) * WIDTH;
            let y = TOP + row * HEIGHT;
            let bold = if is_bold { " font-weight=\"bold\"" } else { "" };
            writeln!(
                svg,
                "<text x=\"{x:.1}\" y=\"{y}\" fill=\"{colour}\"{bold} xml:space=\"preserve\">{}</text>",
                escaped(&text)
            )
            .unwrap();
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn line(terminal: &Terminal, row: u16) -> String {
    let mut rows = terminal.screen.screen().rows(0, COLUMNS);
    let line = rows.nth(row.into()).unwrap_or_default();
    line.trim_end().to_owned()
}

/// The runs of a line: column, text, colour, boldness; without spaces at both ends.
fn pieces(screen: &vt100::Screen, row: u16) -> Vec<(u16, String, &'static str, bool)> {
    let mut pieces: Vec<(u16, String, &'static str, bool)> = Vec::new();
    for column in 0..COLUMNS {
        let Some(cell) = screen.cell(row, column) else {
            continue;
        };
        let text = if cell.has_contents() {
            cell.contents()
        } else {
            " "
        };
        let (colour, is_bold) = (ink(cell), cell.bold());
        match pieces.last_mut() {
            Some((_, known, own, bold)) if *own == colour && *bold == is_bold => {
                known.push_str(text);
            }
            _ => pieces.push((column, text.to_owned(), colour, is_bold)),
        }
    }
    pieces.retain_mut(|(column, text, ..)| {
        let blank = text.len() - text.trim_start().len();
        *column += u16::try_from(blank).unwrap();
        *text = text.trim().to_owned();
        !text.is_empty()
    });
    pieces
}

fn ink(cell: &Cell) -> &'static str {
    match cell.fgcolor() {
        Color::Idx(index) => PALETTE.get(usize::from(index)).copied().unwrap_or(INK),
        Color::Default | Color::Rgb(..) => INK,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
