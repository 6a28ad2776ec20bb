//! Reads Helm repositories: one conditional request for the index, which has the versions of all charts.
//!
//! The index may have [`Limits::index_bytes`] and is never in memory as a whole: it is parsed as a stream, on a
//! thread of its own, which keeps only the versions of the watched charts. From a ChartMuseum, a few watched
//! charts are read through its API instead.

mod bytes;
mod chart;
mod chart_museum;
mod error;
mod index;
mod json;
mod labels;
mod lines;
mod long_lines;
mod long_tokens;
pub(crate) mod metadata;
mod outlined;
mod prefilter;
mod response;
mod selected;
mod validators;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io::BufRead;

use domain::feed::Feed;
use domain::snapshot::Listed;
use domain::time::Timestamp;
use engine::ports::{FeedError, FeedErrorKind, ReadRequest, Reading, Validators};
use reqwest::StatusCode;

use crate::address;
use crate::error::Subject;
use crate::facts::now;
use crate::limits::Limits;
use crate::meter::Meter;
use crate::session::{CredentialUse, Get, Session, Shared};
use bytes::FirstError;
use chart::{Chart, Index};
use chart_museum::ApiAnswer;
pub(crate) use chart_museum::ChartMuseums;
use error::IndexError;
use index::Text;

/// The versions of the watched charts in an index, for [`crate::parsing`].
pub(crate) fn index_in(
    text: impl BufRead + 'static,
    watched: BTreeSet<String>,
) -> Result<BTreeMap<String, Vec<Listed>>, Box<dyn Error>> {
    whole(|first_error| index::parse(text, watched.into(), first_error)).map(listed)
}

/// The same for an index in YAML, without the prefilter.
pub(crate) fn yaml_index_in(
    text: impl BufRead + 'static,
    watched: BTreeSet<String>,
) -> Result<BTreeMap<String, Vec<Listed>>, Box<dyn Error>> {
    whole(|first_error| yaml::index(text, watched.into(), first_error)).map(listed)
}

/// The versions in ChartMuseum's answer about one chart.
pub(crate) fn chart_in(text: Text) -> Result<Vec<Listed>, Box<dyn Error>> {
    whole(|first_error| index::parse_chart(text, first_error)).map(|chart| chart.versions)
}

/// The result of parsing, unless reading the text failed.
fn whole<T>(parse: impl FnOnce(&FirstError) -> Result<T, IndexError>) -> Result<T, Box<dyn Error>> {
    let first_error = FirstError::default();
    let parsed = parse(&first_error);
    Ok(first_error.take().map_or(parsed, Err)?)
}

fn listed(index: Index) -> BTreeMap<String, Vec<Listed>> {
    let versions = |(name, chart): (String, Chart)| (name, chart.versions);
    index.charts.into_iter().map(versions).collect()
}

/// The result of a fetch.
enum Fetched {
    /// The server answered 304.
    Unchanged,
    /// The watched charts in the index, and the validators of the answer.
    Index(Index, Option<Validators>),
    /// The watched charts, read one by one.
    Charts(BTreeMap<String, Result<Chart, FeedError>>),
}

/// Reads the charts of a Helm repository.
pub(crate) async fn read(
    shared: &Shared,
    chart_museums: &ChartMuseums,
    limits: &Limits,
    meter: &Meter,
    feed: &Feed,
    requests: &[ReadRequest],
) -> Result<Vec<Result<Reading, FeedError>>, FeedError> {
    let url = address::helm_index(feed)?;
    let session = Session::open(
        shared,
        limits,
        meter,
        feed,
        url.clone(),
        CredentialUse::Preemptive,
    )
    .await?;
    let subject = Subject::feed(feed);
    let now = now();
    let known = validators::common(requests, &url, now);
    let get = Get {
        subject,
        url,
        repository: "",
        headers: response::headers(known),
    };
    let fetched = fetch(
        &session,
        chart_museums,
        limits,
        &get,
        requests,
        known.is_some(),
    );
    let fetched = session.within(limits.deadline, subject, fetched).await?;
    Ok(requests
        .iter()
        .map(|request| reading(&get, &fetched, request, now))
        .collect())
}

async fn fetch(
    session: &Session<'_>,
    chart_museums: &ChartMuseums,
    limits: &Limits,
    get: &Get<'_>,
    requests: &[ReadRequest],
    is_conditional: bool,
) -> Result<Fetched, FeedError> {
    let answer = chart_museum::read(session, chart_museums, limits, get, requests).await;
    if let ApiAnswer::Charts(charts) = answer {
        return Ok(Fetched::Charts(charts));
    }
    let fetched = fetch_index(session, limits, get, requests, is_conditional).await?;
    if let Fetched::Index(index, validators) = &fetched {
        // A conditional request for the index is cheaper than the API.
        let context = index
            .chart_museum
            .as_deref()
            .filter(|_| validators.is_none());
        chart_museums.note(&get.url, context);
        if let ApiAnswer::Unknown(chart) = answer
            && index.charts.contains_key(&chart)
        {
            chart_museums.reject(&get.url);
        }
    }
    Ok(fetched)
}

async fn fetch_index(
    session: &Session<'_>,
    limits: &Limits,
    get: &Get<'_>,
    requests: &[ReadRequest],
    is_conditional: bool,
) -> Result<Fetched, FeedError> {
    let response = session.get(get).await?;
    match response.status() {
        StatusCode::NOT_MODIFIED if is_conditional => return Ok(Fetched::Unchanged),
        StatusCode::OK => {}
        _ => return Err(session.unexpected(get, response).await),
    }
    let validators = validators::of_answer(response.headers(), now());
    let coding = response::coding(get, &response)?;
    let watched: BTreeSet<_> = requests
        .iter()
        .map(|request| request.package.as_str().to_owned())
        .collect();
    let parse = move |text, first_error: &_| index::parse(text, watched.into(), first_error);
    let index = index::read(response, coding, limits.index_bytes, parse).await;
    Ok(Fetched::Index(
        index.map_err(|error| response::feed_error(get, error))?,
        validators,
    ))
}

/// The reading of one request's chart.
fn reading(
    get: &Get<'_>,
    fetched: &Fetched,
    request: &ReadRequest,
    now: Timestamp,
) -> Result<Reading, FeedError> {
    let name = request.package.as_str();
    let (chart, validators) = match fetched {
        Fetched::Unchanged => return Ok(Reading::Unchanged),
        Fetched::Index(index, validators) => (
            index.charts.get(name).map(Ok),
            validators::for_request(request, validators.as_ref(), now),
        ),
        Fetched::Charts(charts) => (charts.get(name).map(Result::as_ref), None),
    };
    let Some(chart) = chart else {
        let subject = Subject::package(get.subject.feed, &request.package);
        let what = "has no such chart; check the package's name";
        return Err(subject.at(FeedErrorKind::NotFound, &get.url, what));
    };
    let chart = chart.map_err(Clone::clone)?;
    log_ignored(get, name, chart);
    Ok(Reading::Listing {
        versions: chart.versions.clone(),
        validators,
    })
}

/// Logs ignored entries at debug level. Helm ignores the same entries.
fn log_ignored(get: &Get<'_>, package: &str, chart: &Chart) {
    let (invalid, contradictory) = (chart.invalid, chart.contradictory);
    if invalid + contradictory > 0 {
        let feed = get.subject.feed.name.as_str();
        tracing::debug!(
            feed,
            package,
            invalid,
            contradictory,
            "ignored entries of the chart"
        );
    }
}
