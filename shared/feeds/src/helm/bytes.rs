//! Readers between the network and the parser: chunks, size limits, characters.
//!
//! An error is recorded in a [`FirstError`], because the parsers can only report that the text ended.

use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use bytes::Bytes;

use super::error::IndexError;

/// A chunk of the body, or the reason why there is no more. If the channel ends without a [`Chunk::End`], the
/// task that receives the body was cancelled.
pub(super) enum Chunk {
    Data(Bytes),
    Broken(reqwest::Error),
    End,
}

/// The first error, which explains why the bytes ended early.
#[derive(Clone, Default)]
pub(super) struct FirstError(Rc<RefCell<Option<IndexError>>>);

impl FirstError {
    /// Records the error, unless there is an earlier one. Returns an error for the reader to return.
    pub(super) fn set(&self, error: IndexError) -> io::Error {
        self.0.borrow_mut().get_or_insert(error);
        io::Error::other("reading the index failed")
    }

    pub(super) fn take(&self) -> Option<IndexError> {
        self.0.borrow_mut().take()
    }
}

/// Reads chunks from a channel. Requests each chunk after the one before is consumed.
pub(super) struct Chunks {
    demand: tokio::sync::mpsc::Sender<()>,
    chunks: tokio::sync::mpsc::Receiver<Chunk>,
    current: io::Cursor<Bytes>,
    ended: bool,
    first_error: FirstError,
}

impl Chunks {
    pub(super) fn new(
        demand: tokio::sync::mpsc::Sender<()>,
        chunks: tokio::sync::mpsc::Receiver<Chunk>,
        first_error: FirstError,
    ) -> Self {
        Self {
            demand,
            chunks,
            current: io::Cursor::default(),
            ended: false,
            first_error,
        }
    }
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.current.read(buffer)?;
            if read > 0 || self.ended || buffer.is_empty() {
                return Ok(read);
            }
            self.current = io::Cursor::default();
            // If the receiver is gone, there is no chunk either, which is handled below.
            let _ = self.demand.blocking_send(());
            match self.chunks.blocking_recv() {
                Some(Chunk::Data(data)) => self.current = io::Cursor::new(data),
                Some(Chunk::End) => self.ended = true,
                Some(Chunk::Broken(error)) => {
                    return Err(self.first_error.set(IndexError::Broken(error)));
                }
                None => return Err(self.first_error.set(IndexError::Stopped)),
            }
        }
    }
}

/// Reads at most `limit` bytes; one more is an error.
pub(super) struct Capped<R> {
    inner: R,
    left: usize,
    limit: usize,
    first_error: FirstError,
}

impl<R> Capped<R> {
    pub(super) fn new(inner: R, limit: usize, first_error: FirstError) -> Self {
        Self {
            inner,
            left: limit,
            limit,
            first_error,
        }
    }
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        match self.left.checked_sub(read) {
            Some(left) => self.left = left,
            None => {
                return Err(self
                    .first_error
                    .set(IndexError::TooLong { limit: self.limit }));
            }
        }
        Ok(read)
    }
}

/// Keeps the bytes that were read, up to a limit, so that they can be read again.
pub(super) struct Recording<R> {
    inner: R,
    /// `None` after more bytes than the limit.
    read: Option<Vec<u8>>,
    limit: usize,
}

impl<R: BufRead> Recording<R> {
    /// Keeps at most `limit` bytes.
    pub(super) fn new(inner: R, limit: usize) -> Self {
        Self {
            inner,
            read: Some(Vec::new()),
            limit,
        }
    }

    /// The whole text from the start; `None` if more bytes were read than are kept.
    pub(super) fn rewind(self) -> Option<impl BufRead> {
        Some(io::Cursor::new(self.read?).chain(self.inner))
    }
}

impl<R: Read> Read for Recording<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if let Some(kept) = &mut self.read {
            kept.extend_from_slice(buffer.get(..read).unwrap_or_default());
            if kept.len() > self.limit {
                self.read = None;
            }
        }
        Ok(read)
    }
}

/// The characters of UTF-8 bytes. Ends at the first error, and when the [`Allowance`] is used up.
pub(super) struct Chars<R> {
    bytes: R,
    text: String,
    at: usize,
    allowance: Allowance,
    ended: Rc<Cell<bool>>,
    first_error: FirstError,
}

/// The number of characters before the next event of the parser. It bounds the memory of the parser.
#[derive(Clone)]
pub(super) struct Allowance {
    whole: usize,
    left: Rc<Cell<usize>>,
}

impl Allowance {
    pub(super) fn new(whole: usize) -> Self {
        Self {
            whole,
            left: Rc::new(Cell::new(whole)),
        }
    }

    /// Restores the allowance of a character that does not reach the parser.
    pub(super) fn restore(&self) {
        self.left.set(self.left.get() + 1);
    }

    /// Resets the allowance after an event.
    pub(super) fn reset(&self) {
        self.left.set(self.whole);
    }
}

impl<R: BufRead> Chars<R> {
    /// The characters of `bytes`; sets `ended` at the end.
    pub(super) fn new(
        bytes: R,
        allowance: Allowance,
        ended: Rc<Cell<bool>>,
        first_error: FirstError,
    ) -> Self {
        Self {
            bytes,
            text: String::new(),
            at: 0,
            allowance,
            ended,
            first_error,
        }
    }

    /// Decodes the next bytes; `text` is empty at the end. A character on the boundary of two buffers is assembled
    /// byte by byte.
    fn refill(&mut self) -> io::Result<()> {
        self.text.clear();
        self.at = 0;
        let buffer = self.bytes.fill_buf()?;
        let whole = match std::str::from_utf8(buffer) {
            Ok(text) => text.len(),
            Err(error) if error.valid_up_to() > 0 => error.valid_up_to(),
            Err(_) => 0,
        };
        if let Some(Ok(text)) = buffer.get(..whole).map(std::str::from_utf8)
            && whole > 0
        {
            // The parser treats NUL as the end of the text.
            if text.contains('\0') {
                return Err(self.first_error.set(IndexError::Encoding));
            }
            self.text.push_str(text);
            self.bytes.consume(whole);
            return Ok(());
        }
        let mut character = Vec::with_capacity(4);
        while character.len() < 4 {
            let Some(&byte) = self.bytes.fill_buf()?.first() else {
                break;
            };
            self.bytes.consume(1);
            character.push(byte);
            if let Ok(text) = std::str::from_utf8(&character) {
                self.text.push_str(text);
                return Ok(());
            }
        }
        if character.is_empty() {
            Ok(())
        } else {
            Err(self.first_error.set(IndexError::Encoding))
        }
    }
}

impl<R: BufRead> Iterator for Chars<R> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        if self.at == self.text.len()
            && let Err(error) = self.refill()
        {
            // An error without a record is one of the decompressor.
            self.first_error.set(IndexError::reading(error));
            return None;
        }
        let char = match self.text.as_bytes().get(self.at) {
            None => {
                self.ended.set(true);
                return None;
            }
            // Most characters are ASCII and need no decoding.
            Some(byte) if byte.is_ascii() => char::from(*byte),
            Some(_) => self.text.get(self.at..)?.chars().next()?,
        };
        self.at += char.len_utf8();
        let Some(left) = self.allowance.left.get().checked_sub(1) else {
            self.first_error.set(IndexError::LongValue {
                limit: self.allowance.whole,
            });
            return None;
        };
        self.allowance.left.set(left);
        Some(char)
    }
}
