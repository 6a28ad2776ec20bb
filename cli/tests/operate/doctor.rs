//! `feedctl doctor`: problems and their remedies.

use octopus_server::FaultKind as OctopusFault;
use registry_server::{Fault, FaultKind};
use serde_json::Value;

use crate::world::{World, low_quota};

pub(crate) fn verdict<'a>(findings: &'a Value, subject: &str) -> &'a Value {
    let mut findings = findings.as_array().unwrap().iter();
    findings.find(|one| one["Subject"] == subject).unwrap()
}

#[tokio::test]
async fn doctor_passes_a_working_setup() {
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
        "runs",
    ] {
        let finding = verdict(&findings, subject);
        assert_eq!(finding["Verdict"], "ok", "{finding}");
        assert_eq!(finding["Remedy"], Value::Null);
    }
    let table = world.prints(0, &["doctor"]).await;
    assert!(table.contains("0 errors, 0 warnings, "), "{table}");
}

#[tokio::test]
async fn doctor_reports_errors_with_remedies() {
    let world = World::with("2025.4.1", "ReleaseCreate").await;
    world.add().await;
    let fault = FaultKind::Status(503, Vec::new(), String::new());
    world.registry.fault(Fault::new("", 100, fault));
    let findings = world.json(3, &["doctor"]).await;
    let permission = verdict(&findings, "ReleaseCreate in Default");
    assert_eq!(permission["Verdict"], "error");
    let remedy = permission["Remedy"].as_str().unwrap();
    assert!(
        remedy.contains("give the API key's user ReleaseCreate"),
        "{remedy}"
    );
    assert_eq!(verdict(&findings, "Images")["Verdict"], "error");
    assert_eq!(verdict(&findings, "runs")["Verdict"], "warning");

    for finding in findings.as_array().unwrap() {
        let is_ok = finding["Verdict"] == "ok";
        assert_eq!(finding["Remedy"].is_null(), is_ok, "{finding}");
    }

    let down = world
        .json(3, &["doctor", "--server", "http://127.0.0.1:9"])
        .await;
    assert_eq!(down.as_array().unwrap().len(), 1);
    assert_eq!(down[0]["Subject"], "server");
    let key = world.json(3, &["doctor", "--api-key", "API-WRONG"]).await;
    assert_eq!(verdict(&key, "user")["Verdict"], "error");
}

#[tokio::test]
async fn doctor_reports_a_failed_evaluation_as_error() {
    let world = World::start().await;
    world.add().await;
    let broken = octopus_server::Fault::always("/releases", OctopusFault::Unavailable);
    world.octopus.faults().push(broken);
    world.prints(3, &["run", "--once"]).await;
    world.octopus.faults().clear();

    let findings = world.json(3, &["doctor"]).await;
    let trigger = verdict(&findings, "New web");
    assert_eq!(trigger["Verdict"], "error", "{trigger}");
    let seen = trigger["Result"]["Message"].as_str().unwrap();
    assert!(seen.starts_with("its last evaluation failed: "), "{seen}");
}

#[tokio::test]
async fn doctor_warns_about_a_low_quota() {
    let world = World::start().await;
    world.add().await;
    world
        .registry
        .fault(Fault::always(low_quota(r#"["1.0.0"]"#)));
    world.prints(0, &["run", "--once"]).await;

    let findings = world.json(0, &["doctor"]).await;
    let quota = verdict(&findings, "quota of Images");
    assert_eq!(quota["Verdict"], "warning", "{quota}");
    let result = &quota["Result"];
    assert_eq!(result["Message"], "9 of 100 requests left");
    assert_eq!(result["Code"], "LowQuota");
    assert_eq!(result["Values"]["Remaining"], 9);
    assert_eq!(result["Values"]["Limit"], 100);
}

#[tokio::test]
async fn doctor_with_a_wrong_clock_checks_everything_else() {
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
    assert_eq!(verdict(&findings, "New web")["Verdict"], "ok");
}
