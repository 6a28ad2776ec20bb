//! Questions beside the registry's protocol: to a provider's own API.

use engine::ports::FeedError;
use http_client::same_origin;
use reqwest::{Method, Response};

use super::{Get, Session};
use crate::auth::challenge::Challenge;
use crate::auth::memory::Memory;

impl Session<'_> {
    /// The answer to a GET that is sent with what answers `challenge`, without waiting for the server to
    /// set it. To another origin than the feed's, and without a challenge, no credential is sent. A 401 is
    /// final: the credential has just been good enough for the registry.
    pub(crate) async fn ask(
        &self,
        get: &Get<'_>,
        challenge: Option<&Challenge>,
    ) -> Result<Response, FeedError> {
        let own = challenge.filter(|_| same_origin(&get.url, &self.base));
        let response = match own {
            Some(challenge) => {
                let identity = self.identity.lock().await.clone();
                let credential = identity.header.as_ref();
                let answer = self.answer(get, challenge, credential, None).await?;
                let sent = self.send_answer(&Method::GET, get, challenge, credential, answer);
                sent.await?.1
            }
            None => self.send(&Method::GET, get, None).await?,
        };
        self.judged(get, response).await
    }

    /// What the registry asked for when this repository was read last.
    pub(crate) fn challenged(&self, repository: &str) -> Option<Challenge> {
        self.memory().recall(&self.base, repository)
    }

    /// What lasts from read to read.
    pub(crate) fn memory(&self) -> &Memory {
        &self.shared.memory
    }
}
