//! Shortens long values before they are parsed.
//!
//! Charts have icons inlined as base64 with hundreds of kilobytes. The parsers would keep such a value in memory, and
//! nothing reads it. In a line that is longer than [`LONG_LINE`], a run of more than [`MAX_RUN`] letters, digits and
//! other characters of base64 is cut. No character within such a run has a meaning in YAML or JSON, so the
//! structure of the text stays the same; versions, dates and digests are shorter. No line is dropped.

use std::io::{self, Read};

/// Lines up to this length are not changed.
const LONG_LINE: usize = 32 << 10;

/// The number of characters of a run that are kept.
const MAX_RUN: usize = 1 << 10;

/// A reader that shortens long values.
pub(super) struct LongLines<R> {
    inner: R,
    /// The length of the current line so far.
    line: usize,
    /// The length of the current run so far.
    run: usize,
}

impl<R> LongLines<R> {
    pub(super) fn new(inner: R) -> Self {
        Self {
            inner,
            line: 0,
            run: 0,
        }
    }

    /// Shortens the bytes in place. Returns how many are kept.
    fn shorten(&mut self, bytes: &mut [u8]) -> usize {
        let first = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
        if self.line + first <= LONG_LINE && bytes.len() <= LONG_LINE {
            // Nearly always: no line can be long.
            self.line = match memchr::memrchr(b'\n', bytes) {
                Some(last) => bytes.len() - last - 1,
                None => self.line + bytes.len(),
            };
            self.run = 0;
            return bytes.len();
        }
        let mut kept = 0;
        for at in 0..bytes.len() {
            let Some(&byte) = bytes.get(at) else { break };
            if byte == b'\n' {
                self.line = 0;
            } else {
                self.line += 1;
            }
            self.run = if is_of_run(byte) { self.run + 1 } else { 0 };
            if (self.line <= LONG_LINE || self.run <= MAX_RUN)
                && let Some(place) = bytes.get_mut(kept)
            {
                *place = byte;
                kept += 1;
            }
        }
        kept
    }
}

impl<R: Read> Read for LongLines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.inner.read(buffer)?;
            if read == 0 {
                return Ok(0);
            }
            let kept = self.shorten(buffer.get_mut(..read).unwrap_or_default());
            if kept > 0 {
                return Ok(kept);
            }
        }
    }
}

fn is_of_run(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'%' | b'_')
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor, Read as _};

    use super::{LONG_LINE, LongLines, MAX_RUN};

    fn shortened(text: &str, buffer: usize) -> String {
        let reader = LongLines::new(Cursor::new(text.as_bytes().to_vec()));
        let mut out = String::new();
        let mut reader = BufReader::with_capacity(buffer, reader);
        reader.read_to_string(&mut out).unwrap();
        out
    }

    #[test]
    fn long_run_in_long_line_is_cut_and_all_else_is_kept() {
        let icon = "iVBORw0KGgo".repeat(30_000);
        let text = format!("a: 1\nicon: data:image/png;base64,{icon}==\nversion: 1.0.0\n");
        for buffer in [1, 7, 1_000, 32 << 10, 1 << 20] {
            let short = shortened(&text, buffer);
            assert!(short.starts_with("a: 1\nicon: data:image/png;base64,iVBORw0KGgo"));
            assert!(short.ends_with("\nversion: 1.0.0\n"), "{buffer}");
            assert!(
                short.len() < LONG_LINE + 2 * MAX_RUN,
                "{buffer}: {}",
                short.len()
            );
        }
    }

    #[test]
    fn lines_without_long_runs_are_kept() {
        let words = "a \"b\": c, ".repeat(20_000);
        for text in [
            words.clone(),
            format!("{words}\n{words}"),
            "x".repeat(LONG_LINE),
            format!("{}\n", "x\n".repeat(50_000)),
            String::new(),
        ] {
            for buffer in [3, 1_000, 1 << 20] {
                assert_eq!(shortened(&text, buffer), text);
            }
        }
    }
}
