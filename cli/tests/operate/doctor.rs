//! `feedctl doctor`: what is wrong, and what to do about it.

use octopus_server::FaultKind as OctopusFault;
use registry_server::{Fault, FaultKind};
use serde_json::Value;

use crate::world::{World, low_quota};

pub(crate) fn verdict<'a>(findings: &'a Value, subject: &str) -> &'a Value {
    let mut findings = findings.as_array().unwrap().iter();
    findings.find(|one| one["Subject"] == subject).unwrap()
}

#[tokio::test]
async fn the_doctor_finds_everything_well() {
    let world = World::start().await;
    world.add().await;
    world.prints(0, &["run", "--once"]).await;
    let findings = world.json(0, &["doctor"]).await;
    for subject in [
        "server",
        "clock",
        "user",
        "ReleaseCreate in Default",
        "TriggerCreate in Default",
        "Images",
        "New web",
        "rounds",
    ] {
        let finding = verdict(&findings, subject);
        assert_eq!(finding["Verdict"], "well", "{finding}");
        assert_eq!(finding["Remedy"], Value::Null);
    }
    let table = world.prints(0, &["doctor"]).await;
    assert!(
        table.contains("0 WRONG: somebody has to act; 0 doubtful"),
        "{table}"
    );
}

#[tokio::test]
async fn the_doctor_names_what_is_wrong_and_the_remedy() {
    let world = World::with("2025.4.1", "ReleaseCreate").await;
    world.add().await;
    let fault = FaultKind::Status(503, Vec::new(), String::new());
    world.registry.fault(Fault::new("", 100, fault));
    let findings = world.json(3, &["doctor"]).await;
    let permission = verdict(&findings, "ReleaseCreate in Default");
    assert_eq!(permission["Verdict"], "wrong");
    let remedy = permission["Remedy"].as_str().unwrap();
    assert!(
        remedy.contains("give the API key's user ReleaseCreate"),
        "{remedy}"
    );
    assert_eq!(verdict(&findings, "Images")["Verdict"], "wrong");
    assert_eq!(verdict(&findings, "rounds")["Verdict"], "doubtful");

    for finding in findings.as_array().unwrap() {
        let is_well = finding["Verdict"] == "well";
        assert_eq!(finding["Remedy"].is_null(), is_well, "{finding}");
    }

    let down = world
        .json(3, &["doctor", "--server", "http://127.0.0.1:9"])
        .await;
    assert_eq!(down.as_array().unwrap().len(), 1);
    assert_eq!(down[0]["Subject"], "server");
    let key = world.json(3, &["doctor", "--api-key", "API-WRONG"]).await;
    assert_eq!(verdict(&key, "user")["Verdict"], "wrong");
}

#[tokio::test]
async fn a_trigger_whose_last_evaluation_failed_is_wrong() {
    let world = World::start().await;
    world.add().await;
    let broken = octopus_server::Fault::always("/releases", OctopusFault::Unavailable);
    world.octopus.faults().push(broken);
    world.prints(3, &["run", "--once"]).await;
    world.octopus.faults().clear();

    let findings = world.json(3, &["doctor"]).await;
    let trigger = verdict(&findings, "New web");
    assert_eq!(trigger["Verdict"], "wrong", "{trigger}");
    let seen = trigger["Seen"].as_str().unwrap();
    assert!(seen.starts_with("its last evaluation failed: "), "{seen}");
}

#[tokio::test]
async fn a_quota_that_runs_low_is_doubtful() {
    let world = World::start().await;
    world.add().await;
    world
        .registry
        .fault(Fault::always(low_quota(r#"["1.0.0"]"#)));
    world.prints(0, &["run", "--once"]).await;

    let findings = world.json(0, &["doctor"]).await;
    let quota = verdict(&findings, "quota of Images");
    assert_eq!(quota["Verdict"], "doubtful", "{quota}");
    assert_eq!(quota["Seen"], "9 of 100 requests left");
}

#[tokio::test]
async fn a_wrong_clock_keeps_nothing_else_from_being_looked_at() {
    let world = World::start().await;
    world
        .octopus
        .state()
        .set_clock(Some("2020-01-01T00:00:00Z".parse().unwrap()));
    world.add().await;
    world.prints(0, &["run", "--once"]).await;
    let findings = world.json(3, &["doctor"]).await;
    let clock = verdict(&findings, "clock");
    assert!(clock["Remedy"].as_str().unwrap().contains("NTP"), "{clock}");
    assert_eq!(verdict(&findings, "New web")["Verdict"], "well");
}
