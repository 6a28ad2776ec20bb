//! Implements the engine's port for feeds that are read directly.

use domain::feed::{Feed, FeedKind};
use domain::metadata::VersionMetadata;
use engine::ports::{
    FeedAnswer, FeedError, FeedErrorKind, FeedReader, MetadataAnswer, MetadataRequest, ReadRequest,
    Reading, Validators,
};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use http_client::{OutboundClient, Redactor};

use crate::auth::memory::Memory;
use crate::budget::Budgets;
use crate::credentials::Credentials;
use crate::error::{Subject, without_secrets};
use crate::limits::Limits;
use crate::meter::Meter;
use crate::session::Shared;
use crate::{helm, oci};

/// Reads feeds directly. Create one per process: it keeps connections, challenges, tokens and the page size
/// of each registry.
pub struct DirectFeeds {
    shared: Shared,
    limits: Limits,
    oci_caches: oci::Caches,
    chart_museums: helm::ChartMuseums,
}

impl DirectFeeds {
    /// Creates a reader that sends requests with `http`.
    pub fn new(
        http: OutboundClient,
        credentials: impl Credentials + 'static,
        limits: Limits,
    ) -> Self {
        let shared = Shared {
            client: http,
            credentials: Box::new(credentials),
            memory: Memory::default(),
            budgets: Budgets::default(),
        };
        Self {
            shared,
            limits,
            oci_caches: oci::Caches::default(),
            chart_museums: helm::ChartMuseums::default(),
        }
    }

    /// [`read`](FeedReader::read) as a boxed future, so that it is compiled in this crate, for speed, and not
    /// in the caller's crate, for size (ADR 0017).
    fn boxed_read<'a>(
        &'a self,
        feed: &'a Feed,
        requests: &'a [ReadRequest],
    ) -> LocalBoxFuture<'a, FeedAnswer> {
        self.read_all(feed, requests).boxed_local()
    }

    async fn read_all(&self, feed: &Feed, requests: &[ReadRequest]) -> FeedAnswer {
        let meter = Meter::new(self.limits.whole_read);
        let (shared, limits) = (&self.shared, &self.limits);
        let readings = match feed.kind {
            FeedKind::Docker
            | FeedKind::AwsElasticContainerRegistry
            | FeedKind::AzureContainerRegistry
            | FeedKind::GoogleContainerRegistry
            | FeedKind::OciRegistry => {
                oci::read(shared, &self.oci_caches, limits, &meter, feed, requests).await
            }
            FeedKind::Helm => {
                helm::read(shared, &self.chart_museums, limits, &meter, feed, requests).await
            }
            FeedKind::BuiltIn
            | FeedKind::Maven
            | FeedKind::ArtifactoryGeneric
            | FeedKind::OctopusProject
            | FeedKind::Other(_) => Err(Subject::feed(feed).error(
                FeedErrorKind::Misconfigured,
                format_args!(
                    "a {} feed is read through Octopus only",
                    feed.kind.feed_type()
                ),
            )),
        };
        // An error before the first package is the error of each package.
        let readings = readings.unwrap_or_else(|error| vec![Err(error); requests.len()]);
        FeedAnswer {
            readings: readings
                .into_iter()
                .map(|reading| redacted(reading, &meter.redactor))
                .collect(),
            requests: meter.requests(),
            quota: meter.quota(),
            allowance: None,
        }
    }
}

impl DirectFeeds {
    async fn read_all_metadata(&self, feed: &Feed, requests: &[MetadataRequest]) -> MetadataAnswer {
        let meter = Meter::new(self.limits.whole_read);
        let readings = if feed.kind.is_container_registry() {
            let (shared, caches) = (&self.shared, &self.oci_caches);
            oci::metadata::read(shared, caches, &self.limits, &meter, feed, requests).await
        } else if feed.kind == FeedKind::Helm {
            helm::metadata::read(&self.shared, &self.limits, &meter, feed, requests).await
        } else {
            Err(Subject::feed(feed).error(
                FeedErrorKind::Misconfigured,
                format_args!(
                    "labels are read from container registries and Helm repositories only, and it is a {} feed; remove what \
                     needs them from the trigger",
                    feed.kind.feed_type()
                ),
            ))
        };
        let readings = readings.unwrap_or_else(|error| vec![Err(error); requests.len()]);
        let clean = |reading: Result<VersionMetadata, FeedError>| match reading {
            Ok(metadata) => Ok(metadata.filtered(|text| meter.redactor.hide(text) == *text)),
            Err(error) => Err(without_secrets(error, &meter.redactor)),
        };
        MetadataAnswer {
            readings: readings.into_iter().map(clean).collect(),
            requests: meter.requests(),
            quota: meter.quota(),
        }
    }
}

impl FeedReader for DirectFeeds {
    async fn read(&self, feed: &Feed, requests: &[ReadRequest]) -> FeedAnswer {
        self.boxed_read(feed, requests).await
    }

    async fn read_metadata(&self, feed: &Feed, requests: &[MetadataRequest]) -> MetadataAnswer {
        self.read_all_metadata(feed, requests).boxed_local().await
    }
}

/// The reading without secrets that a server repeated. A validator that contains one is dropped, because it
/// would be stored.
fn redacted(
    reading: Result<Reading, FeedError>,
    redactor: &Redactor,
) -> Result<Reading, FeedError> {
    let is_clean = |text: &String| redactor.hide(text) == *text;
    let clean = |known: Validators| Validators {
        etag: known.etag.clone().filter(is_clean),
        last_modified: known.last_modified.clone().filter(is_clean),
        ..known // computed here, not sent by the server
    };
    match reading {
        Ok(Reading::Listing {
            versions,
            validators,
        }) => Ok(Reading::Listing {
            versions,
            validators: validators
                .map(clean)
                .filter(|known| *known != Validators::default()),
        }),
        Ok(other) => Ok(other),
        Err(error) => Err(without_secrets(error, redactor)),
    }
}
