//! The Lexicographic format: a release and metadata as in the Octopus format, without numbers before them. No
//! version is a pre-release; metadata is ignored.

use super::cursor::Cursor;
use super::error::Fault;
use super::key::OrderKey;
use super::octopus::{Tail, labels};
use super::parsed::Parsed;

pub(super) fn parse(input: &str) -> Result<Parsed, Fault> {
    let tail = Tail::read(&mut Cursor::new(input))?;
    let mut key = OrderKey::for_text(input);
    key.labels(labels(&input[tail.release.clone()]));
    Ok(tail.with(input, false, key))
}
