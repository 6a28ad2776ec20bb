//! `bombed registry|helm|octopus URL`: reads one package from `URL/bomb` in its own process and prints the growth of
//! peak memory and the outcome. A harmless read of `URL/warm` comes first, so that memory of any first read is not
//! counted.

use std::io::Write;
use std::time::Duration;

use anyhow::Context;
use domain::feed::{Feed, FeedKind};
use domain::ids::{FeedId, PackageId, SpaceId};
use engine::ports::{FeedReader, ReadRequest, Reading};
use engine::with_causes;
use feeds::{DirectFeeds, Limits, NoCredentials, OutboundClient};
use octopus::{FixedKey, OctopusClient};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = std::env::args().collect();
    let [_, kind, url] = arguments.as_slice() else {
        anyhow::bail!("usage: bombed registry|helm|octopus URL");
    };
    read(kind, &format!("{url}/warm")).await?;
    let before = peak_kib()?;
    let outcome = read(kind, &format!("{url}/bomb")).await?;
    let line = serde_json::json!({ "growthKib": peak_kib()? - before, "outcome": outcome });
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}

/// Reads one package; returns the error or the number of versions as text.
async fn read(kind: &str, url: &str) -> anyhow::Result<String> {
    let http = OutboundClient::new("127.0.0.0/8".parse()?)?;
    let feed = Feed {
        id: FeedId::new("Feeds-1"),
        space: SpaceId::new("Spaces-1"),
        name: "Test feed".to_owned(),
        kind: match kind {
            "helm" => FeedKind::Helm,
            _ => FeedKind::Docker,
        },
        uri: Some(url.to_owned()),
        registry_path: None,
        region: None,
        account: None,
        has_credentials: false,
    };
    let request = ReadRequest::new(PackageId::new("app"));
    let answer = if kind == "octopus" {
        let client = OctopusClient::new(http.http().clone(), url, FixedKey::new("API-1"));
        client?.read(&feed, &[request]).await
    } else {
        let feeds = DirectFeeds::new(http, NoCredentials, limits());
        feeds.read(&feed, &[request]).await
    };
    let reading = answer.readings.into_iter().next().context("no reading")?;
    Ok(match reading {
        Ok(Reading::Listing { versions, .. }) => format!("{} versions", versions.len()),
        Ok(Reading::Unchanged) => "unchanged".to_owned(),
        Err(error) => format!("{}: {}", error.kind.name(), with_causes(&error)),
    })
}

/// The default limits, except a smaller index and longer deadlines: an unoptimised build is slow, and an index is
/// never in memory.
fn limits() -> Limits {
    Limits {
        deadline: Duration::from_secs(600),
        whole_read: Duration::from_secs(600),
        ..Limits::default().with_index_of(4)
    }
}

/// The peak resident memory of this process, in KiB.
fn peak_kib() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(number.context("/proc/self/status has no VmHWM")?.parse()?)
}
