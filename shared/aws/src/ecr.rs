//! Reads Amazon ECR through its own API with the function's role.
//!
//! `DescribeImages` returns up to a thousand images per page with tags, digests and push times, which the
//! registry API's tag list lacks. Pages have no order, so each repository is read to the end. The SDK resolves
//! the endpoint of each region; no request is sent to the feed's URL, so a changed URL never receives AWS
//! credentials. Labels and signatures are read over the registry protocol, at the address and with the token that the
//! API returns ([`EcrImages::login`]), scans and managed signatures through the API.

mod failure;
mod images;
mod index;
mod login;
mod records;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use aws_sdk_ecr::Client;
use aws_sdk_ecr::config::{Builder, Region};
use domain::ecr::EcrRegistry;
use domain::feed::Feed;
use domain::ids::PackageId;
use domain::metadata::VersionMetadata;
use engine::ports::{
    FeedAnswer, FeedError, FeedReader, MetadataAnswer, MetadataRequest, ReadRequest, Reading,
};
use futures_util::{StreamExt, stream};

use crate::AwsContext;
use failure::Failure;
use images::Repository;
pub use login::EcrLogin;
use login::Tokens;
use records::Image;

/// The time limit for one repository: its maximum of a hundred full pages at some hundred milliseconds each.
const DEADLINE: Duration = Duration::from_secs(60);

/// Repositories of one feed that are read in parallel. ECR publishes no rate for the call; four in parallel
/// stay below the former limit of twenty a second.
const PARALLEL: usize = 4;

/// Reads ECR's private registries. Create one per process: it keeps connections open.
pub struct EcrImages {
    context: AwsContext,
    clients: RefCell<HashMap<String, Client>>,
    tokens: Tokens,
}

impl EcrImages {
    /// Makes no request.
    pub fn new(context: &AwsContext) -> Self {
        Self {
            context: context.clone(),
            clients: RefCell::default(),
            tokens: Tokens::default(),
        }
    }

    /// Logs in to the feed's registry, to read labels and signatures. A token is kept for an hour; with `refresh`, a new
    /// one is requested.
    ///
    /// # Errors
    /// When the feed has no region, or ECR returns no token.
    pub async fn login(&self, feed: &Feed, refresh: bool) -> Result<EcrLogin, FeedError> {
        let Some(registry) = feed.ecr_registry() else {
            return Err(failure::no_registry(feed));
        };
        let client = self.client(&registry.region);
        self.tokens.login(&client, feed, &registry, refresh).await
    }

    /// The client of a region. Clients share one connection pool.
    fn client(&self, region: &str) -> Client {
        let mut clients = self.clients.borrow_mut();
        if let Some(client) = clients.get(region) {
            return client.clone();
        }
        let config = Builder::from(self.context.config()).region(Region::new(region.to_owned()));
        let client = Client::from_conf(config.build());
        clients.insert(region.to_owned(), client.clone());
        client
    }
}

/// One read of one feed.
struct Read<'a> {
    feed: &'a Feed,
    registry: &'a EcrRegistry,
    client: Client,
    /// An error that concerns the whole feed: no further requests are made after it.
    stopped: RefCell<Option<FeedError>>,
    requests: Cell<usize>,
}

impl FeedReader for EcrImages {
    async fn read(&self, feed: &Feed, requests: &[ReadRequest]) -> FeedAnswer {
        let Some(registry) = feed.ecr_registry() else {
            return FeedAnswer::failed(failure::no_registry(feed), requests.len());
        };
        let read = Read::new(feed, &registry, self.client(&registry.region));
        let readings = requests
            .iter()
            .map(|request| read.package(&request.package));
        FeedAnswer {
            readings: stream::iter(readings).buffered(PARALLEL).collect().await,
            requests: read.requests.get(),
            quota: None,
            allowance: None,
        }
    }

    async fn read_metadata(&self, feed: &Feed, requests: &[MetadataRequest]) -> MetadataAnswer {
        let Some(registry) = feed.ecr_registry() else {
            return MetadataAnswer::failed(&failure::no_registry(feed), requests.len());
        };
        let read = Read::new(feed, &registry, self.client(&registry.region));
        let readings = requests.iter().map(|request| read.metadata(request));
        MetadataAnswer {
            readings: stream::iter(readings).buffered(PARALLEL).collect().await,
            requests: read.requests.get(),
            quota: None,
        }
    }
}

impl<'a> Read<'a> {
    fn new(feed: &'a Feed, registry: &'a EcrRegistry, client: Client) -> Self {
        Self {
            feed,
            registry,
            client,
            stopped: RefCell::default(),
            requests: Cell::default(),
        }
    }

    async fn package(&self, package: &PackageId) -> Result<Reading, FeedError> {
        let repository = self.repository(package);
        let versions = self.within(package, repository.versions()).await?;
        // ECR has no conditional requests.
        Ok(Reading::Listing {
            versions,
            validators: None,
        })
    }

    /// A record of ECR. It has no labels.
    async fn metadata(&self, request: &MetadataRequest) -> Result<VersionMetadata, FeedError> {
        let Some(record) = &request.record else {
            return Err(failure::no_labels(self.feed));
        };
        let repository = self.repository(&request.package);
        let tag = self.feed.kind.chart_tag(&request.version);
        let image = Image {
            repository: &repository,
            tag: tag.as_deref().unwrap_or(&request.version),
            digest: request.digest.as_deref(),
        };
        self.within(&request.package, image.read(record)).await
    }

    fn repository(&self, package: &PackageId) -> Repository<'_> {
        Repository {
            registry: self.registry,
            name: self.registry.repository(package),
            client: &self.client,
            requests: &self.requests,
        }
    }

    /// The result of reading a package, unless an earlier error concerns the whole feed.
    async fn within<T>(
        &self,
        package: &PackageId,
        reading: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, FeedError> {
        if let Some(error) = self.stopped.borrow().clone() {
            return Err(error);
        }
        let read = tokio::time::timeout(DEADLINE, reading).await;
        let read = read.unwrap_or_else(|_| Err(Failure::TooSlow(DEADLINE)));
        let read = read.map_err(|failure| failure.into_feed_error(self.feed, package));
        if let Err(error) = &read
            && error.kind.concerns_feed()
        {
            self.stopped.borrow_mut().get_or_insert(error.clone());
        }
        read
    }
}

impl fmt::Debug for EcrImages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EcrImages").finish_non_exhaustive()
    }
}
