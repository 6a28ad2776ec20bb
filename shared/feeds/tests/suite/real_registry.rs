//! The same reads against a real registry: Debian's `docker-registry`, on a loopback port of its own.
//!
//! `DOCKER_REGISTRY` names the program; `cargo xtask test` installs it and sets the variable.
use std::process::Stdio;
use std::sync::Arc;

use crate::common::{
    Known, digests_of, docker, error, listed, paths, read, read_details, read_request, reader,
    versions,
};
use crate::token_server::{ISSUER, SERVICE, Signer};
use domain::ids::PackageId;
use engine::ports::{FeedErrorKind, ReadRequest};
use registry_server::Registry;
use reqwest::{Client, RequestBuilder};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A line of `htpasswd -nbB joe s3cret`.
const HTPASSWD: &str = "joe:$2y$05$.SeQcMq91iTWOLFph/SFSOYaGdJrqmZLqtRm/Yy4KG1epGlEcNY8y\n";

/// How the registry asks who reads and pushes.
pub(crate) enum Auth<'a> {
    Open,
    Htpasswd,
    /// By a token server at this address, whose tokens this signer makes.
    Tokens(&'a str, Arc<Signer>),
}

/// The value of `Authorization` for a push to a repository.
type Authorize = Box<dyn Fn(&str) -> Option<String>>;

/// A registry process, until it is dropped.
pub(crate) struct RealRegistry {
    pub(crate) url: String,
    http: Client,
    /// The authorization of a push, by repository.
    authorize: Authorize,
    _process: Child,
    _directory: TempDir,
}

impl RealRegistry {
    pub(crate) async fn start(auth: Auth<'_>) -> Self {
        let program = std::env::var_os("DOCKER_REGISTRY").expect(
            "DOCKER_REGISTRY must name Debian's docker-registry program; `cargo xtask test` installs it and \
             sets the variable",
        );
        let directory = tempfile::tempdir().unwrap();
        let passwords = directory.path().join("htpasswd");
        std::fs::write(&passwords, HTPASSWD).unwrap();
        let (auth, authorize): (String, Authorize) = match auth {
            Auth::Open => (String::new(), Box::new(|_| None)),
            Auth::Htpasswd => (
                format!(
                    "auth:\n  htpasswd:\n    realm: test\n    path: {}\n",
                    passwords.display()
                ),
                // joe:s3cret
                Box::new(|_| Some("Basic am9lOnMzY3JldA==".to_owned())),
            ),
            Auth::Tokens(server, signer) => (
                format!(
                    "auth:\n  token:\n    realm: {server}/token\n    service: {SERVICE}\n    \
                     issuer: {ISSUER}\n    rootcertbundle: {}\n",
                    signer.certificate().display()
                ),
                Box::new(move |repository| {
                    let token = signer.token(&format!("repository:{repository}:pull,push"));
                    Some(format!("Bearer {token}"))
                }),
            ),
        };
        let config = format!(
            "version: 0.1\nlog:\n  level: info\nstorage:\n  inmemory: {{}}\nhttp:\n  addr: 127.0.0.1:0\n{auth}"
        );
        let path = directory.path().join("config.yml");
        std::fs::write(&path, config).unwrap();
        let mut process = Command::new(program)
            .arg("serve")
            .arg(&path)
            .env("OTEL_TRACES_EXPORTER", "none")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("DOCKER_REGISTRY should name a program that starts");
        let address = listening(&mut process).await;
        // The client of the reader is as good as any to push with.
        let http = feeds::OutboundClient::new("127.0.0.0/8".parse().unwrap())
            .unwrap()
            .http()
            .clone();
        Self {
            url: format!("http://{address}"),
            http,
            authorize,
            _process: process,
            _directory: directory,
        }
    }

    /// Pushes an image of one blob under the tag. Returns the digest that the registry reports.
    pub(crate) async fn push(&self, repository: &str, tag: &str) -> String {
        let base = format!("{}/v2/{repository}", self.url);
        let blob = b"{}".to_vec();
        let begun = self
            .sent(repository, self.http.post(format!("{base}/blobs/uploads/")))
            .await;
        let upload = begun.headers()["location"].to_str().unwrap().to_owned();
        let blob_digest = digest(&blob);
        let put = self
            .http
            .put(upload)
            .query(&[("digest", &blob_digest)])
            .body(blob.clone());
        self.sent(repository, put).await;
        let media_type = "application/vnd.oci.image.manifest.v1+json";
        let manifest = serde_json::json!({
            "schemaVersion": 2,
            "mediaType": media_type,
            "config": {
                "mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": blob_digest,
                "size": blob.len(),
            },
            "layers": [],
            "annotations": { "tag": tag },
        });
        let put = self
            .http
            .put(format!("{base}/manifests/{tag}"))
            .header("content-type", media_type);
        let sent = self.sent(repository, put.body(manifest.to_string())).await;
        sent.headers()["docker-content-digest"]
            .to_str()
            .unwrap()
            .to_owned()
    }

    async fn sent(&self, repository: &str, request: RequestBuilder) -> reqwest::Response {
        let request = match (self.authorize)(repository) {
            Some(authorization) => request.header("authorization", authorization),
            None => request,
        };
        request.send().await.unwrap().error_for_status().unwrap()
    }
}

