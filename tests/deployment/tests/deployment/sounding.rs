//! Every alarm starts in the situation that it is for, ends after it, and its text names the place to look at.
//!
//! The metrics of the functions are written in the embedded metric format by the code that the functions use, read as
//! CloudWatch reads it, aggregated by the alarm's period and statistic, and compared with its threshold.

use lambda_kit::env::{self, Env};
use lambda_kit::metrics::Metrics;
use serde_json::Value;

use super::template::Template;

const ALARMS: &str = include_str!("../../../../infra/alarms.yaml");

/// The sources of the functions' own metrics.
const SOURCES: [(&str, &str); 5] = [
    (
        "scheduler",
        include_str!("../../../../functions/scheduler/src/handler.rs"),
    ),
    (
        "feed-checker",
        include_str!("../../../../functions/feed-checker/src/handler.rs"),
    ),
    (
        "release-creator",
        include_str!("../../../../functions/release-creator/src/handler.rs"),
    ),
    (
        "push-receiver",
        include_str!("../../../../functions/push-receiver/src/handler.rs"),
    ),
    (
        "hook-receiver",
        include_str!("../../../../functions/hook-receiver/src/handler.rs"),
    ),
];
/// The source of the metric that counts failed records.
const BATCH: &str = include_str!("../../../../shared/lambda-kit/src/batch.rs");

const HOUR: u64 = 60;

/// A value that is emitted every so many minutes; `None` if nothing is emitted.
type Emission = Option<(u64, u64)>;

/// The situation that an alarm is for.
struct Situation {
    alarm: &'static str,
    usual: Emission,
    failing: Emission,
    /// The longest time until the alarm starts, in minutes.
    within: u64,
    /// The words that the text of the alarm must contain.
    named: &'static [&'static str],
}

const fn situation(
    alarm: &'static str,
    usual: Emission,
    failing: Emission,
    within: u64,
    named: &'static [&'static str],
) -> Situation {
    Situation {
        alarm,
        usual,
        failing,
        within,
        named,
    }
}

const SITUATIONS: [Situation; 32] = [
    // The scheduler is not started: no metric at all.
    situation(
        "NothingRuns",
        Some((1, 1)),
        None,
        10,
        &["EventBridge Scheduler", "concurrency"],
    ),
    situation("SchedulerFails", Some((1, 0)), Some((1, 1)), 15, &["log"]),
    situation(
        "SchedulerSlow",
        Some((1, 2_000)),
        Some((1, 55_000)),
        15,
        &["memory", "log"],
    ),
    // Counted only when the triggers are read, every five minutes.
    situation(
        "TriggersStall",
        Some((5, 0)),
        Some((5, 2)),
        20,
        &["release-creator's log"],
    ),
    // A record that fails is delivered again about once a minute.
    situation("FeedCheckerFails", Some((1, 0)), Some((1, 1)), 15, &["log"]),
    situation(
        "FeedCheckerSlow",
        Some((1, 900)),
        Some((1, 110_000)),
        15,
        &["memory", "log"],
    ),
    situation(
        "ReleaseCreatorFails",
        Some((1, 0)),
        Some((1, 1)),
        15,
        &["log"],
    ),
    situation(
        "ReleaseCreatorSlow",
        Some((5, 900)),
        Some((5, 290_000)),
        15,
        &["memory", "log"],
    ),
    situation(
        "PushReceiverFails",
        Some((1, 0)),
        Some((1, 1)),
        15,
        &["log"],
    ),
    situation(
        "PushReceiverSlow",
        Some((5, 90)),
        Some((5, 29_000)),
        15,
        &["memory", "log"],
    ),
    situation(
        "HookReceiverFails",
        Some((1, 0)),
        Some((1, 1)),
        15,
        &["log", "schedule"],
    ),
    situation(
        "HookReceiverThrottled",
        Some((1, 0)),
        Some((1, 20)),
        5,
        &["WebhookConcurrency"],
    ),
    // Refusals are written at most once a minute.
    situation("WebhooksRefused", None, Some((1, 3)), 15, &["key", "JSON"]),
    situation("ConsoleFails", Some((1, 0)), Some((1, 1)), 15, &["log"]),
    situation(
        "ConsoleSlow",
        Some((5, 900)),
        Some((5, 59_000)),
        15,
        &["memory", "Octopus"],
    ),
    situation(
        "ScheduleDeadLettersFilled",
        Some((1, 0)),
        Some((1, 1)),
        2,
        &["scheduler's log"],
    ),
    situation(
        "CheckDeadLettersFilled",
        Some((1, 0)),
        Some((1, 1)),
        2,
        &["feed-checker's log", "redrive"],
    ),
    situation(
        "ReleaseDeadLettersFilled",
        Some((1, 0)),
        Some((1, 1)),
        2,
        &["release-creator's log", "redrive"],
    ),
    situation(
        "PushDeadLettersFilled",
        Some((1, 0)),
        Some((1, 1)),
        2,
        &["push-receiver's log"],
    ),
    situation(
        "CheckQueueWaits",
        Some((1, 4)),
        Some((1, 1_000)),
        5,
        &["feed-checker"],
    ),
    situation(
        "PushCheckQueueWaits",
        Some((1, 4)),
        Some((1, 400)),
        5,
        &["feed-checker"],
    ),
    situation(
        "ChecksSuperseded",
        None,
        Some((1, 3)),
        25,
        &["CheckInterval", "feed-checker's log"],
    ),
    situation(
        "ReleaseQueueWaits",
        Some((1, 4)),
        Some((1, 1_000)),
        5,
        &["release-creator"],
    ),
    situation("CheckRuleFails", None, Some((1, 1)), 5, &["policy", "key"]),
    situation(
        "ReleaseRuleFails",
        None,
        Some((1, 1)),
        5,
        &["policy", "key"],
    ),
    situation(
        "WatchListStale",
        Some((1, 0)),
        Some((1, 1)),
        20,
        &["scheduler's log", "API key"],
    ),
    situation(
        "ApiKeyRefused",
        Some((1, 0)),
        Some((1, 1)),
        10,
        &["OctopusSecretArn"],
    ),
    // A feed that fails is checked every 15 minutes, in the first scheduler run after its pause.
    situation(
        "FeedsFail",
        Some((1, 0)),
        Some((16, 1)),
        90,
        &["feedctl feeds list --stack", "feed-checker's log"],
    ),
    situation(
        "NothingWatched",
        Some((1, 7)),
        Some((1, 0)),
        20,
        &["feedctl doctor --stack"],
    ),
    situation(
        "TriggersDropped",
        Some((1, 0)),
        Some((3 * HOUR, 1)),
        15,
        &["trigger file", "feedctl doctor --stack"],
    ),
    situation(
        "CheckRuleLoses",
        None,
        Some((1, 1)),
        10,
        &["policies", "keys"],
    ),
    situation(
        "ReleaseRuleLoses",
        None,
        Some((1, 1)),
        10,
        &["policies", "keys"],
    ),
];

