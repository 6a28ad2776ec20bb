//! Tokens for one read: those of several repositories are asked for together, where the server gives them so.
//!
//! A server may give fewer than it was asked for, without a word (the specification lets it), and some
//! look at the first scope only or refuse all for one. So the repository at hand is named first, and
//! whichever is refused something with a shared token gets one of its own, before anything is made of the
//! refusal, and from then on.

use engine::ports::{FeedError, FeedErrorKind};
use http_client::read_capped;
use reqwest::header::HeaderValue;
use reqwest::{Method, Response};
use url::Url;

use super::{Get, Session};
use crate::auth::challenge::{Bearer, Challenge};
use crate::auth::grant::Grant;
use crate::auth::realm::{self, Trust};
use crate::auth::token::{self, TOKEN_BYTES, Token, TokenKey};
use crate::error::caused_by;

/// How many repositories a token is asked for. Each makes the question and the token some 100 bytes
/// longer, and servers take headers of 8 KiB.
const TOGETHER: usize = 10;

impl Session<'_> {
    /// Sends what answers the challenge. Gives what was sent at last, with the response to it.
    pub(super) async fn send_answer(
        &self,
        method: &Method,
        get: &Get<'_>,
        challenge: &Challenge,
        credential: Option<&HeaderValue>,
        answer: Option<HeaderValue>,
    ) -> Result<(Option<HeaderValue>, Response), FeedError> {
        let response = self.send(method, get, answer.as_ref()).await?;
        let tokens = &self.shared.memory.tokens;
        // With the wrong token, some say that there is no such repository.
        let may_lack_a_right = matches!(response.status().as_u16(), 401 | 403 | 404);
        if !may_lack_a_right || !answer.as_ref().is_some_and(|sent| tokens.is_shared(sent)) {
            return Ok((answer, response));
        }
        let own = self
            .answer(get, challenge, credential, answer.as_ref())
            .await?;
        let response = self.send(method, get, own.as_ref()).await?;
        Ok((own, response))
    }

    /// A token, from memory or from the token server.
    pub(super) async fn token(
        &self,
        get: &Get<'_>,
        bearer: &Bearer,
        credential: Option<&HeaderValue>,
        stale: Option<&HeaderValue>,
    ) -> Result<HeaderValue, FeedError> {
        let (realm, trust) = realm::judge(&self.base, &bearer.realm, &self.token_hosts)
            .map_err(|error| self.bad_realm(get, error))?;
        let told = credential.filter(|_| trust == Trust::Credential);
        let key = |bearer: &Bearer| TokenKey::new(&self.base, &realm, bearer, told);
        let tokens = &self.shared.memory.tokens;
        let own = key(bearer);
        if let Some(held) = tokens.get(&own, stale) {
            return Ok(held);
        }
        let mut company = self.company(get, bearer, told);
        company.retain(|other| !tokens.is_apart(&key(other)));
        if tokens.is_apart(&own) {
            company.clear();
        }
        let all = together(bearer, &company);
        let _turn = tokens.turn(key(&sorted(&all))).await;
        if let Some(held) = tokens.get(&own, stale) {
            return Ok(held);
        }
        let mut keys: Vec<_> = company.iter().map(&key).collect();
        keys.push(own.clone());
        match self.fetch(get, &realm, &all, told).await {
            Ok(token) => Ok(tokens.keep(keys, token)),
            Err(error) if company.is_empty() || is_throttled(&error) => Err(error),
            Err(_) => {
                let token = self.fetch(get, &realm, bearer, told).await;
                // The server is there, and does not give these together.
                if !matches!(&token, Err(error) if error.kind != FeedErrorKind::Denied) {
                    tokens.set_apart(&keys);
                }
                Ok(tokens.keep(vec![own], token?))
            }
        }
    }

    /// What the read's other repositories ask for that are near this one: always the same, so that they find
    /// their token. Nobody, where the server set a scope of its own or gives tokens by the other form.
    fn company(
        &self,
        get: &Get<'_>,
        bearer: &Bearer,
        credential: Option<&HeaderValue>,
    ) -> Vec<Bearer> {
        let is_usual = bearer.scopes == [pull(get.repository)];
        if !is_usual || credential.is_some_and(|credential| Grant::of(credential).is_some()) {
            return Vec::new();
        }
        let near = |near: &&[&str]| near.contains(&get.repository);
        let near = self.repositories.chunks(TOGETHER).find(near);
        let others = near.unwrap_or_default().iter();
        let others = others.filter(|other| **other != get.repository);
        let bearer = |other: &&str| Bearer {
            scopes: vec![pull(other)],
            ..bearer.clone()
        };
        others.map(bearer).collect()
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
            headers: Vec::new(),
            ..*get
        };
        let request = || {
            self.client_for(&get.url)
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

/// The scope for reading a repository.
pub(super) fn pull(repository: &str) -> String {
    format!("repository:{repository}:pull")
}

/// The challenge with the scopes of all, its own first.
fn together(own: &Bearer, company: &[Bearer]) -> Bearer {
    let mut all = own.clone();
    all.scopes
        .extend(company.iter().flat_map(|other| other.scopes.clone()));
    all
}

/// The same for everybody of a company.
fn sorted(all: &Bearer) -> Bearer {
    let mut sorted = all.clone();
    sorted.scopes.sort_unstable();
    sorted
}

fn is_throttled(error: &FeedError) -> bool {
    matches!(error.kind, FeedErrorKind::Throttled(_))
}