/// The address in the process's log; the log is read after that too, so that it never
/// stops at a full pipe.
async fn listening(process: &mut Child) -> String {
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some((_, rest)) = line.split_once("listening on ") {
            let end = rest
                .find(|char: char| char == '"' || char.is_whitespace())
                .unwrap_or(rest.len());
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return rest.get(..end).unwrap().to_owned();
        }
    }
    panic!("docker-registry ended before it listened");
}

fn digest(bytes: &[u8]) -> String {
    let hex = base16ct::lower::encode_string(&Sha256::digest(bytes));
    format!("sha256:{hex}")
}

#[tokio::test]
async fn an_open_registry_is_read() {
    let registry = RealRegistry::start(Auth::Open).await;
    let reader = reader(Known::default());
    let missing = error(&read(&reader, &docker(&registry.url), "acme/web").await);
    assert_eq!(missing.0, FeedErrorKind::NotFound);
    assert!(missing.1.contains("NAME_UNKNOWN"), "{}", missing.1);
    for tag in ["1.0.0", "1.10.0", "latest", "2.0.0_b1"] {
        registry.push("acme/web", tag).await;
    }
    registry
        .push("acme/web", &format!("sha256-{}.sig", "0f".repeat(32)))
        .await;
    let outcome = read(&reader, &docker(&registry.url), "acme/web").await;
    assert_eq!(
        versions(&outcome),
        ["1.0.0", "1.10.0", "2.0.0_b1", "latest"]
    );
}

#[tokio::test]
async fn a_protected_registry_is_read_with_its_credential_alone() {
    let registry = RealRegistry::start(Auth::Htpasswd).await;
    registry.push("acme/web", "1.0.0").await;
    let feed = docker(&registry.url);
    for known in [Known::default(), Known::user("joe", "wrong")] {
        assert_eq!(
            error(&read(&reader(known), &feed, "acme/web").await).0,
            FeedErrorKind::Denied
        );
    }
    let outcome = read(&reader(Known::user("joe", "s3cret")), &feed, "acme/web").await;
    assert_eq!(versions(&outcome), ["1.0.0"]);
}

/// Behind a token server, whose signed tokens the registry verifies.
#[tokio::test]
async fn a_registry_behind_a_token_server_is_read() {
    let signer = Arc::new(Signer::new());
    let tokens = Registry::start().await.unwrap();
    tokens.require_token(None);
    let registry = RealRegistry::start(Auth::Tokens(&tokens.url(), Arc::clone(&signer))).await;
    registry.push("acme/web", "1.0.0").await;
    let digest = registry.push("acme/web", "latest").await;
    let maker = Arc::clone(&signer);
    tokens.set_token_maker(Box::new(move |scope| maker.token(scope)));

    let reader = reader(Known::default());
    let details = digests_of(&["latest"], None);
    let outcome = read_details(&reader, &docker(&registry.url), "acme/web", details).await;
    assert_eq!(versions(&outcome), ["1.0.0", "latest"]);
    let latest = &listed(&outcome)[1];
    assert_eq!(latest.digest, Some(digest));
    assert_eq!(paths(&tokens.requests()), [("/token", false)]);
    // The token lasts, so the next check asks for none.
    let again = read(&reader, &docker(&registry.url), "acme/web").await;
    assert_eq!(versions(&again), ["1.0.0", "latest"]);
    assert_eq!(tokens.requests().len(), 1);
}

/// The token server is another origin that is not listed: it is asked without the credential.
#[tokio::test]
async fn token_server_of_another_origin_receives_no_credential() {
    let signer = Arc::new(Signer::new());
    let tokens = Registry::start().await.unwrap();
    tokens.require_token(Some(("joe", "s3cret")));
    let registry = RealRegistry::start(Auth::Tokens(&tokens.url(), Arc::clone(&signer))).await;
    registry.push("acme/web", "1.0.0").await;
    let reader = reader(Known::user("joe", "s3cret"));
    let (kind, text) = error(&read(&reader, &docker(&registry.url), "acme/web").await);
    assert_eq!(kind, FeedErrorKind::Denied);
    assert!(text.contains("was not sent to its token server"), "{text}");
    assert!(
        tokens
            .requests()
            .iter()
            .all(|(_, _, authorized)| !authorized)
    );
}

#[tokio::test]
async fn digests_are_those_of_the_real_registry() {
    let registry = RealRegistry::start(Auth::Open).await;
    let digest = registry.push("acme/web", "latest").await;
    let request = |known: Option<&str>| ReadRequest {
        details: digests_of(&["latest"], None),
        known_digests: known
            .map(|known| ("latest".to_owned(), known.to_owned()))
            .into_iter()
            .collect(),
        ..ReadRequest::new(PackageId::new("acme/web"))
    };
    let reader = reader(Known::default());
    for known in [None, Some(digest.as_str())] {
        let feed = docker(&registry.url);
        let outcome = read_request(&reader, &feed, request(known)).await;
        assert_eq!(listed(&outcome)[0].digest.as_deref(), Some(digest.as_str()));
    }
}
