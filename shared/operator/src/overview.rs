//! The state of triggers and feeds, for displays. It is not stored.
//!
//! Triggers and feeds are read from Octopus, or from the watch list of the last refresh. Their results are read from
//! the store; without a store they are absent.

mod failed_packages;
mod feeds;
mod names;
mod read_names;
mod triggers;

pub use failed_packages::FailedPackage;
pub use feeds::{Allowance, FeedState, FeedStatus, each_once};
pub use names::ProjectNames;
pub use triggers::{SourceState, TriggerState};

use std::sync::Arc;

use domain::definition::Definitions;
use domain::deployed_settings::DeployedSettings;
use domain::feed::{Access, Feed};
use domain::ids::SpaceId;
use domain::problem::Problem;
use domain::time::{Span, Timestamp};
use domain::trigger::NativeTriggers;

use engine::ports::{
    Budgets, Catalogue, Clock, History, OctopusReader, SchedulerRun, SchedulerRuns, SettingsRecord,
    Snapshots, StoredWatchList, TriggerFiles, WatchLists,
};
use engine::watchlist::{FreshList, Previous, RefreshInput, read_watch_list};
use engine::{StepError, with_causes};
use names::OctopusNames;

/// All storage ports of an overview.
pub trait Memory:
    WatchLists + TriggerFiles + History + Budgets + Snapshots + SchedulerRuns + SettingsRecord
{
}

impl<T> Memory for T where
    T: WatchLists + TriggerFiles + History + Budgets + Snapshots + SchedulerRuns + SettingsRecord
{
}

/// Reads the state of triggers, feeds and runs.
pub struct Look<'a, S, O, C> {
    /// The store; `None` if there is no state yet.
    pub store: Option<&'a S>,
    /// Octopus.
    pub octopus: &'a O,
    /// The clock.
    pub clock: &'a C,
    pub settings: &'a LookSettings,
}

/// The selected spaces and triggers, and how they are run.
#[derive(Clone, Debug)]
pub struct LookSettings {
    /// The spaces, by name or id; `*` for all.
    pub spaces: Vec<String>,
    /// Which native triggers are run.
    pub native: NativeTriggers,
    /// The access of the host that checks the feeds.
    pub access: Access,
    /// Whether the host also has secrets of feeds that `access` does not list, because only the secrets contain the
    /// names of their feeds, and they are not read here.
    pub has_unseen_secrets: bool,
    /// How often a feed is checked.
    pub check_every: Span,
}

/// The triggers, read now or from the last refresh.
#[derive(Clone, Debug)]
pub struct Current {
    /// The watched spaces, none if Octopus did not answer, and the triggers that are run here.
    pub fresh: FreshList,
    /// The applied file; empty if there is none.
    pub definitions: Definitions,
    /// When the triggers were read; `None` if they never were.
    pub read_at: Option<Timestamp>,
    /// Why Octopus did not answer; then ids replace names.
    pub octopus_error: Option<String>,
}

/// The state of triggers and feeds.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The time of the overview.
    pub at: Timestamp,
    /// The last scheduler run that published all of its messages.
    pub last_run: Option<SchedulerRun>,
    /// The settings of the stack's last deployment; `None` on one machine.
    pub settings: Option<DeployedSettings>,
    /// All triggers: Octopus's, then the file's.
    pub triggers: Vec<TriggerState>,
    /// The feeds that triggers use.
    pub feeds: Vec<FeedState>,
    /// The problems of the applied file that belong to no single trigger, if it was read now.
    pub problems: Vec<Problem>,
    /// When the triggers were read from Octopus; `None` if they never were.
    pub read_at: Option<Timestamp>,
    /// Why Octopus did not answer. Then ids replace names, and the triggers that only Octopus runs are missing.
    pub octopus_error: Option<String>,
}

impl LookSettings {
    /// A description of the credential with which the feed is checked. It mentions if that is not certain.
    pub fn credential(&self, feed: &Feed) -> String {
        let known = feed.budget(&self.access).credential();
        if self.may_have_secret(feed) {
            format!("{known}, unless a secret in FeedSecretArns is for this feed")
        } else {
            known.to_owned()
        }
    }

