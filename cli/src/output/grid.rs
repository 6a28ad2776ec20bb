//! Tables that fit the terminal. Texts wrap between words. If the terminal is too narrow for the columns, each
//! row is printed as a paragraph, so that ids, times and names stay whole.

use std::fmt;

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};
use unicode_width::UnicodeWidthStr;

use super::paint::{Paint, Tone};

/// The maximum width that a column requires for its texts; a longer word is a URL or a digest, and may be split.
const MAX_REQUIRED: usize = 24;

/// A text wraps into at most this many lines, unless its column would require more than [`MAX_REQUIRED`].
const MAX_LINES: usize = 8;

/// The spaces left and right of a column.
const PADDING: usize = 2;

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

    fn least(&self) -> usize {
        let lines = self.text.lines().map(UnicodeWidthStr::width);
        let readable = lines.max().unwrap_or_default().div_ceil(MAX_LINES);
        let text = longest_word(&self.text).max(readable).min(MAX_REQUIRED);
        self.whole.max(text)
    }
}

impl Grid {
    /// A table with these columns and no row yet.
    pub(super) fn new<const N: usize>(paint: Paint, header: [&'static str; N]) -> Self {
        let terminal = terminal_size::terminal_size_of(std::io::stdout());
        Self {
            header: header.into(),
            rows: Vec::new(),
            paint,
            width: terminal.map(|(width, _)| width.0.into()),
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
            let least = entries.map(Entry::least).max().unwrap_or_default();
            least.max(longest_word(header))
        };
        self.header.iter().enumerate().map(of_column).collect()
    }

    fn table(&self, least: &[usize]) -> Table {
        let mut table = Table::new();
        // `Paint` decides which cells have a colour.
        table.enforce_styling().style_text_only();
        table.load_style(presets::UTF8_HORIZONTAL_ONLY);
        table.set_header(&self.header);
        for row in &self.rows {
            let cells = row.iter();
            table.add_row(cells.map(|entry| self.paint.cell(entry.tone, &entry.text)));
        }
        if let Some(width) = self.width {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
            let bounds = least.iter().map(|least| {
                let least = u16::try_from(least + PADDING).unwrap_or(u16::MAX);
                ColumnConstraint::LowerBoundary(Width::Fixed(least))
            });
            table.set_constraints(bounds);
        }
        table
    }

    /// Each row as lines with a column's name and its text; empty texts are omitted.
    fn paragraphs(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.header.iter().map(|name| name.width());
        let indent = names.max().unwrap_or_default() + PADDING;
        for (index, row) in self.rows.iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            let entries = self.header.iter().zip(row);
            let lines = entries.flat_map(|(name, entry)| {
                let lines = entry.text.lines().filter(|line| !line.is_empty());
                let names = std::iter::once(*name).chain(std::iter::repeat(""));
                lines.zip(names).map(|(line, name)| {
                    let line = self.paint.text(entry.tone, line);
                    format!("{name:indent$}{line}")
                })
            });
            f.write_str(&lines.collect::<Vec<_>>().join("\n"))?;
        }
        Ok(())
    }
}

impl fmt::Display for Grid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let least = self.minimum_widths();
        let needed: usize = least.iter().map(|least| least + PADDING).sum();
        if self.width.is_some_and(|width| width < needed) && !self.rows.is_empty() {
            self.paragraphs(f)
        } else {
            self.table(&least).fmt(f)
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

    fn shown(paint: Paint, width: usize) -> String {
        let mut grid = Grid::new(paint, ["Trigger", "When", "Outcome", "Reason"]);
        grid.width = Some(width);
        grid.row([
            Entry::named("New image of the shop", "file:new image of the shop"),
            "2026-03-01T12:00:00Z".into(),
            Entry::toned(Tone::Bad, "Refused\n3 min ago"),
            REASON.into(),
        ]);
        grid.to_string()
    }

    #[test]
    fn table_fits_the_terminal_and_wraps_between_words() {
        for width in [80, 100, 120] {
            let shown = shown(Paint::NEVER, width);
            let widest = shown.lines().map(UnicodeWidthStr::width).max();
            assert!(widest <= Some(width), "{width}:\n{shown}");
            for word in [
                "file:new image of the shop",
                "2026-03-01T12:00:00Z",
                "acme/web",
            ] {
                assert!(shown.contains(word), "{word} of {width}:\n{shown}");
            }
        }
    }

    #[test]
    fn narrow_terminal_prints_rows_as_paragraphs() {
        let expected = "\
Trigger  New image of the shop
         file:new image of the shop
When     2026-03-01T12:00:00Z
Outcome  Refused
         3 min ago
Reason   acme/web 1.5.0 is newer than 1.4.0 in the previous release";
        assert_eq!(shown(Paint::NEVER, 60), expected);
    }

    #[test]
    fn colours_do_not_change_the_layout() {
        for width in [60, 80, 120] {
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
        let mut grid = Grid::new(Paint::NEVER, ["Subject", "Seen"]);
        grid.width = Some(60);
        grid.row(["web".into(), "a".repeat(80).into()]);
        let shown = grid.to_string();
        assert!(shown.lines().all(|line| line.width() <= 60), "{shown}");
    }
}
