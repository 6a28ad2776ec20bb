//! Authentication: none, a user by Basic authentication, or a token of this server.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use hyper::{Method, StatusCode};
use serde_json::json;

use super::error::error;
use super::imitation::Imitation;
use crate::exchange::{Answer, Request};

/// The service that tokens are for.
const SERVICE: &str = "registry-server";

/// Makes a token of scopes, with spaces between them.
pub type TokenMaker = Box<dyn Fn(&str) -> String + Send>;

/// The answer of a token server to a request for several scopes at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SeveralScopes {
    /// A token for all of them.
    #[default]
    Granted,
    /// A token for the first.
    FirstOnly,
    /// No token, with this status.
    Refused(StatusCode),
}

#[derive(Default)]
pub(super) struct Access {
    /// The server's own address, for the realm.
    pub(super) url: String,
    /// Another realm than the server's own.
    pub(super) realm: Option<String>,
    /// The lifetime of tokens; `None` if answers do not contain it.
    pub(super) lifetime: Duration,
    /// Another service than the usual one.
    pub(super) service: Option<String>,
    /// Makes tokens that another server validates.
    pub(super) maker: Option<TokenMaker>,
    /// The answer to a request for several scopes.
    pub(super) several: SeveralScopes,
    /// Answered to a token that is good, but for another repository; 401 with a challenge if there is none.
    pub(super) foreign: Option<StatusCode>,
    /// The refresh token of the user.
    pub(super) refresh: Option<String>,
    /// The access token of the user.
    pub(super) entra: Option<String>,
    /// Refresh tokens that were given.
    refreshes: HashSet<String>,
    rule: Rule,
    /// Scopes with spaces between them, and end, by token.
    tokens: HashMap<String, (String, Instant)>,
    given: usize,
}

#[derive(Default)]
enum Rule {
    #[default]
    Open,
    Basic((String, String)),
    Token(Option<(String, String)>),
}

impl Access {
    pub(super) fn require_basic(&mut self, user: &str, password: &str) {
        self.rule = Rule::Basic((user.to_owned(), password.to_owned()));
    }

    pub(super) fn require_token(&mut self, user: Option<(&str, &str)>) {
        self.rule =
            Rule::Token(user.map(|(name, password)| (name.to_owned(), password.to_owned())));
    }

    pub(super) fn revoke_refreshes(&mut self) {
        self.refreshes.clear();
    }

    pub(super) fn revoke(&mut self) {
        self.tokens.clear();
    }

    /// Lets the request pass, or answers with a challenge.
    pub(super) fn admit(&self, request: &Request, path: &str) -> Result<(), Answer> {
        match &self.rule {
            Rule::Open => Ok(()),
            Rule::Basic(user) if request.is_from(user) => Ok(()),
            Rule::Basic(_) => Err(challenge("Basic realm=\"registry-server\"".to_owned())),
            Rule::Token(_) => {
                let scope = scope(path);
                match self.foreign {
                    _ if self.has_token(request, scope.as_deref()) => Ok(()),
                    Some(status) if self.has_token(request, None) => {
                        Err(error(status, "DENIED", "not with this token"))
                    }
                    _ => Err(self.bearer(scope)),
                }
            }
        }
    }

    /// As [`admit`](Self::admit), for the API of the registry that is imitated: Harbor's knows users and
    /// not tokens, Azure's requires a token of its own scope, the others are public.
    pub(super) fn admit_api(&self, imitation: Imitation, request: &Request) -> Result<(), Answer> {
        match (imitation, &self.rule) {
            (Imitation::Harbor, Rule::Token(Some(user))) if !request.is_from(user) => Err(error(
                StatusCode::UNAUTHORIZED,
                "UNAUTHORIZED",
                "unauthorized",
            )),
            (Imitation::Azure, Rule::Token(_)) => {
                let name = request.path.trim_start_matches("/acr/v1/");
                let name = name.trim_end_matches("/_tags");
                let scope = format!("repository:{name}:metadata_read");
                if self.has_token(request, Some(&scope)) {
                    return Ok(());
                }
                Err(self.bearer(Some(scope)))
            }
            _ => Ok(()),
        }
    }

