//! Rows that can grow: text while they are short, compressed with deflate once they are not.
//!
//! A row's text begins with `{`. A compressed row never does: those bits would say that its codes are the fixed
//! ones of deflate, in which a text that begins with `{` makes the first byte 0xAB.

use std::borrow::Cow;
use std::io::{self, BufWriter, IntoInnerError, Read, Write};

use flate2::Compression;
use flate2::bufread::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::Serialize;

use super::{VERSION, Versioned};
use crate::WireError;

/// Up to here a row stays text: it costs one write unit of the table either way, and people can read it there.
const SHORT: usize = 1024;

/// So many bytes are compressed at a time: each piece costs the encoder as much as 32 KiB, and JSON is written
/// in pieces of a few bytes.
const TOGETHER: usize = 32 * 1024;

/// The most that a compressed row may hold: a snapshot of half a million versions takes some 60 MB.
const MAX_INFLATED: u64 = 128 * 1024 * 1024;

/// [`super::write()`], compressed on the way where the text gets longer than [`SHORT`].
pub(super) fn write_compressed<T: Serialize>(what: &str, data: T) -> Result<Vec<u8>, WireError> {
    let mut row = Writer::Text(Vec::new());
    let versioned = Versioned {
        version: VERSION,
        data,
    };
    serde_json::to_writer(&mut row, &versioned).map_err(|source| WireError::Unwritable {
        what: what.to_owned(),
        source,
    })?;
    row.finish().map_err(|source| WireError::Compression {
        what: what.to_owned(),
        source,
    })
}

/// The text of a row, never more than [`MAX_INFLATED`]: what lies beyond shows as broken JSON.
pub(super) fn inflate<'a>(what: &str, row: &'a [u8]) -> Result<Cow<'a, [u8]>, WireError> {
    if row.starts_with(b"{") {
        return Ok(Cow::Borrowed(row));
    }
    let mut text = Vec::new();
    DeflateDecoder::new(row)
        .take(MAX_INFLATED)
        .read_to_end(&mut text)
        .map_err(|source| WireError::Compression {
            what: what.to_owned(),
            source,
        })?;
    Ok(Cow::Owned(text))
}

/// Text, until it gets long. What is long is never in memory as a whole.
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
                let mut pieces = BufWriter::with_capacity(TOGETHER, encoder);
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
