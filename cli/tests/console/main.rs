//! `feedctl console`, the program itself, in headless Chromium, against the stand-in for Octopus Server and
//! a registry, with a state file of two weeks. `cargo xtask test` says where browser and script are.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod past;
mod world;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use world::World;

/// The folder of `browser.mjs` with what it needs.
const SCRIPT: &str = "CONSOLE_BROWSER";

/// The browser.
const CHROMIUM: &str = "CHROMIUM";

/// Set to have the pictures of the documents made anew.
const UPDATE: &str = "UPDATE_SCREENSHOTS";

/// Ends the console when the test ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_find_their_way() {
    let (script, chromium) = (required(SCRIPT), required(CHROMIUM));
    let world = World::of_two_weeks().await;
    let (console, address) = world.console();
    let mut browser = Command::new("node");
    browser
        .arg("browser.mjs")
        .current_dir(script)
        .env("ADDRESS", address)
        .env("CHROMIUM", chromium)
        .env("API_KEY", world.octopus.api_key())
        .env("PASSWORD", world::PASSWORD)
        .env("TRIGGER", world.trigger_id("New images"))
        .env("TRIGGER_NAME", "New images")
        .env("FEED", world.feed_id("Images"));
    if std::env::var_os(UPDATE).is_some() {
        browser.env("SCREENSHOTS", pictures());
    }
    let status = tokio::task::spawn_blocking(move || browser.status().unwrap());
    assert!(
        status.await.unwrap().success(),
        "what the browser said stands above"
    );
    drop(console);
    let releases = world.octopus.state().releases("Shop").unwrap();
    assert_eq!(releases.len(), 2, "evaluated once, by keyboard");
}

/// Every page of the console, as its pictures are called.
const PICTURED: [&str; 12] = [
    "triggers",
    "trigger",
    "simulation",
    "feeds",
    "feed",
    "health",
    "add-type",
    "add-name",
    "add-project",
    "add-channel",
    "add-sources",
    "add-summary",
];

#[test]
fn every_page_has_its_pictures_in_the_documents() {
    for page in PICTURED {
        for scheme in ["light", "dark"] {
            let picture = pictures().join(format!("console-{page}-{scheme}.png"));
            assert!(picture.is_file(), "{} is missing", picture.display());
        }
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

impl World {
    /// The console on a free port, and the address that it prints.
    fn console(&self) -> (Running, String) {
        let mut command = self.feedctl(&["console", "--port", "0"]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut printed = String::new();
        let out = child.stdout.take().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut printed).unwrap();
        (Running(child), printed.trim().to_owned())
    }
}
