//! Reads feeds: directly those that need no credential, or for which this machine has a login; all others through
//! Octopus.
//!
//! A login that the registry refuses, or that cannot be used from here, leads back to Octopus in the same read.

use std::rc::Rc;

use domain::feed::{Access, Feed, Route};
use engine::ports::{
    FeedAnswer, FeedErrorKind, FeedReader, MetadataAnswer, MetadataRequest, ReadRequest, Routes,
};
use engine::with_causes;
use feeds::{DirectFeeds, Limits};
use http_client::{AllowedNetworks, ClientError, OutboundClient};
use octopus::{FixedKey, OctopusClient};
use registry_logins::Logins;

/// The client of Octopus, which the reader shares.
pub(crate) type Server = Rc<OctopusClient<FixedKey>>;

/// Reads feeds on one machine.
pub struct Reader {
    direct: DirectFeeds,
    octopus: Server,
    logins: Logins,
}

impl Reader {
    /// A reader that may also reach these networks, within these limits.
    ///
    /// # Errors
    /// When the HTTP client cannot be created.
    pub fn new(
        octopus: Server,
        allowed: AllowedNetworks,
        limits: Limits,
        logins: Logins,
    ) -> Result<Self, ClientError> {
        let http = OutboundClient::new(allowed)?;
        Ok(Self {
            direct: DirectFeeds::new(http, logins.clone(), limits),
            octopus,
            logins,
        })
    }

    /// The logins of this machine.
    pub fn logins(&self) -> &Logins {
        &self.logins
    }

    /// Reads a feed with a login of this machine. Packages that the login does not permit are read through Octopus.
    async fn read_with_login(&self, feed: &Feed, requests: &[ReadRequest]) -> FeedAnswer {
        let mut answer = self.direct.read(feed, requests).await;
        let is_proved = self.logins.is_proved(feed);
        let refused: Vec<_> = (0..requests.len())
            .filter(|place| {
                let error = answer.readings[*place].as_ref().err();
                error.is_some_and(|error| is_refusal(error.kind, is_proved))
            })
            .collect();
        let is_refused = refused.len() == requests.len();
        if !is_refused {
            self.logins.prove(feed);
        }
        let Some(Err(error)) = refused.first().map(|place| &answer.readings[*place]) else {
            return answer;
        };
        if is_refused {
            let source = self.logins.source(feed).unwrap_or_default();
            tracing::warn!(
                feed = %feed.name,
                "cannot read the feed with the login in {source}: {}; reading it through Octopus",
                with_causes(error)
            );
            self.logins.refuse(feed);
        }
        let again: Vec<_> = refused
            .iter()
            .map(|place| requests[*place].clone())
            .collect();
        let octopus = self.octopus.read(feed, &again).await;
        for (place, reading) in refused.into_iter().zip(octopus.readings) {
            answer.readings[place] = reading;
        }
        answer.requests += octopus.requests;
        answer
    }
}

/// Whether Octopus may be able to read what this machine cannot. A registry that accepted the login before and does
/// not answer now is down for Octopus too.
fn is_refusal(kind: FeedErrorKind, is_proved: bool) -> bool {
    match kind {
        FeedErrorKind::Denied | FeedErrorKind::Forbidden | FeedErrorKind::Misconfigured => true,
        FeedErrorKind::Unavailable => !is_proved,
        FeedErrorKind::NotFound
        | FeedErrorKind::Throttled(_)
        | FeedErrorKind::Incomplete
        | FeedErrorKind::Malformed => false,
    }
}

impl FeedReader for Reader {
    async fn read(&self, feed: &Feed, requests: &[ReadRequest]) -> FeedAnswer {
        let (route, reason) = feed.route(&self.access());
        tracing::debug!(feed = %feed.name, ?route, reason, "reading feed");
        match route {
            Route::Octopus => self.octopus.read(feed, requests).await,
            Route::Direct if self.logins.source(feed).is_some() => {
                self.read_with_login(feed, requests).await
            }
            Route::Direct => self.direct.read(feed, requests).await,
        }
    }

    async fn read_metadata(&self, feed: &Feed, requests: &[MetadataRequest]) -> MetadataAnswer {
        match feed.route(&self.access()).0 {
            Route::Octopus => self.octopus.read_metadata(feed, requests).await,
            Route::Direct => self.direct.read_metadata(feed, requests).await,
        }
    }
}

impl Routes for Reader {
    fn access(&self) -> Access {
        self.logins.access()
    }

    async fn prepare(&self, feeds: &[Feed]) {
        self.logins.prepare(feeds).await;
    }
}
