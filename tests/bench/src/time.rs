//! P6: how long reading an index takes, beside `serde_yaml_ng` with the same text.
//!
//! Ours is measured with fetching and all; theirs without, from memory.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::index;
use crate::reader::{Took, in_own_process, peak_kib};
use crate::server::Server;

const BYTES: usize = 23_000_000;

/// Alternating runs. The shortest of each counts, because disturbances only add time.
const RUNS: usize = 5;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Index {
    entries: BTreeMap<String, Vec<Version>>,
}

#[derive(Deserialize)]
struct Version {
    version: String,
    created: Option<String>,
    digest: Option<String>,
}

/// The cost of `serde_yaml_ng`.
#[derive(Serialize, Deserialize)]
pub(crate) struct Parsed {
    seconds: f64,
    /// Without the text.
    pub(crate) growth_kib: u64,
    kept: usize,
}

/// Prints both times and their ratio, reading one chart of the index and reading ten.
pub(crate) fn measure() -> anyhow::Result<()> {
    let server = Server::start(["serve-index", &BYTES.to_string()])?;
    let (mut theirs, mut one, mut ten) = (f64::MAX, f64::MAX, f64::MAX);
    for _ in 0..RUNS {
        theirs = theirs.min(parsed_elsewhere(BYTES)?.seconds);
        one = one.min(in_own_process::<Took>(&["read", "1", &server.url])?.seconds);
        ten = ten.min(in_own_process::<Took>(&["read", "10", &server.url])?.seconds);
    }
    let line = serde_json::json!({
        "figure": "P6",
        "serdeYamlSeconds": theirs,
        "seconds": one,
        "ratio": one / theirs,
        "secondsOfTenCharts": ten,
        "ratioOfTenCharts": ten / theirs,
    });
    println!("{line}");
    Ok(())
}

/// An index of so many bytes, parsed with `serde_yaml_ng` in a process of its own.
pub(crate) fn parsed_elsewhere(bytes: usize) -> anyhow::Result<Parsed> {
    in_own_process(&["parse", &bytes.to_string()])
}

/// Parses an index of so many bytes with `serde_yaml_ng` and prints what it took.
pub(crate) fn parse(bytes: &str) -> anyhow::Result<()> {
    let text: String = index::pieces(bytes.parse()?).collect();
    let (start, before) = (Instant::now(), peak_kib()?);
    let index: Index = serde_yaml_ng::from_str(&text)?;
    let seconds = start.elapsed().as_secs_f64();
    let growth_kib = peak_kib()? - before;
    let versions = index.entries.values().flatten();
    let kept = versions
        .map(|version| {
            let texts = [
                Some(&version.version),
                version.created.as_ref(),
                version.digest.as_ref(),
            ];
            texts.into_iter().flatten().map(String::len).sum::<usize>()
        })
        .sum();
    let parsed = Parsed {
        seconds,
        growth_kib,
        kept,
    };
    println!("{}", serde_json::to_string(&parsed)?);
    Ok(())
}
