//! The scheduler's environment variables.

use domain::time::Span;
use engine::schedule::ScheduleSettings;
use engine::steps::Settings;
use lambda_kit::env::{self, Env, EnvError};

pub(crate) struct Config {
    pub(crate) table: String,
    pub(crate) bus: String,
    pub(crate) settings: Settings,
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
    })
}
