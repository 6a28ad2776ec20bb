//! Octopus, what is remembered, and how both are reached: options of every command. What they leave open
//! is as the stack was deployed, if one is named.

use std::path::PathBuf;

use clap::Args;
use domain::trigger::NativeTriggers;
use secrecy::SecretString;

/// Octopus, and how to speak to it.
#[derive(Clone, Debug, Args)]
pub struct Server {
    /// The address of the Octopus Server; else that of the stack, if one is named.
    #[arg(long, env = "OCTOPUS_URL", global = true, value_name = "URL")]
    pub server: Option<String>,
    /// An API key of the user that creates the releases.
    #[arg(
        long,
        env = "OCTOPUS_API_KEY",
        global = true,
        value_name = "KEY",
        hide_env_values = true,
        value_parser = secret
    )]
    pub api_key: Option<SecretString>,
    /// An access token in place of an API key, for the Octopus CLI's sake.
    #[arg(
        long,
        env = "OCTOPUS_ACCESS_TOKEN",
        global = true,
        value_name = "TOKEN",
        hide_env_values = true,
        hide = true,
        value_parser = secret
    )]
    pub access_token: Option<SecretString>,
    /// The space, by name or id; several separated by commas, `*` for all; else those of the stack, or
    /// `Default`.
    #[arg(
        short,
        long,
        env = "OCTOPUS_SPACE",
        global = true,
        value_delimiter = ','
    )]
    pub space: Vec<String>,
    /// The file that holds what is remembered between runs.
    #[arg(
        long,
        global = true,
        default_value = "feed-triggers.sqlite",
        value_name = "FILE"
    )]
    pub state: PathBuf,
    /// A deployed stack, by its name, instead of a file; region and credentials are found as the AWS CLI
    /// finds them.
    #[arg(
        long,
        env = "FEEDCTL_STACK",
        global = true,
        value_name = "NAME",
        conflicts_with = "state"
    )]
    pub stack: Option<String>,
    /// The profile of AWS's configuration to use for the stack, instead of `AWS_PROFILE`'s.
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// The region of the stack, instead of the profile's or `AWS_REGION`'s.
    #[arg(long, global = true, value_name = "NAME")]
    pub region: Option<String>,
    /// A private network that may be reached, such as 10.1.0.0/16; can be given more than once.
    #[arg(
        long = "allow-network",
        global = true,
        value_name = "CIDR",
        value_delimiter = ','
    )]
    pub allow_network: Vec<String>,
    /// The most that the index of a Helm repository may have, in MiB, where a larger one is an error; else
    /// as the stack has it, or 50.
    #[arg(
        long,
        global = true,
        value_name = "MIB",
        value_parser = clap::value_parser!(u16).range(1..=1024)
    )]
    pub helm_index_max_mib: Option<u16>,
    /// Which of Octopus's own triggers are run: those `marked` with `#feed-triggers`, also the `enabled`,
    /// `none`; else as the stack has it, or `marked`.
    #[arg(long, global = true, value_name = "WHICH")]
    pub native_triggers: Option<NativeTriggers>,
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of a clap value parser")]
fn secret(text: &str) -> Result<SecretString, String> {
    Ok(SecretString::from(text.to_owned()))
}
