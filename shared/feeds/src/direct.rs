//! The engine's port, answered by talking to the feed.

use domain::feed::{Feed, FeedKind};
use engine::ports::{
    FeedAnswer, FeedError, FeedErrorKind, FeedReader, ReadRequest, Reading, Validators,
};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use http_client::{OutboundClient, Redactor};

use crate::auth::memory::Memory;
use crate::budgets::Budgets;
use crate::credentials::Credentials;
use crate::error::{Subject, without_secrets};
use crate::limits::Limits;
use crate::meter::Meter;
use crate::session::Shared;
use crate::{helm, oci};

/// Reads feeds by talking to them. Keep one for as long as the process lives: it remembers connections,
/// challenges, tokens, and how large a page each registry takes.
pub struct DirectFeeds {
    shared: Shared,
    limits: Limits,
}

impl DirectFeeds {
    /// Reads over `http`, with the credentials that `credentials` knows, within `limits`.
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
            museums: helm::Museums::default(),
        };
        Self { shared, limits }
    }

    /// [`read`](FeedReader::read). Boxed, so that all of it is compiled in this crate, for speed, and not in
    /// that of whoever waits for it, for size.
    fn boxed_read<'a>(
        &'a self,
        feed: &'a Feed,
        requests: &'a [ReadRequest],
    ) -> LocalBoxFuture<'a, FeedAnswer> {
        self.read_all(feed, requests).boxed_local()
    }

    async fn read_all(&self, feed: &Feed, requests: &[ReadRequest]) -> FeedAnswer {
        let meter = Meter::new(self.limits.whole_read);
        let readings = match feed.kind {
            FeedKind::Docker
            | FeedKind::AwsElasticContainerRegistry
            | FeedKind::AzureContainerRegistry
            | FeedKind::GoogleContainerRegistry
            | FeedKind::OciRegistry => {
                oci::read(&self.shared, &self.limits, &meter, feed, requests).await
            }
            FeedKind::Helm => helm::read(&self.shared, &self.limits, &meter, feed, requests).await,
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
        // What fails before any package is looked at fails each of them.
        let readings = readings.unwrap_or_else(|error| vec![Err(error); requests.len()]);
        FeedAnswer {
            readings: readings
                .into_iter()
                .map(|reading| discreet(reading, &meter.redactor))
                .collect(),
            requests: meter.requests(),
            quota: meter.quota(),
        }
    }
}

impl FeedReader for DirectFeeds {
    async fn read(&self, feed: &Feed, requests: &[ReadRequest]) -> FeedAnswer {
        self.boxed_read(feed, requests).await
    }
}

/// The reading without what servers were told in confidence and have repeated. A validator that holds it is
/// none: it would be stored.
fn discreet(
    reading: Result<Reading, FeedError>,
    redactor: &Redactor,
) -> Result<Reading, FeedError> {
    let is_quiet = |text: &String| redactor.hide(text) == *text;
    let quiet = |known: Validators| Validators {
        etag: known.etag.filter(is_quiet),
        last_modified: known.last_modified.filter(is_quiet),
        content: known.content, // our own name of the bytes
    };
    match reading {
        Ok(Reading::Listing {
            versions,
            validators,
        }) => Ok(Reading::Listing {
            versions,
            validators: validators
                .map(quiet)
                .filter(|known| *known != Validators::default()),
        }),
        Ok(other) => Ok(other),
        Err(error) => Err(without_secrets(error, redactor)),
    }
}
