//! Reads the labels, annotations and platforms of versions.
//!
//! A version takes two requests, or three if it is an index: the manifests, and the image's configuration. The labels are
//! those of the configuration, then the annotations of the manifest, then those of the index; the first one with a name
//! counts. For an index, the image for `linux/amd64` is read, else the one for `linux/arm64`, else the first one for Linux,
//! else the first one. A chart has annotations only.

use bytes::Bytes;
use domain::feed::Feed;
use domain::metadata::{STANDARD_LABELS, VersionMetadata};
use engine::ports::{FeedError, FeedErrorKind, MetadataRequest};
use futures_util::{StreamExt, stream};
use http_client::from_json;
use reqwest::header::ACCEPT;

use super::caches::Caches;
use super::image::{Configuration, Document, Labels};
use super::manifest::{self, digest};
use super::reference::NameError;
use super::{names, session, signatures};
use crate::address;
use crate::error::{Subject, caused_by};
use crate::facts::is_digest;
use crate::limits::Limits;
use crate::meter::Meter;
use crate::provider::Provider;
use crate::repository::Repository;
use crate::session::{Get, Shared};

/// The maximum size of a manifest or index: what registries accept.
const MANIFEST_BYTES: usize = 4 << 20;

/// The maximum size of an image's configuration. It contains the history of the image, and has some ten kilobytes.
const CONFIGURATION_BYTES: usize = 512 << 10;

/// Reads the metadata of versions, in the order of the requests.
pub(crate) async fn read(
    shared: &Shared,
    caches: &Caches,
    limits: &Limits,
    meter: &Meter,
    feed: &Feed,
    requests: &[MetadataRequest],
) -> Result<Vec<Result<VersionMetadata, FeedError>>, FeedError> {
    let registry = address::registry(feed)?;
    let provider = Provider::of(&feed.kind, &registry.base);
    let names = names(&registry, requests.iter().map(|request| &request.package));
    let session = session(shared, limits, meter, feed, &registry, &names).await?;
    let (session, registry) = (&session, &registry);
    let reading = async |(request, name): (&MetadataRequest, &Result<String, NameError>)| {
        let subject = Subject::package(feed, &request.package);
        let name = name.as_ref();
        let name = name.map_err(|error| subject.error(FeedErrorKind::Misconfigured, error))?;
        let repository = Repository {
            session,
            limits,
            registry,
            subject,
            name,
        };
        let reading = Box::pin(version(&repository, caches, request));
        session.within(limits.deadline, subject, reading).await
    };
    let readings = stream::iter(requests.iter().zip(&names)).map(reading);
    let parallel = provider.parallel(limits.parallel);
    Ok(readings.buffered(parallel).collect().await)
}

/// The metadata of a version, with the result of verifying its signatures if keys are requested.
async fn version(
    repository: &Repository<'_, '_>,
    caches: &Caches,
    request: &MetadataRequest,
) -> Result<VersionMetadata, FeedError> {
    if request.record.is_some() {
        let what = "has scans and managed signatures in private registries of ECR only, which a stack reads with its role; \
                    remove `scan` and `signed.profile` from the trigger";
        let subject = repository.subject;
        return Err(subject.error(FeedErrorKind::Misconfigured, what));
    }
    let found = described(repository, caches, request).await?;
    if request.keys.is_empty() {
        return Ok(found);
    }
    let signature = signatures::verify(repository, found.digest(), &request.keys).await?;
    Ok(found.with_signature(signature))
}

async fn described(
    repository: &Repository<'_, '_>,
    caches: &Caches,
    request: &MetadataRequest,
) -> Result<VersionMetadata, FeedError> {
    let kind = &repository.session.feed().kind;
    let known = request.digest.as_deref().filter(|digest| is_digest(digest));
    if let Some(found) = known.and_then(|digest| caches.metadata(digest)) {
        return Ok(found);
    }
    let tag = kind.chart_tag(&request.version);
    let tag = tag.as_deref().unwrap_or(&request.version);
    let body = manifest_body(repository, known.unwrap_or(tag), known).await?;
    let digest = digest(&body);
    if let Some(found) = caches.metadata(&digest) {
        return Ok(found);
    }
    let found = metadata(repository, &body, digest.clone()).await?;
    caches.remember_metadata(digest, found.clone());
    Ok(found)
}

/// The metadata of a manifest or index.
async fn metadata(
    repository: &Repository<'_, '_>,
    body: &[u8],
    digest: String,
) -> Result<VersionMetadata, FeedError> {
    let mut document = parsed(repository, body)?;
    let mut annotations = Vec::new();
    let mut platforms = document.platforms();
    if document.is_index() {
        let child = document.image().ok_or_else(|| {
            let what = "has no image to read labels of; check the package";
            repository.subject.error(FeedErrorKind::Malformed, what)
        })?;
        annotations.push(document.annotations);
        let body = manifest_body(repository, &child, Some(&child)).await?;
        document = parsed(repository, &body)?;
    }
    let configuration = match document.configuration() {
        Some(digest) => configuration(repository, &digest).await?,
        None => Configuration::default(),
    };
    annotations.insert(0, document.annotations);
    if platforms.is_empty() {
        platforms.extend(configuration.platform());
    }
    let created = configuration.created.clone();
    let created = created.map(|at| (format!("{STANDARD_LABELS}created"), at));
    let labels = configuration
        .labels()
        .chain(annotations.into_iter().flat_map(Labels::into_iter));
    Ok(VersionMetadata::new(
        labels.chain(created),
        platforms,
        Some(digest),
    ))
}

async fn manifest_body(
    repository: &Repository<'_, '_>,
    reference: &str,
    expected: Option<&str>,
) -> Result<Bytes, FeedError> {
    let mut get = repository.get(repository.registry_url(&format!("manifests/{reference}")));
    get.headers.push((ACCEPT, manifest::ACCEPT));
    body(repository, &get, MANIFEST_BYTES, expected).await
}

async fn configuration(
    repository: &Repository<'_, '_>,
    digest: &str,
) -> Result<Configuration, FeedError> {
    let get = repository.get(repository.registry_url(&format!("blobs/{digest}")));
    let body = body(repository, &get, CONFIGURATION_BYTES, Some(digest)).await?;
    from_json(&body).map_err(|error| {
        let what = "is not the configuration of an image; check the package's name";
        let wrong = repository
            .subject
            .at(FeedErrorKind::Malformed, &get.url, what);
        caused_by(wrong, error)
    })
}

fn parsed(repository: &Repository<'_, '_>, body: &[u8]) -> Result<Document, FeedError> {
    from_json(body).map_err(|error| {
        let what = "its manifest is not supported; check the package's name";
        caused_by(
            repository.subject.error(FeedErrorKind::Malformed, what),
            error,
        )
    })
}

/// The body of an answer, whose digest must be the expected one.
async fn body(
    repository: &Repository<'_, '_>,
    get: &Get<'_>,
    most: usize,
    expected: Option<&str>,
) -> Result<Bytes, FeedError> {
    let response = repository.session.get(get).await?;
    let body = repository.body(get, response, most).await?;
    let is_other = |expected: &str| expected.starts_with("sha256:") && digest(&body) != expected;
    if expected.is_some_and(is_other) {
        let what = "returns content with another digest than the requested one; check the registry";
        return Err(repository
            .subject
            .at(FeedErrorKind::Malformed, &get.url, what));
    }
    Ok(body)
}
