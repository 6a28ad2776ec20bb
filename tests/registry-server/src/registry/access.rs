//! Who may read: everybody, a user by Basic authentication, or whoever has a token of this server.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use hyper::StatusCode;
use serde_json::json;

use super::error;
use crate::server::{Answer, Request};

/// The service that tokens are for.
const SERVICE: &str = "registry-server";

#[derive(Default)]
pub(super) struct Access {
    /// The server's own address, for the realm.
    pub(super) url: String,
    /// Another realm than the server's own.
    pub(super) realm: Option<String>,
    /// How long tokens live; none means that their lifetime is not told.
    pub(super) lifetime: Duration,
    rule: Rule,
    /// Scope and end, by token.
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
                if self.has_token(request, scope.as_deref()) {
                    return Ok(());
                }
                let realm = self
                    .realm
                    .clone()
                    .unwrap_or_else(|| format!("{}/token", self.url));
                let mut text = format!("Bearer realm=\"{realm}\",service=\"{SERVICE}\"");
                if let Some(scope) = scope {
                    text.push_str(&format!(",scope=\"{scope}\""));
                }
                Err(challenge(text))
            }
        }
    }

    /// Gives a token for the scope that is asked for, to those who may have one.
    pub(super) fn token(&mut self, request: &Request) -> Answer {
        if let Rule::Token(Some(user)) = &self.rule
            && !request.is_from(user)
        {
            return error(
                StatusCode::UNAUTHORIZED,
                "UNAUTHORIZED",
                "wrong user or password",
            );
        }
        self.given += 1;
        let token = format!("token-{}", self.given);
        let scope = request.parameter("scope").unwrap_or_default().to_owned();
        let life = if self.lifetime.is_zero() {
            Duration::from_secs(60)
        } else {
            self.lifetime
        };
        self.tokens
            .insert(token.clone(), (scope, Instant::now() + life));
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
                *end > Instant::now() && scope.is_none_or(|scope| scope == granted)
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
    let name = ["/tags/list", "/manifests/", "/blobs/"]
        .iter()
        .find_map(|part| path.rfind(part).map(|at| &path[..at]))?;
    Some(format!("repository:{name}:pull"))
}
