//! Registries that others wrote, whose notifications lead to releases without the schedule.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::programs::{DISTRIBUTION, DOCKER_REGISTRY, FEEDCTL, Program, free_address, output};
use crate::registries::Registry;
use crate::world::World;

/// The longest time from a push to its release.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// The configuration of a registry that notifies a receiver of kind `distribution`.
fn notifications(url: &str, key: &str) -> String {
    format!(
        "notifications:\n  endpoints:\n    - name: feedctl\n      url: {url}\n      headers:\n        \
         Authorization: [\"{key}\"]\n      timeout: 3s\n      threshold: 5\n      backoff: 1s\n      \
         ignore:\n        mediatypes: [application/octet-stream]\n        actions: [pull, mount, delete]\n"
    )
}

/// Whether the service has read the triggers.
fn is_ready(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else {
        return false;
    };
    let request = "GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let mut answer = String::new();
    let asked = stream.write_all(request.as_bytes());
    asked.is_ok() && stream.read_to_string(&mut answer).is_ok() && answer.contains(" 200 ")
}

/// Waits for a condition; returns how long it took.
async fn until(what: &str, is_met: impl Fn() -> bool) -> Duration {
    let started = Instant::now();
    while !is_met() {
        assert!(started.elapsed() < TIME_LIMIT, "no {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    started.elapsed()
}

async fn releases_by_webhook(program: Program) {
    let address = free_address();
    // The receiver is added first, because the registry's configuration contains its URL and key.
    let receivers = tempfile::tempdir().unwrap();
    let file = receivers.path().join("webhooks.json");
    let mut add = FEEDCTL.command();
    add.args(["webhooks", "add", "distribution", "--feed", "Default/Feed"])
        .args(["--url", &format!("http://{address}"), "-f", "json"])
        .arg("--webhooks")
        .arg(&file);
    let added: Value = serde_json::from_str(&output(&mut add)).unwrap();
    let text = |name: &str| added[name].as_str().unwrap();
    let registry = Registry::with(program, None, &notifications(text("Url"), text("Key")));
    registry.push("1.0.0");
    let world = World::new("Docker", &registry.url(), None, "acme/web").await;
    std::fs::copy(&file, world.folder().join("webhooks.json")).unwrap();
    assert_eq!(world.run().await.as_deref(), Some("1.0.0"));

    let _service = world.serve(address);
    until("readiness", || is_ready(address)).await;
    for tag in ["1.1.0", "1.2.0"] {
        registry.push(tag);
        let took = until(tag, || world.newest().as_deref() == Some(tag)).await;
        println!(
            "{}: {tag} released {} ms after the push",
            program.0,
            took.as_millis()
        );
    }
    assert_eq!(world.releases(), 3);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of `cargo xtask interop`"]
async fn notification_of_docker_registry_leads_to_a_release() {
    releases_by_webhook(DOCKER_REGISTRY).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of `cargo xtask interop`"]
async fn notification_of_distribution_leads_to_a_release() {
    releases_by_webhook(DISTRIBUTION).await;
}
