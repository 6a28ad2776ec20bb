//! Reads the labels of versions of charts: one request for the index, whatever the number of versions.
//!
//! The index is read unconditionally, because labels are stored only for the versions that a decision needs. It is parsed as
//! for a listing; the labels of the other versions are dropped while it is read.

use domain::feed::Feed;
use domain::metadata::VersionMetadata;
use engine::ports::{FeedError, FeedErrorKind, MetadataRequest};
use reqwest::StatusCode;

use super::chart::Index;
use super::selected::Selected;
use super::{index, response};
use crate::address;
use crate::error::Subject;
use crate::limits::Limits;
use crate::meter::Meter;
use crate::session::{CredentialUse, Get, Session, Shared};

/// Reads the labels of versions, in the order of the requests.
pub(crate) async fn read(
    shared: &Shared,
    limits: &Limits,
    meter: &Meter,
    feed: &Feed,
    requests: &[MetadataRequest],
) -> Result<Vec<Result<VersionMetadata, FeedError>>, FeedError> {
    let url = address::helm_index(feed)?;
    let (base, subject) = (url.clone(), Subject::feed(feed));
    let credential_use = CredentialUse::Preemptive;
    let session = Session::open(shared, limits, meter, feed, base, credential_use).await?;
    let get = Get {
        subject,
        url,
        repository: "",
        headers: response::headers(None),
    };
    let index = fetch(&session, limits, &get, selected(requests));
    let index = session.within(limits.deadline, subject, index).await?;
    let reading = |request| metadata(&get, &index, request);
    Ok(requests.iter().map(reading).collect())
}

fn selected(requests: &[MetadataRequest]) -> Selected {
    let mut selected = Selected::default();
    for request in requests {
        let chart = request.package.as_str().to_owned();
        let versions = selected.described.entry(chart.clone()).or_default();
        versions.insert(request.version.clone());
        selected.charts.insert(chart);
    }
    selected
}

async fn fetch(
    session: &Session<'_>,
    limits: &Limits,
    get: &Get<'_>,
    selected: Selected,
) -> Result<Index, FeedError> {
    let response = session.get(get).await?;
    if response.status() != StatusCode::OK {
        return Err(session.unexpected(get, response).await);
    }
    let coding = response::coding(get, &response)?;
    let parse = move |text, first_error: &_| index::parse(text, selected, first_error);
    let index = index::read(response, coding, limits.index_bytes, parse).await;
    index.map_err(|error| response::feed_error(get, error))
}

/// The labels of one version. They must be those of the requested digest.
fn metadata(
    get: &Get<'_>,
    index: &Index,
    request: &MetadataRequest,
) -> Result<VersionMetadata, FeedError> {
    let subject = Subject::package(get.subject.feed, &request.package);
    let chart = index.charts.get(request.package.as_str());
    let found = chart.and_then(|chart| chart.described.get(&request.version));
    let found = found.ok_or_else(|| {
        let what = "no longer has this version of the chart; the next check finds another one";
        subject.at(FeedErrorKind::NotFound, &get.url, what)
    })?;
    let is_other = |digest: &str| found.digest().is_some_and(|own| own != digest);
    if request.digest.as_deref().is_some_and(is_other) {
        let what = "has this version with another digest now; the next check reads it again";
        return Err(subject.at(FeedErrorKind::Incomplete, &get.url, what));
    }
    Ok(found.clone())
}
