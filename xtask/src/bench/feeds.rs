//! P4 to P10, P12, P14, S4 and S5: how feeds are read and checks are planned, as `bench-feeds` measures it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use serde_json::Value;

use super::{Row, Target};
use crate::command::{command, run_program};
use crate::workspace::Workspace;
use Target::{AtLeast, AtMost};

/// The measurements, each in its own process.
const MEASUREMENTS: [&str; 10] = [
    "tags",
    "memory",
    "time",
    "unchanged",
    "parallel",
    "throughput",
    "politeness",
    "growth",
    "sustained",
    "hanging",
];

/// One row of the table, with the JSON pointers of its figure and of the figure beside it.
struct Figure {
    figure: &'static str,
    subject: &'static str,
    at: &'static str,
    unit: &'static str,
    target: Target,
    /// The reference: its name, and the JSON pointer of its figure if it has one.
    beside: (&'static str, &'static str),
}

const fn figure(
    figure: &'static str,
    subject: &'static str,
    at: &'static str,
    unit: &'static str,
    target: Target,
    beside: (&'static str, &'static str),
) -> Figure {
    Figure {
        figure,
        subject,
        at,
        unit,
        target,
        beside,
    }
}

const NOTHING: (&str, &str) = ("", "");

#[rustfmt::skip]
const FIGURES: [Figure; 31] = [
    figure("P4", "peak of a check of 10,000 tags", "/peakMiB", " MiB", AtMost(16.0), NOTHING),
    figure("P5", "growth over an index of 1 MB", "/growthMiB/1 MB", " MiB", AtMost(2.0), ("MiB with the code that reads it", "/growthWithCodeMiB/1 MB")),
    figure("P5", "growth over an index of 23 MB", "/growthMiB/23 MB", " MiB", AtMost(2.0), ("MiB, serde_yaml_ng", "/serdeYamlGrowthMiB")),
    figure("P5", "growth over an index of 140 MB", "/growthMiB/140 MB", " MiB", AtMost(2.0), ("MiB with the code that reads it", "/growthWithCodeMiB/140 MB")),
    figure("P6", "index of 23 MB ÷ serde_yaml_ng", "/ratio", "", AtMost(0.25), ("s, serde_yaml_ng", "/serdeYamlSeconds")),
    figure("P6", "the same, reading ten charts", "/ratioOfTenCharts", "", AtMost(0.25), ("s, serde_yaml_ng", "/serdeYamlSeconds")),
    figure("P7", "requests per unchanged check of 250 tags", "/oci/requests", "", AtMost(3.0), ("pages of the list", "/oci/pages")),
    figure("P7", "of them for manifests", "/oci/manifests", "", AtMost(0.0), NOTHING),
    figure("P7", "token requests per check, within a token's life", "/tokensWithinOneLife", "", AtMost(0.1), ("a check a minute, tokens of 5 minutes, one package", "/tokensOnceAMinute")),
    figure("P7", "the same, a check a minute, tokens of 5 minutes, two packages of the feed", "/tokensOnceAMinuteOfTwoPackages", "", AtMost(0.1), NOTHING),
    figure("P7", "the same, ten packages of the feed", "/tokensOnceAMinuteOfTenPackages", "", AtMost(0.1), NOTHING),
    figure("P7", "requests per unchanged check of a Helm index", "/helm/requests", "", AtMost(1.0), NOTHING),
    figure("P7", "versions in their answers", "/helm/versionsRead", "", AtMost(0.0), NOTHING),
    figure("P8", "reads of the store per unchanged check", "/reads", "", AtMost(1.0), NOTHING),
    figure("P8", "writes", "/writes", "", AtMost(0.0), NOTHING),
    figure("P9", "100 packages ÷ their round trips", "/ratio", "", AtMost(1.15), ("s, the round trips", "/roundTripsSeconds")),
    figure("P10", "checks a second on one core ÷ bare loop", "/ratio", "", AtLeast(0.8), ("a second, bare loop", "/bareRequestsPerSecond")),
    figure("P10", "the same by elapsed time", "/ratioOfElapsedTime", "", AtLeast(0.8), NOTHING),
    figure("P12", "requests before a Retry-After has passed", "/sentTooEarly", "", AtMost(0.0), ("checks tried", "/attempts")),
    figure("P14", "exponent of an unchanged check, 100 to 100,000 tags", "/unchangedCheckOfTags/exponent", "", AtMost(LINEAR), ("ms, 100,000 tags", "/unchangedCheckOfTags/milliseconds/100000")),
    figure("P14", "the last step of it, 10,000 to 100,000 tags", "/unchangedCheckOfTags/lastExponent", "", AtMost(LINEAR), NOTHING),
    figure("P14", "exponent of a first check, 100 to 100,000 tags", "/firstCheckOfTags/exponent", "", AtMost(LINEAR), ("ms, 100,000 tags", "/firstCheckOfTags/milliseconds/100000")),
    figure("P14", "the last step of it, 10,000 to 100,000 tags", "/firstCheckOfTags/lastExponent", "", AtMost(LINEAR), NOTHING),
    figure("P14", "exponent of a scheduler run, 10 to 1,000 feeds", "/runOfFeeds/exponent", "", AtMost(LINEAR), ("ms, 1,000 feeds", "/runOfFeeds/milliseconds/1000")),
    figure("P14", "the last step of it, 100 to 1,000 feeds", "/runOfFeeds/lastExponent", "", AtMost(LINEAR), NOTHING),
    figure("P14", "exponent of a scheduler run, feeds sharing a low quota", "/runOfFeedsThatShareALowQuota/exponent", "", AtMost(LINEAR), ("ms, 1,000 feeds", "/runOfFeedsThatShareALowQuota/milliseconds/1000")),
    figure("P14", "the last step of it, 100 to 1,000 feeds", "/runOfFeedsThatShareALowQuota/lastExponent", "", AtMost(LINEAR), NOTHING),
    figure("S4", "used share of Octopus's allowance, 3,000 projects", "/used", "", AtMost(0.8), ("requests in 20 minutes", "/requests")),
    figure("S4", "the same: refused requests", "/refused", "", AtMost(0.0), NOTHING),
    figure("S5", "10,000 feeds and 3,000 triggers while Octopus hangs: until all due is published", "/seconds", " s", AtMost(20.0), NOTHING),
    figure("S5", "the same, peak of memory with the table", "/peakMiB", " MiB", AtMost(128.0), NOTHING),
];

