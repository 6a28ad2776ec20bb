//! ChartMuseum's API, which gives one chart where an index gives all of them, unconditionally.
//!
//! A ChartMuseum is known by its index, which tells under which path the server is reached. From then on a
//! read of a few charts asks for these alone, as long as that is answered; what the index has and the API
//! does not shows that the API is elsewhere, or behind something that does not let it through.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;

use engine::ports::{FeedError, FeedErrorKind, ReadRequest};
use reqwest::StatusCode;
use url::Url;

use super::chart::Chart;
use super::index;
use crate::error::Subject;
use crate::limits::Limits;
use crate::lock;
use crate::session::{Get, Session};

/// With more charts than that, one index costs less than so many requests.
const FEW: usize = 4;

/// The ChartMuseums that were met.
#[derive(Default)]
pub(crate) struct Museums(Mutex<HashMap<Url, Museum>>);

/// One of them.
struct Museum {
    /// The path below which it is reached.
    context: String,
    /// How many of the places where its API may be are known not to be it.
    refused: usize,
}

impl Museums {
    /// Remembers what an index said, or that it is not one of a ChartMuseum.
    pub(super) fn note(&self, index: &Url, context: Option<&str>) {
        let mut museums = lock(&self.0);
        match context {
            None => drop(museums.remove(index)),
            Some(context) => {
                let museum = || Museum {
                    context: context.to_owned(),
                    refused: 0,
                };
                museums.entry(index.clone()).or_insert_with(museum);
            }
        }
    }

    /// Remembers that the API is not where it was looked for.
    pub(super) fn refuse(&self, index: &Url) {
        if let Some(museum) = lock(&self.0).get_mut(index) {
            museum.refused += 1;
        }
    }

    /// Where the charts of an index are given one by one, if they are.
    fn api(&self, index: &Url) -> Option<Url> {
        let museums = lock(&self.0);
        let museum = museums.get(index)?;
        places(index, &museum.context)
            .into_iter()
            .nth(museum.refused)
    }
}

/// Where the API of an index may be, likeliest first. A museum with repositories in folders has them
/// behind `/api`; a proxy that serves a museum in a folder of its own has `/api` in that folder.
fn places(index: &Url, context: &str) -> Vec<Url> {
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
    let place = |path: String| {
        let mut url = index.clone();
        url.set_path(&path);
        url
    };
    paths.into_iter().map(place).collect()
}

/// What became of asking for charts one by one.
pub(super) enum Asked {
    /// That was not to be done.
    Not,
    /// The API does not know this chart, or does not exist: the index decides which.
    InVain(String),
    /// Each wanted chart was answered, or failed.
    Answered(BTreeMap<String, Result<Chart, FeedError>>),
}

/// Asks the API for the wanted charts, where that is known to be offered and costs less than the index.
pub(super) async fn ask(
    session: &Session<'_>,
    museums: &Museums,
    limits: &Limits,
    index: &Get<'_>,
    requests: &[ReadRequest],
) -> Asked {
    let wanted: BTreeSet<_> = requests.iter().map(|request| &request.package).collect();
    let is_conditional = requests.iter().any(|request| request.validators.is_some());
    if is_conditional || wanted.len() > FEW {
        return Asked::Not;
    }
    let Some(api) = museums.api(&index.url) else {
        return Asked::Not;
    };
    let mut charts = BTreeMap::new();
    for package in wanted {
        let mut url = api.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.push(package.as_str());
        }
        let get = Get {
            subject: Subject::package(index.subject.feed, package),
            url,
            repository: "",
            headers: super::headers(None),
        };
        let chart = chart(session, limits, &get).await;
        if chart.as_ref().is_err_and(|error| is_no_answer(error.kind)) {
            return Asked::InVain(package.as_str().to_owned());
        }
        charts.insert(package.as_str().to_owned(), chart);
    }
    Asked::Answered(charts)
}

async fn chart(session: &Session<'_>, limits: &Limits, get: &Get<'_>) -> Result<Chart, FeedError> {
    let response = session.get(get).await?;
    if response.status() != StatusCode::OK {
        return Err(session.unexpected(get, response).await);
    }
    let coding = super::coding(get, &response)?;
    let chart = index::read(response, coding, limits.index_bytes, index::parse_chart).await;
    chart.map_err(|error| super::broken(get, error))
}

/// Whether the API may be missing, and not merely fail.
fn is_no_answer(kind: FeedErrorKind) -> bool {
    match kind {
        FeedErrorKind::NotFound | FeedErrorKind::Malformed | FeedErrorKind::Denied => true,
        FeedErrorKind::Throttled(_)
        | FeedErrorKind::Unavailable
        | FeedErrorKind::Incomplete
        | FeedErrorKind::Forbidden
        | FeedErrorKind::Misconfigured => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_is_looked_for_where_a_museum_has_it() {
        let cases = [
            ("https://charts.test/index.yaml", "", vec!["/api/charts"]),
            (
                "https://charts.test/index.yaml?x=1",
                "/",
                vec!["/api/charts?x=1"],
            ),
            (
                "https://charts.test/museum/index.yaml",
                "/museum",
                vec!["/museum/api/charts"],
            ),
            (
                "https://charts.test/museum/org/repo/index.yaml",
                "/museum",
                vec!["/museum/api/org/repo/charts", "/museum/org/repo/api/charts"],
            ),
            (
                "https://charts.test/org/repo/index.yaml",
                "",
                vec!["/api/org/repo/charts", "/org/repo/api/charts"],
            ),
            // A context that the address does not have is the proxy's affair.
            (
                "https://charts.test/org/index.yaml",
                "/museum",
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
            assert_eq!(places(&index, context), expected, "{index} {context}");
        }
    }
}
