//! ChartMuseum's API, which returns single charts.
//!
//! ChartMuseum sends no validators, so its index cannot be requested conditionally. It is recognised by its
//! index, which contains the path below which the server is reached. From then on a read of a few charts
//! requests these alone. Any answer of the API but a list of versions makes the same check read the index. If the
//! index has the chart, the API has another path, or is not accessible, and its URL is not used again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;

use engine::ports::{FeedError, FeedErrorKind, ReadRequest};
use reqwest::StatusCode;
use url::Url;

use super::chart::Chart;
use super::{index, response};
use crate::error::Subject;
use crate::limits::Limits;
use crate::session::{Get, Session};
use crate::sync::lock;

/// The maximum number of charts that are read through the API: one index is cheaper than more requests.
const MAX_CHARTS: usize = 4;

/// The known ChartMuseums, by the URL of their index.
#[derive(Default)]
pub(crate) struct ChartMuseums(Mutex<HashMap<Url, ChartMuseum>>);

struct ChartMuseum {
    /// The path below which the server is reached.
    context: String,
    /// The number of candidate URLs that are known not to be the API.
    rejected: usize,
}

impl ChartMuseums {
    /// Records the context path of an index; `None` if it is not the index of a ChartMuseum.
    pub(super) fn note(&self, index: &Url, context: Option<&str>) {
        let mut chart_museums = lock(&self.0);
        match context {
            None => drop(chart_museums.remove(index)),
            Some(context) => {
                let chart_museum = || ChartMuseum {
                    context: context.to_owned(),
                    rejected: 0,
                };
                chart_museums
                    .entry(index.clone())
                    .or_insert_with(chart_museum);
            }
        }
    }

    /// Records that the API is not at the current candidate URL.
    pub(super) fn reject(&self, index: &Url) {
        if let Some(chart_museum) = lock(&self.0).get_mut(index) {
            chart_museum.rejected += 1;
        }
    }

    /// The current candidate URL of the API; `None` if the API is unknown or not accessible.
    fn api(&self, index: &Url) -> Option<Url> {
        let chart_museums = lock(&self.0);
        let chart_museum = chart_museums.get(index)?;
        candidates(index, &chart_museum.context)
            .into_iter()
            .nth(chart_museum.rejected)
    }
}

/// The candidate URLs of the API, likeliest first. A ChartMuseum with nested repositories has their paths after
/// `/api`; a proxy that serves a ChartMuseum in a folder has `/api` in that folder.
fn candidates(index: &Url, context: &str) -> Vec<Url> {
    let Some(folder) = index.path().strip_suffix("/index.yaml") else {
        return Vec::new();
    };
    let context = context.trim_end_matches('/');
    let repository = folder
        .strip_prefix(context)
        .filter(|rest| rest.is_empty() || rest.starts_with('/'));
    let mut paths =
        Vec::from_iter(repository.map(|repository| format!("{context}/api{repository}/charts")));
    let in_folder = format!("{folder}/api/charts");
    if !paths.contains(&in_folder) {
        paths.push(in_folder);
    }
    let url_of = |path: String| {
        let mut url = index.clone();
        url.set_path(&path);
        url
    };
    paths.into_iter().map(url_of).collect()
}

/// The result of reading charts through the API.
pub(super) enum ApiAnswer {
    /// The API was not used.
    NotUsed,
    /// The API returned no versions of this chart: the index decides whether it has any.
    Unknown(String),
    /// The result for each watched chart.
    Charts(BTreeMap<String, Result<Chart, FeedError>>),
}

/// Reads the watched charts through the API, if it is known and cheaper than the index.
pub(super) async fn read(
    session: &Session<'_>,
    chart_museums: &ChartMuseums,
    limits: &Limits,
    index: &Get<'_>,
    requests: &[ReadRequest],
) -> ApiAnswer {
    let watched: BTreeSet<_> = requests.iter().map(|request| &request.package).collect();
    let is_conditional = requests.iter().any(|request| request.validators.is_some());
    if is_conditional || watched.len() > MAX_CHARTS {
        return ApiAnswer::NotUsed;
    }
    let Some(api) = chart_museums.api(&index.url) else {
        return ApiAnswer::NotUsed;
    };
    let mut charts = BTreeMap::new();
    for package in watched {
        let mut url = api.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.push(package.as_str());
        }
        let get = Get {
            subject: Subject::package(index.subject.feed, package),
            url,
            repository: "",
            headers: response::headers(None),
        };
        // The rest of the deadline is for the index.
        let chart = tokio::time::timeout(limits.deadline / 4, chart(session, limits, &get)).await;
        match chart {
            Ok(Ok(chart)) if !chart.versions.is_empty() => {
                charts.insert(package.as_str().to_owned(), Ok(chart));
            }
            // The server asks for a pause, which is true for the index too.
            Ok(Err(error)) if matches!(error.kind, FeedErrorKind::Throttled(_)) => {
                charts.insert(package.as_str().to_owned(), Err(error));
            }
            Ok(_) | Err(_) => return ApiAnswer::Unknown(package.as_str().to_owned()),
        }
    }
    ApiAnswer::Charts(charts)
}

async fn chart(session: &Session<'_>, limits: &Limits, get: &Get<'_>) -> Result<Chart, FeedError> {
    let answer = session.get(get).await?;
    if answer.status() != StatusCode::OK {
        return Err(session.unexpected(get, answer).await);
    }
    let coding = response::coding(get, &answer)?;
    let chart = index::read(answer, coding, limits.index_bytes, index::parse_chart).await;
    chart.map_err(|error| response::feed_error(get, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn api_candidates_follow_context_path_and_folder() {
        let cases = [
            ("https://charts.test/index.yaml", "", vec!["/api/charts"]),
            (
                "https://charts.test/index.yaml?x=1",
                "/",
                vec!["/api/charts?x=1"],
            ),
            (
                "https://charts.test/cm/index.yaml",
                "/cm",
                vec!["/cm/api/charts"],
            ),
            (
                "https://charts.test/cm/org/repo/index.yaml",
                "/cm",
                vec!["/cm/api/org/repo/charts", "/cm/org/repo/api/charts"],
            ),
            (
                "https://charts.test/org/repo/index.yaml",
                "",
                vec!["/api/org/repo/charts", "/org/repo/api/charts"],
            ),
            // A context path that is not in the URL was added by a proxy.
            (
                "https://charts.test/org/index.yaml",
                "/cm",
                vec!["/org/api/charts"],
            ),
            ("https://charts.test/other", "", vec![]),
        ];
        for (index, context, expected) in cases {
            let index = Url::parse(index).unwrap();
            let expected: Vec<_> = expected
                .iter()
                .map(|path| index.join(path).unwrap())
                .collect();
            assert_eq!(candidates(&index, context), expected, "{index} {context}");
        }
    }
}
