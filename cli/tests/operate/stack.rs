//! `feedctl status` and `doctor` of a stack: its queues, its dead letters, its alarms.

use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::doctor::verdict;
use crate::world::{World, printed};

/// A stack that was just deployed, and one check and one tick that were given up in it.
async fn stack() -> (World, Cloud) {
    let (world, cloud) = (World::start().await, Cloud::start(&[], None).await);
    world.add().await;
    cloud.put("CheckQueueUrl", "1", "waits");
    cloud.put("CheckDeadLettersUrl", "2", "given up");
    cloud.put("ScheduleDeadLettersUrl", "3", "a tick");
    (world, cloud)
}

async fn prints(world: &World, cloud: &Cloud, code: i32, arguments: &[&str]) -> String {
    let mut command = world.command(arguments);
    cloud.beside(&mut command);
    printed(code, command).await
}

async fn answers(world: &World, cloud: &Cloud, code: i32, arguments: &[&str]) -> Value {
    let arguments = [arguments, &["-f", "json"]].concat();
    serde_json::from_str(&prints(world, cloud, code, &arguments).await).unwrap()
}

#[tokio::test]
async fn the_status_tells_what_waits_and_what_was_given_up() {
    let (world, cloud) = stack().await;
    let status = answers(&world, &cloud, 0, &["status"]).await;
    let queue = |name: &str, waiting: u64, dead: u64| json!({ "Queue": name, "Waiting": waiting, "InFlight": 0, "DeadLetters": dead });
    let expected = json!([
        queue("schedule", 0, 1),
        queue("checks", 1, 1),
        queue("releases", 0, 0),
        queue("pushes", 0, 0),
    ]);
    assert_eq!(status["Queues"], expected);
    assert_eq!(status["LastTick"], Value::Null, "nothing ran in it yet");
    assert_eq!(status["Triggers"][0]["Name"], "New web");

    let lines = prints(&world, &cloud, 0, &["status", "-f", "basic"]).await;
    assert!(lines.contains("queue\tchecks\t1\t0\t1\n"), "{lines}");
    let table = prints(&world, &cloud, 0, &["status"]).await;
    assert!(table.contains("Dead letters"), "{table}");
    assert!(!world.folder.path().join("feed-triggers.sqlite").exists());
}

#[tokio::test]
async fn the_doctor_looks_after_deployment_alarms_and_queues() {
    let (world, cloud) = stack().await;
    let findings = answers(&world, &cloud, 3, &["doctor"]).await;
    assert_eq!(verdict(&findings, "shop")["Seen"], "CREATE_COMPLETE");
    let alarms = verdict(&findings, "alarms");
    assert_eq!(alarms["Verdict"], "doubtful");
    assert!(alarms["Remedy"].as_str().unwrap().contains("AlarmTopicArn"));
    for (queue, expected) in [
        ("schedule", "wrong"),
        ("checks", "wrong"),
        ("releases", "well"),
        ("pushes", "well"),
    ] {
        let finding = verdict(&findings, queue);
        assert_eq!(finding["Verdict"], expected, "{finding}");
        assert_eq!(finding["Remedy"].is_null(), expected == "well");
    }

    answers(
        &world,
        &cloud,
        0,
        &["dlq", "redrive", "--queue", "checks", "--all"],
    )
    .await;
    assert_eq!(cloud.held("CheckQueueUrl"), ["waits", "given up"]);
    answers(&world, &cloud, 0, &["dlq", "discard", "3"]).await;
    let findings = answers(&world, &cloud, 3, &["doctor"]).await;
    for queue in ["schedule", "checks"] {
        assert_eq!(verdict(&findings, queue)["Verdict"], "well");
    }
    assert_eq!(verdict(&findings, "rounds")["Verdict"], "wrong", "none yet");
}