/// Alarms for one event, which end although the event is not repaired.
const ONCE: [&str; 1] = ["TriggersDropped"];

/// The values of a metric by the minute of their emission.
type Series = Vec<(u64, f64)>;

/// Emits a value in a time, in the form in which the metric reaches CloudWatch.
fn emit(alarm: &Value, emission: Emission, from: u64, to: u64) -> Series {
    let Some((every, value)) = emission else {
        return Vec::new();
    };
    let minutes = (from..to).step_by(usize::try_from(every).expect("minutes"));
    minutes
        .map(|minute| match alarm["Namespace"]["Ref"].as_str() {
            Some("MetricsNamespace") => embedded(alarm, minute, value),
            _ => (minute, value as f64),
        })
        .collect()
}

/// A value that a function writes and CloudWatch reads.
fn embedded(alarm: &Value, minute: u64, value: u64) -> (u64, f64) {
    let service = alarm["Dimensions"][0]["Value"].as_str().expect("a service");
    let name = alarm["MetricName"].as_str().expect("a metric");
    let mut metrics = Metrics::new(&Env::new([(env::SERVICE_NAME, service)]));
    metrics.count(name, usize::try_from(value).expect("a count"));
    let line = metrics.line(minute * 60_000).expect("a metric");
    let line: Value = serde_json::from_str(&line).expect("JSON");
    let directive = &line["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(
        directive["Dimensions"][0][0],
        alarm["Dimensions"][0]["Name"]
    );
    assert_eq!(directive["Metrics"][0]["Name"], name);
    assert_eq!(line["service"], service);
    let at = line["_aws"]["Timestamp"].as_u64().expect("a time") / 60_000;
    (at, line[name].as_f64().expect("a value"))
}

/// Whether the alarm is on at the end of each minute.
fn states(alarm: &Value, series: &Series, minutes: u64) -> Vec<bool> {
    let number = |name: &str| alarm[name].as_u64().unwrap_or_else(|| panic!("{name}"));
    let period = number("Period") / 60;
    let datapoints: Vec<_> = (0..minutes / period)
        .map(|index| {
            let range = index * period..(index + 1) * period;
            let values = series.iter().filter(|(minute, _)| range.contains(minute));
            aggregate(alarm, &values.map(|(_, value)| *value).collect::<Vec<_>>())
        })
        .collect();
    let evaluated = usize::try_from(number("EvaluationPeriods")).expect("periods");
    let needed = usize::try_from(number("DatapointsToAlarm")).expect("datapoints");
    let mut is_on = false;
    let mut states = Vec::new();
    for minute in 0..minutes {
        let complete = usize::try_from((minute + 1) / period).expect("periods");
        let window = &datapoints[complete.saturating_sub(evaluated)..complete];
        if window.len() == evaluated {
            is_on = judge(alarm, window, needed, is_on);
        }
        states.push(is_on);
    }
    states
}

