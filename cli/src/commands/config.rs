//! `feedctl config`: shows and changes the configuration file.

use std::path::PathBuf;

use anyhow::Context;

use crate::args::{Cli, Config};
use crate::exit::{Exit, UsageError};
use crate::output::Output;
use crate::settings::{self, Settings};

pub(super) fn config(command: &Config, output: &Output) -> anyhow::Result<Exit> {
    let path = path()?;
    let mut settings = Settings::load(&path)?;
    match command {
        Config::List => output.settings(&settings, &path)?,
        Config::Get(setting) => {
            let name = known(&setting.name)?;
            let value = settings.0.get(name);
            let value = value.with_context(|| format!("cannot show `{name}`: it is not set"))?;
            output.text(value)?;
        }
        Config::Set { setting, value } => {
            let name = known(&setting.name)?;
            check(name, value)?;
            settings.0.insert(name.to_owned(), value.clone());
            settings.save(&path)?;
        }
        Config::Unset(setting) => {
            settings.0.remove(known(&setting.name)?);
            settings.save(&path)?;
        }
    }
    Ok(Exit::Done)
}

fn path() -> anyhow::Result<PathBuf> {
    settings::path()
        .context("cannot locate the configuration: set HOME, XDG_CONFIG_HOME or FEEDCTL_CONFIG")
}

fn known(name: &str) -> anyhow::Result<&str> {
    if settings::is_known(name) {
        return Ok(name);
    }
    let known = settings::KEYS.join(", ");
    let error = format!("cannot use `{name}`: it is no setting; the settings are: {known}, state");
    Err(UsageError(error).into())
}

/// Parses the value as the option's.
fn check(name: &str, value: &str) -> anyhow::Result<()> {
    use clap::Parser;
    if name == "no-prompt" {
        return match value {
            "true" | "false" => Ok(()),
            _ => Err(UsageError("cannot set `no-prompt`: use true or false".to_owned()).into()),
        };
    }
    let option = format!("--{name}={value}");
    let parsed = Cli::try_parse_from(["feedctl", option.as_str(), "status"]);
    parsed.map(drop).map_err(|error| {
        let error = error.to_string();
        let first = error.lines().next().unwrap_or_default();
        let first = first.trim_start_matches("error: ");
        UsageError(format!("cannot set `{name}`: {first}")).into()
    })
}
