//! The Lexicographic format: a release and metadata as in the Octopus format, and no numbers before
//! them. Nothing is a pre-release; metadata is ignored.

use super::Parsed;
use super::cursor::Cursor;
use super::error::Fault;
use super::key::OrderKey;
use super::octopus::{Tail, labels};

pub(super) fn parse(input: &str) -> Result<Parsed, Fault> {
    let tail = Tail::read(&mut Cursor::new(input))?;
    let mut key = OrderKey::for_text(input);
    key.labels(labels(&input[tail.release.clone()]));
    Ok(tail.with(input, false, key))
}
