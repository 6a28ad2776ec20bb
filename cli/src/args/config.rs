//! Options of `config`.

use clap::{Args, Subcommand};

/// Commands about the configuration file.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// List the settings and the path of the file.
    #[command(visible_alias = "ls")]
    List,
    /// Print the value of a setting.
    Get(Setting),
    /// Set a default for a global option, such as `server` or `allow-network`.
    Set {
        #[command(flatten)]
        setting: Setting,
        /// The value; separate several by commas.
        value: String,
    },
    /// Remove a setting.
    Unset(Setting),
}

/// A setting.
#[derive(Debug, Args)]
pub struct Setting {
    /// The long name of the global option, without dashes.
    pub name: String,
}
