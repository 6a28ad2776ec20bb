//! A feed reader that takes each feed's own route.

use domain::feed::{Access, Feed, Route};

use crate::ports::{FeedAnswer, FeedReader, ReadRequest, Routes};

/// Reads a feed directly or through Octopus, as [`Feed::route`] says.
pub struct Routed<D, O> {
    /// Talks to registries.
    pub direct: D,
    /// Asks Octopus.
    pub octopus: O,
    /// What this program may reach by itself.
    pub access: Access,
}

impl<D: FeedReader, O: FeedReader> FeedReader for Routed<D, O> {
    async fn read(&self, feed: &Feed, requests: &[ReadRequest]) -> FeedAnswer {
        let (route, why) = feed.route(&self.access);
        tracing::debug!(feed = %feed.name, ?route, why, "reading feed");
        match route {
            Route::Direct => self.direct.read(feed, requests).await,
            Route::Octopus => self.octopus.read(feed, requests).await,
        }
    }
}

impl<D, O> Routes for Routed<D, O> {
    fn access(&self) -> &Access {
        &self.access
    }
}

#[cfg(test)]
mod tests {
    use super::{Access, Routed, Routes};

    #[test]
    fn reads_are_counted_with_what_the_program_may_reach() {
        let access = Access {
            aws_account: Some("111111111111".to_owned()),
            ..Access::default()
        };
        let routed = Routed {
            direct: (),
            octopus: (),
            access: access.clone(),
        };
        assert_eq!(routed.access(), &access);
    }
}
