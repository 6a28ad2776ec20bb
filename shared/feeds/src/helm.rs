//! Helm repositories: one index for all charts, fetched once for all requests and only if it changed.
//!
//! The index may be as large as [`Limits::index_bytes`] and is never in memory: it is parsed as it comes,
//! on a thread of its own, and of it only the versions of the wanted charts are kept. Where the repository
//! is a ChartMuseum and few charts are wanted, it is asked for these alone instead.

mod bytes;
mod chart;
mod index;
mod json;
mod museum;
mod outlined;
mod sieve;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io::BufRead;

use domain::feed::Feed;
use domain::snapshot::Listed;
use engine::ports::{FeedError, FeedErrorKind, ReadRequest, Reading, Validators};
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, HeaderMap, HeaderName, HeaderValue,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};
use reqwest::{Response, StatusCode};

use crate::address;
use crate::error::{Subject, caused_by};
use crate::limits::Limits;
use crate::meter::Meter;
use crate::session::{Get, Send, Session, Shared};
use bytes::FirstError;
use chart::{Chart, Index};
use index::{Coding, IndexError, Text};
use museum::Asked;

pub(crate) use museum::Museums;

/// What an index says of the wanted charts, for [`crate::parsing`].
pub(crate) fn index_in(
    text: impl BufRead + 'static,
    wanted: BTreeSet<String>,
) -> Result<BTreeMap<String, Vec<Listed>>, Box<dyn Error>> {
    whole(|first_error| index::parse(text, wanted, first_error)).map(listed)
}

/// The same of an index in YAML without the sieve.
pub(crate) fn yaml_index_in(
    text: impl BufRead + 'static,
    wanted: BTreeSet<String>,
) -> Result<BTreeMap<String, Vec<Listed>>, Box<dyn Error>> {
    whole(|first_error| yaml::index(text, wanted, first_error)).map(listed)
}

/// The versions in ChartMuseum's answer about one chart.
pub(crate) fn chart_in(text: Text) -> Result<Vec<Listed>, Box<dyn Error>> {
    whole(|first_error| index::parse_chart(text, first_error)).map(|chart| chart.versions)
}

/// What was parsed, unless the text ended early.
fn whole<T>(parse: impl FnOnce(&FirstError) -> Result<T, IndexError>) -> Result<T, Box<dyn Error>> {
    let first_error = FirstError::default();
    let parsed = parse(&first_error);
    Ok(first_error.take().map_or(parsed, Err)?)
}

fn listed(index: Index) -> BTreeMap<String, Vec<Listed>> {
    let versions = |(name, chart): (String, Chart)| (name, chart.versions);
    index.charts.into_iter().map(versions).collect()
}

/// What a fetch brings.
enum Fetched {
    /// 304.
    Unchanged,
    /// What the index says of the wanted charts.
    Index(Index, Option<Validators>),
    /// The charts one by one.
    Charts(BTreeMap<String, Result<Chart, FeedError>>),
}

/// Reads the charts of a Helm repository.
pub(crate) async fn read(
    shared: &Shared,
    limits: &Limits,
    meter: &Meter,
    feed: &Feed,
    requests: &[ReadRequest],
) -> Result<Vec<Result<Reading, FeedError>>, FeedError> {
    let url = address::helm_index(feed)?;
    let session = Session::open(shared, limits, meter, feed, url.clone(), Send::AtOnce).await?;
    let subject = Subject::feed(feed);
    let known = common(requests);
    let get = Get {
        subject,
        url,
        repository: "",
        headers: headers(known),
    };
    let fetched = fetch(&session, &shared.museums, limits, &get, requests);
    let fetched = session.within(limits.deadline, subject, fetched).await?;
    Ok(requests
        .iter()
        .map(|request| reading(&get, &fetched, request))
        .collect())
}

/// The validators that all requests share. With others the answer "unchanged" would be true of some
/// charts alone.
fn common(requests: &[ReadRequest]) -> Option<&Validators> {
    let first = requests.first()?.validators.as_ref()?;
    let is_common = requests
        .iter()
        .all(|request| request.validators.as_ref() == Some(first));
    Some(first).filter(|first| is_common && (first.etag.is_some() || first.last_modified.is_some()))
}

fn headers(known: Option<&Validators>) -> Vec<(HeaderName, HeaderValue)> {
    let accept = "application/yaml, application/json;q=0.9, */*;q=0.8";
    let mut headers = vec![
        (ACCEPT, HeaderValue::from_static(accept)),
        (ACCEPT_ENCODING, HeaderValue::from_static("gzip")),
    ];
    let mut send = |name: HeaderName, value: Option<&String>| {
        let value = value.and_then(|value| HeaderValue::try_from(value).ok());
        headers.extend(value.map(|value| (name, value)));
    };
    send(IF_NONE_MATCH, known.and_then(|known| known.etag.as_ref()));
    send(
        IF_MODIFIED_SINCE,
        known.and_then(|known| known.last_modified.as_ref()),
    );
    headers
}

