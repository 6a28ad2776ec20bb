//! Rows that can grow: plain JSON while short, compressed with deflate above [`SHORT`].
//!
//! Plain JSON begins with `{`. A compressed row never does: as a deflate header those bits mean fixed codes, and
//! with fixed codes a text that begins with `{` is encoded with the first byte 0xAB.

use std::borrow::Cow;
use std::io::{self, BufWriter, IntoInnerError, Read, Write};

use flate2::Compression;
use flate2::bufread::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::Serialize;

use super::versioned::{VERSION, Versioned};
use crate::WireError;

/// The limit for plain JSON, in bytes. Up to one write unit of the table, compression saves no cost, and plain
/// rows are readable.
const SHORT: usize = 1024;

/// The input buffer of the encoder: each write has a fixed cost, and JSON is written a few bytes at a time.
const BUFFER: usize = 32 * 1024;

/// The limit for a decompressed row. A snapshot of half a million versions has some 60 MB.
const MAX_INFLATED: u64 = 128 * 1024 * 1024;

/// [`super::write()`] with compression above [`SHORT`].
pub(super) fn write_compressed<T: Serialize>(kind: &str, data: T) -> Result<Vec<u8>, WireError> {
    let mut row = Writer::Text(Vec::new());
    let versioned = Versioned {
        version: VERSION,
        data,
    };
    serde_json::to_writer(&mut row, &versioned).map_err(|source| WireError::Unwritable {
        kind: kind.to_owned(),
        source,
    })?;
    row.finish().map_err(|source| WireError::Compression {
        kind: kind.to_owned(),
        source,
    })
}

/// The text of a row, at most [`MAX_INFLATED`]; a longer one is cut off and fails to parse.
pub(super) fn inflate<'a>(kind: &str, row: &'a [u8]) -> Result<Cow<'a, [u8]>, WireError> {
    if row.starts_with(b"{") {
        return Ok(Cow::Borrowed(row));
    }
    let mut text = Vec::new();
    DeflateDecoder::new(row)
        .take(MAX_INFLATED)
        .read_to_end(&mut text)
        .map_err(|source| WireError::Compression {
            kind: kind.to_owned(),
            source,
        })?;
    Ok(Cow::Owned(text))
}

/// Buffers short text and streams longer text through the encoder.
enum Writer {
    Text(Vec<u8>),
    Deflate(BufWriter<DeflateEncoder<Vec<u8>>>),
}

impl Writer {
    fn finish(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Deflate(pieces) => {
                let encoder = pieces.into_inner().map_err(IntoInnerError::into_error)?;
                encoder.finish()
            }
        }
    }
}

impl Write for Writer {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        match self {
            Self::Text(text) if text.len() + more.len() <= SHORT => text.write(more),
            Self::Text(text) => {
                let encoder = DeflateEncoder::new(Vec::new(), Compression::default());
                let mut pieces = BufWriter::with_capacity(BUFFER, encoder);
                pieces.write_all(text)?;
                let written = pieces.write(more)?;
                *self = Self::Deflate(pieces);
                Ok(written)
            }
            Self::Deflate(pieces) => pieces.write(more),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
