//! The console's environment variables.

use std::collections::BTreeMap;

use aws::QueueUrls;
use domain::feed::Access;
use domain::time::Span;
use domain::trigger::NativeTriggers;
use lambda_kit::env::{self, Env, EnvError};
use operator::overview::LookSettings;
use operator::ports::QueueKind;
use web_console::{ConsoleSettings, OctopusLinks};

pub(crate) struct Config {
    pub(crate) table: String,
    pub(crate) bus: String,
    pub(crate) queues: BTreeMap<QueueKind, QueueUrls>,
    pub(crate) settings: ConsoleSettings,
}

/// Reads the variables. `access` is that of the feed checker, with which the console shows routes.
pub(crate) fn read(env: &Env, access: Access) -> Result<Config, EnvError> {
    let check_every: u32 = env.parsed(env::CHECK_INTERVAL_SECONDS, 60)?;
    Ok(Config {
        table: env.required(env::TABLE_NAME)?,
        bus: env.required(env::BUS_NAME)?,
        queues: queues(env)?,
        settings: ConsoleSettings {
            place: env.required(env::STACK_NAME)?,
            links: OctopusLinks::to(&env.required(env::OCTOPUS_URL)?),
            look: LookSettings {
                spaces: env.spaces(),
                native: env.parsed(env::NATIVE_TRIGGERS, NativeTriggers::default())?,
                access,
                has_unseen_secrets: false,
                check_every: Span::from_seconds(check_every.into()),
            },
        },
    })
}

fn queues(env: &Env) -> Result<BTreeMap<QueueKind, QueueUrls>, EnvError> {
    let queue = |queue: Option<&'static str>, dead_letters| {
        Ok(QueueUrls {
            queue: queue.map(|name| env.required(name)).transpose()?,
            dead_letters: env.required(dead_letters)?,
        })
    };
    let checks = queue(Some(env::CHECK_QUEUE_URL), env::CHECK_DEAD_LETTERS_URL)?;
    let releases = queue(Some(env::RELEASE_QUEUE_URL), env::RELEASE_DEAD_LETTERS_URL)?;
    let pushes = queue(Some(env::PUSH_QUEUE_URL), env::PUSH_DEAD_LETTERS_URL)?;
    Ok(BTreeMap::from([
        (
            QueueKind::Schedule,
            queue(None, env::SCHEDULE_DEAD_LETTERS_URL)?,
        ),
        (QueueKind::Checks, checks),
        (QueueKind::Releases, releases),
        (QueueKind::Pushes, pushes),
    ]))
}