async fn fetch(
    session: &Session<'_>,
    museums: &Museums,
    limits: &Limits,
    get: &Get<'_>,
    requests: &[ReadRequest],
) -> Result<Fetched, FeedError> {
    let asked = museum::ask(session, museums, limits, get, requests).await;
    if let Asked::Answered(charts) = asked {
        return Ok(Fetched::Charts(charts));
    }
    let is_conditional = common(requests).is_some();
    let fetched = fetch_index(session, limits, get, requests, is_conditional).await?;
    if let Fetched::Index(index, validators) = &fetched {
        // An index that can be asked for conditionally costs less still.
        let museum = index.museum.as_deref().filter(|_| validators.is_none());
        museums.note(&get.url, museum);
        if let Asked::InVain(chart) = asked
            && index.charts.contains_key(&chart)
        {
            museums.refuse(&get.url);
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
    let validators = validators(response.headers());
    let coding = coding(get, &response)?;
    let wanted: BTreeSet<_> = requests
        .iter()
        .map(|request| request.package.as_str().to_owned())
        .collect();
    let parse = move |text, first_error: &_| index::parse(text, wanted, first_error);
    let index = index::read(response, coding, limits.index_bytes, parse).await;
    Ok(Fetched::Index(
        index.map_err(|error| broken(get, error))?,
        validators,
    ))
}

/// What makes the next fetch conditional, verbatim.
fn validators(headers: &HeaderMap) -> Option<Validators> {
    let text = |name| Some(headers.get(name)?.to_str().ok()?.to_owned());
    let validators = Validators {
        etag: text(ETAG),
        last_modified: text(LAST_MODIFIED),
        content: None,
    };
    Some(validators).filter(|validators| *validators != Validators::default())
}

fn coding(get: &Get<'_>, response: &Response) -> Result<Coding, FeedError> {
    match response
        .headers()
        .get(CONTENT_ENCODING)
        .map(HeaderValue::as_bytes)
    {
        None | Some(b"" | b"identity") => Ok(Coding::Plain),
        Some(b"gzip" | b"x-gzip") => Ok(Coding::Gzip),
        Some(_) => {
            let what = "comes in an encoding that was not asked for; check the feed's server";
            Err(get.subject.at(FeedErrorKind::Malformed, &get.url, what))
        }
    }
}

fn broken(get: &Get<'_>, error: IndexError) -> FeedError {
    let (kind, what) = match error {
        IndexError::Broken(_) | IndexError::Cut => (
            FeedErrorKind::Incomplete,
            "breaks off; it is tried again later",
        ),
        IndexError::TooLong { .. } => (
            FeedErrorKind::Incomplete,
            "is larger than an index may be; ask for a smaller one, or raise the limit",
        ),
        IndexError::Overfull { .. } => (
            FeedErrorKind::Incomplete,
            "has more versions of a chart than are read; take old ones out of the index",
        ),
        IndexError::Stopped => (
            FeedErrorKind::Unavailable,
            "was not read; it is tried again later",
        ),
        _ => (
            FeedErrorKind::Malformed,
            "is not the index of a Helm repository; check the feed's URL",
        ),
    };
    caused_by(get.subject.at(kind, &get.url, what), error)
}

/// What was fetched of one request's chart.
fn reading(get: &Get<'_>, fetched: &Fetched, request: &ReadRequest) -> Result<Reading, FeedError> {
    let name = request.package.as_str();
    let (chart, validators) = match fetched {
        Fetched::Unchanged => return Ok(Reading::Unchanged),
        Fetched::Index(index, validators) => (index.charts.get(name).map(Ok), validators.clone()),
        Fetched::Charts(charts) => (charts.get(name).map(Result::as_ref), None),
    };
    let Some(chart) = chart else {
        let subject = Subject::package(get.subject.feed, &request.package);
        let what = "has no such chart; check the package's name";
        return Err(subject.at(FeedErrorKind::NotFound, &get.url, what));
    };
    let chart = chart.map_err(Clone::clone)?;
    tell_left_out(get, name, chart);
    Ok(Reading::Listing {
        versions: chart.versions.clone(),
        validators,
    })
}

/// Helm leaves out the same, and says so as quietly.
fn tell_left_out(get: &Get<'_>, package: &str, chart: &Chart) {
    let (invalid, contradictory) = (chart.invalid, chart.contradictory);
    if invalid + contradictory > 0 {
        let feed = get.subject.feed.name.as_str();
        tracing::debug!(
            feed,
            package,
            invalid,
            contradictory,
            "entries of the chart are left out"
        );
    }
}