    fn bearer(&self, scope: Option<String>) -> Answer {
        let own = format!("{}/token", self.url);
        let realm = self.realm.as_ref().unwrap_or(&own);
        let service = self.service.as_deref().unwrap_or(SERVICE);
        let mut text = format!("Bearer realm=\"{realm}\",service=\"{service}\"");
        if let Some(scope) = scope {
            text.push_str(&format!(",scope=\"{scope}\""));
        }
        challenge(text)
    }

    /// Azure's first step: a refresh token for an access token.
    pub(super) fn exchange(&mut self, request: &Request) -> Answer {
        let sent = request.field("access_token");
        if sent.is_none() || sent != self.entra {
            return error(
                StatusCode::UNAUTHORIZED,
                "UNAUTHORIZED",
                "wrong access token",
            );
        }
        Answer::json(&json!({ "refresh_token": self.new_refresh() }))
    }

    fn new_refresh(&mut self) -> String {
        self.given += 1;
        let token = format!("refresh-{}", self.given);
        self.refreshes.insert(token.clone());
        token
    }

    /// The POST form: for refresh tokens alone. Those that have none do not know it.
    fn granted(&mut self, request: &Request) -> Answer {
        if self.refresh.is_none() && self.entra.is_none() {
            return error(StatusCode::NOT_FOUND, "NOT_FOUND", "there is no such page");
        }
        let sent = request.field("refresh_token").unwrap_or_default();
        let is_own = self.refreshes.contains(&sent);
        if !is_own && self.refresh.as_ref() != Some(&sent) {
            return error(
                StatusCode::UNAUTHORIZED,
                "UNAUTHORIZED",
                "wrong refresh token",
            );
        }
        let scope = request.field("scope").unwrap_or_default();
        let token = self.give(scope);
        let refresh = if is_own { sent } else { self.new_refresh() };
        Answer::json(&json!({ "access_token": token, "expires_in": 300, "refresh_token": refresh }))
    }

    fn give(&mut self, scopes: String) -> String {
        if let Some(maker) = &self.maker {
            return maker(&scopes);
        }
        self.given += 1;
        let token = format!("token-{}", self.given);
        let life = if self.lifetime.is_zero() {
            Duration::from_secs(60)
        } else {
            self.lifetime
        };
        self.tokens
            .insert(token.clone(), (scopes, Instant::now() + life));
        token
    }

    /// Issues a token for the requested scopes, if the client may have one.
    pub(super) fn token(&mut self, request: &Request) -> Answer {
        if request.method == Method::POST {
            return self.granted(request);
        }
        if let Rule::Token(Some(user)) = &self.rule
            && !request.is_from(user)
        {
            return error(
                StatusCode::UNAUTHORIZED,
                "UNAUTHORIZED",
                "wrong user or password",
            );
        }
        let mut scopes: Vec<_> = request.parameters("scope").collect();
        match self.several {
            SeveralScopes::Refused(status) if scopes.len() > 1 => {
                return error(status, "DENIED", "one scope at a time");
            }
            SeveralScopes::FirstOnly => scopes.truncate(1),
            SeveralScopes::Refused(_) | SeveralScopes::Granted => {}
        }
        let scopes = scopes.join(" ");
        let token = self.give(scopes);
        if self.lifetime.is_zero() {
            return Answer::json(&json!({ "token": token }));
        }
        Answer::json(&json!({ "access_token": token, "expires_in": self.lifetime.as_secs() }))
    }

    fn has_token(&self, request: &Request, scope: Option<&str>) -> bool {
        let sent = request
            .header("authorization")
            .and_then(|value| value.strip_prefix("Bearer "));
        sent.and_then(|token| self.tokens.get(token))
            .is_some_and(|(granted, end)| {
                let is_granted = |scope| granted.split(' ').any(|granted| granted == scope);
                *end > Instant::now() && scope.is_none_or(is_granted)
            })
    }
}

fn challenge(text: String) -> Answer {
    error(
        StatusCode::UNAUTHORIZED,
        "UNAUTHORIZED",
        "authentication required",
    )
    .with("WWW-Authenticate", text)
}

/// The scope that a path needs: `/v2/` itself needs none.
fn scope(path: &str) -> Option<String> {
    let name = ["/tags/list", "/manifests/", "/blobs/", "/referrers/"]
        .iter()
        .find_map(|part| path.rfind(part).map(|at| &path[..at]))?;
    Some(format!("repository:{name}:pull"))
}
