//! The registry: repositories of tagged manifests, behind no, Basic or token authentication.

mod access;
mod api;
mod content;
mod error;
mod imitation;
mod referrers;
mod shelf;
mod tags;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::exchange::{Answer, Handler, Request};
use crate::fault::Fault;
use crate::server::Server;
use crate::server_state::{Logged, lock};
use access::Access;
pub use access::{SeveralScopes, TokenMaker};
use error::error;
pub use imitation::Imitation;
use shelf::Shelf;
use tags::List;

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
    repositories: BTreeMap<String, Shelf>,
    /// Manifests and blobs, by digest.
    content: HashMap<String, Vec<u8>>,
    /// The longest page of tags, whatever is asked for.
    page_size: Option<usize>,
    imitation: Option<Imitation>,
    /// Whether HEAD is answered with 405.
    headless: bool,
    has_referrers: bool,
    access: Access,
}

impl Registry {
    /// An empty registry on its own port, without authentication.
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

    /// Pushes an image with `content` under the tag, replacing the previous one. Returns its digest.
    pub fn push(&self, repository: &str, tag: &str, content: &str) -> String {
        let mut state = lock(&self.state.0);
        let digest = content::store_image(&mut state.content, content);
        let shelf = state.repositories.entry(repository.to_owned()).or_default();
        shelf.push(tag, digest.clone());
        digest
    }

    /// Pushes an image with `content` and labels under the tag. Returns its digest.
    pub fn push_labelled(
        &self,
        repository: &str,
        tag: &str,
        content: &str,
        labels: &[(&str, &str)],
    ) -> String {
        let labels: BTreeMap<_, _> = labels.iter().copied().collect();
        let config = self.store(&json!({
            "architecture": "amd64", "os": "linux", "created": "2026-03-01T12:00:00Z",
            "config": { "Labels": labels }, "rootfs": { "type": "layers" },
            "history": [{ "comment": content }],
        }));
        self.push_document(repository, tag, &content::manifest_of(&config))
    }

    /// Stores a document as a blob or manifest without a tag. Returns its digest.
    pub fn store(&self, document: &Value) -> String {
        let mut state = lock(&self.state.0);
        content::store_document(&mut state.content, document)
    }

    /// Pushes a manifest or index under the tag. Returns its digest.
    pub fn push_document(&self, repository: &str, tag: &str, document: &Value) -> String {
        let bytes = document.to_string().into_bytes();
        self.push_manifest(repository, Some(tag), &bytes, &[])
    }

    /// Puts an index of images under the tag: platform (`os/architecture`) and content of each. Returns the
    /// index's digest and those of the images.
    pub fn push_index(
        &self,
        repository: &str,
        tag: &str,
        images: &[(&str, &str)],
    ) -> (String, Vec<String>) {
        let mut state = lock(&self.state.0);
        let (digest, children) = content::store_index(&mut state.content, images);
        let shelf = state.repositories.entry(repository.to_owned()).or_default();
        shelf.push(tag, digest.clone());
        (digest, children)
    }

    /// Pushes an index that contains only another one, with this digest, under the tag. Returns its own digest.
    pub fn push_index_of(&self, repository: &str, tag: &str, index: &str) -> String {
        let mut state = lock(&self.state.0);
        let digest = content::store_index_of(&mut state.content, index);
        let shelf = state.repositories.entry(repository.to_owned()).or_default();
        shelf.push(tag, digest.clone());
        digest
    }

    /// Pushes a manifest as it is, under the tag if there is one, with its blobs. Returns its digest.
    pub fn push_manifest(
        &self,
        repository: &str,
        tag: Option<&str>,
        manifest: &[u8],
        blobs: &[&[u8]],
    ) -> String {
        let mut state = lock(&self.state.0);
        for &bytes in blobs.iter().chain([&manifest]) {
            let digest = content::digest_of(bytes);
            state.content.insert(digest, bytes.to_vec());
        }
        let digest = content::digest_of(manifest);
        let shelf = state.repositories.entry(repository.to_owned()).or_default();
        if let Some(tag) = tag {
            shelf.push(tag, digest.clone());
        }
        digest
    }

    /// From now on, has the referrers API, with pages of the size of those of tags.
    pub fn serve_referrers(&self) {
        lock(&self.state.0).has_referrers = true;
    }

    /// When a tag was pushed; the first push to a repository is at 2026-01-01T00:01:00Z, each further one
    /// a minute later.
    pub fn pushed(&self, repository: &str, tag: &str) -> Option<Timestamp> {
        lock(&self.state.0)
            .repositories
            .get(repository)?
            .pushed(tag)
    }

    /// From now on, lists tags as this registry does, and has its API.
    pub fn imitate(&self, imitation: Imitation) {
        lock(&self.state.0).imitation = Some(imitation);
    }

