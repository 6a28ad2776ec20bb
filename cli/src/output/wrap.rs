//! Wraps lines between words to the width of the terminal.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The first character of a colour sequence, which ends with `m`.
const ESCAPE: char = '\u{1b}';

/// The indentation of continuation lines, in addition to that of the first line.
const HANGING: usize = 2;

/// The minimum width of a wrapped text; a narrower terminal wraps lines itself.
const MIN_WIDTH: usize = 16;

/// The columns that a text takes on the screen; colour sequences take none.
pub(super) fn display_width(text: &str) -> usize {
    let mut parts = text.split(ESCAPE);
    let first = parts.next().unwrap_or_default().width();
    let others = parts.map(|part| part.split_once('m').map_or(0, |(_, rest)| rest.width()));
    first + others.sum::<usize>()
}

/// Wraps each line that is wider than `width`. Continuation lines are indented like their first line and by two
/// more spaces.
pub(super) fn wrap_lines(text: &str, width: usize) -> String {
    let lines = text.lines().map(|line| {
        let indent = line.len() - line.trim_start_matches(' ').len();
        if display_width(line) <= width || width < indent + HANGING + MIN_WIDTH {
            return line.to_owned();
        }
        let hanging = " ".repeat(indent + HANGING);
        let mut wrapped = wrap(line.trim_start(), width - indent, width - indent - HANGING);
        let first = " ".repeat(indent) + &wrapped.remove(0);
        let rest = wrapped.iter().map(|line| format!("{hanging}{line}"));
        std::iter::once(first)
            .chain(rest)
            .collect::<Vec<_>>()
            .join("\n")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The lines of a text that wraps between words; the first line may have another width than the others. A word
/// wider than a line is split, unless it is a URL, which would be useless in pieces.
pub(super) fn wrap(text: &str, first: usize, others: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        for (index, piece) in pieces(word, first.min(others)).iter().enumerate() {
            let available = if lines.len() == 1 { first } else { others };
            let line = lines.last_mut().map_or(0, |line| display_width(line));
            match lines.last_mut() {
                Some(last) if line == 0 => last.push_str(piece),
                Some(last) if index == 0 && line + 1 + display_width(piece) <= available => {
                    last.push(' ');
                    last.push_str(piece);
                }
                _ => lines.push(piece.clone()),
            }
        }
    }
    lines
}

/// The word, split into pieces of at most this width.
fn pieces(word: &str, width: usize) -> Vec<String> {
    let is_url = word.contains("://");
    if display_width(word) <= width || is_url || word.contains(ESCAPE) {
        return vec![word.to_owned()];
    }
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for letter in word.chars() {
        let own = letter.width().unwrap_or_default();
        if used + own > width {
            pieces.push(String::new());
            used = 0;
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(letter);
        }
        used += own;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrap_lines_breaks_between_words_with_a_hanging_indent() {
        let text = "short\n  a line that is too long for this screen";
        let expected = "short\n  a line that is too\n    long for this screen";
        assert_eq!(wrap_lines(text, 24), expected);
    }

    #[test]
    fn wrap_lines_splits_long_words_but_not_urls() {
        let digest = "a".repeat(70);
        for width in 24..=60 {
            let wrapped = wrap_lines(&format!("  digest {digest}"), width);
            assert!(
                wrapped.lines().all(|line| line.width() <= width),
                "{wrapped}"
            );
        }
        let url = "https://example.octopus.app/app#/Spaces-1/releases/Releases-1";
        assert!(wrap_lines(&format!("1.0.0: {url}"), 40).contains(url));
    }

    #[test]
    fn display_width_ignores_colours() {
        assert_eq!(display_width("\u{1b}[32mgreen\u{1b}[0m and plain"), 15);
    }
}
