//! The cost of a check beside the libraries that other tools are built on: go-containerregistry for tags, and Helm's
//! loader for indexes. `peers/main.go` uses them.
//!
//! Each program checks a feed once, in a process of its own, and then again while nothing has changed. The servers run in
//! the measuring process, which counts their requests.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use domain::feed::{Feed, FeedKind};
use domain::ids::PackageId;
use registry_server::{HelmRepository, Registry};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::process::Command;

use crate::checker::Checker;
use crate::index;
use crate::reader::{at_work, feed, peak_kib, reader};

const TAGS: [usize; 4] = [100, 1_000, 10_000, 100_000];
const MEGABYTES: [usize; 3] = [1, 25, 140];

/// Processes of each program, alternating. The shortest time of each counts, because disturbances only add time.
const RUNS: usize = 5;

/// The same for the largest index, which takes Helm's loader a quarter of a minute and some gigabytes.
const RUNS_OF_THE_LARGEST: usize = 1;

const REPOSITORY: &str = "acme/web";

/// The cost of the checks of one process. Seconds; again: per check of an unchanged feed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cost {
    first_cpu: f64,
    first_wall: f64,
    again_cpu: f64,
    again_wall: f64,
    peak_kib: u64,
    /// The versions that were read: the tags, or those of the requested chart; Helm's loader reads all charts.
    versions: usize,
    #[serde(default)]
    first_requests: usize,
    #[serde(default)]
    again_requests: usize,
}

/// Prints the cost of each program for each size.
pub(crate) async fn measure(theirs: &str) -> anyhow::Result<()> {
    let ours = std::env::current_exe()?;
    let ours = ours
        .to_str()
        .context("the path of this program is no text")?;
    for tags in TAGS {
        let registry = Registry::start().await?;
        for number in 0..tags {
            let tag = format!("1.{}.{}", number / 100, number % 100);
            registry.push(REPOSITORY, &tag, "");
        }
        let requests = || {
            let count = registry.requests().len();
            registry.clear_requests();
            count
        };
        let url = registry.url();
        let repository = format!("{}/{REPOSITORY}", url.trim_start_matches("http://"));
        let programs = [
            [ours, "check-tags", url.as_str()],
            [theirs, "tags", repository.as_str()],
        ];
        print("tags", tags, &compare(programs, RUNS, &requests).await?);
    }
    for megabytes in MEGABYTES {
        let helm = HelmRepository::start().await?;
        helm.set_index(index::pieces(megabytes * 1_000_000).collect::<String>());
        let requests = || {
            let count = helm.requests().len();
            helm.clear_requests();
            count
        };
        let url = helm.url();
        let file = format!("{url}/index.yaml");
        let programs = [
            [ours, "check-index", url.as_str()],
            [theirs, "index", file.as_str()],
        ];
        let runs = if megabytes > 100 {
            RUNS_OF_THE_LARGEST
        } else {
            RUNS
        };
        print(
            "index",
            megabytes,
            &compare(programs, runs, &requests).await?,
        );
    }
    Ok(())
}

fn print(kind: &str, size: usize, [ours, theirs]: &[Cost; 2]) {
    let line = json!({
        "figure": format!("peers of {kind} {size}"),
        "kind": kind,
        "size": size,
        "ours": ours,
        "theirs": theirs,
    });
    println!("{line}");
}

/// The best of the runs of two programs.
async fn compare(
    programs: [[&str; 3]; 2],
    runs: usize,
    requests: &dyn Fn() -> usize,
) -> anyhow::Result<[Cost; 2]> {
    let mut best: [Option<Cost>; 2] = [None, None];
    for _ in 0..runs {
        for (best, program) in best.iter_mut().zip(programs) {
            let cost = run(program, requests).await?;
            *best = Some(match best.take() {
                Some(known) => known.least(&cost),
                None => cost,
            });
        }
    }
    let [ours, theirs] = best;
    let (ours, theirs) = (ours.context("no runs")?, theirs.context("no runs")?);
    Ok([ours, theirs])
}

/// Runs a program with one check more than the first, and once with the first alone, which counts its requests.
async fn run(program: [&str; 3], requests: &dyn Fn() -> usize) -> anyhow::Result<Cost> {
    requests();
    start(program, 0).await?;
    let first_requests = requests();
    let checks = 3;
    let cost = start(program, checks).await?;
    let again = requests() - first_requests;
    Ok(Cost {
        first_requests,
        again_requests: again / checks,
        ..cost
    })
}

async fn start([program, kind, url]: [&str; 3], checks: usize) -> anyhow::Result<Cost> {
    let output = Command::new(program)
        .args([kind, url, &checks.to_string()])
        .env_remove("http_proxy")
        .env_remove("HTTP_PROXY")
        .stderr(std::process::Stdio::inherit())
        .output()
        .await?;
    ensure!(
        output.status.success(),
        "{program} {kind} failed: {}",
        output.status
    );
    serde_json::from_slice(&output.stdout).with_context(|| format!("running {program} {kind}"))
}

impl Cost {
    fn least(&self, other: &Self) -> Self {
        Self {
            first_cpu: self.first_cpu.min(other.first_cpu),
            first_wall: self.first_wall.min(other.first_wall),
            again_cpu: self.again_cpu.min(other.again_cpu),
            again_wall: self.again_wall.min(other.again_wall),
            peak_kib: self.peak_kib.min(other.peak_kib),
            ..other.clone()
        }
    }
}

/// Checks a repository of a registry once and so many times again, and prints the cost.
pub(crate) async fn check_tags(url: &str, checks: &str) -> anyhow::Result<()> {
    check(&feed(FeedKind::Docker, url), REPOSITORY, checks.parse()?).await
}

/// Checks a chart of a Helm repository once and so many times again, and prints the cost.
pub(crate) async fn check_index(url: &str, checks: &str) -> anyhow::Result<()> {
    check(
        &feed(FeedKind::Helm, url),
        &index::chart(7),
        checks.parse()?,
    )
    .await
}

async fn check(feed: &Feed, package: &str, checks: u32) -> anyhow::Result<()> {
    let started = Instant::now();
    let packages = [PackageId::new(package)];
    let checker = Checker::new(reader()?, reader()?);
    let reports = checker.check(feed, &packages).await?;
    let (first_cpu, first_wall) = (at_work(), started.elapsed());
    let again = Instant::now();
    for _ in 0..checks {
        checker.check_unchanged(feed, &packages).await?;
    }
    let of_one = |all: Duration| (all / checks.max(1)).as_secs_f64();
    let cost = Cost {
        first_cpu: first_cpu.as_secs_f64(),
        first_wall: first_wall.as_secs_f64(),
        again_cpu: of_one(at_work().saturating_sub(first_cpu)),
        again_wall: of_one(again.elapsed()),
        peak_kib: peak_kib()?,
        versions: reports.iter().map(|report| report.versions).sum(),
        first_requests: 0,
        again_requests: 0,
    };
    println!("{}", serde_json::to_string(&cost)?);
    Ok(())
}
