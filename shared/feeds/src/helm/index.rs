//! Reads an index from a response: the task receives chunks, a thread parses them.

use std::io::{self, BufRead, BufReader, Read};

use flate2::read::MultiGzDecoder;
use reqwest::Response;
use tokio::sync::mpsc;

use super::bytes::{Capped, Chunk, Chunks, FirstError, Recording};
use super::chart::{Chart, Index};
use super::error::IndexError;
use super::lines::Lines;
use super::long_lines::LongLines;
use super::outlined::Outlined;
use super::prefilter::Prefilter;
use super::selected::Selected;
use super::{json, yaml};

/// The size of the buffer between decompressor and parser.
const BUFFER_BYTES: usize = 32 << 10;

/// The number of bytes after which a text in braces that is not JSON cannot be read again as YAML.
const RECORDED_BYTES: usize = 256 << 10;

/// The text of an answer.
pub(super) type Text = BufReader<Box<dyn Read>>;

/// The encoding of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Plain,
    Gzip,
}

/// Reads the response to its end with `parse`, which runs on a thread of its own. At most `limit` bytes are read
/// from the network, and as many from the decompressor.
pub(super) async fn read<T: Send + 'static>(
    mut response: Response,
    coding: Coding,
    limit: usize,
    parse: impl FnOnce(Text, &FirstError) -> Result<T, IndexError> + Send + 'static,
) -> Result<T, IndexError> {
    let (sender, chunks) = mpsc::channel(1);
    let (demand, mut demands) = mpsc::channel(1);
    let parsing = tokio::task::spawn_blocking(move || {
        let first_error = FirstError::default();
        let chunks = Chunks::new(demand, chunks, first_error.clone());
        let parsed = parse(text(chunks, coding, limit, &first_error), &first_error);
        // The parser reports a text that ends early as a syntax error; the reason why it ended has priority.
        first_error.take().map_or(parsed, Err)
    });
    // Chunks have up to 400 KiB, and memory is scarcer than time: the next one is received when the parser has
    // finished the last. A parser that has ended returns its error below.
    while demands.recv().await.is_some() {
        let chunk = match response.chunk().await {
            Ok(Some(data)) => Chunk::Data(data),
            Ok(None) => Chunk::End,
            Err(error) => Chunk::Broken(error.without_url()),
        };
        let is_last = !matches!(chunk, Chunk::Data(_));
        if sender.send(chunk).await.is_err() || is_last {
            break;
        }
    }
    // A parser that tries to read on after the last chunk must not wait for another.
    drop((sender, demands));
    parsing.await.unwrap_or(Err(IndexError::Stopped))
}

/// The text in the chunks, decompressed and capped.
fn text(chunks: Chunks, coding: Coding, limit: usize, first_error: &FirstError) -> Text {
    let wire = Capped::new(chunks, limit, first_error.clone());
    let text: Box<dyn Read> = match coding {
        Coding::Plain => Box::new(wire),
        Coding::Gzip => {
            let inflated = MultiGzDecoder::new(BufReader::new(wire));
            Box::new(Capped::new(inflated, limit, first_error.clone()))
        }
    };
    BufReader::with_capacity(BUFFER_BYTES, text)
}

/// Parses an index in JSON or YAML.
pub(super) fn parse(
    text: impl Read + 'static,
    selected: Selected,
    first_error: &FirstError,
) -> Result<Index, IndexError> {
    let mut text = BufReader::with_capacity(BUFFER_BYTES, LongLines::new(text));
    let index = match first_byte(&mut text).map_err(IndexError::reading)? {
        None => return Err(IndexError::Empty),
        Some(b'<') => return Err(IndexError::Html),
        Some(b'{') => in_braces(text, selected, first_error)?,
        Some(_) => filtered(text, selected, first_error)?,
    };
    index.charts.values().try_for_each(Chart::fits)?;
    Ok(index)
}

/// Parses YAML after the prefilter.
fn filtered(
    text: impl BufRead + 'static,
    selected: Selected,
    first_error: &FirstError,
) -> Result<Index, IndexError> {
    let lines = Lines::default();
    let prefilter = Prefilter::new(text, selected.charts.clone(), lines.clone());
    yaml::index(prefilter, selected, first_error).map_err(|error| match error {
        IndexError::Yaml { info, line, column } => IndexError::Yaml {
            line: line.and_then(|line| lines.original(line)),
            info,
            column,
        },
        other => other,
    })
}

/// Parses JSON, and YAML that begins with a brace.
fn in_braces(
    text: impl BufRead + 'static,
    selected: Selected,
    first_error: &FirstError,
) -> Result<Index, IndexError> {
    let mut recording = Recording::new(text, RECORDED_BYTES);
    match json::index(Outlined::new(&mut recording, first_error), &selected) {
        Err(IndexError::Json(error)) if error.is_syntax() => match recording.rewind() {
            Some(text) => yaml::index(text, selected, first_error),
            None => Err(IndexError::Json(error)),
        },
        index => index,
    }
}

/// Parses what ChartMuseum answers about one chart: a list of its versions in JSON.
pub(super) fn parse_chart(text: Text, first_error: &FirstError) -> Result<Chart, IndexError> {
    let mut text = BufReader::with_capacity(BUFFER_BYTES, LongLines::new(text));
    let chart = match first_byte(&mut text).map_err(IndexError::reading)? {
        None => return Err(IndexError::Empty),
        Some(b'<') => return Err(IndexError::Html),
        Some(_) => json::chart(Outlined::new(text, first_error))?,
    };
    chart.fits()?;
    Ok(chart)
}

/// The first byte that is not white space. It is not consumed, nor is the indentation before it; a byte order
/// mark and empty lines are consumed.
fn first_byte(bytes: &mut impl BufRead) -> io::Result<Option<u8>> {
    loop {
        let buffer = bytes.fill_buf()?;
        let Some(&byte) = buffer.first() else {
            return Ok(None);
        };
        if b"\xef\xbb\xbf\r\n".contains(&byte) {
            bytes.consume(1);
            continue;
        }
        let first = buffer
            .iter()
            .copied()
            .find(|byte| !byte.is_ascii_whitespace());
        return Ok(first.or(Some(byte)));
    }
}
