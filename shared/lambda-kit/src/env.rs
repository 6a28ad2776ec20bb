//! Reads the environment. Every name is a constant of this module, and every error names its variable.

use std::collections::HashMap;
use std::fmt::Display;
use std::str::FromStr;

/// The table's name.
pub const TABLE_NAME: &str = "TABLE_NAME";
/// The bus's name or ARN.
pub const BUS_NAME: &str = "BUS_NAME";
/// The Octopus Server's address, with its virtual directory if it has one.
pub const OCTOPUS_URL: &str = "OCTOPUS_URL";
/// The ARN of the secret with the API key, as plain text or as `{"apiKey": "..."}`.
pub const OCTOPUS_SECRET_ARN: &str = "OCTOPUS_SECRET_ARN";
/// Spaces by name or id, separated by commas; `*` means all.
pub const OCTOPUS_SPACES: &str = "OCTOPUS_SPACES";
/// `marked`, `enabled` or `none`.
pub const NATIVE_TRIGGERS: &str = "NATIVE_TRIGGERS";
/// `create` or `observe`.
pub const MODE: &str = "MODE";
/// The stack's parameters, each on a line as `NAME=VALUE`.
pub const STACK_PARAMETERS: &str = "STACK_PARAMETERS";
/// Seconds between two checks of a feed.
pub const CHECK_INTERVAL_SECONDS: &str = "CHECK_INTERVAL_SECONDS";
/// Seconds between two refreshes of the watch list.
pub const REFRESH_INTERVAL_SECONDS: &str = "REFRESH_INTERVAL_SECONDS";
/// Allowed private networks, as CIDR blocks separated by commas.
pub const ALLOWED_NETWORKS: &str = "ALLOWED_NETWORKS";
/// ARNs of secrets with credentials of feeds, separated by commas.
pub const FEED_SECRET_ARNS: &str = "FEED_SECRET_ARNS";
/// The maximum size of the index of a Helm repository, in MiB.
pub const HELM_INDEX_MAX_MIB: &str = "HELM_INDEX_MAX_MIB";
/// The ARN of the secret with further certificates, as PEM text.
pub const CA_BUNDLE_SECRET_ARN: &str = "CA_BUNDLE_SECRET_ARN";
/// The ARN of the secret with the receivers of webhooks, as JSON.
pub const WEBHOOK_SECRET_ARN: &str = "WEBHOOK_SECRET_ARN";
/// The stack's AWS account.
pub const AWS_ACCOUNT: &str = "AWS_ACCOUNT";
/// The stack's name.
pub const STACK_NAME: &str = "STACK_NAME";
/// The URL of the scheduler's dead-letter queue.
pub const SCHEDULE_DEAD_LETTERS_URL: &str = "SCHEDULE_DEAD_LETTERS_URL";
/// The URL of the queue of check requests.
pub const CHECK_QUEUE_URL: &str = "CHECK_QUEUE_URL";
/// The URL of the dead-letter queue of check requests.
pub const CHECK_DEAD_LETTERS_URL: &str = "CHECK_DEAD_LETTERS_URL";
/// The URL of the queue of changes and evaluation requests.
pub const RELEASE_QUEUE_URL: &str = "RELEASE_QUEUE_URL";
/// The URL of the dead-letter queue of changes and evaluation requests.
pub const RELEASE_DEAD_LETTERS_URL: &str = "RELEASE_DEAD_LETTERS_URL";
/// The URL of the queue of pushes.
pub const PUSH_QUEUE_URL: &str = "PUSH_QUEUE_URL";
/// The URL of the dead-letter queue of pushes.
pub const PUSH_DEAD_LETTERS_URL: &str = "PUSH_DEAD_LETTERS_URL";
/// The service name in log lines and metrics.
pub const SERVICE_NAME: &str = "POWERTOOLS_SERVICE_NAME";
/// The namespace of the metrics.
pub const METRICS_NAMESPACE: &str = "POWERTOOLS_METRICS_NAMESPACE";
/// Lambda's own setting of the log level, from the function's `LoggingConfig`.
pub const LOG_LEVEL: &str = "AWS_LAMBDA_LOG_LEVEL";

/// Environment variables by name; empty ones count as absent.
#[derive(Clone, Debug, Default)]
pub struct Env(HashMap<String, String>);

/// A variable that is missing or invalid.
#[derive(Debug, thiserror::Error)]
pub enum EnvError {
    /// The variable is not set.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// The value is invalid.
    #[error("the environment variable {name} is `{value}`: {problem}")]
    Invalid {
        name: &'static str,
        /// The value. None of these variables is a secret.
        value: String,
        problem: String,
    },
}

impl Env {
    /// The environment of the process.
    pub fn of_process() -> Self {
        Self::new(std::env::vars())
    }

    /// An environment of pairs of names and values.
    pub fn new<K: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let pairs = pairs
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        Self(
            pairs
                .filter(|(_, value): &(_, String)| !value.trim().is_empty())
                .collect(),
        )
    }

    /// The value, if the variable is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value.
    ///
    /// # Errors
    /// When it is not set.
    pub fn required(&self, name: &'static str) -> Result<String, EnvError> {
        self.get(name)
            .map(str::to_owned)
            .ok_or(EnvError::Missing(name))
    }

    /// The parsed value, or `default` when it is not set.
    ///
    /// # Errors
    /// When it does not parse.
    pub fn parsed<T>(&self, name: &'static str, default: T) -> Result<T, EnvError>
    where
        T: FromStr,
        T::Err: Display,
    {
        let Some(value) = self.get(name) else {
            return Ok(default);
        };
        value
            .trim()
            .parse()
            .map_err(|problem: T::Err| EnvError::Invalid {
                name,
                value: value.to_owned(),
                problem: problem.to_string(),
            })
    }

    /// The watched spaces.
    pub fn spaces(&self) -> Vec<String> {
        let mut spaces = self.list(OCTOPUS_SPACES);
        if spaces.is_empty() {
            spaces.push("Default".to_owned());
        }
        spaces
    }

    /// The trimmed parts of a comma-separated value; empty if the variable is not set.
    pub fn list(&self, name: &str) -> Vec<String> {
        let parts = self.get(name).unwrap_or_default().split(',');
        parts
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_name_the_variable() {
        let env = Env::new([(CHECK_INTERVAL_SECONDS, "soon"), (MODE, "  ")]);
        let missing = env.required(MODE).unwrap_err().to_string();
        assert_eq!(missing, "the environment variable MODE is not set");
        let invalid = env
            .parsed(CHECK_INTERVAL_SECONDS, 60_u32)
            .unwrap_err()
            .to_string();
        assert!(invalid.starts_with("the environment variable CHECK_INTERVAL_SECONDS is `soon`:"));
    }

    #[test]
    fn lists_are_trimmed_and_empty_ones_are_the_default() {
        let env = Env::new([(OCTOPUS_SPACES, " Default, ,Other ")]);
        assert_eq!(env.spaces(), ["Default", "Other"]);
        assert_eq!(Env::default().spaces(), ["Default"]);
        assert_eq!(env.parsed(REFRESH_INTERVAL_SECONDS, 300_u32).unwrap(), 300);
    }
}
