//! Alarms, metrics and queues: every alarm uses an existing metric, and the documents count and describe them.

use std::collections::BTreeSet;

use super::template::Template;

const OPERATIONS: &str = include_str!("../../../../docs/OPERATIONS.md");
const COSTS: &str = include_str!("../../../../docs/guide/costs.md");
const ALARMS: &str = include_str!("../../../../infra/alarms.yaml");

/// The lines of a section of docs/OPERATIONS.md that are rows of its table.
fn rows(heading: &str) -> Vec<&'static str> {
    let (_, section) = OPERATIONS.split_once(heading).expect("the section exists");
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter(|line| line.starts_with("| "));
    rows.skip(1).collect()
}

/// The texts in backticks of one column.
fn quoted(rows: &[&str], column: usize) -> BTreeSet<String> {
    rows.iter()
        .filter_map(|row| row.split('|').nth(column))
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .map(str::to_owned)
        .collect()
}

fn alarms() -> Template {
    Template::parse(ALARMS)
}

/// The metrics of a stack with the services that emit them, as docs/OPERATIONS.md lists them.
fn metrics() -> BTreeSet<(String, String)> {
    let mut service = String::new();
    let mut all = BTreeSet::new();
    for row in rows("\n## Metrics\n") {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        if !cells[1].is_empty() {
            cells[1].clone_into(&mut service);
        }
        for service in service.split(", ") {
            all.insert((service.to_owned(), cells[2].trim_matches('`').to_owned()));
        }
    }
    all
}

#[test]
fn alarms_are_described_in_operations() {
    let alarms = alarms();
    let names = alarms.resources("AWS::CloudWatch::Alarm").into_iter();
    let names: BTreeSet<_> = names
        .filter_map(|(_, alarm)| alarm["AlarmName"]["Fn::Sub"].as_str())
        .map(|name| name.trim_start_matches("${Prefix}-").to_owned())
        .collect();
    assert_eq!(names, quoted(&rows("\n## Alarms\n"), 1));
}

#[test]
fn alarms_use_metrics_that_exist() {
    let metrics = metrics();
    for (name, alarm) in alarms().resources("AWS::CloudWatch::Alarm") {
        if alarm["Namespace"]["Ref"] == "MetricsNamespace" {
            let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            let used = (
                text(&alarm["Dimensions"][0]["Value"]),
                text(&alarm["MetricName"]),
            );
            assert!(metrics.contains(&used), "{name}: {used:?}");
        }
        let described = alarm["AlarmDescription"].as_str().unwrap_or_default();
        assert!(described.len() > 40, "{name} has no description");
    }
}

#[test]
fn costs_count_all_metrics_and_alarms() {
    let alarms = alarms();
    let all = alarms.resources("AWS::CloudWatch::Alarm");
    // Those of the console and of webhooks exist only with their functions.
    let is_optional = |name: &str| {
        ["Console", "HookReceiver", "Webhooks"]
            .iter()
            .any(|part| name.starts_with(part))
    };
    let usual = all.iter().filter(|(name, _)| !is_optional(name)).count();
    assert!(
        COSTS.contains(&format!("0.10 × {usual},")),
        "{usual} alarms"
    );
    let metrics = metrics();
    // A stack without webhooks and announced pushes has none of these.
    let is_of_webhooks =
        |(by, name): &&(String, String)| by == "hook-receiver" || name == "HintsUnconfirmed";
    let of_webhooks = metrics.iter().filter(is_of_webhooks).count();
    assert_eq!(of_webhooks, 4);
    let metrics = metrics.len() - of_webhooks;
    assert!(
        COSTS.contains(&format!("0.30 × {metrics}\n")),
        "{metrics} metrics"
    );
}

#[test]
fn queues_are_described_in_operations() {
    let template = Template::read();
    let queues = template.resources("AWS::SQS::Queue");
    let property = |queue: &str, name: &str| {
        let found = queues.iter().find(|(own, _)| *own == queue);
        let (_, queue) = found.expect("the queue");
        queue[name].clone()
    };
    let seconds = |queue: &str, name: &str| property(queue, name).as_f64().expect("seconds");
    let span = |seconds: f64| match seconds / 3_600.0 {
        hours if hours < 48.0 => format!("{hours} hours"),
        hours => format!("{} days", hours / 24.0),
    };
    let rows = rows("\n## Queues\n");
    for (row, queue, dead) in [
        ("| check |", "CheckQueue", "CheckDeadLetters"),
        ("| check |", "PushCheckQueue", "CheckDeadLetters"),
        ("| release |", "ReleaseQueue", "ReleaseDeadLetters"),
        ("| push |", "PushQueue", "PushDeadLetters"),
    ] {
        let row = rows.iter().find(|one| one.starts_with(row));
        let cells: Vec<_> = row.expect("the row").split('|').map(str::trim).collect();
        let minutes = seconds(queue, "VisibilityTimeout") / 60.0;
        let unit = if minutes > 1.0 { "minutes" } else { "minute" };
        let deliveries = &property(queue, "RedrivePolicy")["maxReceiveCount"];
        let described = [
            span(seconds(queue, "MessageRetentionPeriod")),
            format!("{deliveries} deliveries, {minutes} {unit} apart"),
            span(seconds(dead, "MessageRetentionPeriod")),
        ];
        assert_eq!(cells[3..6], described, "{queue}");
    }
}
