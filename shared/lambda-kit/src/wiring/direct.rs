//! Reads feeds directly, each over its protocol.

use std::rc::Rc;

use aws::EcrImages;
use domain::feed::{Access, Feed};
use engine::ports::{
    FeedAnswer, FeedError, FeedReader, MetadataAnswer, MetadataRequest, ReadRequest,
};
use feeds::{Credential, Credentials, DirectFeeds};

use super::credentials::FeedSecrets;

/// Reads ECR registries of the stack's account over the ECR API with the function's role, and all other
/// registries and repositories over their own protocol, with the feed's secret if it has one. Labels and signatures in ECR
/// are read over the registry protocol, with a token of the role.
pub struct StackFeeds {
    pub(super) ecr: Rc<EcrImages>,
    pub(super) registries: DirectFeeds,
    pub(super) access: Access,
}

impl FeedReader for StackFeeds {
    async fn read(&self, feed: &Feed, requests: &[ReadRequest]) -> FeedAnswer {
        if self.access.reads_by_role(feed) {
            self.ecr.read(feed, requests).await
        } else {
            self.registries.read(feed, requests).await
        }
    }

    async fn read_metadata(&self, feed: &Feed, requests: &[MetadataRequest]) -> MetadataAnswer {
        // Records of ECR are read with the role, also of a feed whose registry is read with a secret.
        let is_ecr = feed.ecr_registry().is_some();
        let is_record = |request: &MetadataRequest| is_ecr && request.record.is_some();
        let (records, contents): (Vec<_>, Vec<_>) =
            requests.iter().cloned().partition(|one| is_record(one));
        if records.is_empty() {
            return self.read_contents(feed, requests).await;
        }
        let records = self.ecr.read_metadata(feed, &records).await;
        if contents.is_empty() {
            return records;
        }
        let contents = self.read_contents(feed, &contents).await;
        let (mut of_records, mut of_contents) =
            (records.readings.into_iter(), contents.readings.into_iter());
        let readings = requests.iter().filter_map(|request| {
            if is_record(request) {
                of_records.next()
            } else {
                of_contents.next()
            }
        });
        MetadataAnswer {
            readings: readings.collect(),
            requests: records.requests + contents.requests,
            quota: contents.quota,
        }
    }
}

impl StackFeeds {
    /// Reads labels, platforms and signatures.
    async fn read_contents(&self, feed: &Feed, requests: &[MetadataRequest]) -> MetadataAnswer {
        if !self.access.reads_by_role(feed) {
            return self.registries.read_metadata(feed, requests).await;
        }
        match self.ecr.login(feed, false).await {
            Ok(login) => self.registries.read_metadata(&login.feed, requests).await,
            Err(error) => MetadataAnswer::failed(&error, requests.len()),
        }
    }
}

/// The credentials of feeds: their secrets, and tokens of the function's role for ECR.
pub(super) struct StackCredentials {
    pub(super) secrets: FeedSecrets,
    pub(super) ecr: Rc<EcrImages>,
    pub(super) access: Access,
}

impl Credentials for StackCredentials {
    async fn credential(
        &self,
        feed: &Feed,
        refresh: bool,
    ) -> Result<Option<Credential>, FeedError> {
        if !self.access.reads_by_role(feed) {
            return self.secrets.credential(feed, refresh).await;
        }
        let login = self.ecr.login(feed, refresh).await?;
        // The token is sent only to the address that AWS returned with it.
        let is_there = login.feed.uri == feed.uri;
        Ok(is_there.then_some(Credential::AuthorizationHeader(login.authorization)))
    }

    fn host(&self, feed: &Feed) -> Option<String> {
        self.secrets.host(feed)
    }

    fn token_hosts(&self, feed: &Feed) -> Vec<String> {
        self.secrets.token_hosts(feed)
    }
}
