//! Refuses JSON that is too deep or has too long a text before the parser sees it: see
//! [`http_client::from_json`].

use std::io::{self, Read};

use http_client::{DEEPEST, LONGEST_TEXT, Outline, TooMuch};

use super::bytes::FirstError;
use super::error::IndexError;

/// A reader that fails where a document exceeds the limits of [`Outline`].
pub(super) struct Outlined<R> {
    inner: R,
    outline: Outline,
    first_error: FirstError,
}

impl<R> Outlined<R> {
    pub(super) fn new(inner: R, first_error: &FirstError) -> Self {
        Self {
            inner,
            outline: Outline::default(),
            first_error: first_error.clone(),
        }
    }
}

impl<R: Read> Read for Outlined<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let bytes = buffer.get(..read).unwrap_or_default();
        self.outline.take(bytes).map_err(|much| {
            self.first_error.set(match much {
                TooMuch::Deep => IndexError::Depth { limit: DEEPEST },
                TooMuch::Long => IndexError::LongJson {
                    limit: LONGEST_TEXT,
                },
            })
        })?;
        Ok(read)
    }
}
