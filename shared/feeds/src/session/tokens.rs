//! Tokens for one read. One token is requested for several repositories, where the server issues such tokens.
//!
//! A server may grant fewer scopes than requested without an error (the specification permits it); some
//! servers read only the first scope, or refuse all scopes if they refuse one. So the repository that is read
//! comes first, and a repository that is refused with a shared token gets a token of its own, at once and
//! from then on.

use engine::ports::{FeedError, FeedErrorKind};
use reqwest::header::HeaderValue;
use reqwest::{Method, Response};

use super::{Get, Session};
use crate::auth::challenge::{Bearer, Challenge};
use crate::auth::grant::Grant;
use crate::auth::realm::{self, Trust};
use crate::auth::token_request::TokenKey;
use crate::error::caused_by;

/// The maximum number of repositories per token. Each makes request and token some 100 bytes longer, and
/// servers accept headers of 8 KiB.
const MAX_SHARED: usize = 10;

impl Session<'_> {
    /// Sends the answer to a challenge. Returns the authorization that was sent last, with its response.
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
        // Some registries answer 404 to a token for other repositories.
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

    /// A token, from the cache or from the token server.
    pub(super) async fn token(
        &self,
        get: &Get<'_>,
        bearer: &Bearer,
        credential: Option<&HeaderValue>,
        stale: Option<&HeaderValue>,
    ) -> Result<HeaderValue, FeedError> {
        let (realm, trust) = realm::judge(&self.base, &bearer.realm, &self.token_hosts)
            .map_err(|error| self.bad_realm(get, error))?;
        let sent = credential.filter(|_| trust == Trust::Credential);
        let key = |bearer: &Bearer| TokenKey::new(&self.base, &realm, bearer, sent);
        let tokens = &self.shared.memory.tokens;
        let own = key(bearer);
        if let Some(token) = tokens.get(&own, stale) {
            return Ok(token);
        }
        let mut others = self.sharing(get, bearer, sent);
        others.retain(|other| !tokens.needs_own(&key(other)));
        if tokens.needs_own(&own) {
            others.clear();
        }
        let all = with_scopes_of(bearer, &others);
        let _guard = tokens.fetch_guard(key(&sorted(&all))).await;
        if let Some(token) = tokens.get(&own, stale) {
            return Ok(token);
        }
        let mut keys: Vec<_> = others.iter().map(&key).collect();
        keys.push(own.clone());
        match self.fetch(get, &realm, &all, sent).await {
            Ok(token) => Ok(tokens.insert(keys, token)),
            Err(error) if others.is_empty() || is_throttled(&error) => Err(error),
            Err(_) => {
                let token = self.fetch(get, &realm, bearer, sent).await;
                // The server is available, and does not issue one token for all of these.
                if !matches!(&token, Err(error) if error.kind != FeedErrorKind::Denied) {
                    tokens.set_needs_own(&keys);
                }
                Ok(tokens.insert(vec![own], token?))
            }
        }
    }

    /// The challenges of the repositories that share a token with this one: a fixed group, so that all of
    /// them find the token in the cache. Empty where the server set a scope of its own, or the credential is a
    /// token itself.
    fn sharing(
        &self,
        get: &Get<'_>,
        bearer: &Bearer,
        credential: Option<&HeaderValue>,
    ) -> Vec<Bearer> {
        let is_usual = bearer.scopes == [pull_scope(get.repository)];
        if !is_usual || credential.is_some_and(|credential| Grant::of(credential).is_some()) {
            return Vec::new();
        }
        let has_own = |group: &&[&str]| group.contains(&get.repository);
        let group = self.repositories.chunks(MAX_SHARED).find(has_own);
        let others = group.unwrap_or_default().iter();
        let others = others.filter(|other| **other != get.repository);
        let bearer = |other: &&str| Bearer {
            scopes: vec![pull_scope(other)],
            ..bearer.clone()
        };
        others.map(bearer).collect()
    }

    fn bad_realm(&self, get: &Get<'_>, error: realm::RealmError) -> FeedError {
        let what = "names a token server that cannot be used; check the registry's settings";
        caused_by(
            get.subject.at(FeedErrorKind::Malformed, &self.base, what),
            error,
        )
    }
}

/// The scope for reading a repository.
pub(super) fn pull_scope(repository: &str) -> String {
    format!("repository:{repository}:pull")
}

/// The challenge with the scopes of all, its own first.
fn with_scopes_of(own: &Bearer, others: &[Bearer]) -> Bearer {
    let mut all = own.clone();
    all.scopes
        .extend(others.iter().flat_map(|other| other.scopes.clone()));
    all
}

/// The challenge with its scopes in order, which is the same for all repositories of a group.
fn sorted(all: &Bearer) -> Bearer {
    let mut sorted = all.clone();
    sorted.scopes.sort_unstable();
    sorted
}

fn is_throttled(error: &FeedError) -> bool {
    matches!(error.kind, FeedErrorKind::Throttled(_))
}