    /// From now on, answers HEAD with 405.
    pub fn refuse_head(&self) {
        lock(&self.state.0).headless = true;
    }

    /// Removes a tag; the repository stays.
    pub fn delete_tag(&self, repository: &str, tag: &str) {
        if let Some(tags) = lock(&self.state.0).repositories.get_mut(repository) {
            tags.remove(tag);
        }
    }

    /// The tags of a repository, sorted; none if there is no such repository.
    pub fn tags(&self, repository: &str) -> Vec<String> {
        let state = lock(&self.state.0);
        let tags = state.repositories.get(repository).map(Shelf::tags);
        tags.into_iter().flatten().cloned().collect()
    }

    /// From now on, asks for this user and password by Basic authentication.
    pub fn require_basic(&self, user: &str, password: &str) {
        lock(&self.state.0).access.require_basic(user, password);
    }

    /// From now on, requires a bearer token, which `/token` on this server issues to this user, or to any client.
    pub fn require_token(&self, user: Option<(&str, &str)>) {
        lock(&self.state.0).access.require_token(user);
    }

    /// From now on, names another token server in its challenge.
    pub fn set_realm(&self, realm: &str) {
        lock(&self.state.0).access.realm = Some(realm.to_owned());
    }

    /// From now on, names this service in its challenge: `harbor-registry`.
    pub fn set_service(&self, service: &str) {
        lock(&self.state.0).access.service = Some(service.to_owned());
    }

    /// From now on, makes this of a question for a token for several repositories.
    pub fn set_several_scopes(&self, several: SeveralScopes) {
        lock(&self.state.0).access.several = several;
    }

    /// From now on, answers with this status to a token for other repositories, instead of asking for one.
    pub fn refuse_foreign_tokens(&self, status: StatusCode) {
        lock(&self.state.0).access.foreign = Some(status);
    }

    /// From now on, tokens are what this makes of scopes, such as `repository:acme/web:pull`, with spaces
    /// between them. Others than this server judge them.
    pub fn set_token_maker(&self, maker: TokenMaker) {
        lock(&self.state.0).access.maker = Some(maker);
    }

    /// From now on, issues tokens by the POST form to clients with this refresh token.
    pub fn accept_refresh_token(&self, token: &str) {
        lock(&self.state.0).access.refresh = Some(token.to_owned());
    }

    /// From now on, issues a refresh token at `/oauth2/exchange` to clients with this access token.
    pub fn accept_entra_token(&self, token: &str) {
        lock(&self.state.0).access.entra = Some(token.to_owned());
    }

    /// Revokes the refresh tokens that it has issued.
    pub fn revoke_refresh_tokens(&self) {
        lock(&self.state.0).access.revoke_refreshes();
    }

    /// Sets the lifetime in the answers with new tokens.
    pub fn set_token_lifetime(&self, lifetime: Duration) {
        lock(&self.state.0).access.lifetime = lifetime;
    }

    /// Revokes every issued token.
    pub fn revoke_tokens(&self) {
        lock(&self.state.0).access.revoke();
    }

    /// Lists at most this many tags on a page, with a `Link` to the next.
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

    /// The requests so far: method, path and query, whether they had an `Authorization`.
    pub fn requests(&self) -> Vec<Logged> {
        self.server.requests()
    }

    /// Clears the log of requests.
    pub fn clear_requests(&self) {
        self.server.clear_requests();
    }
}

impl Handler for Shelves {
    fn answer(&self, request: &Request) -> Answer {
        let mut state = lock(&self.0);
        if ["/token", "/oauth2/token", "/v2/auth", "/jwt/auth"].contains(&request.path.as_str()) {
            return state.access.token(request);
        }
        if request.path == "/oauth2/exchange" {
            return state.access.exchange(request);
        }
        if let Some(imitation) = state.imitation
            && let Some(answer) = api::answer(imitation, request, &state.repositories)
        {
            return match state.access.admit_api(imitation, request) {
                Ok(()) => answer,
                Err(challenge) => challenge,
            };
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
        if state.headless && request.method == Method::HEAD {
            return error(StatusCode::METHOD_NOT_ALLOWED, "UNSUPPORTED", "no HEAD");
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
                Some(shelf) => List {
                    url: &self.access.url,
                    name,
                    shelf,
                    longest: self.page_size,
                    imitation: self.imitation.unwrap_or(Imitation::DockerHub),
                }
                .page(request),
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
        } else if self.has_referrers
            && let Some((_, digest)) = path.rsplit_once("/referrers/")
        {
            referrers::index(request, path, &self.content, digest, self.page_size)
        } else if let Some((_, digest)) = path.rsplit_once("/blobs/") {
            content::blob(&self.content, digest)
        } else {
            error(StatusCode::NOT_FOUND, "NOT_FOUND", "there is no such page")
        }
    }
}
