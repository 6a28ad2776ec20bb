//! The feeds that are read without asking Octopus, each over its own protocol.

use aws::EcrImages;
use domain::feed::{Access, Feed};
use engine::ports::{FeedAnswer, FeedReader, ReadRequest};
use feeds::DirectFeeds;

/// Reads ECR of the stack's account by its API and with the function's role, everything else by talking
/// to the registry or repository, with the feed's secret if it has one.
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
}
