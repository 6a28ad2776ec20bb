//! Tables that fit the terminal. Texts wrap between words. If the terminal is too narrow for the columns, each
//! row is printed as a paragraph. Without a terminal, a table has one line for each row and no ruling.

use std::fmt;

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};
use unicode_width::UnicodeWidthStr;

use super::paint::{Paint, Tone};
use super::wrap::wrap;

/// The maximum width that a column requires for its texts; a longer word is a URL or a digest, and may be split.
const MAX_REQUIRED: usize = 24;

/// A text wraps into at most this many lines, unless its column would require more than [`MAX_REQUIRED`].
const MAX_LINES: usize = 8;

/// The spaces left and right of a column.
const PADDING: usize = 2;

/// The minimum width of a paragraph's texts beside the names of the columns; in a narrower terminal the texts
/// are below the names.
const MIN_TEXT: usize = 24;

/// A table for people.
pub(super) struct Grid {
    header: Vec<&'static str>,
    rows: Vec<Vec<Entry>>,
    paint: Paint,
    /// The terminal's width; `None` if the table is not printed to a terminal.
    width: Option<usize>,
}

/// The text of a cell: one line or several.
pub(super) struct Entry {
    text: String,
    tone: Tone,
    /// The width of the part that never wraps, although it may contain spaces.
    whole: usize,
}

impl<T: Into<String>> From<T> for Entry {
    fn from(text: T) -> Self {
        Self::toned(Tone::Plain, text)
    }
}

impl Entry {
    /// A text whose colour shows a state.
    pub(super) fn toned(tone: Tone, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            tone,
            whole: 0,
        }
    }

    /// An id; it never wraps, so that it can be copied.
    pub(super) fn id(id: &str) -> Self {
        Self {
            whole: id.width(),
            ..Self::from(id)
        }
    }

    /// A name with the id below; the id never wraps, so that it can be copied.
    pub(super) fn named(name: &str, id: &str) -> Self {
        Self {
            whole: id.width(),
            ..Self::from(format!("{name}\n{id}"))
        }
    }

    fn minimum_width(&self) -> usize {
        let lines = self.text.lines().map(UnicodeWidthStr::width);
        let readable = lines.max().unwrap_or_default().div_ceil(MAX_LINES);
        let text = longest_word(&self.text).max(readable).min(MAX_REQUIRED);
        self.whole.max(text)
    }

    fn in_one_line(&self) -> String {
        let lines = self.text.lines().filter(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join("; ")
    }
}

impl Grid {
    /// A table with these columns and no row yet.
    pub(super) fn new<const N: usize>(paint: Paint, header: [&'static str; N]) -> Self {
        Self {
            header: header.into(),
            rows: Vec::new(),
            paint,
            width: super::terminal_width(),
        }
    }

    /// Adds a row with an entry for each column.
    pub(super) fn row<const N: usize>(&mut self, entries: [Entry; N]) {
        self.rows.push(entries.into());
    }

    /// The minimum width of each column.
    fn minimum_widths(&self) -> Vec<usize> {
        let of_column = |(index, header): (usize, &&str)| {
            let entries = self.rows.iter().filter_map(|row| row.get(index));
            let minimum = entries.map(Entry::minimum_width).max();
            minimum.unwrap_or_default().max(longest_word(header))
        };
        self.header.iter().enumerate().map(of_column).collect()
    }

    fn table(&self, minimum: &[usize], width: usize) -> Table {
        let mut table = Table::new();
        // `Paint` decides which cells have a colour.
        table.enforce_styling().style_text_only();
        table.load_style(presets::UTF8_HORIZONTAL_ONLY);
        table.set_header(&self.header);
        for row in &self.rows {
            let cells = row.iter();
            table.add_row(cells.map(|entry| self.paint.cell(entry.tone, &entry.text)));
        }
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
        let bounds = minimum.iter().map(|minimum| {
            let minimum = u16::try_from(minimum + PADDING).unwrap_or(u16::MAX);
            ColumnConstraint::LowerBoundary(Width::Fixed(minimum))
        });
        table.set_constraints(bounds);
        table
    }

    /// One line for each row, with aligned columns.
    fn plain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header: Vec<_> = self.header.iter().map(|name| (*name).to_owned()).collect();
        let rows = self.rows.iter();
        let rows = rows.map(|row| row.iter().map(Entry::in_one_line).collect());
        let lines: Vec<Vec<String>> = std::iter::once(header).chain(rows).collect();
        let width = |column: usize| {
            let texts = lines.iter().filter_map(|line| line.get(column));
            texts.map(|text| text.width()).max().unwrap_or_default()
        };
        let widths: Vec<_> = (0..self.header.len()).map(width).collect();
        let shown = lines.iter().map(|line| {
            let cells = line.iter().zip(&widths).map(|(text, width)| {
                let padding = " ".repeat(width.saturating_sub(text.width()) + PADDING);
                format!("{text}{padding}")
            });
            cells.collect::<String>().trim_end().to_owned()
        });
        f.write_str(&shown.collect::<Vec<_>>().join("\n"))
    }

