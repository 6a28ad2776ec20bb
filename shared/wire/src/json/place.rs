//! What stands at a place of a JSON text, as a path: `data.sources[1].name`.

use std::fmt::Write as _;

/// What is at hand in an object or list that is open.
enum Member {
    /// A field; none before the first and after a comma.
    Field(Option<String>),
    Entry(usize),
}

/// The path of the value that is read, or has just been read, at this line (from 1) and after so many bytes of
/// it. Empty for the whole text. The text is JSON up to there.
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

/// How many bytes of the text lie before the place.
fn offset(text: &[u8], line: usize, column: usize) -> usize {
    let ends = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let start = ends.map(|(end, _)| end + 1).nth(line.wrapping_sub(2));
    start.unwrap_or(0) + column
}

/// The rest of a string, without its quote, and what follows it.
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
            // Writing to a text does not fail.
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
    fn what_the_parser_complains_of_is_found() {
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
    fn no_place_is_too_far() {
        for (line, column) in [(0, 0), (1, 0), (1, 99), (9, 9), (usize::MAX, 3)] {
            let _ = at(br#"{"a":["b\"#, line, column);
        }
        assert_eq!(at(br#"{"a":["b"#, 1, 99), "a[0]");
    }
}
