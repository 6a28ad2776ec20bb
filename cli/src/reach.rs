//! Resolves the global options: Octopus and the state. With a stack, options that are not given default to
//! its parameters, so that commands show it as it runs.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::Context;
use domain::feed::Feed;
use domain::time::Span;
use domain::trigger::NativeTriggers;
use engine::with_causes;
use feeds::{INDEX_MEBIBYTES, Limits};
use http_client::AllowedNetworks;
use local::SqliteTable;
use machine::Reader;
use octopus::{FixedKey, OctopusClient};
use operator::overview::LookSettings;
use registry_logins::{Logins, Places};
use secrecy::{ExposeSecret, SecretString};

use crate::args::{RegistryLogins, Server};
use crate::deployed::Deployed;
use crate::exit::UsageError;
use crate::state::State;

/// The default time between two checks of a feed.
const DEFAULT_INTERVAL: Span = Span::from_seconds(60);

/// The name of a new server's space.
const DEFAULT_SPACE: &str = "Default";

/// The default state file.
const DEFAULT_STATE: &str = "feed-triggers.sqlite";

/// The options, with the stack that they name.
#[derive(Debug)]
pub(crate) struct Reach {
    options: Server,
    state: PathBuf,
    url: Option<String>,
    deployed: Option<Deployed>,
    logins: Logins,
    /// The networks of the last `run` with the state file, for commands without `--allow-network`.
    remembered_networks: Option<String>,
}

/// The state file that the options name, or the default one.
pub(crate) fn state_file(options: &Server) -> PathBuf {
    let named = options.state.clone();
    named.unwrap_or_else(|| PathBuf::from(DEFAULT_STATE))
}

