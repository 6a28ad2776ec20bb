//! Markdown for release notes.

use std::fmt;

/// The longest text in Markdown, in characters. Longer texts are cut.
const MAX_CHARS: usize = 200;

/// A text without the characters that Markdown interprets, in one line, cut after [`MAX_CHARS`] characters. A bare URL in
/// it may still become a link.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (index, char) in text.trim().chars().enumerate() {
        if index == MAX_CHARS {
            escaped.push('…');
            break;
        }
        match char {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '~' | '&' => {
                escaped.extend(['\\', char]);
            }
            char if char.is_control() || matches!(char, '\u{2028}' | '\u{2029}') => {
                escaped.push(' ');
            }
            char => escaped.push(char),
        }
    }
    escaped
}

/// A Markdown text, as a link if there is an address. The address must be [safe](crate::link::source::safe).
pub fn linked(text: &str, address: Option<&str>) -> String {
    match address {
        Some(address) => format!("[{text}]({address})"),
        None => text.to_owned(),
    }
}

/// A table. Columns without a text in any row are left out.
pub struct MarkdownTable<const N: usize> {
    head: [&'static str; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> MarkdownTable<N> {
    pub fn new(head: &[&'static str; N]) -> Self {
        Self {
            head: *head,
            rows: Vec::new(),
        }
    }

    /// Adds a row of Markdown texts without line breaks.
    pub fn row(&mut self, cells: [String; N]) {
        self.rows.push(cells);
    }
}

impl<const N: usize> fmt::Display for MarkdownTable<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_used = |column: usize| self.rows.iter().any(|row| !row[column].is_empty());
        let used: Vec<_> = (0..N).filter(|&column| is_used(column)).collect();
        let line = |cells: Vec<&str>| format!("| {} |", cells.join(" | "));
        let head = line(used.iter().map(|&column| self.head[column]).collect());
        write!(f, "{head}\n|{}", "---|".repeat(used.len()))?;
        for row in &self.rows {
            let cells = used.iter().map(|&column| row[column].as_str());
            write!(f, "\n{}", line(cells.collect()))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_CHARS, MarkdownTable, escaped};

    #[test]
    fn escaped_text_has_one_line_and_no_markdown() {
        for (text, expected) in [
            ("acme/web_app 1.5.0-rc.1", "acme/web_app 1.5.0-rc.1"),
            ("[a](https://b)", r"\[a\](https://b)"),
            ("a|b `c` <d> *e* &amp;", r"a\|b \`c\` \<d\> \*e\* \&amp;"),
            (
                "a\nFeed trigger plan: b\r\tc\u{2028}d",
                "a Feed trigger plan: b  c d",
            ),
            ("  ", ""),
        ] {
            assert_eq!(escaped(text), expected, "{text:?}");
        }
        let long = escaped(&"x".repeat(MAX_CHARS + 1));
        assert_eq!(long, format!("{}…", "x".repeat(MAX_CHARS)));
        assert_eq!(escaped(&"x".repeat(MAX_CHARS)), "x".repeat(MAX_CHARS));
    }

    #[test]
    fn table_omits_empty_columns() {
        let mut table = MarkdownTable::new(&["Package", "Digest", "New"]);
        table.row(["web".into(), String::new(), "1.1".into()]);
        assert_eq!(
            table.to_string(),
            "| Package | New |\n|---|---|\n| web | 1.1 |"
        );
        table.row(["api".into(), "`aa`".into(), String::new()]);
        assert_eq!(
            table.to_string(),
            "| Package | Digest | New |\n|---|---|---|\n| web |  | 1.1 |\n| api | `aa` |  |"
        );
    }
}
