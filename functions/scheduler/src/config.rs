//! The scheduler's environment variables.

use std::collections::BTreeMap;

use domain::time::Span;
use engine::schedule::ScheduleSettings;
use engine::steps::Settings;
use lambda_kit::env::{self, Env, EnvError};

pub(crate) struct Config {
    pub(crate) table: String,
    pub(crate) bus: String,
    pub(crate) settings: Settings,
    /// The stack's parameters by name.
    pub(crate) parameters: BTreeMap<String, String>,
}

pub(crate) fn read(env: &Env) -> Result<Config, EnvError> {
    let seconds = |name, default: u32| {
        env.parsed(name, default)
            .map(|seconds| Span::from_seconds(seconds.into()))
    };
    Ok(Config {
        table: env.required(env::TABLE_NAME)?,
        bus: env.required(env::BUS_NAME)?,
        settings: Settings {
            schedule: ScheduleSettings {
                spaces: env.spaces(),
                native: env.parsed(env::NATIVE_TRIGGERS, Default::default())?,
                check_every: seconds(env::CHECK_INTERVAL_SECONDS, 60)?,
                refresh_every: seconds(env::REFRESH_INTERVAL_SECONDS, 300)?,
            },
            ..Settings::default()
        },
        parameters: parameters(env.get(env::STACK_PARAMETERS).unwrap_or_default()),
    })
}

/// The parameters in lines of `NAME=VALUE`.
fn parameters(lines: &str) -> BTreeMap<String, String> {
    let pairs = lines.lines().filter_map(|line| line.split_once('='));
    pairs
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::parameters;

    #[test]
    fn parameters_are_read_by_line() {
        let read = parameters("Mode=observe\nSpaces=Default,R=D\nNoProxy=\n\n");
        let pairs: Vec<_> = read
            .iter()
            .map(|(name, value)| format!("{name}:{value}"))
            .collect();
        assert_eq!(pairs, ["Mode:observe", "NoProxy:", "Spaces:Default,R=D"]);
    }
}
