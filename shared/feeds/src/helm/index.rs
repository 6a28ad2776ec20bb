//! Reads an index from a response: the task feeds chunks, a thread parses them.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::{self, BufRead, BufReader, Read};

use domain::snapshot::Listed;
use domain::time::Timestamp;
use flate2::read::MultiGzDecoder;
use reqwest::Response;
use tokio::sync::mpsc;

use super::bytes::{Capped, Chunk, Chunks, Trouble};
use super::{json, yaml};

/// The versions of each wanted chart that the index has.
pub(super) type Charts = BTreeMap<String, Vec<Listed>>;

/// Chunks that wait for the parser. They are up to 400 KiB each, and memory is scarcer than time.
const WAITING: usize = 1;

/// What is read from the decompressor at a time.
const BUFFER_BYTES: usize = 32 << 10;

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
    #[error("the index is not UTF-8")]
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
    #[error("nobody waits for the index any more")]
    Stopped,
}

/// Reads the response to its end and keeps the versions of the `wanted` charts. At most `limit` bytes are
/// taken from the network, and as many from the decompressor.
pub(super) async fn read(
    mut response: Response,
    coding: Coding,
    limit: usize,
    wanted: BTreeSet<String>,
) -> Result<Charts, IndexError> {
    let (sender, chunks) = mpsc::channel(WAITING);
    let parsing = tokio::task::spawn_blocking(move || parse(chunks, coding, limit, wanted));
    loop {
        let chunk = match response.chunk().await {
            Ok(Some(data)) => Chunk::Data(data),
            Ok(None) => Chunk::End,
            Err(error) => Chunk::Broken(error.without_url()),
        };
        let is_last = !matches!(chunk, Chunk::Data(_));
        // A parser that has gone has an error to tell.
        if sender.send(chunk).await.is_err() || is_last {
            break;
        }
    }
    // A parser that tries to read on after the last chunk must not wait for another.
    drop(sender);
    parsing.await.unwrap_or(Err(IndexError::Stopped))
}

fn parse(
    chunks: mpsc::Receiver<Chunk>,
    coding: Coding,
    limit: usize,
    wanted: BTreeSet<String>,
) -> Result<Charts, IndexError> {
    let trouble = Trouble::default();
    let wire = Capped::new(Chunks::new(chunks, trouble.clone()), limit, trouble.clone());
    let charts = match coding {
        Coding::Plain => parse_text(wire, wanted, &trouble),
        Coding::Gzip => {
            let inflated = MultiGzDecoder::new(BufReader::new(wire));
            parse_text(
                Capped::new(inflated, limit, trouble.clone()),
                wanted,
                &trouble,
            )
        }
    };
    // A text that ends early is seen as a fault of the text; what ended it goes before.
    trouble.take().map_or(charts, Err)
}

/// Parses JSON where the text is an object and YAML otherwise, and reads to the end in either case.
fn parse_text(
    bytes: impl Read + 'static,
    wanted: BTreeSet<String>,
    trouble: &Trouble,
) -> Result<Charts, IndexError> {
    let mut bytes = BufReader::with_capacity(BUFFER_BYTES, bytes);
    match first_byte(&mut bytes).map_err(IndexError::reading)? {
        None => Err(IndexError::Empty),
        Some(b'<') => Err(IndexError::Html),
        Some(b'{') => json::charts(bytes, &wanted),
        Some(_) => yaml::charts(bytes, wanted, trouble),
    }
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

/// What is read of one version of a chart.
#[derive(Default)]
pub(super) struct Entry {
    pub(super) version: Option<String>,
    pub(super) created: Option<String>,
    pub(super) digest: Option<String>,
    pub(super) removed: bool,
}

/// The versions of a chart, each once.
#[derive(Default)]
pub(super) struct Versions {
    listed: Vec<Listed>,
    seen: HashSet<String>,
}

impl Versions {
    /// Of the same version twice the first counts. What has no version or was removed is passed over, as
    /// Helm does.
    pub(super) fn keep(&mut self, entry: Entry) {
        let Some(version) = entry.version.filter(|version| !version.is_empty()) else {
            return;
        };
        if entry.removed || !self.seen.insert(version.clone()) {
            return;
        }
        let published = entry.created.as_deref().and_then(timestamp);
        self.listed.push(Listed {
            version,
            digest: entry.digest.and_then(digest),
            published,
        });
    }

    pub(super) fn into_listed(self) -> Vec<Listed> {
        self.listed
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

fn timestamp(text: &str) -> Option<Timestamp> {
    let instant: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp::from_millis(instant.as_millisecond()))
}

/// A digest with its algorithm: Helm writes SHA-256 without.
fn digest(text: String) -> Option<String> {
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match text.split_once(':') {
        None if text.len() == 64 && is_hex(&text) => Some(format!("sha256:{text}")),
        Some(("sha256" | "sha512", digits)) if is_hex(digits) => Some(text),
        _ => None,
    }
}
