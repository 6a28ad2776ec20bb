//! A feed reader that reads each feed by its own route.

use domain::feed::{Access, Feed, Route};

use crate::ports::{FeedAnswer, FeedReader, MetadataAnswer, MetadataRequest, ReadRequest, Routes};

/// Reads a feed directly or through Octopus, by [`Feed::route`].
pub struct Routed<D, O> {
    /// Reads registries.
    pub direct: D,
    /// Reads through Octopus.
    pub octopus: O,
    /// The registries that this program can reach directly.
    pub access: Access,
}

impl<D: FeedReader, O: FeedReader> FeedReader for Routed<D, O> {
    async fn read(&self, feed: &Feed, requests: &[ReadRequest]) -> FeedAnswer {
        let (route, reason) = feed.route(&self.access);
        tracing::debug!(feed = %feed.name, ?route, reason, "reading feed");
        match route {
            Route::Direct => self.direct.read(feed, requests).await,
            Route::Octopus => self.octopus.read(feed, requests).await,
        }
    }

    async fn read_metadata(&self, feed: &Feed, requests: &[MetadataRequest]) -> MetadataAnswer {
        match feed.route(&self.access).0 {
            Route::Direct => self.direct.read_metadata(feed, requests).await,
            Route::Octopus => self.octopus.read_metadata(feed, requests).await,
        }
    }
}

impl<D, O> Routes for Routed<D, O> {
    fn access(&self) -> Access {
        self.access.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::{Access, Routed, Routes};

    #[test]
    fn routed_returns_its_access() {
        let access = Access {
            aws_account: Some("111111111111".to_owned()),
            ..Access::default()
        };
        let routed = Routed {
            direct: (),
            octopus: (),
            access: access.clone(),
        };
        assert_eq!(routed.access(), access);
    }
}