    /// Whether the feed may be read directly with a secret that `access` does not name.
    pub fn may_have_secret(&self, feed: &Feed) -> bool {
        let is_named = self.access.own_credentials.contains(&feed.id);
        self.has_unseen_secrets && feed.kind.is_readable_directly() && !is_named
    }
}

impl<S: Memory, O: OctopusReader + Catalogue, C: Clock> Look<'_, S, O, C> {
    /// Reads everything, with the triggers from Octopus.
    ///
    /// # Errors
    /// When the store or Octopus fails.
    pub async fn overview(&self) -> Result<Overview, StepError> {
        let current = self.current().await?;
        let names = self.names(&current).await?;
        self.gather(current, names).await
    }

    /// Reads everything, with the triggers of the last refresh. From Octopus it reads only names and the triggers
    /// that Octopus runs; if Octopus does not answer, the rest is returned.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn glance(&self) -> Result<Overview, StepError> {
        let mut current = self.remembered().await?;
        let names = match self.names(&current).await {
            Ok(names) => names,
            Err(error) => {
                current.octopus_error.get_or_insert(with_causes(&error));
                OctopusNames::default()
            }
        };
        self.gather(current, names).await
    }

    async fn gather(&self, current: Current, names: OctopusNames) -> Result<Overview, StepError> {
        let (last_run, settings) = match self.store {
            Some(store) => (store.last_run().await?, store.deployed_settings().await?),
            None => (None, None),
        };
        Ok(Overview {
            at: self.clock.now(),
            last_run,
            settings,
            triggers: self.states(&current, names).await?,
            feeds: self.feeds(&current, false).await?,
            problems: current.fresh.problems,
            read_at: current.read_at,
            octopus_error: current.octopus_error,
        })
    }

    /// Reads the triggers from Octopus.
    ///
    /// # Errors
    /// When the store or Octopus fails.
    pub async fn current(&self) -> Result<Current, StepError> {
        let (definitions, before) = self.stored().await?;
        let list = before.as_ref().map(|(stored, has_same_file)| Previous {
            list: &stored.list,
            has_same_file: *has_same_file,
            is_unfinished: stored.progress.is_some(),
        });
        let input = RefreshInput {
            spaces: &self.settings.spaces,
            native: self.settings.native,
            definitions: &definitions,
            previous: list,
            progress: None,
            now: self.clock.now(),
        };
        let fresh = read_watch_list(self.octopus, input).await?;
        Ok(Current {
            fresh,
            definitions,
            read_at: Some(self.clock.now()),
            octopus_error: None,
        })
    }

    /// Reads the triggers of the last refresh. From Octopus it reads only the names of the spaces.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn remembered(&self) -> Result<Current, StepError> {
        let (definitions, stored) = self.stored().await?;
        let last_run = match self.store {
            Some(store) => store.last_run().await?,
            None => None,
        };
        let read_at = stored.as_ref();
        let read_at = read_at.map(|(stored, _)| stored.refreshed_at(last_run.as_ref()));
        let list = stored.map(|(stored, _)| stored.list).unwrap_or_default();
        let (spaces, octopus_error) = match self.octopus.spaces(&self.settings.spaces).await {
            Ok(spaces) => (spaces, None),
            Err(error) => (Vec::new(), Some(with_causes(&error))),
        };
        Ok(Current {
            fresh: FreshList {
                spaces,
                list: Arc::unwrap_or_clone(list),
                ..FreshList::default()
            },
            definitions,
            read_at,
            octopus_error,
        })
    }

    /// The applied file, empty if there is none, and the list that was last read with whether it is based on this file.
    async fn stored(&self) -> Result<(Definitions, Option<(StoredWatchList, bool)>), StepError> {
        let Some(store) = self.store else {
            return Ok((Definitions::default(), None));
        };
        let file = store.trigger_file().await?;
        let revision = file.as_ref().map(|file| file.revision);
        let definitions = file.map(|file| file.definitions).unwrap_or_default();
        let stored = store.watch_list().await?;
        let stored = stored.map(|stored| {
            let has_same_file = stored.file == revision;
            (stored, has_same_file)
        });
        Ok((definitions, stored))
    }
}

impl Current {
    /// The name of a space; its id if the name is unknown.
    pub fn space_name(&self, id: &SpaceId) -> String {
        let space = self.fresh.spaces.iter().find(|space| space.id == *id);
        space.map_or_else(|| id.to_string(), |space| space.name.clone())
    }
}
