//! What the options come to: Octopus, and what is remembered. What they leave open of a stack is as it was
//! deployed, so that it is looked at as it runs.

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

/// How often a feed is checked, where nobody says.
const USUAL_INTERVAL: Span = Span::from_seconds(60);

/// The space that Octopus begins with.
const USUAL_SPACE: &str = "Default";

/// The options, with the stack if they name one.
#[derive(Debug)]
pub(crate) struct Reach {
    options: Server,
    deployed: Option<Deployed>,
}

impl Server {
    /// The stack that is meant, if one is.
    pub(crate) fn stack_name(&self) -> Option<&str> {
        self.stack.as_deref().filter(|name| !name.is_empty())
    }
}

impl Reach {
    /// Looks the stack up, if one is named.
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

    /// The file of one machine.
    pub(crate) fn state_file(&self) -> &Path {
        &self.options.state
    }

    /// The stack, if one was named.
    pub(crate) fn deployed(&self) -> Option<&Deployed> {
        self.deployed.as_ref()
    }

    /// The address of Octopus.
    pub(crate) fn url(&self) -> anyhow::Result<&str> {
        let said = self.options.server.as_deref();
        let said = said.filter(|url| !url.trim().is_empty());
        said.or_else(|| self.deployed()?.octopus_url())
            .context("no Octopus Server was given; use --server or set OCTOPUS_URL")
    }

    /// The key; a variable that is set and empty counts as none.
    pub(crate) fn key(&self) -> anyhow::Result<SecretString> {
        let Server {
            api_key,
            access_token,
            ..
        } = &self.options;
        let mut said = [api_key, access_token].into_iter().flatten();
        said.find(|key| !key.expose_secret().is_empty())
            .cloned()
            .context(
                "no API key was given; use --api-key, or set OCTOPUS_API_KEY or OCTOPUS_ACCESS_TOKEN",
            )
    }

    /// Octopus.
    pub(crate) fn octopus(&self) -> anyhow::Result<OctopusClient<FixedKey>> {
        let key = FixedKey::new(self.key()?);
        Ok(OctopusClient::connect(self.url()?, key)?)
    }

    /// The spaces, by name or id.
    pub(crate) fn spaces(&self) -> Vec<String> {
        let said = self.options.space.iter();
        let said: Vec<_> = said.filter(|space| !space.is_empty()).cloned().collect();
        let of_stack = || self.deployed().map(Deployed::spaces).unwrap_or_default();
        let usual = || vec![USUAL_SPACE.to_owned()];
        [said, of_stack(), usual()]
            .into_iter()
            .find(|spaces| !spaces.is_empty())
            .unwrap_or_default()
    }

    /// Which of Octopus's own triggers are run.
    pub(crate) fn native_triggers(&self) -> NativeTriggers {
        let said = self.options.native_triggers;
        said.or_else(|| self.deployed()?.native_triggers())
            .unwrap_or_default()
    }

    /// The private networks that may be reached from here. What a stack may reach lies elsewhere.
    pub(crate) fn networks(&self) -> anyhow::Result<AllowedNetworks> {
        let said = self.options.allow_network.join(",");
        said.parse().context("--allow-network cannot be used")
    }

    /// How much a feed may give.
    pub(crate) fn limits(&self) -> Limits {
        let said = self.options.helm_index_max_mib;
        let most = said.or_else(|| self.deployed()?.index_mebibytes());
        Limits::default().with_index_of(most.unwrap_or(INDEX_MEBIBYTES))
    }

    /// What is looked at, and how it is run. The seconds between two checks are the option's, if the command
    /// has one.
    pub(crate) fn look(&self, check_interval: Option<u32>) -> LookSettings {
        let said = check_interval.map(|seconds| Span::from_seconds(seconds.into()));
        let check_every = said.or_else(|| self.deployed()?.check_every());
        LookSettings {
            spaces: self.spaces(),
            native: self.native_triggers(),
            access: self
                .deployed()
                .map_or_else(Access::default, Deployed::access),
            has_unseen_secrets: self.deployed().is_some_and(Deployed::has_feed_secrets),
            check_every: check_every.unwrap_or(USUAL_INTERVAL),
        }
    }

    /// What is remembered: the stack's table, or the state file; nothing if that is not there yet.
    pub(crate) fn known_state(&self) -> anyhow::Result<Option<State>> {
        if let Some(deployed) = self.deployed() {
            return Ok(Some(State::Stack(deployed.table())));
        }
        if !self.options.state.exists() {
            return Ok(None);
        }
        Ok(Some(State::File(SqliteTable::open(&self.options.state)?)))
    }

    /// The same, for those that are of no use without.
    pub(crate) fn existing_state(&self) -> anyhow::Result<State> {
        self.known_state()?.with_context(|| {
            format!(
                "there is no state file {}; `feedctl run` makes it, or name another with --state, or a \
                 stack with --stack",
                self.options.state.display()
            )
        })
    }

    /// The same, but a state file is made if it is not there. It belongs to one Octopus Server.
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
