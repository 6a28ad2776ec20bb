//! Reads as the program does, and measures the cost.

use std::time::{Duration, Instant};

use anyhow::Context;
use domain::feed::{Feed, FeedKind};
use domain::ids::{FeedId, PackageId, SpaceId};
use engine::ports::{FeedReader, ReadRequest, Reading};
use feeds::{DirectFeeds, Limits, NoCredentials, OutboundClient};
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

use crate::index;

/// The cost of a read.
#[derive(Serialize, Deserialize)]
pub(crate) struct Took {
    /// In seconds.
    pub(crate) seconds: f64,
    /// By how many KiB the process's peak of memory grew.
    pub(crate) growth_kib: u64,
    /// How many versions were read.
    pub(crate) versions: usize,
}

/// A reader of what is on this machine.
pub(crate) fn reader() -> anyhow::Result<DirectFeeds> {
    reader_within(Limits {
        deadline: Duration::from_secs(600),
        whole_read: Duration::from_secs(600),
        ..Limits::default().with_index_of(1_024)
    })
}

/// The same within these limits.
pub(crate) fn reader_within(limits: Limits) -> anyhow::Result<DirectFeeds> {
    let http = OutboundClient::new("127.0.0.0/8".parse()?)?;
    Ok(DirectFeeds::new(http, NoCredentials, limits))
}

/// The CPU time of this process. The servers have their own.
pub(crate) fn at_work() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// A feed at that address.
pub(crate) fn feed(kind: FeedKind, url: &str) -> Feed {
    Feed {
        id: FeedId::new("Feeds-1"),
        space: SpaceId::new("Spaces-1"),
        name: "bench".to_owned(),
        kind,
        uri: Some(url.to_owned()),
        registry_path: None,
        region: None,
        account: None,
        has_credentials: false,
    }
}

/// Reads so many charts, spread over an index, and prints the cost. With several indexes, the cost of the
/// last is printed.
pub(crate) async fn read(charts: &str, urls: &[&str]) -> anyhow::Result<()> {
    let charts: usize = charts.parse()?;
    let request = |number| {
        ReadRequest::new(PackageId::new(index::chart(
            number * index::CHARTS / charts,
        )))
    };
    let requests: Vec<_> = (0..charts).map(request).collect();
    let reader = reader()?;
    let mut took = None;
    for url in urls {
        took = Some(read_one(&reader, url, &requests).await?);
    }
    println!("{}", serde_json::to_string(&took)?);
    Ok(())
}

async fn read_one(
    reader: &DirectFeeds,
    url: &str,
    requests: &[ReadRequest],
) -> anyhow::Result<Took> {
    let feed = feed(FeedKind::Helm, url);
    let before = peak_kib()?;
    let start = Instant::now();
    let answer = reader.read(&feed, requests).await;
    let seconds = start.elapsed().as_secs_f64();
    let growth_kib = peak_kib()? - before;
    let mut versions = 0;
    for reading in answer.readings {
        if let Reading::Listing {
            versions: listed, ..
        } = reading?
        {
            versions += listed.len();
        }
    }
    Ok(Took {
        seconds,
        growth_kib,
        versions,
    })
}

/// The most memory that this process has had, in KiB.
pub(crate) fn peak_kib() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(number
        .context("cannot read the peak of memory: /proc/self/status has no VmHWM")?
        .parse()?)
}

/// Runs this program as a process of its own and reads the line that it prints.
pub(crate) fn in_own_process<T: for<'de> Deserialize<'de>>(
    arguments: &[&str],
) -> anyhow::Result<T> {
    let output = std::process::Command::new(std::env::current_exe()?)
        .args(arguments)
        .stderr(std::process::Stdio::inherit())
        .output()?;
    serde_json::from_slice(&output.stdout).with_context(|| format!("running {arguments:?}"))
}
