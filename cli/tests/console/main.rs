//! `feedctl console`, the real program, in headless Chromium, with a fake Octopus Server, a registry and a state
//! file of two weeks; and with a stack, whose table has the same contents. `cargo xtask test` sets the paths of
//! the browser and the scripts.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[cfg(test)]
#[path = "../cloud/mod.rs"]
mod cloud;
mod past;
mod world;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;

use cloud::Cloud;
use octopus_server::{Fault, FaultKind};
use serde_json::{Value, json};
use world::World;

/// The variable with the folder of the scripts and their modules.
const SCRIPTS: &str = "CONSOLE_BROWSER";

/// The variable with the path of the browser.
const CHROMIUM: &str = "CHROMIUM";

/// The variable that updates the screenshots of the docs.
const UPDATE: &str = "UPDATE_SCREENSHOTS";

/// Stops the console at the end of the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn console_of_one_machine_passes_the_browser_script() {
    let world = World::of_two_weeks().await;
    let (console, address) = served(world.feedctl(&CONSOLE));
    let mut browser = visit("browser.mjs", &address, &world);
    browser
        .env("TRIGGER", world.trigger_id("New images"))
        .env("TRIGGER_NAME", "New images")
        .env("FEED", world.feed_id("Images"));
    succeeds(browser).await;
    drop(console);
    let releases = world.octopus.state().releases("Shop").unwrap();
    assert_eq!(releases.len(), 2, "one evaluation, by keyboard");
}

/// The longest time for a page when Octopus does not respond.
const PAGE_LIMIT: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread")]
async fn pages_show_stored_data_when_octopus_hangs() {
    let world = World::of_two_weeks().await;
    let trigger = format!("/triggers/Spaces-1/{}", world.trigger_id("New images"));
    let feed = format!("/feeds/Spaces-1/{}", world.feed_id("Images"));
    let (_console, address) = served(world.feedctl(&CONSOLE));
    let hangs = FaultKind::Latency(Duration::from_secs(60));
    world.octopus.faults().push(Fault::always("", hangs));
    for path in [
        "/triggers",
        trigger.as_str(),
        "/feeds",
        feed.as_str(),
        "/projects",
        "/health",
    ] {
        let start = Instant::now();
        let page = get(&address, path).await;
        let time = start.elapsed();
        assert!(page.starts_with("HTTP/1.1 200"), "{path}: {page}");
        assert!(page.contains("Octopus did not respond"), "{path}: {page}");
        assert!(time < PAGE_LIMIT, "{path} took {time:?}");
        println!("H5: {path} in {time:?} with Octopus hanging");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn console_starts_without_a_state_file() {
    let world = World::of_two_weeks().await;
    std::fs::remove_file(world.state()).unwrap();
    let (_console, address) = served(world.feedctl(&CONSOLE));
    for path in ["/triggers", "/feeds", "/health"] {
        let page = get(&address, path).await;
        assert!(page.starts_with("HTTP/1.1 200"), "{path}: {page}");
    }
}

/// The response to a GET with the credentials of the console's address.
async fn get(address: &str, path: &str) -> String {
    let address = address.strip_prefix("http://").unwrap();
    let (credentials, host) = address.split_once('@').unwrap();
    let host = host.trim_end_matches('/').to_owned();
    let credentials = base64::engine::general_purpose::STANDARD.encode(credentials);
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Basic {credentials}\r\nConnection: close\r\n\r\n"
    );
    let response = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(host).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response
    });
    response.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn console_of_a_stack_redrives_a_message() {
    let world = World::of_two_weeks().await;
    let cloud = Cloud::start(&[("CheckInterval", "300")], Some(&world.state())).await;
    let check = event("FeedCheckRequested", CHECK);
    let change = event("PackageVersionsChanged", CHANGE);
    cloud.put("ReleaseQueueUrl", "waits", &change);
    cloud.put("CheckDeadLettersUrl", "check", &check);
    cloud.put("ReleaseDeadLettersUrl", "change", &change);
    cloud.put("ScheduleDeadLettersUrl", "run", FAILED_RUN);
    let mut console = world.feedctl(&CONSOLE);
    cloud.configure(&mut console);
    let (console, address) = served(console);
    succeeds(visit("stack.mjs", &address, &world)).await;
    drop(console);
    assert_eq!(cloud.queued("CheckQueueUrl"), [check]);
    assert_eq!(cloud.queued("CheckDeadLettersUrl"), [""; 0]);
}

