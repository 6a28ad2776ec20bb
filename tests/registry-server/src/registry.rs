//! The registry: repositories of tagged manifests, behind no, Basic or token authentication.

mod access;
mod content;
mod tags;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::{Method, StatusCode};
use serde_json::json;

use crate::fault::Fault;
use crate::server::{Answer, Handler, Logged, Request, Server, lock};
use access::Access;

/// An OCI registry that serves the pull side of the protocol: tags, manifests, blobs, tokens.
pub struct Registry {
    state: Arc<Shelves>,
    server: Server,
}

/// The registry's state, and what answers from it.
#[derive(Default)]
struct Shelves(Mutex<State>);

#[derive(Default)]
struct State {
    /// Tag to digest, by repository.
    repositories: BTreeMap<String, BTreeMap<String, String>>,
    /// Manifests and blobs, by digest.
    content: HashMap<String, Vec<u8>>,
    /// The longest page of tags, whatever is asked for.
    page_size: Option<usize>,
    access: Access,
}

impl Registry {
    /// An empty registry on a port of its own, open to everybody.
    pub async fn start() -> anyhow::Result<Self> {
        let state = Arc::new(Shelves::default());
        let server = Server::start(Arc::clone(&state) as Arc<dyn Handler>).await?;
        lock(&state.0).access.url = server.url();
        Ok(Self { state, server })
    }

    /// Its address: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Puts an image that holds `content` under the tag, in place of what was there. Gives its digest.
    pub fn push(&self, repository: &str, tag: &str, content: &str) -> String {
        let mut state = lock(&self.state.0);
        let digest = content::store_image(&mut state.content, content);
        let tags = state.repositories.entry(repository.to_owned()).or_default();
        tags.insert(tag.to_owned(), digest.clone());
        digest
    }

    /// Takes a tag away; the repository stays.
    pub fn delete_tag(&self, repository: &str, tag: &str) {
        if let Some(tags) = lock(&self.state.0).repositories.get_mut(repository) {
            tags.remove(tag);
        }
    }

    /// The tags of a repository, sorted; none if there is no such repository.
    pub fn tags(&self, repository: &str) -> Vec<String> {
        let state = lock(&self.state.0);
        state
            .repositories
            .get(repository)
            .into_iter()
            .flat_map(BTreeMap::keys)
            .cloned()
            .collect()
    }

    /// From now on, asks for this user and password by Basic authentication.
    pub fn require_basic(&self, user: &str, password: &str) {
        lock(&self.state.0).access.require_basic(user, password);
    }

    /// From now on, asks for a bearer token, which `/token` on this server gives to this user, or to
    /// everybody.
    pub fn require_token(&self, user: Option<(&str, &str)>) {
        lock(&self.state.0).access.require_token(user);
    }

    /// From now on, names another token server in its challenge.
    pub fn set_realm(&self, realm: &str) {
        lock(&self.state.0).access.realm = Some(realm.to_owned());
    }

    /// How long new tokens are said to live.
    pub fn set_token_lifetime(&self, lifetime: Duration) {
        lock(&self.state.0).access.lifetime = lifetime;
    }

    /// Forgets every token that was given, so that each is refused.
    pub fn revoke_tokens(&self) {
        lock(&self.state.0).access.revoke();
    }

    /// Gives at most this many tags a page, with a `Link` to the next.
    pub fn set_page_size(&self, size: usize) {
        lock(&self.state.0).page_size = Some(size);
    }

    /// Misbehaves. Several faults strike in the order in which they were given.
    pub fn fault(&self, fault: Fault) {
        self.server.fault(fault);
    }

    /// Behaves again.
    pub fn clear_faults(&self) {
        self.server.clear_faults();
    }

    /// What was asked: method, path and query, whether an `Authorization` came with it.
    pub fn requests(&self) -> Vec<Logged> {
        self.server.requests()
    }

    /// Forgets what was asked.
    pub fn clear_requests(&self) {
        self.server.clear_requests();
    }
}

impl Handler for Shelves {
    fn answer(&self, request: &Request) -> Answer {
        let mut state = lock(&self.0);
        if request.path == "/token" {
            return state.access.token(request);
        }
        let Some(path) = request.path.strip_prefix("/v2/") else {
            return error(StatusCode::NOT_FOUND, "NOT_FOUND", "there is no such page");
        };
        if let Err(challenge) = state.access.admit(request, path) {
            return challenge;
        }
        if !matches!(request.method, Method::GET | Method::HEAD) {
            return error(
                StatusCode::METHOD_NOT_ALLOWED,
                "UNSUPPORTED",
                "this registry is read only",
            );
        }
        state.read(request, path)
    }
}

impl State {
    fn read(&self, request: &Request, path: &str) -> Answer {
        if path.is_empty() {
            Answer::json(&json!({}))
        } else if let Some(name) = path.strip_suffix("/tags/list") {
            match self.repositories.get(name) {
                Some(held) => tags::page(request, name, held, self.page_size),
                None => error(
                    StatusCode::NOT_FOUND,
                    "NAME_UNKNOWN",
                    "repository name not known",
                ),
            }
        } else if let Some((name, reference)) = path.rsplit_once("/manifests/") {
            content::manifest(
                request,
                self.repositories.get(name),
                &self.content,
                reference,
            )
        } else if let Some((_, digest)) = path.rsplit_once("/blobs/") {
            content::blob(&self.content, digest)
        } else {
            error(StatusCode::NOT_FOUND, "NOT_FOUND", "there is no such page")
        }
    }
}

/// An error in the form that the protocol gives them.
fn error(status: StatusCode, code: &str, message: &str) -> Answer {
    let body = json!({ "errors": [{ "code": code, "message": message, "detail": null }] });
    Answer::json(&body).status(status)
}
