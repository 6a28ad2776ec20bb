//! The global options: the Octopus Server, the state, and the access to both. With `--stack`, options that
//! are not given default to the stack's parameters.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use domain::trigger::NativeTriggers;
use secrecy::SecretString;

/// The Octopus Server and the state, with the access to both.
#[derive(Clone, Debug, Args)]
pub struct Server {
    /// The URL of the Octopus Server [default: the stack's].
    #[arg(long, env = "OCTOPUS_URL", global = true, value_name = "URL")]
    pub server: Option<String>,
    /// The API key of the user that creates the releases.
    #[arg(
        long,
        env = "OCTOPUS_API_KEY",
        global = true,
        value_name = "KEY",
        hide_env_values = true,
        value_parser = secret
    )]
    pub api_key: Option<SecretString>,
    /// An access token instead of an API key, as the Octopus CLI accepts it.
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
    /// The space's name, id or slug; separate several by commas, `*` selects all [default: the stack's, or
    /// `Default`].
    #[arg(
        short,
        long,
        env = "OCTOPUS_SPACE",
        global = true,
        value_delimiter = ','
    )]
    pub space: Vec<String>,
    /// The state file [default: feed-triggers.sqlite].
    #[arg(long, env = "FEEDCTL_STATE", global = true, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Use this deployed stack instead of a state file; region and credentials are those of the AWS CLI.
    #[arg(long, env = "FEEDCTL_STACK", global = true, value_name = "NAME")]
    pub stack: Option<String>,
    /// The AWS profile for the stack [default: `AWS_PROFILE`].
    #[arg(long, env = "FEEDCTL_PROFILE", global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// The AWS region of the stack [default: the profile's, or `AWS_REGION`].
    #[arg(long, env = "FEEDCTL_REGION", global = true, value_name = "NAME")]
    pub region: Option<String>,
    /// Allow requests to this private network, such as 10.1.0.0/16; can be repeated [default: those
    /// of the last `run` with this state file].
    #[arg(
        long = "allow-network",
        env = "FEEDCTL_ALLOW_NETWORK",
        global = true,
        value_name = "CIDR",
        value_delimiter = ','
    )]
    pub allow_network: Vec<String>,
    /// The maximum size of a Helm repository's index, in MiB; a larger one is an error [default: the stack's,
    /// or 50].
    #[arg(
        long,
        env = "FEEDCTL_HELM_INDEX_MAX_MIB",
        global = true,
        value_name = "MIB",
        value_parser = super::number_up_to::<1024>
    )]
    pub helm_index_max_mib: Option<u16>,
    /// Read feeds whose credential only Octopus has with the logins of `docker login` and similar commands on this
    /// machine: `on`, or `off` to read such feeds through Octopus.
    #[arg(
        long,
        env = "FEEDCTL_REGISTRY_LOGINS",
        global = true,
        value_enum,
        value_name = "WHETHER",
        default_value_t = RegistryLogins::On
    )]
    pub registry_logins: RegistryLogins,
    /// Run these of Octopus's own triggers: those `marked` with `#feed-triggers`, also `enabled` ones, or
    /// `none` [default: the stack's, or `marked`].
    #[arg(
        long,
        env = "FEEDCTL_NATIVE_TRIGGERS",
        global = true,
        value_name = "WHICH"
    )]
    pub native_triggers: Option<NativeTriggers>,
}

/// Whether the logins of this machine are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RegistryLogins {
    On,
    Off,
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of a clap value parser")]
pub(super) fn secret(text: &str) -> Result<SecretString, String> {
    Ok(SecretString::from(text.to_owned()))
}
