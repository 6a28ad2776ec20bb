//! Bytes on their way from the network to the parser: in chunks, inflated, counted, as characters.
//!
//! What goes wrong on the way is kept in a [`FirstError`], because the parsers between can only say that the
//! text ended.

use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use bytes::Bytes;

use super::index::IndexError;

/// A chunk of the body, or why there is no more. The end of the channel without an [`Chunk::End`] means
/// that whoever fed it has gone.
pub(super) enum Chunk {
    Data(Bytes),
    Broken(reqwest::Error),
    End,
}

/// Why the bytes ended early.
#[derive(Clone, Default)]
pub(super) struct FirstError(Rc<RefCell<Option<IndexError>>>);

impl FirstError {
    /// Keeps the error, unless an earlier one is kept, and gives one that readers may pass on.
    pub(super) fn tell(&self, error: IndexError) -> io::Error {
        self.0.borrow_mut().get_or_insert(error);
        io::Error::other("the index could not be read on")
    }

    pub(super) fn take(&self) -> Option<IndexError> {
        self.0.borrow_mut().take()
    }
}

/// Reads chunks from a channel, and asks for each when it is done with the one before.
pub(super) struct Chunks {
    asker: tokio::sync::mpsc::Sender<()>,
    chunks: tokio::sync::mpsc::Receiver<Chunk>,
    current: io::Cursor<Bytes>,
    ended: bool,
    first_error: FirstError,
}

impl Chunks {
    pub(super) fn new(
        asker: tokio::sync::mpsc::Sender<()>,
        chunks: tokio::sync::mpsc::Receiver<Chunk>,
        first_error: FirstError,
    ) -> Self {
        Self {
            asker,
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
            // Nobody who could be asked shows in there being no chunk.
            let _ = self.asker.blocking_send(());
            match self.chunks.blocking_recv() {
                Some(Chunk::Data(data)) => self.current = io::Cursor::new(data),
                Some(Chunk::End) => self.ended = true,
                Some(Chunk::Broken(error)) => {
                    return Err(self.first_error.tell(IndexError::Broken(error)));
                }
                None => return Err(self.first_error.tell(IndexError::Stopped)),
            }
        }
    }
}

/// Passes on at most `limit` bytes; one more is trouble.
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
                    .tell(IndexError::TooLong { limit: self.limit }));
            }
        }
        Ok(read)
    }
}

/// Keeps what is read until it is too much, so that it can be read again.
pub(super) struct Recording<R> {
    inner: R,
    /// `None` once it was too much.
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

    /// All from the start, if no more was read than is kept.
    pub(super) fn again(self) -> Option<impl BufRead> {
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

/// The characters of UTF-8 bytes. Ends at the first trouble, and when [`Allowance`] is used up.
pub(super) struct Chars<R> {
    bytes: R,
    text: String,
    at: usize,
    allowance: Allowance,
    ended: Rc<Cell<bool>>,
    first_error: FirstError,
}

/// How many more characters may come before the parser must have found something: what it holds in memory
/// meanwhile is bounded by that.
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

    /// Begins anew, because something was found.
    pub(super) fn renew(&self) {
        self.left.set(self.whole);
    }
}

impl<R: BufRead> Chars<R> {
    /// The characters of `bytes`; `ended` is set when there are no more.
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

    /// Takes the next bytes as text; nothing at the end. A character that lies across the border of two
    /// buffers is put together byte by byte.
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
            // The parser would take a zero for the end of the text.
            if text.contains('\0') {
                return Err(self.first_error.tell(IndexError::Encoding));
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
            Err(self.first_error.tell(IndexError::Encoding))
        }
    }
}

impl<R: BufRead> Iterator for Chars<R> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        if self.at == self.text.len()
            && let Err(error) = self.refill()
        {
            // Trouble that nobody told comes from the decompressor.
            self.first_error.tell(IndexError::reading(error));
            return None;
        }
        let char = match self.text.as_bytes().get(self.at) {
            None => {
                self.ended.set(true);
                return None;
            }
            // Nearly all, and found without decoding.
            Some(byte) if byte.is_ascii() => char::from(*byte),
            Some(_) => self.text.get(self.at..)?.chars().next()?,
        };
        self.at += char.len_utf8();
        let Some(left) = self.allowance.left.get().checked_sub(1) else {
            self.first_error.tell(IndexError::Sprawling {
                limit: self.allowance.whole,
            });
            return None;
        };
        self.allowance.left.set(left);
        Some(char)
    }
}
