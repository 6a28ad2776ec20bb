//! A GET goes out with what the server asked for last time. A 401 is answered with the credential that
//! the feed has, then once more with a fresh one, and then it is final.

use engine::ports::{FeedError, FeedErrorKind};
use http_client::{same_origin, shown};
use reqwest::header::HeaderValue;
use reqwest::{Method, Response, StatusCode};

use super::token::pull;
use super::{Get, Send, Session};
use crate::auth::challenge::{self, Challenge};
use crate::auth::realm::{self, Trust};

impl Session<'_> {
    /// The answer to a GET or HEAD, after all that can be done about a 401.
    pub(super) async fn authenticated(
        &self,
        method: &Method,
        get: &Get<'_>,
    ) -> Result<Response, FeedError> {
        let identity = self.identity.lock().await.clone();
        let known = identity.header.as_ref();
        let (sent, response) = match self.shared.memory.recall(&self.base, get.repository) {
            Some(challenge) => {
                // Boxed, here and below: with all that may have to be asked on the way it is large, and every
                // read would carry room for it.
                Box::pin(async {
                    let answer = self.answer(get, &challenge, known, None).await?;
                    self.send_answer(method, get, &challenge, known, answer)
                        .await
                })
                .await?
            }
            None => {
                let sent = known.filter(|_| identity.send == Send::AtOnce).cloned();
                let response = self.send(method, get, sent.as_ref()).await?;
                (sent, response)
            }
        };
        if !is_refusal(&response) {
            return Ok(response);
        }
        Box::pin(self.refused(method, get, known, sent, response)).await
    }

    /// The answer to a GET or HEAD that was answered with a 401 to what was `sent`.
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
            // The token server refused the credential; a fresh one may pass.
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
        Err(self.told(get, FeedErrorKind::Denied, response).await)
    }

    /// The host of a token server that this repository's registry named and that is not told the feed's
    /// credential.
    pub(super) fn distrusted(&self, repository: &str) -> Option<String> {
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

    /// What the server asks for. Only the feed itself may ask; whoever it redirects to may not.
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
                    bearer.scopes = vec![pull(get.repository)];
                }
                Ok(Challenge::Bearer(bearer))
            }
            Some(Challenge::Basic) => Ok(Challenge::Basic),
            None => Err(denied(
                "answers 401 and asks for no kind of authentication that is known here; check the \
                 feed's URL",
            )),
        }
    }

    /// The `Authorization` that answers a challenge; `None` if we have nothing to say. `stale` is what was
    /// just refused.
    pub(super) async fn answer(
        &self,
        get: &Get<'_>,
        challenge: &Challenge,
        credential: Option<&HeaderValue>,
        stale: Option<&HeaderValue>,
    ) -> Result<Option<HeaderValue>, FeedError> {
        match challenge {
            Challenge::Basic => Ok(credential.cloned()),
            // A ready-made token is what a token server would give.
            Challenge::Bearer(_) if credential.is_some_and(is_bearer) => Ok(credential.cloned()),
            Challenge::Bearer(bearer) => self.token(get, bearer, credential, stale).await.map(Some),
        }
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