const CONSOLE: [&str; 3] = ["console", "--port", "0"];

const CHECK: &str = include_str!("../../../shared/wire/fixtures/FeedCheckRequested.json");
const CHANGE: &str = include_str!("../../../shared/wire/fixtures/PackageVersionsChanged.json");

/// A message in the format in which EventBridge sends it to a queue.
fn event(kind: &str, detail: &str) -> String {
    let detail: Value = serde_json::from_str(detail).unwrap();
    let event = json!({
        "id": "1", "detail-type": kind, "source": "octopus.feed-triggers", "detail": detail,
    });
    event.to_string()
}

/// Lambda's record of a failed scheduler run.
const FAILED_RUN: &str = r#"{ "responsePayload": { "errorMessage": "Octopus cannot be reached: it does not answer in time" } }"#;

/// A running console, and the URL that it prints.
fn served(mut console: Command) -> (Running, String) {
    let mut child = console.stdout(Stdio::piped()).spawn().unwrap();
    let mut printed = String::new();
    let out = child.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut printed).unwrap();
    (Running(child), printed.trim().to_owned())
}

/// A browser script for the console.
fn visit(script: &str, address: &str, world: &World) -> Command {
    let (folder, chromium) = (required(SCRIPTS), required(CHROMIUM));
    let mut browser = Command::new("node");
    browser
        .arg(script)
        .current_dir(folder)
        .env("ADDRESS", address)
        .env("CHROMIUM", chromium)
        .env("API_KEY", world.octopus.api_key())
        .env("PASSWORD", world::PASSWORD);
    if std::env::var_os(UPDATE).is_some() {
        browser.env("SCREENSHOTS", pictures());
    }
    browser
}

async fn succeeds(mut browser: Command) {
    let status = tokio::task::spawn_blocking(move || browser.status().unwrap());
    assert!(
        status.await.unwrap().success(),
        "the browser script failed; its output is above"
    );
}

/// The pages of the console, by the names of their screenshots.
const PICTURED: [&str; 13] = [
    "triggers",
    "trigger",
    "simulation",
    "feeds",
    "feed",
    "health",
    "health-stack",
    "add-type",
    "add-name",
    "add-project",
    "add-channel",
    "add-sources",
    "add-summary",
];

#[test]
fn every_console_page_has_screenshots_in_the_docs() {
    for page in PICTURED {
        for scheme in ["light", "dark"] {
            let picture = pictures().join(format!("console-{page}-{scheme}.png"));
            assert!(picture.is_file(), "{} is missing", picture.display());
        }
    }
}

const CHAPTER: &str = include_str!("../../../docs/CONSOLE.md");
const SCRIPTED: [&str; 2] = [
    include_str!("browser/browser.mjs"),
    include_str!("browser/stack.mjs"),
];

#[test]
fn every_browser_step_is_listed_in_the_docs() {
    let (_, listed) = CHAPTER.split_once("## Tests").unwrap();
    let steps = SCRIPTED
        .iter()
        .flat_map(|script| script.split("step(\"").skip(1));
    let steps: Vec<_> = steps.filter_map(|rest| rest.split('"').next()).collect();
    assert!(steps.len() >= 6, "{steps:?}");
    for step in steps {
        assert!(listed.contains(&format!("- {step}\n")), "{step}");
    }
}

fn required(name: &str) -> String {
    let value = std::env::var(name);
    assert!(
        value.is_ok(),
        "{name} must be set; `cargo xtask test` sets it"
    );
    value.unwrap()
}

fn pictures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/images")
}
