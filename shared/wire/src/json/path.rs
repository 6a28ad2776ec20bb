//! The path at a position of a JSON text, such as `data.sources[1].name`.

use std::fmt::Write as _;

/// The current member of an unclosed object or array.
enum Member {
    /// `None` before the first field and after a comma.
    Field(Option<String>),
    Entry(usize),
}

/// The path of the value at or before this line (from 1) and column (in bytes). Empty for the whole text. The
/// text must be valid JSON up to the position.
pub(super) fn at(text: &[u8], line: usize, column: usize) -> String {
    let mut open = Vec::new();
    let mut bytes = text.get(..offset(text, line, column)).unwrap_or(text);
    while let Some((&byte, rest)) = bytes.split_first() {
        bytes = rest;
        match (byte, open.last_mut()) {
            (b'{', _) => open.push(Member::Field(None)),
            (b'[', _) => open.push(Member::Entry(0)),
            (b'}' | b']', _) => drop(open.pop()),
            (b',', Some(Member::Field(field))) => *field = None,
            (b',', Some(Member::Entry(index))) => *index += 1,
            (b'"', member) => {
                let (string, rest) = string(bytes);
                bytes = rest;
                if let Some(Member::Field(field @ None)) = member {
                    *field = Some(String::from_utf8_lossy(string).into_owned());
                }
            }
            _ => {}
        }
    }
    path(&open)
}

/// The offset of the position in bytes.
fn offset(text: &[u8], line: usize, column: usize) -> usize {
    let ends = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let start = ends.map(|(end, _)| end + 1).nth(line.wrapping_sub(2));
    start.unwrap_or(0) + column
}

/// Splits after the closing quote of a string: the rest of the string without the quote, and the remaining text.
fn string(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return (&bytes[..at], &bytes[at + 1..]),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    (bytes, &[])
}

fn path(open: &[Member]) -> String {
    let mut path = String::new();
    for member in open {
        match member {
            Member::Field(None) => {}
            Member::Field(Some(name)) if path.is_empty() => path.push_str(name),
            // Writing to a `String` does not fail.
            Member::Field(Some(name)) => drop(write!(path, ".{name}")),
            Member::Entry(index) => drop(write!(path, "[{index}]")),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::at;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "it is only read")]
    struct Outer {
        name: String,
        #[serde(default)]
        inner: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "it is only read")]
    struct Inner {
        number: u8,
        #[serde(default)]
        text: Option<String>,
    }

    #[test]
    fn path_of_a_parser_error_is_found() {
        for (text, expected) in [
            (r#"{"name":7}"#, "name"),
            (r#"{"name":{"a":1}}"#, "name"),
            (r#"{"name":[]}"#, "name"),
            (r#"{"name":null,"inner":[]}"#, "name"),
            (r#"{"inner":[]}"#, ""),
            (r#"[7]"#, "[0]"),
            (r#""text""#, ""),
            (r#"{"name":"a","inner":{}}"#, "inner"),
            (r#"{"name":"a","inner":[7]}"#, "inner[0]"),
            (r#"{"name":"a","inner":[{"number":1},{}]}"#, "inner[1]"),
            (
                r#"{"name":"a","inner":[{"number":1},{"number":256}]}"#,
                "inner[1].number",
            ),
            (
                "{\n \"name\": \"a\",\n \"inner\": [\n  {\n   \"number\": \"1\"}]}",
                "inner[0].number",
            ),
            (
                r#"{"name":"}]\",{","inner":[{"number":1,"text":["x"]}]}"#,
                "inner[0].text",
            ),
            (r#"{"other":{"deep":[1,{"x":","}]},"name":false}"#, "name"),
        ] {
            let error = serde_json::from_slice::<Outer>(text.as_bytes()).unwrap_err();
            assert!(error.is_data(), "{text}: {error}");
            let found = at(text.as_bytes(), error.line(), error.column());
            assert_eq!(found, expected, "{text}: {error}");
        }
    }

    #[test]
    fn position_beyond_the_end_does_not_panic() {
        for (line, column) in [(0, 0), (1, 0), (1, 99), (9, 9), (usize::MAX, 3)] {
            let _ = at(br#"{"a":["b\"#, line, column);
        }
        assert_eq!(at(br#"{"a":["b"#, 1, 99), "a[0]");
    }
}
