//! `feedctl run --webhooks`: a push becomes a release by its webhook, long before the next check of its feed.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::service::Running;
use crate::world::{World, printed};

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
    let pushed = Instant::now();
    let (status, answer) = send(&address, &path, KEY, &body);
    assert_eq!(status, 202, "{answer}");
    run.wait_for("push received");
    until_created(&world, "1.7.0").await;
    println!("push to release: {} ms", pushed.elapsed().as_millis());
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
async fn urls_in_payloads_are_not_requested_and_an_unwatched_repository_is_not_read() {
    let world = World::start().await;
    world.add().await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let receiver = |kind: &str, id: &str, keys: Value| json!({ "kind": kind, "id": id, "keys": keys, "feeds": ["Default/Images"] });
    let grid = "gridgridgridgridgridgridgr";
    let all = json!({ "receivers": {
        "hub": receiver("docker-hub", ID, json!([])),
        "grid": receiver("event-grid", grid, json!([format!("Bearer {KEY}")])),
    } });
    let file = world.folder.path().join("webhooks.json");
    std::fs::write(&file, all.to_string()).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let (mut run, address) = start(&world, &file);
    let read = world.registry.requests().len();
    let hub = json!({
        "callback_url": url,
        "push_data": { "tag": "1.7.0" },
        "repository": { "repo_name": "acme/unwatched", "repo_url": url },
    });
    let (status, _) = send(
        &address,
        &format!("/hook/docker-hub/{ID}"),
        KEY,
        &hub.to_string(),
    );
    assert_eq!(status, 202);
    run.wait_for("push ignored");
    let validation = json!([{
        "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
        "data": { "validationCode": "1-2", "validationUrl": url },
    }]);
    let path = format!("/hook/event-grid/{grid}");
    let (status, answer) = send(&address, &path, KEY, &validation.to_string());
    assert_eq!(
        (status, answer.as_str()),
        (200, r#"{"validationResponse":"1-2"}"#)
    );
    assert_eq!(world.registry.requests().len(), read);
    assert!(
        listener.accept().is_err(),
        "a URL of a payload was requested"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn webhook_before_its_tag_is_listed_leads_to_a_release_by_a_further_check() {
    let world = World::start().await;
    world.add().await;
    let file = receivers(&world, &of_kind("generic"), 0o600);
    let (mut run, address) = start(&world, &file);
    let body = json!({ "repository": "acme/web", "tag": "1.7.0" }).to_string();
    let path = format!("/hook/generic/{ID}");
    assert_eq!(send(&address, &path, KEY, &body).0, 202);
    run.wait_for("push received");
    // The check of the push has ended with the second line.
    assert_eq!(send(&address, &path, KEY, &body).0, 202);
    run.wait_for("push received");
    world.registry.push("acme/web", "1.7.0", "1.7.0");
    until_created(&world, "1.7.0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn test_of_a_receiver_prints_its_answer_and_the_packages() {
    let world = World::start().await;
    world.add().await;
    let file = receivers(&world, &of_kind("github"), 0o600);
    let (mut run, address) = start(&world, &file);
    world.registry.push("acme/web", "1.7.0", "1.7.0");
    let url = format!("http://{address}");
    let test = async |code: i32, file: &str, more: &[&str]| {
        let options = ["webhooks", "test", "ci", "--url", &url, "--webhooks", file];
        let arguments = [&options[..], more].concat();
        printed(code, world.command(&arguments)).await
    };
    let sent = test(0, "webhooks.json", &[]).await;
    let sample = "Sent a sample of github to ci, the push of feed-triggers/sample:1.0.0: accepted.";
    assert!(sent.contains(sample), "{sent}");
    assert!(sent.contains("no check follows"), "{sent}");
    run.wait_for("push ignored");
    let watched = ["--repository", "acme/web", "--tag", "1.7.0"];
    let sent = test(0, "webhooks.json", &watched).await;
    let check = "It requests a check of acme/web of Images.";
    assert!(sent.contains(check), "{sent}");
    until_created(&world, "1.7.0").await;

    let list = async || {
        let listed = webhooks(&world, &["list"]).await;
        listed[0].clone()
    };
    assert!(list().await["LastAccepted"].is_string());
    assert!(list().await["LastRefused"].is_null());

    // The service has another key than the file of the test.
    let key = "another-key-of-the-receiver";
    let other = json!({ "kind": "github", "id": ID, "keys": [key], "feeds": ["*"] });
    let text = json!({ "receivers": { "ci": other } }).to_string();
    std::fs::write(world.folder.path().join("other.json"), text).unwrap();
    let sent = test(3, "other.json", &[]).await;
    assert!(sent.contains("has another key"), "{sent}");
    // The next scheduler run stores it.
    let sent = test(0, "webhooks.json", &watched).await;
    assert!(sent.contains("accepted"), "{sent}");
    let refused = async {
        while list().await["LastRefused"].is_null() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let refused = tokio::time::timeout(Duration::from_secs(60), refused).await;
    refused.expect("the refused request is stored");
    let reason = &list().await["RefusedReason"];
    assert_eq!(reason, "the signature or key is absent or wrong");

    drop(run);
    let options = ["webhooks", "test", "ci", "--webhooks", "webhooks.json"];
    let unreachable = [&options[..], &["--url", &url]].concat();
    let error = world.refusal(1, &unreachable).await;
    assert!(error.contains("cannot reach the receiver at"), "{error}");
    assert!(!error.contains(ID), "{error}");
    let error = world.refusal(2, &options).await;
    assert!(error.contains("use --url"), "{error}");
}

/// Runs `feedctl webhooks` with a file and prints JSON.
async fn webhooks(world: &World, arguments: &[&str]) -> Value {
    let arguments = [&["webhooks"], arguments, &["--webhooks", "webhooks.json"]].concat();
    world.json(0, &arguments).await
}

#[tokio::test(flavor = "multi_thread")]
async fn rotated_key_is_accepted_beside_the_previous_one_without_a_restart() {
    let world = World::start().await;
    world.add().await;
    let feed = ["--feed", "Default/Images"];
    let added = webhooks(
        &world,
        &[&["add", "generic", "--name", "ci"][..], &feed].concat(),
    )
    .await;
    let text = |answer: &Value, name: &str| answer[name].as_str().unwrap().to_owned();
    let path = text(&added, "Url").replace("https://HOST", "");
    let first = text(&added, "Key");
    assert!(added["Steps"][0].as_str().unwrap().contains("URL"));
    let file = world.folder.path().join("webhooks.json");
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let (_run, address) = start(&world, &file);
    let body = json!({ "repository": "acme/web", "tag": "1.7.0" }).to_string();
    let status = |key: &str| send(&address, &path, key, &body).0;
    assert_eq!(status(&first), 202);
    let second = text(&webhooks(&world, &["rotate", "ci"]).await, "Key");
    assert_ne!(first, second);
    assert_eq!((status(&first), status(&second)), (202, 202));
    let listed = webhooks(&world, &["list"]).await;
    assert_eq!(listed[0]["Keys"], 2);
    assert!(!listed.to_string().contains(&second), "{listed}");
    let finished = webhooks(&world, &["rotate", "ci", "--finish"]).await;
    assert_eq!(finished["Removed"], true);
    assert_eq!((status(&first), status(&second)), (401, 202));
    webhooks(&world, &["remove", "ci"]).await;
    assert_eq!(status(&second), 404);
    assert_eq!(webhooks(&world, &["list"]).await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn receivers_of_a_stack_are_in_its_secret() {
    let (world, cloud) = (World::start().await, Cloud::start(&[], None).await);
    let run = async |code: i32, arguments: &[&str]| {
        let mut command = world.command(&[&["webhooks"], arguments].concat());
        cloud.configure(&mut command);
        printed(code, command).await
    };
    let added = run(0, &["add", "github", "--feed", "*"]).await;
    assert!(
        added.contains("URL  https://hooks.lambda-url.us-east-1.on.aws/hook/github/"),
        "{added}"
    );
    assert!(added.contains("Copy the key now") && added.contains("Registry packages"));
    let key = added
        .lines()
        .find_map(|line| line.strip_prefix("KEY  "))
        .unwrap();
    let stored = cloud.secret();
    assert!(stored.contains(key), "{stored}");
    let listed = run(0, &["list", "-f", "basic"]).await;
    assert_eq!(listed, "github\tgithub\t1\t*\n");
    run(0, &["remove", "github"]).await;
    assert!(!cloud.secret().contains(key));
}

#[tokio::test]
async fn unusable_receiver_is_not_stored() {
    let world = World::start().await;
    let refusal = async |arguments: &[&str]| {
        let file = ["--webhooks", "webhooks.json"];
        let arguments = [&["webhooks", "add"], arguments, &file].concat();
        world.refusal(1, &arguments).await
    };
    let pubsub = ["webhooks", "add", "pubsub", "--feed", "*"];
    let error = world.refusal(2, &pubsub).await;
    assert!(error.contains("--email"), "{error}");
    let file = ["--email", "push@example.com", "--webhooks", "webhooks.json"];
    let error = world.refusal(2, &[&pubsub[..], &file].concat()).await;
    assert!(error.contains("use --audience"), "{error}");
    let error = refusal(&["quay", "--feed", "Images"]).await;
    assert!(error.contains("not of the form SPACE/FEED"), "{error}");
    assert!(!world.folder.path().join("webhooks.json").exists());
    let error = world.refusal(2, &["webhooks", "list"]).await;
    assert!(
        error.contains("use --webhooks FILE for one machine, or --stack"),
        "{error}"
    );
    let error = world
        .refusal(2, &["webhooks", "add", "gitlab", "--feed", "*"])
        .await;
    assert!(error.contains("docker-hub"), "{error}");
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
async fn receiver_of_google_has_its_url_as_audience_and_refuses_other_requests() {
    let world = World::start().await;
    world.add().await;
    let options = [
        "--email",
        "push@example.com",
        "--url",
        "https://hooks.example.com",
    ];
    let arguments = [&["add", "pubsub", "--feed", "*"][..], &options].concat();
    let added = webhooks(&world, &arguments).await;
    let url = added["Url"].as_str().unwrap();
    assert!(added["Key"].is_null());
    let file = world.folder.path().join("webhooks.json");
    let stored: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let receiver = &stored["receivers"]["pubsub"];
    assert_eq!(receiver["audience"], url);
    assert_eq!(receiver["email"], "push@example.com");
    let (_run, address) = start(&world, &file);
    let path = url.replace("https://hooks.example.com", "");
    assert_eq!(send(&address, &path, "no.to.ken", "{}").0, 401);
}
