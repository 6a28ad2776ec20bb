//! Reads feeds directly, each over its protocol.

use aws::EcrImages;
use domain::feed::{Access, Feed};
use engine::ports::{FeedAnswer, FeedReader, MetadataAnswer, MetadataRequest, ReadRequest};
use feeds::DirectFeeds;

/// Reads ECR registries of the stack's account over the ECR API with the function's role, and all other
/// registries and repositories over their own protocol, with the feed's secret if it has one.
pub struct StackFeeds {
    pub(super) ecr: EcrImages,
    pub(super) others: DirectFeeds,
    pub(super) access: Access,
}

impl FeedReader for StackFeeds {
    async fn read(&self, feed: &Feed, requests: &[ReadRequest]) -> FeedAnswer {
        if self.access.reads_by_role(feed) {
            self.ecr.read(feed, requests).await
        } else {
            self.others.read(feed, requests).await
        }
    }

    async fn read_metadata(&self, feed: &Feed, requests: &[MetadataRequest]) -> MetadataAnswer {
        if self.access.reads_by_role(feed) {
            self.ecr.read_metadata(feed, requests).await
        } else {
            self.others.read_metadata(feed, requests).await
        }
    }
}
