//! Metrics in CloudWatch's embedded metric format: one line of JSON on standard output, and no request.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use crate::env::{self, Env};

/// The metrics of one invocation.
#[derive(Debug)]
pub struct Metrics {
    namespace: String,
    service: String,
    definitions: Vec<Value>,
    values: Map<String, Value>,
}

impl Metrics {
    /// Without metrics.
    pub fn new(env: &Env) -> Self {
        Self {
            namespace: env
                .get(env::METRICS_NAMESPACE)
                .unwrap_or("FeedTriggers")
                .to_owned(),
            service: env
                .get(env::SERVICE_NAME)
                .unwrap_or("feed-triggers")
                .to_owned(),
            definitions: Vec::new(),
            values: Map::new(),
        }
    }

    /// Adds to a count. A count of zero is written too.
    pub fn count(&mut self, name: &str, count: usize) {
        self.add(name, "Count", count as u64);
    }

    /// Adds a duration in milliseconds.
    pub fn millis(&mut self, name: &str, millis: i64) {
        self.add(name, "Milliseconds", millis.unsigned_abs());
    }

    fn add(&mut self, name: &str, unit: &str, amount: u64) {
        match self.values.get(name).and_then(Value::as_u64) {
            Some(sum) => drop(self.values.insert(name.to_owned(), (sum + amount).into())),
            None => {
                self.definitions.push(json!({ "Name": name, "Unit": unit }));
                self.values.insert(name.to_owned(), amount.into());
            }
        }
    }

    /// The line; `None` without metrics.
    pub fn line(&self, millis_since_epoch: u64) -> Option<String> {
        if self.definitions.is_empty() {
            return None;
        }
        let mut line = self.values.clone();
        line.insert("service".to_owned(), self.service.clone().into());
        let directive = json!({
            "Timestamp": millis_since_epoch,
            "CloudWatchMetrics": [{
                "Namespace": self.namespace,
                "Dimensions": [["service"]],
                "Metrics": self.definitions,
            }],
        });
        line.insert("_aws".to_owned(), directive);
        Some(Value::Object(line).to_string())
    }

    /// Writes the line to standard output.
    #[expect(
        clippy::print_stdout,
        reason = "Lambda reads metrics from standard output"
    )]
    pub fn emit(&self) {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_millis();
        if let Some(line) = self.line(u64::try_from(now).unwrap_or(u64::MAX)) {
            println!("{line}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_defines_each_metric_once_and_sums_it() {
        let mut metrics = Metrics::new(&Env::new([(env::SERVICE_NAME, "feed-checker")]));
        assert_eq!(metrics.line(0), None);
        metrics.count("FeedsChecked", 1);
        metrics.count("FeedsChecked", 2);
        metrics.millis("FeedCheckDuration", 40);
        let line: Value = serde_json::from_str(&metrics.line(1_700_000_000_000).unwrap()).unwrap();
        assert_eq!(line["FeedsChecked"], 3);
        assert_eq!(line["service"], "feed-checker");
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Dimensions"], json!([["service"]]));
        assert_eq!(directive["Metrics"].as_array().unwrap().len(), 2);
        assert_eq!(line["_aws"]["Timestamp"], 1_700_000_000_000_u64);
    }
}
