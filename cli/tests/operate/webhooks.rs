//! `feedctl run --webhooks`: a push becomes a release by its webhook, long before the next check of its feed.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use crate::service::Running;
use crate::world::World;

const ID: &str = "n4xkn4xkn4xkn4xkn4xkn4xkn4";
const KEY: &str = "a-key-of-the-receiver";

/// A file with one receiver, with these permissions.
fn receivers(world: &World, receiver: &Value, mode: u32) -> PathBuf {
    let file = world.folder.path().join("webhooks.json");
    let text = json!({ "receivers": { "ci": receiver } }).to_string();
    std::fs::write(&file, text).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    file
}

fn of_kind(kind: &str) -> Value {
    json!({ "kind": kind, "id": ID, "keys": [KEY], "feeds": ["Default/Images"] })
}

/// Sends a webhook; returns the status and the body.
fn send(address: &str, path: &str, key: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

/// Waits until a release with a package of this version exists.
async fn until_created(world: &World, version: &str) {
    let is_created = || {
        let releases = world.octopus.state().releases("Web Shop").unwrap();
        let mut packages = releases.iter().flat_map(|release| &release.packages);
        packages.any(|package| package.version == version)
    };
    let created = async {
        while !is_created() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), created)
        .await
        .expect("a release");
}

/// The error of a service that does not start with this file.
async fn refusal(world: &World, file: &Path) -> String {
    let file = file.to_str().unwrap();
    let arguments = ["run", "--listen", "127.0.0.1:0", "--webhooks", file];
    world.refusal(1, &arguments).await
}

/// A running service whose schedule checks feeds once a day, and its address.
fn start(world: &World, file: &Path) -> (Running, String) {
    let file = file.to_str().unwrap();
    let arguments = [
        "--listen",
        "127.0.0.1:0",
        "--check-interval",
        "1d",
        "--webhooks",
        file,
    ];
    let mut run = Running::start(world, &arguments);
    let serving = run.wait_for("Receiving webhooks");
    let address = serving.split("http://").nth(1).unwrap();
    let address = address.split('/').next().unwrap().to_owned();
    run.wait_for("Watching 1 package of 1 feed for 1 trigger");
    (run, address)
}

#[tokio::test(flavor = "multi_thread")]
async fn webhook_of_a_push_leads_to_a_release() {
    let world = World::start().await;
    world.add().await;
    let file = receivers(&world, &of_kind("generic"), 0o600);
    let (mut run, address) = start(&world, &file);
    world.registry.push("acme/web", "1.7.0", "1.7.0");
    let body = json!({ "repository": "acme/web", "tag": "1.7.0" }).to_string();
    let path = format!("/hook/generic/{ID}");
    let (status, answer) = send(&address, &path, KEY, &body);
    assert_eq!(status, 202, "{answer}");
    run.wait_for("push received");
    until_created(&world, "1.7.0").await;
    let history = world.json(0, &["history", "New web"]).await;
    assert!(history.to_string().contains("1.7.0"), "{history}");
}

#[tokio::test(flavor = "multi_thread")]
async fn webhook_of_a_stranger_is_refused_and_asks_for_nothing() {
    let world = World::start().await;
    world.add().await;
    let file = receivers(&world, &of_kind("generic"), 0o600);
    let (_run, address) = start(&world, &file);
    let read = world.registry.requests().len();
    let body = json!({ "repository": "acme/web", "tag": "1.7.0" }).to_string();
    let path = format!("/hook/generic/{ID}");
    assert_eq!(
        send(&address, &path, "the-key-of-another-one", &body).0,
        401
    );
    assert_eq!(
        send(
            &address,
            "/hook/generic/aaaaaaaaaaaaaaaaaaaaaaaaaa",
            KEY,
            &body
        )
        .0,
        404
    );
    assert_eq!(
        send(&address, &format!("/hook/github/{ID}"), KEY, &body).0,
        404
    );
    // One byte too many: nothing stays unread, so that the connection is not reset before the answer.
    let large = "x".repeat(256 * 1024 + 1);
    assert_eq!(send(&address, &path, KEY, &large).0, 413);
    assert_eq!(world.registry.requests().len(), read);
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_file_that_others_can_read_is_refused() {
    let world = World::start().await;
    let file = receivers(&world, &of_kind("generic"), 0o644);
    let error = refusal(&world, &file).await;
    assert!(error.contains("chmod 600"), "{error}");
    assert!(!error.contains(KEY), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_file_of_another_form_is_refused_with_its_receiver() {
    let world = World::start().await;
    let file = receivers(
        &world,
        &json!({ "kind": "rpm", "id": ID, "feeds": ["*"] }),
        0o600,
    );
    let error = refusal(&world, &file).await;
    assert!(
        error.contains("receiver `ci`") && error.contains("docker-hub"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_file_with_tokens_of_google_is_refused() {
    let world = World::start().await;
    let receiver = json!({
        "kind": "pubsub", "id": ID, "feeds": ["*"],
        "audience": "https://hooks.example.com", "email": "push@example.com",
    });
    let file = receivers(&world, &receiver, 0o600);
    let error = refusal(&world, &file).await;
    assert!(
        error.contains("receiver `ci` has the kind pubsub"),
        "{error}"
    );
}
