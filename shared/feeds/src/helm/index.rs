//! Reads an index from a response: the task feeds chunks, a thread parses them.

use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, Read};

use flate2::read::MultiGzDecoder;
use reqwest::Response;
use tokio::sync::mpsc;

use super::bytes::{Capped, Chunk, Chunks, FirstError, Recording};
use super::chart::{Chart, Index};
use super::outlined::Outlined;
use super::sieve::Sieve;
use super::{json, yaml};

/// What is read from the decompressor at a time.
const BUFFER_BYTES: usize = 32 << 10;

/// How far a text in braces may look like JSON and turn out to be YAML. It is kept until then, to be read
/// again.
const RECORDED_BYTES: usize = 256 << 10;

/// The text of an answer, as the parsers read it.
pub(super) type Text = BufReader<Box<dyn Read>>;

/// How the body is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Plain,
    Gzip,
}

/// An index that cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum IndexError {
    #[error("the answer breaks off")]
    Broken(#[source] reqwest::Error),
    #[error("the index ends in the middle")]
    Cut,
    #[error("the index is longer than {limit} bytes")]
    TooLong { limit: usize },
    #[error("the index is not rightly compressed")]
    Gzip(#[source] io::Error),
    #[error("the index is not text in UTF-8")]
    Encoding,
    #[error("the index holds a piece of more than {limit} characters")]
    Sprawling { limit: usize },
    #[error("the answer is empty")]
    Empty,
    #[error("the answer is a web page")]
    Html,
    #[error("the index is not YAML")]
    Yaml(#[source] saphyr_parser::ScanError),
    #[error("the index is not JSON of the right form")]
    Json(#[source] serde_json::Error),
    #[error("the index uses YAML's anchors or aliases, which no index needs")]
    Alias,
    #[error("the index is nested more than {limit} deep")]
    Depth { limit: usize },
    #[error("the index has no apiVersion")]
    NoApiVersion,
    #[error("the index has no entries")]
    NoEntries,
    #[error("the index has {what} where it should have {expected}")]
    Unexpected {
        what: &'static str,
        expected: &'static str,
    },
    #[error("the index has {0:?} twice")]
    Twice(String),
    #[error("the index has more versions of a chart than fit into {limit} bytes")]
    Overfull { limit: usize },
    #[error("nobody waits for the index any more")]
    Stopped,
}

/// Reads the response to its end by `parse`, which runs on a thread of its own. At most `limit` bytes are
/// taken from the network, and as many from the decompressor.
pub(super) async fn read<T: Send + 'static>(
    mut response: Response,
    coding: Coding,
    limit: usize,
    parse: impl FnOnce(Text, &FirstError) -> Result<T, IndexError> + Send + 'static,
) -> Result<T, IndexError> {
    let (sender, chunks) = mpsc::channel(1);
    let (asker, mut asked) = mpsc::channel(1);
    let parsing = tokio::task::spawn_blocking(move || {
        let first_error = FirstError::default();
        let chunks = Chunks::new(asker, chunks, first_error.clone());
        let parsed = parse(text(chunks, coding, limit, &first_error), &first_error);
        // A text that ends early is seen as a fault of the text; what ended it goes before.
        first_error.take().map_or(parsed, Err)
    });
    // Chunks have up to 400 KiB, and memory is scarcer than time: the next one is taken from the network when
    // the parser is done with the last. A parser that has gone has an error to tell.
    while asked.recv().await.is_some() {
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
    drop((sender, asked));
    parsing.await.unwrap_or(Err(IndexError::Stopped))
}

/// The text that the chunks are, inflated and capped.
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

/// Parses an index: JSON where it is that, and else YAML.
pub(super) fn parse(
    mut text: impl BufRead + 'static,
    wanted: BTreeSet<String>,
    first_error: &FirstError,
) -> Result<Index, IndexError> {
    let index = match first_byte(&mut text).map_err(IndexError::reading)? {
        None => return Err(IndexError::Empty),
        Some(b'<') => return Err(IndexError::Html),
        Some(b'{') => in_braces(text, wanted, first_error)?,
        Some(_) => yaml::index(Sieve::new(text, wanted.clone()), wanted, first_error)?,
    };
    index.charts.values().try_for_each(Chart::fits)?;
    Ok(index)
}

/// Parses JSON, and YAML that begins like it.
fn in_braces(
    text: impl BufRead + 'static,
    wanted: BTreeSet<String>,
    first_error: &FirstError,
) -> Result<Index, IndexError> {
    let mut recording = Recording::new(text, RECORDED_BYTES);
    match json::index(Outlined::new(&mut recording, first_error), &wanted) {
        Err(IndexError::Json(error)) if error.is_syntax() => match recording.again() {
            Some(text) => yaml::index(text, wanted, first_error),
            None => Err(IndexError::Json(error)),
        },
        index => index,
    }
}

/// Parses what ChartMuseum answers about one chart: a list of its versions in JSON.
pub(super) fn parse_chart(mut text: Text, first_error: &FirstError) -> Result<Chart, IndexError> {
    let chart = match first_byte(&mut text).map_err(IndexError::reading)? {
        None => return Err(IndexError::Empty),
        Some(b'<') => return Err(IndexError::Html),
        Some(_) => json::chart(Outlined::new(text, first_error))?,
    };
    chart.fits()?;
    Ok(chart)
}

/// The first byte that is not white space, which is left to be read with the indentation before it. A byte
/// order mark and empty lines are taken away.
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

impl IndexError {
    /// The decompressor's or the network's error, where nobody on the way told a better one.
    pub(super) fn reading(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Cut,
            _ => Self::Gzip(error),
        }
    }
}
