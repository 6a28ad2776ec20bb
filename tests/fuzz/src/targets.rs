//! The targets, by what they read.

pub(crate) mod headers;
pub(crate) mod index;
pub(crate) mod messages;
pub(crate) mod octopus;
pub(crate) mod registry;
pub(crate) mod rows;
pub(crate) mod rules;
pub(crate) mod settings;
pub(crate) mod signatures;
pub(crate) mod versions;
pub(crate) mod webhooks;

use std::borrow::Cow;

/// The input as text, where it is to be several texts: one in each line.
fn lines(data: &[u8]) -> Vec<Cow<'_, str>> {
    let lines = data.split(|byte| *byte == b'\n');
    lines.map(String::from_utf8_lossy).collect()
}
