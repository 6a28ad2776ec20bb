//! Divides a file into prose (comments, string literals, documents) and code (identifiers).

/// How the words of a segment are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Comments, string literals and documents.
    Prose,
    /// Rust code without comments and literals.
    Code,
    /// The path of a file.
    Name,
}

/// A part of a file.
#[derive(Debug)]
pub(crate) struct Segment<'a> {
    pub(crate) kind: Kind,
    pub(crate) text: &'a str,
    /// Byte offset in the file.
    pub(crate) start: usize,
}

/// The parts of a file: Rust by its lexical structure, everything else is prose.
pub(crate) fn segments<'a>(path: &str, text: &'a str) -> Vec<Segment<'a>> {
    if path.ends_with(".rs") {
        rust(text)
    } else {
        vec![Segment {
            kind: Kind::Prose,
            text,
            start: 0,
        }]
    }
}

fn rust(text: &str) -> Vec<Segment<'_>> {
    let mut segments: Vec<Segment<'_>> = Vec::new();
    let mut push = |kind: Kind, start: usize, end: usize| {
        let blank = text[start..end].trim().is_empty();
        match segments.last_mut() {
            // Lines of one comment, with only white space between them, are one text.
            Some(last)
                if kind == Kind::Prose
                    && last.kind == Kind::Prose
                    && last.text.starts_with("//")
                    && text[start..].starts_with("//")
                    && text[last.start + last.text.len()..start].trim().is_empty() =>
            {
                last.text = &text[last.start..end];
            }
            _ if blank => {}
            _ => segments.push(Segment {
                kind,
                text: &text[start..end],
                start,
            }),
        }
    };
    let mut code = 0;
    let mut at = 0;
    while at < text.len() {
        let end = literal_end(text, at);
        if end > at {
            push(Kind::Code, code, at);
            push(Kind::Prose, at, end);
            at = end;
            code = end;
        } else {
            at += char_length(text, at);
            // An identifier is skipped whole, so that its `r` or `b` does not begin a literal.
            while at < text.len() && is_word(text, at - 1) && is_word(text, at) {
                at += 1;
            }
        }
    }
    push(Kind::Code, code, text.len());
    segments
}

fn char_length(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(1, char::len_utf8)
}

fn is_word(text: &str, at: usize) -> bool {
    let byte = text.as_bytes()[at];
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The end of the comment or literal that begins at `at`, or `at`.
fn literal_end(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    let end_of = |pattern: &str, from: usize| {
        rest[from..]
            .find(pattern)
            .map_or(text.len(), |found| at + from + found + pattern.len())
    };
    if rest.starts_with("//") {
        return rest.find('\n').map_or(text.len(), |line| at + line);
    }
    if rest.starts_with("/*") {
        return end_of("*/", 2);
    }
    let prefix = rest
        .find(|letter| !matches!(letter, 'b' | 'c' | 'r'))
        .unwrap_or_default();
    if rest[..prefix].contains('r') {
        let hashes = rest[prefix..].len() - rest[prefix..].trim_start_matches('#').len();
        if rest[prefix + hashes..].starts_with('"') {
            let close = format!("\"{}", "#".repeat(hashes));
            return end_of(&close, prefix + hashes + 1);
        }
        return at;
    }
    if prefix > 1 {
        return at;
    }
    let body = &rest[prefix..];
    if body.starts_with('"') {
        return at + prefix + quoted_end(body, '"');
    }
    if body.starts_with("'\\") {
        return at + prefix + quoted_end(body, '\'');
    }
    // `'a'` is a character, `'a` a lifetime.
    let mut letters = body.char_indices();
    if body.starts_with('\'') && letters.nth(2).is_some_and(|(_, letter)| letter == '\'') {
        return at + prefix + 1 + char_length(body, 1) + 1;
    }
    at
}

fn quoted_end(body: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in body.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if letter == quote => return at + letter.len_utf8(),
            _ => {}
        }
    }
    body.len()
}