fn aggregate(alarm: &Value, values: &[f64]) -> Option<f64> {
    let highest = values.iter().copied().reduce(f64::max)?;
    let statistic = alarm["Statistic"].as_str();
    Some(match statistic.or(alarm["ExtendedStatistic"].as_str()) {
        Some("Sum") => values.iter().sum(),
        // The 99th percentile of so few values is the highest.
        Some("Maximum" | "p99") => highest,
        other => panic!("cannot aggregate by {other:?}"),
    })
}

/// The state after these datapoints; `None` is a missing one.
fn judge(alarm: &Value, window: &[Option<f64>], needed: usize, before: bool) -> bool {
    let threshold = alarm["Threshold"].as_f64().expect("a threshold");
    let breaches = |value: f64| match alarm["ComparisonOperator"].as_str() {
        Some("GreaterThanOrEqualToThreshold") => value >= threshold,
        Some("GreaterThanThreshold") => value > threshold,
        Some("LessThanThreshold") => value < threshold,
        other => panic!("cannot compare by {other:?}"),
    };
    let missing = match alarm["TreatMissingData"].as_str() {
        Some("ignore") if window.iter().all(Option::is_none) => return before,
        Some("breaching") => true,
        Some("notBreaching" | "ignore") => false,
        other => panic!("cannot treat missing data as {other:?}"),
    };
    let breaching = window
        .iter()
        .filter(|value| value.map_or(missing, breaches));
    breaching.count() >= needed
}

#[test]
fn every_alarm_has_a_situation() {
    let template = Template::parse(ALARMS);
    let mut alarms: Vec<_> = template
        .resources("AWS::CloudWatch::Alarm")
        .iter()
        .map(|(name, _)| *name)
        .collect();
    let mut situations: Vec<_> = SITUATIONS.iter().map(|one| one.alarm).collect();
    alarms.sort_unstable();
    situations.sort_unstable();
    assert_eq!(alarms, situations);
}

#[test]
fn alarm_starts_with_its_situation_and_ends_after_it() {
    let template = Template::parse(ALARMS);
    let alarms = template.resources("AWS::CloudWatch::Alarm");
    for one in &SITUATIONS {
        let (_, alarm) = alarms
            .iter()
            .find(|(name, _)| *name == one.alarm)
            .expect(one.alarm);
        let (start, end, last) = (3 * HOUR, 6 * HOUR, 9 * HOUR);
        let mut series = emit(alarm, one.usual, 0, start);
        series.extend(emit(alarm, one.failing, start, end));
        series.extend(emit(alarm, one.usual, end, last));
        let states = states(alarm, &series, last);
        let on = |from: u64, to: u64| {
            let range = usize::try_from(from).unwrap_or(0)..usize::try_from(to).unwrap_or(0);
            states[range].iter().filter(|on| **on).count()
        };
        let name = one.alarm;
        // The first minutes have no data.
        assert_eq!(on(HOUR, start), 0, "{name} starts without its situation");
        assert!(on(start, start + one.within) > 0, "{name} does not start");
        if ONCE.contains(&name) {
            assert_eq!(on(end - HOUR, end), 0, "{name} does not end");
        } else {
            let expected = usize::try_from(end - start - one.within).unwrap_or(0);
            let sounding = on(start + one.within, end);
            assert_eq!(sounding, expected, "{name} ends before its situation");
        }
        assert_eq!(on(last - HOUR, last), 0, "{name} does not end");
    }
}

#[test]
fn alarm_uses_a_metric_that_its_function_emits() {
    let template = Template::parse(ALARMS);
    for (name, alarm) in template.resources("AWS::CloudWatch::Alarm") {
        if alarm["Namespace"]["Ref"] != "MetricsNamespace" {
            continue;
        }
        let service = alarm["Dimensions"][0]["Value"].as_str().expect(name);
        let metric = alarm["MetricName"].as_str().expect(name);
        let (_, source) = SOURCES
            .iter()
            .find(|(one, _)| *one == service)
            .expect(service);
        let quoted = format!("\"{metric}\"");
        let counts_records = BATCH.contains(&quoted) && source.contains("batch::");
        assert!(
            source.contains(&quoted) || counts_records,
            "{service} does not emit {metric}"
        );
    }
}

#[test]
fn alarm_text_names_the_place_to_look_at() {
    let template = Template::parse(ALARMS);
    let alarms = template.resources("AWS::CloudWatch::Alarm");
    for one in &SITUATIONS {
        let (_, alarm) = alarms
            .iter()
            .find(|(name, _)| *name == one.alarm)
            .expect(one.alarm);
        let text = alarm["AlarmDescription"].as_str().expect(one.alarm);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for place in one.named {
            assert!(
                text.contains(place),
                "{}: {place:?} is not in {text:?}",
                one.alarm
            );
        }
    }
}
