//! `feedctl status`, `tail` and `history`.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use registry_server::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::world::{ADD, World};

#[tokio::test]
async fn status_shows_triggers_feeds_and_the_last_run() {
    let world = World::start().await;
    world.add().await;
    let before = world.json(0, &["status"]).await;
    assert_eq!(before["LastRun"], Value::Null);
    assert_eq!(before["Triggers"][0]["LastOutcome"], Value::Null);
    world.prints(0, &["run", "--once"]).await;
    world.prints(0, &["run", "--once"]).await;
    let after = world.json(0, &["status"]).await;
    assert!(after["LastRun"].is_string(), "{after:#}");
    let trigger = &after["Triggers"][0];
    assert_eq!(trigger["LastOutcome"], "Skipped");
    let release = world
        .octopus
        .state()
        .releases("Web Shop")
        .unwrap()
        .remove(0);
    assert_eq!(trigger["LastRelease"]["Version"], json!(release.version));
    let link = format!(
        "{}/app#/Spaces-1/releases/{}",
        world.octopus.url(),
        release.id
    );
    assert_eq!(trigger["LastRelease"]["Link"], json!(link));
    assert_eq!(after["Feeds"][0]["Name"], "Images");

    let table = world.prints(0, &["status"]).await;
    for text in ["New web", "Stable", "Images", &link] {
        assert!(table.contains(text), "{text} in {table}");
    }
    let lines = world.prints(0, &["status", "-f", "basic"]).await;
    let kinds: Vec<_> = lines
        .lines()
        .map(|line| line.split('\t').next().unwrap())
        .collect();
    assert_eq!(kinds, ["run", "trigger", "feed"]);
}

#[tokio::test]
async fn history_lists_the_newest_evaluation_first() {
    let world = World::start().await;
    world.add().await;
    let other = ADD.map(|word| if word == "New web" { "Web again" } else { word });
    world.prints(0, &other).await;
    world.prints(0, &["run", "--once", "--dry-run"]).await;
    for last in ["Web again", "New web", "Web again"] {
        world.prints(0, &["evaluate", last, "--dry-run"]).await;
        let history = world.json(0, &["history"]).await;
        assert_eq!(history[0]["TriggerName"], last, "{history:#}");
    }
}

#[tokio::test]
async fn triggers_list_requests_the_spaces_once() {
    let world = World::start().await;
    world.add().await;
    world.octopus.state().clear_requests();
    world.prints(0, &["triggers", "list"]).await;
    let requests = world.octopus.state().requests();
    let spaces = requests
        .iter()
        .filter(|one| one.path.starts_with("/api/spaces?"));
    assert_eq!(spaces.count(), 1, "{requests:#?}");
}

#[tokio::test]
async fn tail_prints_new_evaluations() {
    let world = World::start().await;
    world.add().await;
    world.prints(0, &["run", "--once"]).await;
    let mut tail = world.command(&["tail", "-f", "json", "-v"]);
    tail.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut tail = tail.spawn().unwrap();
    let mut log = BufReader::new(tail.stderr.take().unwrap()).lines();
    let stdout = tail.stdout.take().unwrap();
    // It prints evaluations that are recorded after this line.
    let ready = tokio::task::spawn_blocking(move || log.next().unwrap().unwrap());
    let ready = ready.await.unwrap();
    assert!(ready.contains("following"), "{ready}");
    world.prints(0, &["run", "--once"]).await;
    let line = tokio::task::spawn_blocking(move || BufReader::new(stdout).lines().next());
    let line = line.await.unwrap().unwrap().unwrap();
    tail.kill().unwrap();
    tail.wait().unwrap();
    let printed: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(printed["TriggerName"], "New web");
    assert_eq!(printed["Outcome"], "Skipped");
}

#[tokio::test]
async fn status_shows_a_pause_in_every_format() {
    let world = World::with("2026.3.1001", "ReleaseView").await;
    world.add().await;
    world.prints(3, &["run", "--once"]).await;
    let trigger = world.json(0, &["status"]).await["Triggers"][0].take();
    assert_eq!(trigger["LastOutcome"], "Failed");
    let until = trigger["PausedUntil"].as_str().unwrap();
    let (seconds, _) = until.split_once('.').unwrap();
    let expected = format!("paused until {seconds}Z");
    for arguments in [
        ["status"].as_slice(),
        &["status", "-f", "basic"],
        &["triggers", "list"],
    ] {
        let shown = world.prints(0, arguments).await;
        assert!(shown.contains(&expected), "{expected} in {shown}");
    }
}

#[tokio::test]
async fn failing_feed_is_visible_wherever_a_decision_is_shown() {
    let world = World::start().await;
    world.add().await;
    world.prints(0, &["run", "--once", "--dry-run"]).await;
    let fault = FaultKind::Status(503, Vec::new(), String::new());
    world.registry.fault(Fault::new("", 100, fault));
    world.prints(3, &["run", "--once", "--dry-run"]).await;

    let expected = "acme/web could not be read from Images: ";
    for arguments in [
        ["explain", "New web"].as_slice(),
        &["triggers", "list"],
        &["status"],
        &["history"],
        &["history", "New web"],
        &["evaluate", "New web", "--dry-run"],
    ] {
        let output = world.feedctl(arguments).await;
        let shown = [output.stdout, output.stderr].concat();
        let shown = String::from_utf8(shown).unwrap();
        assert!(shown.contains(expected), "{arguments:?}: {shown}");
        assert!(shown.contains("503"), "{arguments:?}: {shown}");
        assert!(
            shown.contains(", once since 20") && shown.contains("; next check in "),
            "{arguments:?}: {shown}"
        );
    }
    let explained = world.json(0, &["explain", "New web"]).await;
    let listed = world.json(0, &["triggers", "list"]).await;
    for failure in [&explained["ReadFailures"][0], &listed[0]["ReadFailures"][0]] {
        assert_eq!(failure["PackageId"], "acme/web");
        assert_eq!(failure["FailedChecks"], json!(1));
        assert!(failure["FailingSince"].is_string(), "{failure}");
        assert!(failure["NextCheckAt"].is_string(), "{failure}");
    }
    let failing = world
        .json(0, &["triggers", "list", "--status", "failing"])
        .await;
    assert_eq!(failing.as_array().unwrap().len(), 1);
    let findings = world.json(3, &["doctor"]).await;
    for subject in ["Images", "New web"] {
        let finding = crate::doctor::verdict(&findings, subject);
        assert_eq!(finding["Verdict"], "error", "{finding}");
    }
}