/// The URL of a server from its API or from a page in the browser, such as
/// `https://example.com/app#/Spaces-1/projects`.
fn server_url(text: &str) -> String {
    let text = text.trim();
    let end = ["/app#", "/app/", "/api/", "#", "?"].into_iter();
    let end = end.filter_map(|part| text.find(part)).min();
    let text = text[..end.unwrap_or(text.len())].trim_end_matches('/');
    let text = text.strip_suffix("/api").unwrap_or(text);
    text.strip_suffix("/app").unwrap_or(text).to_owned()
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
        if options.stack_name().is_some() && options.state.is_some() {
            let error = "cannot use --state together with --stack: a stack has its own table; omit one of them";
            return Err(UsageError(error.to_owned()).into());
        }
        let (profile, region) = (options.profile.as_deref(), options.region.as_deref());
        let deployed = match options.stack_name() {
            Some(name) => Some(Deployed::find(name, profile, region).await?),
            None => None,
        };
        let state = state_file(options);
        let uses_networks = deployed.is_none() && options.allow_network.is_empty();
        let remembered_networks = match uses_networks && state.exists() {
            true => local::networks(&SqliteTable::open_to_read(&state)?).await?,
            false => None,
        };
        let option = options.server.as_deref();
        let option = option.filter(|url| !url.trim().is_empty());
        let url = option.or_else(|| deployed.as_ref()?.octopus_url());
        Ok(Self {
            url: url.map(server_url),
            options: options.clone(),
            state,
            deployed,
            logins: match options.registry_logins {
                RegistryLogins::On => Logins::new(Places::from_env()),
                RegistryLogins::Off => Logins::none(),
            },
            remembered_networks,
        })
    }

    pub(crate) fn state_file(&self) -> &Path {
        &self.state
    }

    pub(crate) fn deployed(&self) -> Option<&Deployed> {
        self.deployed.as_ref()
    }

    /// The URL of Octopus.
    pub(crate) fn url(&self) -> anyhow::Result<&str> {
        let Some(url) = self.url.as_deref() else {
            let error = "cannot connect to Octopus: no server is configured; use --server or set OCTOPUS_URL";
            return Err(UsageError(error.to_owned()).into());
        };
        octopus::check_address(url).map_err(|error| UsageError(with_causes(&error)))?;
        Ok(url)
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
            .ok_or_else(|| {
                let error = "cannot connect to Octopus: no API key is configured; use --api-key, or set OCTOPUS_API_KEY or OCTOPUS_ACCESS_TOKEN";
                UsageError(error.to_owned()).into()
            })
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
        let text = self.network_text();
        text.parse().map_err(|error| {
            let error = anyhow::Error::from(error);
            UsageError(format!("cannot use --allow-network: {error:#}")).into()
        })
    }

    /// The private networks as text, separated by commas.
    pub(crate) fn network_text(&self) -> String {
        let options = self.options.allow_network.iter();
        let options: Vec<_> = options.filter(|one| !one.is_empty()).cloned().collect();
        match &self.remembered_networks {
            Some(remembered) if options.is_empty() => remembered.clone(),
            _ => options.join(","),
        }
    }

    /// The limits for answers of feeds.
    pub(crate) fn limits(&self) -> Limits {
        let option = self.options.helm_index_max_mib;
        let mebibytes = option.or_else(|| self.deployed()?.index_mebibytes());
        Limits::default().with_index_of(mebibytes.unwrap_or(INDEX_MEBIBYTES))
    }

    /// The registry logins of this machine.
    pub(crate) fn logins(&self) -> &Logins {
        &self.logins
    }

    /// The login with which feedctl reads the feed, for users. A stack does not use the logins of this machine.
    pub(crate) fn login(&self, feed: &Feed) -> Option<String> {
        let source = self
            .logins
            .source(feed)
            .filter(|_| self.deployed.is_none())?;
        Some(format!("the login from {source}"))
    }

    /// A reader of feeds from this machine.
    pub(crate) fn reader(&self, octopus: &Rc<OctopusClient<FixedKey>>) -> anyhow::Result<Reader> {
        let (networks, limits) = (self.networks()?, self.limits());
        let octopus = Rc::clone(octopus);
        Ok(Reader::new(octopus, networks, limits, self.logins.clone())?)
    }

    /// The settings for reading triggers and feeds; `check_interval` is the command's option.
    pub(crate) fn look(&self, check_interval: Option<Span>) -> LookSettings {
        let check_every = check_interval.or_else(|| self.deployed()?.check_every());
        LookSettings {
            spaces: self.spaces(),
            native: self.native_triggers(),
            access: self
                .deployed()
                .map_or_else(|| self.logins.access(), Deployed::access),
            has_unseen_secrets: self.deployed().is_some_and(Deployed::has_feed_secrets),
            check_every: check_every.unwrap_or(DEFAULT_INTERVAL),
        }
    }

    /// The stack's table or the state file; `None` if the file does not exist.
    pub(crate) fn known_state(&self) -> anyhow::Result<Option<State>> {
        if let Some(deployed) = self.deployed() {
            return Ok(Some(State::Stack(deployed.table())));
        }
        if !self.state.exists() {
            return Ok(None);
        }
        Ok(Some(State::File(SqliteTable::open_to_read(&self.state)?)))
    }

    /// The stack's table or the state file, for commands that require one.
    pub(crate) fn existing_state(&self) -> anyhow::Result<State> {
        self.known_state()?.with_context(|| {
            format!(
                "cannot open the state file {}: it does not exist; start `feedctl run`, or name another \
                 file with --state or a stack with --stack",
                self.state.display()
            )
        })
    }

    /// The stack's table or the state file, which is created if it does not exist. A state file belongs to one
    /// Octopus Server.
    pub(crate) async fn state(&self) -> anyhow::Result<State> {
        if let Some(deployed) = self.deployed() {
            return Ok(State::Stack(deployed.table()));
        }
        let table = SqliteTable::open(&self.state)?;
        if let Ok(url) = self.url() {
            local::claim_for(&table, url).await?;
        }
        Ok(State::File(table))
    }
}

#[cfg(test)]
mod tests {
    use super::server_url;

    #[test]
    fn server_url_accepts_urls_of_the_api_and_of_the_browser() {
        for (text, expected) in [
            ("https://o.example", "https://o.example"),
            (" https://o.example/ ", "https://o.example"),
            ("https://o.example/api", "https://o.example"),
            (
                "https://o.example/octopus/api/",
                "https://o.example/octopus",
            ),
            ("https://o.example/app", "https://o.example"),
            (
                "https://o.example/app#/Spaces-1/projects/web/deployments",
                "https://o.example",
            ),
            (
                "https://o.example/octopus/app#/Spaces-1",
                "https://o.example/octopus",
            ),
            (
                "https://o.example/app/Spaces-1/projects?x=1",
                "https://o.example",
            ),
        ] {
            assert_eq!(server_url(text), expected, "{text}");
        }
    }
}
