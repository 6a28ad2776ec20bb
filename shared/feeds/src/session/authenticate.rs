//! A GET goes out with what the server asked for last time. A 401 is answered with the credential that
//! the feed has, then once more with a fresh one, and then it is final.

use engine::ports::{FeedError, FeedErrorKind};
use http_client::{read_capped, same_origin, shown};
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Method, Response, StatusCode};
use url::Url;

use super::{Get, Send, Session};
use crate::auth::challenge::{self, Bearer, Challenge};
use crate::auth::realm::{self, Trust};
use crate::auth::token::{self, TOKEN_BYTES, Token, TokenKey};
use crate::credentials::Credentials;
use crate::error::caused_by;

impl<C: Credentials> Session<'_, C> {
    /// The answer to a GET or HEAD, after all that can be done about a 401.
    pub(super) async fn authenticated(
        &self,
        method: &Method,
        get: &Get<'_>,
    ) -> Result<Response, FeedError> {
        let identity = self.identity.lock().await.clone();
        let known = identity.header.as_ref();
        let sent = match self.shared.memory.recall(&self.base, get.repository) {
            Some(challenge) => self.answer(get, &challenge, known, None).await?,
            None => identity
                .header
                .clone()
                .filter(|_| identity.send == Send::AtOnce),
        };
        let mut response = self.send(method, get, sent.as_ref()).await?;
        if !is_refusal(&response) {
            return Ok(response);
        }
        let challenge = self.challenge(get, &response)?;
        self.shared
            .memory
            .remember(&self.base, get.repository, challenge.clone());

        let mut refused = sent;
        let denial = match self.answer(get, &challenge, known, refused.as_ref()).await {
            Ok(answer) if answer.is_some() && answer != refused => {
                response = self.send(method, get, answer.as_ref()).await?;
                if !is_refusal(&response) {
                    return Ok(response);
                }
                refused = answer;
                None
            }
            Ok(_) => None,
            // The token server refused the credential; a fresh one may pass.
            Err(error) if error.kind == FeedErrorKind::Denied => Some(error),
            Err(error) => return Err(error),
        };
        if let Some(fresh) = self.renew(known).await? {
            let answer = self
                .answer(get, &challenge, Some(&fresh), refused.as_ref())
                .await?;
            response = self.send(method, get, answer.as_ref()).await?;
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
                    bearer.scopes = vec![format!("repository:{}:pull", get.repository)];
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

    /// A token, from memory or from the token server.
    async fn token(
        &self,
        get: &Get<'_>,
        bearer: &Bearer,
        credential: Option<&HeaderValue>,
        stale: Option<&HeaderValue>,
    ) -> Result<HeaderValue, FeedError> {
        let (realm, trust) = realm::judge(&self.base, &bearer.realm, &self.token_hosts)
            .map_err(|error| self.bad_realm(get, error))?;
        let told = credential.filter(|_| trust == Trust::Credential);
        let key = TokenKey::new(&self.base, &realm, bearer, told);
        let fetch = async || self.fetch(get, &realm, bearer, told).await;
        self.shared.memory.tokens.get(key, stale, fetch).await
    }

    /// Asks a token server: by the form for tokens where the credential is one and the server knows that
    /// form, else as everybody does. Its answer may not be a redirect.
    async fn fetch(
        &self,
        get: &Get<'_>,
        realm: &Url,
        bearer: &Bearer,
        credential: Option<&HeaderValue>,
    ) -> Result<Token, FeedError> {
        if let Some(credential) = credential
            && let Some(token) = self.granted(get, realm, bearer, credential).await?
        {
            return Ok(token);
        }
        let url = token::url(realm, bearer);
        let get = Get {
            url,
            headers: HeaderMap::new(),
            ..*get
        };
        let request = || {
            self.shared
                .client
                .request_without_redirects(Method::GET, get.url.clone())
        };
        let response = self.exchange(&get, credential, request).await?;
        self.token_in(&get, response).await
    }

    /// The token in a token server's answer.
    pub(super) async fn token_in(
        &self,
        get: &Get<'_>,
        response: Response,
    ) -> Result<Token, FeedError> {
        let kind = match response.status().as_u16() {
            200 => {
                let body = read_capped(response, TOKEN_BYTES).await;
                let body = body.map_err(|error| get.subject.unread(&get.url, error))?;
                return token::parse(&body).map_err(|error| {
                    let what = "gives no token; check the registry's token server";
                    caused_by(
                        get.subject.at(FeedErrorKind::Malformed, &get.url, what),
                        error,
                    )
                });
            }
            400..=403 => FeedErrorKind::Denied,
            408 | 500.. => FeedErrorKind::Unavailable,
            _ => FeedErrorKind::Malformed,
        };
        Err(self.told(get, kind, response).await)
    }

    fn bad_realm(&self, get: &Get<'_>, error: realm::RealmError) -> FeedError {
        let what = "names a token server that is not asked; check the registry's settings";
        caused_by(
            get.subject.at(FeedErrorKind::Malformed, &self.base, what),
            error,
        )
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
