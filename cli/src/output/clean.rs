//! Escapes control characters, so that names from Octopus and registries cannot control the terminal.

use std::fmt::Write as _;

/// The only escape sequences that are printed: the colours of this program.
const COLOURS: [&str; 8] = [
    "\u{1b}[31m",
    "\u{1b}[32m",
    "\u{1b}[33m",
    "\u{1b}[0m",
    "\u{1b}[38;5;1m",
    "\u{1b}[38;5;2m",
    "\u{1b}[38;5;3m",
    "\u{1b}[39m",
];

/// Escapes control characters and characters that reorder text as `\u001b`, which is valid in JSON strings too. Line
/// feeds and tabs are kept, and this program's colours if `keeps_colours`.
pub(super) fn clean(text: &str, keeps_colours: bool) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        if keeps_colours
            && char == '\u{1b}'
            && let Some(colour) = COLOURS.iter().find(|colour| rest.starts_with(**colour))
        {
            cleaned.push_str(colour);
            rest = &rest[colour.len()..];
            continue;
        }
        if is_harmful(char) {
            // Writing to a `String` does not fail.
            let _ = write!(cleaned, "\\u{:04x}", u32::from(char));
        } else {
            cleaned.push(char);
        }
        rest = &rest[char.len_utf8()..];
    }
    cleaned
}

/// Control characters (C0, DEL, C1), line separators, and the bidirectional controls of Unicode.
fn is_harmful(char: char) -> bool {
    (char.is_control() && !matches!(char, '\n' | '\t'))
        || matches!(
            char,
            '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{2028}' | '\u{2029}'
                | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn clean_escapes_control_characters() {
        let cases = [
            ("plain é 日本\n\ttext", "plain é 日本\n\ttext"),
            (
                "\u{1b}[2J\u{1b}]0;title\u{7}",
                "\\u001b[2J\\u001b]0;title\\u0007",
            ),
            ("a\rb\u{8}c\u{7f}", "a\\u000db\\u0008c\\u007f"),
            ("\u{9b}31m", "\\u009b31m"),
            ("\u{202e}gnp.exe", "\\u202egnp.exe"),
            ("\u{1b}[32mgreen\u{1b}[0m", "\\u001b[32mgreen\\u001b[0m"),
        ];
        for (text, expected) in cases {
            assert_eq!(clean(text, false), expected);
        }
    }

    #[test]
    fn clean_keeps_only_colours_of_this_program() {
        let text = "\u{1b}[32mok\u{1b}[0m \u{1b}[1mbold\u{1b}[5m";
        let expected = "\u{1b}[32mok\u{1b}[0m \\u001b[1mbold\\u001b[5m";
        assert_eq!(clean(text, true), expected);
    }

    #[test]
    fn cleaned_json_is_valid_and_means_the_same() {
        let value = serde_json::json!({ "Name": "\u{1b}[31m\u{9b}\u{7f}\u{202e}" });
        let text = clean(&format!("{value:#}"), false);
        assert!(!text.contains(|char: char| char.is_control() && char != '\n'));
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            value
        );
    }
}
