//! `cargo xtask bench --peers`: the cost of a check beside go-containerregistry and Helm's index loader.
//!
//! `tests/bench/peers` is the Go program that uses them, at the versions in its `go.mod`. Prints the table of
//! docs/BENCHMARKS.md and draws docs/peers.svg.

use std::process::ExitCode;

use anyhow::Context;
use serde_json::Value;

use super::compared::{Cost, Pair};
use super::{feeds, peers_picture};
use crate::interop::go_folder;
use crate::workspace::Workspace;

/// Builds both programs, measures, prints the table and draws the picture.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<ExitCode> {
    let program = go_folder(workspace, "peers", "tests/bench/peers")?;
    let program = program
        .to_str()
        .context("the target directory is no text")?;
    let measured = feeds::measure_with(workspace, &["peers", program])?;
    let pairs: Vec<_> = measured
        .all()
        .map(pair)
        .collect::<anyhow::Result<Vec<_>>>()?;
    print(&pairs);
    let picture = workspace.root.join("docs/peers.svg");
    std::fs::write(&picture, peers_picture::svg(&pairs)?)?;
    println!("\n{}", picture.display());
    Ok(ExitCode::SUCCESS)
}

fn pair(measured: &Value) -> anyhow::Result<Pair> {
    Ok(Pair {
        kind: measured["kind"].as_str().context("no kind")?.to_owned(),
        size: measured["size"].as_f64().context("no size")?,
        ours: cost(&measured["ours"])?,
        theirs: cost(&measured["theirs"])?,
    })
}

fn cost(measured: &Value) -> anyhow::Result<Cost> {
    let number = |name: &str| {
        let value = measured[name].as_f64();
        value.with_context(|| format!("the measurement has no {name}"))
    };
    let milliseconds = |name: &str| Ok::<_, anyhow::Error>(number(name)? * 1_000.0);
    Ok(Cost {
        cpu: [milliseconds("firstCpu")?, milliseconds("againCpu")?],
        wall: [milliseconds("firstWall")?, milliseconds("againWall")?],
        requests: [number("firstRequests")?, number("againRequests")?],
        peak: number("peakKib")? / 1_024.0,
    })
}

fn print(pairs: &[Pair]) {
    println!(
        "\n| feed | check | CPU | beside | ÷ | elapsed | beside | requests | beside | peak | beside |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    for pair in pairs {
        let subject = match pair.kind.as_str() {
            "tags" => format!("{} tags", pair.size),
            _ => format!("index of {} MB", pair.size),
        };
        let (ours, theirs) = (&pair.ours, &pair.theirs);
        for (place, check) in ["first", "unchanged"].into_iter().enumerate() {
            println!(
                "| {subject} | {check} | {} | {} | {:.2} | {} | {} | {} | {} | {:.0} MiB | {:.0} MiB |",
                shown(ours.cpu[place]),
                shown(theirs.cpu[place]),
                ours.cpu[place] / theirs.cpu[place],
                shown(ours.wall[place]),
                shown(theirs.wall[place]),
                ours.requests[place],
                theirs.requests[place],
                ours.peak,
                theirs.peak,
            );
        }
    }
}

fn shown(milliseconds: f64) -> String {
    match milliseconds {
        1_000.0.. => format!("{:.1} s", milliseconds / 1_000.0),
        10.0.. => format!("{milliseconds:.0} ms"),
        _ => format!("{milliseconds:.2} ms"),
    }
}
