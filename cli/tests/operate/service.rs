//! `feedctl run` as a service: health checks, metrics, JSON logs and notifications.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::world::World;

/// Stops the process at the end of the test.
pub(crate) struct Running {
    child: Child,
    log: std::io::Lines<BufReader<std::process::ChildStderr>>,
}

impl Running {
    pub(crate) fn start(world: &World, arguments: &[&str]) -> Self {
        let arguments = [&["run", "--log-format", "json"], arguments].concat();
        let mut command = world.command(&arguments);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, log }
    }

    /// The message of the next log line that contains this text; each line is a JSON object.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        loop {
            let line = self.log.next().unwrap().unwrap();
            let line: Value = serde_json::from_str(&line).unwrap();
            let message = line["message"].as_str().unwrap_or_default();
            if message.contains(text) {
                return message.to_owned();
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Sends a request; returns the status and the body.
fn request(address: &str, method: &str, path: &str) -> (u16, String) {
    use std::io::Write;
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn run_listen_serves_health_readiness_and_metrics() {
    let world = World::start().await;
    world.add().await;
    let mut run = Running::start(&world, &["--listen", "127.0.0.1:0"]);
    let serving = run.wait_for("Serving /healthz");
    let address = serving
        .split("http://")
        .nth(1)
        .unwrap()
        .trim_end_matches('.');
    run.wait_for("Watching 1 package of 1 feed for 1 trigger");
    assert_eq!(
        request(address, "GET", "/healthz"),
        (200, "ok\n".to_owned())
    );
    assert_eq!(request(address, "GET", "/readyz"), (200, "ok\n".to_owned()));
    let (status, metrics) = request(address, "GET", "/metrics");
    assert_eq!(status, 200);
    for metric in [
        "feedctl_scheduler_runs_total 1",
        "feedctl_triggers 1",
        "feedctl_feeds 1",
        "feedctl_packages_read_total 1",
        "feedctl_evaluations_total{outcome=\"Created\"} 1",
    ] {
        assert!(
            metrics.lines().any(|line| line == metric),
            "{metric} in {metrics}"
        );
    }
    assert_eq!(request(address, "GET", "/other").0, 404);
    assert_eq!(request(address, "POST", "/metrics").0, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn run_listen_is_not_ready_without_octopus() {
    let world = World::start().await;
    let arguments = ["--listen", "127.0.0.1:0", "--server", "http://127.0.0.1:9"];
    let mut run = Running::start(&world, &arguments);
    let serving = run.wait_for("Serving /healthz");
    let address = serving
        .split("http://")
        .nth(1)
        .unwrap()
        .trim_end_matches('.');
    run.wait_for("retrying at the next scheduler run");
    assert_eq!(request(address, "GET", "/healthz").0, 200);
    let (status, reason) = request(address, "GET", "/readyz");
    assert_eq!(status, 503);
    assert!(reason.contains("127.0.0.1:9"), "{reason}");
}

type Received = Arc<Mutex<Vec<Value>>>;

/// A webhook receiver that refuses the first request.
async fn receiver() -> (String, Received) {
    async fn receive(
        State(state): State<(Received, Arc<Mutex<bool>>)>,
        body: String,
    ) -> StatusCode {
        let (received, has_failed) = state;
        if !std::mem::replace(&mut *has_failed.lock().unwrap(), true) {
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        received
            .lock()
            .unwrap()
            .push(serde_json::from_str(&body).unwrap());
        StatusCode::OK
    }
    let received = Received::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let state = (Arc::clone(&received), Arc::default());
    let router = Router::new().fallback(receive).with_state(state);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, received)
}

#[tokio::test(flavor = "multi_thread")]
async fn run_sends_notifications_and_retries_once() {
    for (format, expected) in [
        ("slack", "Release 0.0.1 of Web Shop created by New web"),
        ("cloudevents", "octopus.feed-triggers.ReleaseCreated"),
    ] {
        let world = World::start().await;
        world.add().await;
        let (url, received) = receiver().await;
        let arguments = ["--notify-webhook", &url, "--notify-format", format];
        let mut run = Running::start(&world, &arguments);
        run.wait_for("Watching 1 package");
        let received = received.lock().unwrap().clone();
        let [notification] = received.as_slice() else {
            panic!("one notification: {received:#?}");
        };
        let field = if format == "slack" { "text" } else { "type" };
        let text = notification[field].as_str().unwrap();
        assert!(text.starts_with(expected), "{text}");
        if format == "cloudevents" {
            assert_eq!(notification["specversion"], "1.0");
            assert_eq!(notification["source"], world.octopus.url());
            assert_eq!(notification["data"]["Outcome"], "Created");
        }
    }
}

#[tokio::test]
async fn run_refuses_invalid_webhooks_without_repeating_them() {
    let world = World::start().await;
    for url in ["not a url secret", "http://169.254.169.254/secret"] {
        let output = world.feedctl(&["run", "--notify-webhook", url]).await;
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success());
        assert!(stderr.contains("cannot use --notify-webhook"), "{stderr}");
        assert!(!stderr.contains("secret"), "{stderr}");
    }
}
