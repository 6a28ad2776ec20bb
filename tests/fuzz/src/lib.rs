//! Fuzz targets for every parser of external input.
//!
//! A [`Target`] is a plain function of bytes that panics when a property is violated: nothing crashes, a parsed value can
//! be written and parses the same, an order is total, two parsers agree, work is bounded. It is driven in two ways, from
//! the same seeds in `corpus/`:
//!
//! - by every test run, over the seeds and some thousands of mutations of them ([`mutate`]), the same each
//!   time;
//! - by libFuzzer, which is guided by coverage, for any time: `cargo xtask fuzz`.
//!
//! Add an input that found a bug to the corpus, with a name that describes it.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a target panics when a property is violated"
)]

pub mod mutate;
mod targets;

use std::path::PathBuf;

/// Something that reads bytes.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name, and that of its folder in the corpus.
    pub name: &'static str,
    /// Reads the bytes and panics when a property is violated.
    pub run: fn(&[u8]),
}

/// All of them, from what the network answers to what people write.
pub const TARGETS: [Target; 20] = [
    target("link", targets::headers::link),
    target("challenge", targets::headers::challenge),
    target("pauses", targets::headers::pauses),
    target("tags", targets::registry::tags),
    target("walk", targets::registry::walk),
    target("index_yaml", targets::index::yaml),
    target("index_json", targets::index::json),
    target("signature", targets::signatures::signature),
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
