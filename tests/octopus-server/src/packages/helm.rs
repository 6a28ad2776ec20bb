//! Helm repositories: charts and versions in `index.yaml`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use reqwest::Client;
use serde::Deserialize;

use super::{FeedError, Remote};
use crate::world::StoredVersion;

/// The parts of an index that are used.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Index {
    entries: BTreeMap<String, Vec<Entry>>,
}

/// The parts of a chart's version that are used.
#[derive(Deserialize)]
struct Entry {
    version: String,
    created: Option<String>,
}

/// Every version of a chart.
pub(super) async fn versions(
    http: &Client,
    remote: &Remote,
    chart: &str,
) -> Result<Vec<StoredVersion>, FeedError> {
    let mut index = index(http, remote).await?;
    let stored = |entry: Entry| StoredVersion {
        published: entry
            .created
            .as_deref()
            .and_then(|created| created.parse::<Timestamp>().ok()),
        version: entry.version,
    };
    Ok(index
        .entries
        .remove(chart)
        .unwrap_or_default()
        .into_iter()
        .map(stored)
        .collect())
}

/// Every chart.
pub(super) async fn charts(http: &Client, remote: &Remote) -> Result<Vec<String>, FeedError> {
    Ok(index(http, remote).await?.entries.into_keys().collect())
}

async fn index(http: &Client, remote: &Remote) -> Result<Index, FeedError> {
    let url = remote.at("index.yaml")?;
    let Some(document) = remote.get(http, url).await? else {
        return Err(FeedError::Malformed {
            feed: remote.feed.clone(),
        });
    };
    let malformed = || FeedError::Malformed {
        feed: remote.feed.clone(),
    };
    let text = std::str::from_utf8(&document.body).map_err(|_| malformed())?;
    serde_saphyr::from_str(text).map_err(|_| malformed())
}
