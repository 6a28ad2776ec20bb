//! What reads other people's bytes, given any bytes at all.
//!
//! A [`Target`] is a plain function from bytes to nothing, which panics where a promise does not hold: that
//! nothing crashes, that what was read can be written and reads the same, that an order is one, that two
//! ways to read a text agree, that work is bounded. It is driven in two ways, from the same seeds in
//! `corpus/`:
//!
//! - by every test run, over the seeds and some thousands of mutations of them ([`mutate`]), the same each
//!   time;
//! - by libFuzzer, which is led by coverage, for as long as one likes: `cargo xtask fuzz`.
//!
//! An input that showed a mistake goes into the corpus, with a name that says what it was.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a target says that a promise does not hold"
)]

pub mod mutate;
mod targets;

use std::path::PathBuf;

/// Something that reads bytes.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name, and that of its folder in the corpus.
    pub name: &'static str,
    /// Reads them, and panics where a promise does not hold.
    pub run: fn(&[u8]),
}

/// All of them, from what the network answers to what people write.
pub const TARGETS: [Target; 19] = [
    target("link", targets::headers::link),
    target("challenge", targets::headers::challenge),
    target("pauses", targets::headers::pauses),
    target("tags", targets::registry::tags),
    target("walk", targets::registry::walk),
    target("index_yaml", targets::index::yaml),
    target("index_json", targets::index::json),
    target("octopus", targets::octopus::documents),
    target("event", targets::messages::event),
    target("message", targets::messages::message),
    target("rows", targets::rows::rows),
    target("versions", targets::versions::versions),
    target("ranges", targets::versions::ranges),
    target("patterns", targets::rules::patterns),
    target("rules", targets::rules::rules),
    target("triggers", targets::settings::triggers),
    target("settings", targets::settings::settings),
    target("webhook", targets::webhooks::webhook),
    target("webhook_proof", targets::webhooks::webhook_proof),
];

const fn target(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run }
}

/// The target of this name.
pub fn named(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}

impl Target {
    /// The folder of its seeds.
    pub fn corpus(&self) -> PathBuf {
        [env!("CARGO_MANIFEST_DIR"), "corpus", self.name]
            .iter()
            .collect()
    }
}