    /// Each row as lines with a column's name and its text; empty texts are omitted.
    fn paragraphs(&self, width: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.header.iter().map(|name| name.width());
        let names = names.max().unwrap_or_default() + PADDING;
        let is_beside = width >= names + MIN_TEXT;
        let indent = if is_beside { names } else { PADDING };
        let available = width.saturating_sub(indent).max(1);
        for (index, row) in self.rows.iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            let mut lines = Vec::new();
            for (name, entry) in self.header.iter().zip(row) {
                let texts = entry.text.lines().filter(|line| !line.is_empty());
                let texts: Vec<_> = texts
                    .flat_map(|line| wrap(line, available, available))
                    .collect();
                if !is_beside && !texts.is_empty() {
                    lines.push((*name).to_owned());
                }
                for (index, text) in texts.iter().enumerate() {
                    let name = if is_beside && index == 0 { *name } else { "" };
                    lines.push(format!(
                        "{name:indent$}{}",
                        self.paint.text(entry.tone, text)
                    ));
                }
            }
            f.write_str(&lines.join("\n"))?;
        }
        Ok(())
    }
}

impl fmt::Display for Grid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(width) = self.width else {
            return self.plain(f);
        };
        let minimum = self.minimum_widths();
        // The layout engine reserves a column between two columns for a separator.
        let separators = minimum.len().saturating_sub(1);
        let widths = minimum.iter().map(|minimum| minimum + PADDING);
        let required = widths.sum::<usize>() + separators;
        if width < required && !self.rows.is_empty() {
            self.paragraphs(width, f)
        } else {
            self.table(&minimum, width).fmt(f)
        }
    }
}

fn longest_word(text: &str) -> usize {
    let words = text.split_whitespace().map(UnicodeWidthStr::width);
    words.max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REASON: &str = "acme/web 1.5.0 is newer than 1.4.0 in the previous release";

    fn grid(paint: Paint, width: Option<usize>) -> Grid {
        let mut grid = Grid::new(paint, ["Trigger", "When", "Outcome", "Reason"]);
        grid.width = width;
        grid.row([
            Entry::named("New image of the shop", "file:new image of the shop"),
            "2026-03-01T12:00:00Z".into(),
            Entry::toned(Tone::Bad, "Refused\n3 min ago"),
            REASON.into(),
        ]);
        grid
    }

    fn shown(paint: Paint, width: usize) -> String {
        grid(paint, Some(width)).to_string()
    }

    #[test]
    fn table_fits_every_terminal_and_wraps_between_words() {
        for width in 40..=200 {
            let shown = shown(Paint::NEVER, width);
            let widest = shown.lines().map(UnicodeWidthStr::width).max();
            assert!(widest <= Some(width), "{width}:\n{shown}");
            for word in ["2026-03-01T12:00:00Z", "acme/web", "previous"] {
                assert!(shown.contains(word), "{word} at {width}:\n{shown}");
            }
        }
        assert!(shown(Paint::NEVER, 60).contains("file:new image of the shop"));
    }

    #[test]
    fn narrow_terminal_prints_rows_as_paragraphs() {
        let expected = "\
Trigger  New image of the shop
         file:new image of the shop
When     2026-03-01T12:00:00Z
Outcome  Refused
         3 min ago
Reason   acme/web 1.5.0 is newer than 1.4.0 in the previous
         release";
        assert_eq!(shown(Paint::NEVER, 60), expected);
    }

    #[test]
    fn table_without_a_terminal_has_one_plain_line_for_each_row() {
        let expected = format!(
            "Trigger                                            When                  Outcome             Reason\n\
             New image of the shop; file:new image of the shop  2026-03-01T12:00:00Z  Refused; 3 min ago  {REASON}"
        );
        assert_eq!(grid(Paint::NEVER, None).to_string(), expected);
    }

    #[test]
    fn colours_do_not_change_the_layout() {
        for width in [40, 60, 80, 120] {
            let coloured = shown(Paint::ALWAYS, width);
            assert!(coloured.contains("\u{1b}["), "{coloured}");
            let plain = without_escapes(&coloured);
            assert_eq!(plain, shown(Paint::NEVER, width));
        }
    }

    /// The text without colour sequences.
    fn without_escapes(text: &str) -> String {
        let mut pieces = text.split('\u{1b}');
        let first = pieces.next().unwrap().to_owned();
        pieces.fold(first, |plain, piece| {
            plain + piece.split_once('m').unwrap().1
        })
    }

    #[test]
    fn word_wider_than_any_column_is_split() {
        for width in 40..=200 {
            let mut grid = Grid::new(Paint::NEVER, ["Subject", "Seen"]);
            grid.width = Some(width);
            grid.row(["web".into(), "a".repeat(280).into()]);
            let shown = grid.to_string();
            let is_narrow = |line: &str| line.width() <= width;
            assert!(shown.lines().all(is_narrow), "{width}:\n{shown}");
        }
    }
}
