//! Resolves the global options: Octopus and the state. With a stack, options that are not given default to
//! its parameters, so that commands show it as it runs.

use std::path::Path;

use anyhow::Context;
use domain::feed::Access;
use domain::time::Span;
use domain::trigger::NativeTriggers;
use feeds::{INDEX_MEBIBYTES, Limits};
use http_client::AllowedNetworks;
use local::SqliteTable;
use octopus::{FixedKey, OctopusClient};
use operator::overview::LookSettings;
use secrecy::{ExposeSecret, SecretString};

use crate::args::Server;
use crate::deployed::Deployed;
use crate::state::State;

/// The default time between two checks of a feed.
const DEFAULT_INTERVAL: Span = Span::from_seconds(60);

/// The name of a new server's space.
const DEFAULT_SPACE: &str = "Default";

/// The options, with the stack that they name.
#[derive(Debug)]
pub(crate) struct Reach {
    options: Server,
    deployed: Option<Deployed>,
}

impl Server {
    /// The stack's name; an empty one counts as absent.
    pub(crate) fn stack_name(&self) -> Option<&str> {
        self.stack.as_deref().filter(|name| !name.is_empty())
    }
}

impl Reach {
    /// Looks up the stack, if one is named.
    pub(crate) async fn of(options: &Server) -> anyhow::Result<Self> {
        let (profile, region) = (options.profile.as_deref(), options.region.as_deref());
        let deployed = match options.stack_name() {
            Some(name) => Some(Deployed::find(name, profile, region).await?),
            None => None,
        };
        Ok(Self {
            options: options.clone(),
            deployed,
        })
    }

    pub(crate) fn state_file(&self) -> &Path {
        &self.options.state
    }

    pub(crate) fn deployed(&self) -> Option<&Deployed> {
        self.deployed.as_ref()
    }

    /// The URL of Octopus.
    pub(crate) fn url(&self) -> anyhow::Result<&str> {
        let option = self.options.server.as_deref();
        let option = option.filter(|url| !url.trim().is_empty());
        option.or_else(|| self.deployed()?.octopus_url()).context(
            "cannot connect to Octopus: no server is configured; use --server or set OCTOPUS_URL",
        )
    }

    /// The API key or access token; an empty one counts as absent.
    pub(crate) fn key(&self) -> anyhow::Result<SecretString> {
        let Server {
            api_key,
            access_token,
            ..
        } = &self.options;
        let mut keys = [api_key, access_token].into_iter().flatten();
        keys.find(|key| !key.expose_secret().is_empty())
            .cloned()
            .context(
                "cannot connect to Octopus: no API key is configured; use --api-key, or set OCTOPUS_API_KEY or OCTOPUS_ACCESS_TOKEN",
            )
    }

    /// A client of Octopus.
    pub(crate) fn octopus(&self) -> anyhow::Result<OctopusClient<FixedKey>> {
        let key = FixedKey::new(self.key()?);
        Ok(OctopusClient::connect(self.url()?, key)?)
    }

    /// The names or ids of the spaces.
    pub(crate) fn spaces(&self) -> Vec<String> {
        let option = self.options.space.iter();
        let option: Vec<_> = option.filter(|space| !space.is_empty()).cloned().collect();
        let of_stack = || self.deployed().map(Deployed::spaces).unwrap_or_default();
        let default = || vec![DEFAULT_SPACE.to_owned()];
        [option, of_stack(), default()]
            .into_iter()
            .find(|spaces| !spaces.is_empty())
            .unwrap_or_default()
    }

    /// The triggers of Octopus's that feedctl runs.
    pub(crate) fn native_triggers(&self) -> NativeTriggers {
        let option = self.options.native_triggers;
        option
            .or_else(|| self.deployed()?.native_triggers())
            .unwrap_or_default()
    }

    /// The private networks that this process may reach; a stack has a parameter of its own.
    pub(crate) fn networks(&self) -> anyhow::Result<AllowedNetworks> {
        let option = self.options.allow_network.join(",");
        option.parse().context("cannot use --allow-network")
    }

    /// The limits for answers of feeds.
    pub(crate) fn limits(&self) -> Limits {
        let option = self.options.helm_index_max_mib;
        let mebibytes = option.or_else(|| self.deployed()?.index_mebibytes());
        Limits::default().with_index_of(mebibytes.unwrap_or(INDEX_MEBIBYTES))
    }

    /// The settings for reading triggers and feeds; `check_interval` is the command's option, in seconds.
    pub(crate) fn look(&self, check_interval: Option<u32>) -> LookSettings {
        let option = check_interval.map(|seconds| Span::from_seconds(seconds.into()));
        let check_every = option.or_else(|| self.deployed()?.check_every());
        LookSettings {
            spaces: self.spaces(),
            native: self.native_triggers(),
            access: self
                .deployed()
                .map_or_else(Access::default, Deployed::access),
            has_unseen_secrets: self.deployed().is_some_and(Deployed::has_feed_secrets),
            check_every: check_every.unwrap_or(DEFAULT_INTERVAL),
        }
    }

    /// The stack's table or the state file; `None` if the file does not exist.
    pub(crate) fn known_state(&self) -> anyhow::Result<Option<State>> {
        if let Some(deployed) = self.deployed() {
            return Ok(Some(State::Stack(deployed.table())));
        }
        if !self.options.state.exists() {
            return Ok(None);
        }
        Ok(Some(State::File(SqliteTable::open(&self.options.state)?)))
    }

    /// The stack's table or the state file, for commands that require one.
    pub(crate) fn existing_state(&self) -> anyhow::Result<State> {
        self.known_state()?.with_context(|| {
            format!(
                "cannot open the state file {}: it does not exist; start `feedctl run`, or name another \
                 file with --state or a stack with --stack",
                self.options.state.display()
            )
        })
    }

    /// The stack's table or the state file, which is created if it does not exist. A state file belongs to one
    /// Octopus Server.
    pub(crate) async fn state(&self) -> anyhow::Result<State> {
        if let Some(deployed) = self.deployed() {
            return Ok(State::Stack(deployed.table()));
        }
        let table = SqliteTable::open(&self.options.state)?;
        if let Ok(url) = self.url() {
            local::claim_for(&table, url).await?;
        }
        Ok(State::File(table))
    }
}
