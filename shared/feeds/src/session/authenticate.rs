//! Answers challenges. A request is sent with the authorization that the server asked for last time. A 401
//! is answered with the feed's credential, then once with a refreshed one.

use engine::ports::{FeedError, FeedErrorKind};
use http_client::{same_origin, shown};
use reqwest::header::HeaderValue;
use reqwest::{Method, Response, StatusCode};

use super::tokens::pull_scope;
use super::{CredentialUse, Get, Session};
use crate::auth::challenge::{self, Challenge};
use crate::auth::realm::{self, Trust};

impl Session<'_> {
    /// Sends a GET or HEAD and answers challenges. A final 401 is returned as an error.
    pub(super) async fn authenticated(
        &self,
        method: &Method,
        get: &Get<'_>,
    ) -> Result<Response, FeedError> {
        let identity = self.identity.lock().await.clone();
        let known = identity.header.as_ref();
        let (sent, response) = match self.shared.memory.recall(&self.base, get.repository) {
            Some(challenge) => {
                // Boxed, here and below: the future is large, and rarely needed.
                Box::pin(async {
                    let answer = self.answer(get, &challenge, known, None).await?;
                    self.send_answer(method, get, &challenge, known, answer)
                        .await
                })
                .await?
            }
            None => {
                let sent = known
                    .filter(|_| identity.credential_use == CredentialUse::Preemptive)
                    .cloned();
                let response = self.send(method, get, sent.as_ref()).await?;
                (sent, response)
            }
        };
        if !is_refusal(&response) {
            return Ok(response);
        }
        Box::pin(self.refused(method, get, known, sent, response)).await
    }

    /// Answers the 401 in `response` to a request that was sent with the authorization `sent`.
    async fn refused(
        &self,
        method: &Method,
        get: &Get<'_>,
        known: Option<&HeaderValue>,
        sent: Option<HeaderValue>,
        mut response: Response,
    ) -> Result<Response, FeedError> {
        let challenge = self.challenge(get, &response)?;
        self.shared
            .memory
            .remember(&self.base, get.repository, challenge.clone());

        let mut refused = sent;
        let denial = match self.answer(get, &challenge, known, refused.as_ref()).await {
            Ok(answer) if answer.is_some() && answer != refused => {
                (refused, response) = self
                    .send_answer(method, get, &challenge, known, answer)
                    .await?;
                if !is_refusal(&response) {
                    return Ok(response);
                }
                None
            }
            Ok(_) => None,
            // The token server refused the credential; a refreshed one may be accepted.
            Err(error) if error.kind == FeedErrorKind::Denied => Some(error),
            Err(error) => return Err(error),
        };
        if let Some(fresh) = self.renew(known).await? {
            let fresh = Some(&fresh);
            let answer = self
                .answer(get, &challenge, fresh, refused.as_ref())
                .await?;
            (_, response) = self
                .send_answer(method, get, &challenge, fresh, answer)
                .await?;
            if !is_refusal(&response) {
                return Ok(response);
            }
        } else if let Some(denial) = denial {
            return Err(denial);
        }
        Err(self
            .status_error(get, FeedErrorKind::Denied, response)
            .await)
    }

    /// The token server of this repository if the feed's credential is not sent to it.
    pub(super) fn untrusted_token_server(&self, repository: &str) -> Option<String> {
        match self.shared.memory.recall(&self.base, repository)? {
            Challenge::Basic => None,
            Challenge::Bearer(bearer) => {
                let judged = realm::judge(&self.base, &bearer.realm, &self.token_hosts).ok();
                judged
                    .filter(|(_, trust)| *trust == Trust::Anonymous)
                    .map(|(realm, _)| shown(&realm))
            }
        }
    }

    /// The challenge of a 401. Only the feed's own origin may challenge, not the target of a redirect.
    fn challenge(&self, get: &Get<'_>, refusal: &Response) -> Result<Challenge, FeedError> {
        let denied = |what| get.subject.at(FeedErrorKind::Denied, &get.url, what);
        if !same_origin(refusal.url(), &self.base) {
            return Err(denied(
                "redirects to another host that asks for a credential, which is not sent there; check \
                 the feed's URL",
            ));
        }
        match challenge::choose(refusal.headers()) {
            Some(Challenge::Bearer(mut bearer)) => {
                if bearer.scopes.is_empty() && !get.repository.is_empty() {
                    bearer.scopes = vec![pull_scope(get.repository)];
                }
                Ok(Challenge::Bearer(bearer))
            }
            Some(Challenge::Basic) => Ok(Challenge::Basic),
            None => Err(denied(
                "answers 401 without a supported kind of authentication; check the feed's URL",
            )),
        }
    }

    /// The `Authorization` that answers a challenge; `None` without a credential. `stale` is the one that
    /// was just refused.
    pub(super) async fn answer(
        &self,
        get: &Get<'_>,
        challenge: &Challenge,
        credential: Option<&HeaderValue>,
        stale: Option<&HeaderValue>,
    ) -> Result<Option<HeaderValue>, FeedError> {
        match challenge {
            Challenge::Basic => Ok(credential.cloned()),
            // The credential is a bearer token already.
            Challenge::Bearer(_) if credential.is_some_and(is_bearer) => Ok(credential.cloned()),
            Challenge::Bearer(bearer) => self.token(get, bearer, credential, stale).await.map(Some),
        }
    }

    /// Sends a GET with the answer to `challenge`, without waiting for a 401. A request to another origin
    /// than the feed's, or without a challenge, is sent without a credential. A 401 is final, because the
    /// registry has accepted the credential before.
    pub(crate) async fn get_answering(
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
        self.check_status(get, response).await
    }
}

fn is_refusal(response: &Response) -> bool {
    response.status() == StatusCode::UNAUTHORIZED
}

fn is_bearer(header: &HeaderValue) -> bool {
    header
        .as_bytes()
        .get(..7)
        .is_some_and(|start| start.eq_ignore_ascii_case(b"bearer "))
}
