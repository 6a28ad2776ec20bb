//! `feedctl status`, `doctor` and `dlq` with a stack: queues, dead-letter queues, alarms.

use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::doctor::verdict;
use crate::world::{World, printed};

/// A new stack with one check and one scheduler event in its dead-letter queues.
async fn stack() -> (World, Cloud) {
    let (world, cloud) = (World::start().await, Cloud::start(&[], None).await);
    world.add().await;
    cloud.put("CheckQueueUrl", "1", "waits");
    cloud.put("CheckDeadLettersUrl", "2", "failed check");
    cloud.put("ScheduleDeadLettersUrl", "3", "a run");
    (world, cloud)
}

async fn prints(world: &World, cloud: &Cloud, code: i32, arguments: &[&str]) -> String {
    let mut command = world.command(arguments);
    cloud.configure(&mut command);
    printed(code, command).await
}

async fn answers(world: &World, cloud: &Cloud, code: i32, arguments: &[&str]) -> Value {
    let arguments = [arguments, &["-f", "json"]].concat();
    serde_json::from_str(&prints(world, cloud, code, &arguments).await).unwrap()
}

#[tokio::test]
async fn status_of_a_stack_shows_queues_and_dead_letter_queues() {
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
    assert_eq!(status["LastRun"], Value::Null, "no run yet");
    assert_eq!(status["Triggers"][0]["Name"], "New web");

    let lines = prints(&world, &cloud, 0, &["status", "-f", "basic"]).await;
    assert!(lines.contains("queue\tchecks\t1\t0\t1\n"), "{lines}");
    let table = prints(&world, &cloud, 0, &["status"]).await;
    assert!(table.contains("Dead letters"), "{table}");
    assert!(!world.folder.path().join("feed-triggers.sqlite").exists());
}

#[tokio::test]
async fn doctor_of_a_stack_checks_deployment_alarms_and_queues() {
    let (world, cloud) = stack().await;
    let findings = answers(&world, &cloud, 3, &["doctor"]).await;
    assert_eq!(
        verdict(&findings, "shop")["Result"]["Values"]["Status"],
        "CREATE_COMPLETE"
    );
    let alarms = verdict(&findings, "alarms");
    assert_eq!(alarms["Verdict"], "warning");
    assert!(alarms["Remedy"].as_str().unwrap().contains("AlarmTopicArn"));
    for (queue, expected) in [
        ("schedule", "error"),
        ("checks", "error"),
        ("releases", "ok"),
        ("pushes", "ok"),
    ] {
        let finding = verdict(&findings, queue);
        assert_eq!(finding["Verdict"], expected, "{finding}");
        assert_eq!(finding["Remedy"].is_null(), expected == "ok");
    }

    answers(
        &world,
        &cloud,
        0,
        &["dlq", "redrive", "--queue", "checks", "--all"],
    )
    .await;
    assert_eq!(cloud.queued("CheckQueueUrl"), ["waits", "failed check"]);
    answers(&world, &cloud, 0, &["dlq", "delete", "3"]).await;
    let findings = answers(&world, &cloud, 3, &["doctor"]).await;
    for queue in ["schedule", "checks"] {
        assert_eq!(verdict(&findings, queue)["Verdict"], "ok");
    }
    assert_eq!(verdict(&findings, "runs")["Verdict"], "error", "no run yet");
}
