//! The configuration file: defaults of the global options, which `feedctl config` changes.
//!
//! The file is JSON, `feedctl/config.json` in `$XDG_CONFIG_HOME` (or `~/.config`; on Windows `%APPDATA%`), or the
//! file that `FEEDCTL_CONFIG` names. Options of the command line and environment variables take precedence.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

use crate::exit::UsageError;

/// The variable with the path of the configuration file.
const PATH: &str = "FEEDCTL_CONFIG";

/// The options that the file can contain, by their long names.
pub(crate) const KEYS: [&str; 13] = [
    "allow-network",
    "api-key",
    "helm-index-max-mib",
    "log-format",
    "native-triggers",
    "no-prompt",
    "output-format",
    "profile",
    "region",
    "registry-logins",
    "server",
    "space",
    "stack",
];

/// The one further option; it is listed last, because `stack` replaces it.
pub(crate) const STATE: &str = "state";

/// The settings in the file, by option name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings(pub(crate) BTreeMap<String, String>);

/// The path of the configuration file; `None` if the environment names no home directory.
pub(crate) fn path() -> Option<PathBuf> {
    let variable = |name: &str| {
        let value = std::env::var_os(name).filter(|value| !value.is_empty());
        value.map(PathBuf::from)
    };
    let folder = || {
        let home = || Some(variable("HOME")?.join(".config"));
        let folder = variable("XDG_CONFIG_HOME").or_else(|| variable("APPDATA"));
        Some(folder.or_else(home)?.join("feedctl").join("config.json"))
    };
    variable(PATH).or_else(folder)
}

/// Whether an option with this name can be in the file.
pub(crate) fn is_known(key: &str) -> bool {
    key == STATE || KEYS.contains(&key)
}

impl Settings {
    /// Reads the file; a missing one contains no settings.
    ///
    /// # Errors
    /// When the file cannot be read, is not a JSON object of texts, or contains an unknown option.
    pub(crate) fn load(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("cannot read the configuration {shown}"));
            }
        };
        let values: BTreeMap<String, String> = serde_json::from_str(&text).map_err(|error| {
            UsageError(format!(
                "cannot read the configuration {shown}: {error}; write a JSON object with texts as values"
            ))
        })?;
        if let Some(unknown) = values.keys().find(|key| !is_known(key)) {
            let error = format!(
                "cannot use the configuration {shown}: unknown setting `{unknown}`; `feedctl config list` shows \
                 the known ones"
            );
            return Err(UsageError(error).into());
        }
        Ok(Self(values))
    }

    /// Writes the file, which only the user can read: it may contain the API key.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn save(&self, path: &Path) -> anyhow::Result<()> {
        let failed = || format!("cannot write the configuration {}", path.display());
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(failed)?;
        }
        let text = serde_json::to_string_pretty(&self.0)? + "\n";
        write_private(path, &text).with_context(failed)
    }
}

#[cfg(unix)]
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(path)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    file.write_all(text.as_bytes())
}

#[cfg(not(unix))]
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    std::fs::write(path, text)
}

/// The command line without environment variables that are empty, which count as absent.
pub(crate) fn without_empty_variables(command: Command) -> Command {
    command.mut_args(|argument| {
        let value = argument.get_env().and_then(std::env::var_os);
        match value.as_deref().is_some_and(OsStr::is_empty) {
            true => argument.env(None::<&'static str>),
            false => argument,
        }
    })
}

/// The arguments for the settings that neither the command line nor the environment sets.
///
/// A stack and a state file exclude each other: the settings of one are not used if the user selected the other.
pub(crate) fn defaults(settings: &Settings, matches: &ArgMatches) -> Vec<String> {
    let is_set = |key: &str| {
        let id = key.replace('-', "_");
        let source = matches.value_source(&id);
        source.is_some_and(|source| source != ValueSource::DefaultValue)
    };
    let is_excluded = |key: &str| match key {
        STATE => is_set("stack"),
        "stack" => is_set(STATE),
        "api-key" => is_set("access_token"),
        _ => false,
    };
    let unset = settings.0.iter();
    let unset = unset.filter(|(key, value)| !is_set(key) && !is_excluded(key) && !value.is_empty());
    let arguments = unset.filter_map(|(key, value)| match (key.as_str(), value.as_str()) {
        ("no-prompt", "true") => Some("--no-prompt".to_owned()),
        ("no-prompt", _) => None,
        (key, value) => Some(format!("--{key}={value}")),
    });
    arguments.collect()
}