/// Linear growth, and what measuring it is unsure by.
const LINEAR: f64 = 1.1;

/// Everything that was measured, one value for each figure.
pub(crate) struct Measured(Vec<Value>);

/// Builds the measuring program as functions are shipped, and runs it.
pub(crate) fn measure(workspace: &Workspace, measurements: &[&str]) -> anyhow::Result<Measured> {
    let program = build(workspace)?;
    let mut measured = Vec::new();
    for measurement in measurements {
        measured.extend(run(&program, &[measurement])?);
    }
    Ok(Measured(measured))
}

/// The same for one measurement with arguments.
pub(crate) fn measure_with(workspace: &Workspace, arguments: &[&str]) -> anyhow::Result<Measured> {
    Ok(Measured(run(&build(workspace)?, arguments)?))
}

fn build(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let folder = workspace.target.join("bench");
    let mut build = workspace.cargo();
    build
        .args(["build", "--release", "--package", "bench"])
        .env("CARGO_TARGET_DIR", &folder);
    run_program(&mut build)?;
    Ok(folder.join("release/bench-feeds"))
}

/// All of it.
pub(crate) fn measure_all(workspace: &Workspace) -> anyhow::Result<Measured> {
    measure(workspace, &MEASUREMENTS)
}

fn run(program: &Path, arguments: &[&str]) -> anyhow::Result<Vec<Value>> {
    let measurement = arguments.first().copied().unwrap_or_default();
    let mut run: Command = command(program);
    let output = run.args(arguments).stderr(std::process::Stdio::inherit());
    let output = output.output()?;
    if !output.status.success() {
        bail!("`bench-feeds {measurement}` failed: {}", output.status);
    }
    let text = String::from_utf8(output.stdout)?;
    print!("{text}");
    let lines = text.lines().map(serde_json::from_str);
    lines
        .collect::<Result<_, _>>()
        .with_context(|| format!("reading what `bench-feeds {measurement}` printed"))
}

impl Measured {
    /// The table's rows.
    pub(crate) fn rows(&self) -> anyhow::Result<Vec<Row>> {
        FIGURES.iter().map(|figure| self.row(figure)).collect()
    }

    /// Every measurement.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Value> {
        self.0.iter()
    }

    /// The measurements of a figure.
    pub(crate) fn of(&self, figure: &str) -> anyhow::Result<&Value> {
        let mut all = self.0.iter();
        all.find(|measured| measured["figure"] == figure)
            .with_context(|| format!("{figure} was not measured"))
    }

    fn row(&self, figure: &Figure) -> anyhow::Result<Row> {
        let measured = self.of(figure.figure)?;
        let number = |at: &str| {
            let value = measured.pointer(at).and_then(Value::as_f64);
            value.with_context(|| format!("{} has no {at}", figure.figure))
        };
        let beside = match figure.beside {
            NOTHING => String::new(),
            (words, at) => format!("{:.2} {words}", number(at)?),
        };
        Ok(Row {
            figure: figure.figure,
            subject: figure.subject.to_owned(),
            measured: number(figure.at)?,
            unit: figure.unit,
            target: figure.target,
            beside,
        })
    }
}
