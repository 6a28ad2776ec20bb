//! What goes on, at a glance: gathered for whoever shows it, and nothing of it kept.
//!
//! Triggers and feeds are read from Octopus as a round would see them now; what became of them is what the
//! store remembers. Where there is no store yet, everything that it would tell is absent.

mod feeds;
mod triggers;

pub use feeds::{FeedStanding, FeedState, each_once};
pub use triggers::{SourceState, TriggerState};

use domain::definition::Definitions;
use domain::feed::Access;
use domain::time::{Span, Timestamp};
use domain::trigger::NativeTriggers;

use crate::StepError;
use crate::ports::{
    Budgets, Catalogue, Clock, History, OctopusReader, Snapshots, Space, Ticks, TriggerFiles,
    WatchLists,
};
use crate::watchlist::{FreshList, read_watch_list};

/// Everything that is remembered and shown.
pub trait Memory: WatchLists + TriggerFiles + History + Budgets + Snapshots + Ticks {}

impl<T: WatchLists + TriggerFiles + History + Budgets + Snapshots + Ticks> Memory for T {}

/// Looks at what goes on.
pub struct Look<'a, S, O, C> {
    /// What is remembered; absent where nothing is yet.
    pub store: Option<&'a S>,
    /// Octopus.
    pub octopus: &'a O,
    /// The clock.
    pub clock: &'a C,
    /// What is looked at.
    pub settings: &'a LookSettings,
}

/// What is looked at, and how it is run.
#[derive(Clone, Debug)]
pub struct LookSettings {
    /// The spaces, by name or id; `*` for all.
    pub spaces: Vec<String>,
    /// Which native triggers are run.
    pub native: NativeTriggers,
    /// What whoever checks the feeds may reach by itself.
    pub access: Access,
    /// How often a feed is checked.
    pub check_every: Span,
}

/// The triggers as a round would see them now.
#[derive(Clone, Debug)]
pub struct Current {
    /// The watched spaces.
    pub spaces: Vec<Space>,
    /// The triggers that are run here.
    pub fresh: FreshList,
    /// The applied file; empty if there is none.
    pub definitions: Definitions,
}

/// What goes on.
#[derive(Clone, Debug)]
pub struct Overview {
    /// When it was gathered.
    pub at: Timestamp,
    /// When the last round of the schedule was published in full, if ever.
    pub last_tick: Option<Timestamp>,
    /// All triggers: Octopus's, then the file's.
    pub triggers: Vec<TriggerState>,
    /// The feeds that triggers use.
    pub feeds: Vec<FeedState>,
    /// What is wrong with the applied file and with no single trigger of it.
    pub problems: Vec<String>,
}

impl<S: Memory, O: OctopusReader + Catalogue, C: Clock> Look<'_, S, O, C> {
    /// Everything.
    ///
    /// # Errors
    /// When the store or Octopus fails.
    pub async fn overview(&self) -> Result<Overview, StepError> {
        let current = self.current().await?;
        let last_tick = match self.store {
            Some(store) => store.last_tick().await?,
            None => None,
        };
        Ok(Overview {
            at: self.clock.now(),
            last_tick,
            triggers: self.triggers(&current).await?,
            feeds: self.feeds(&current, false).await?,
            problems: current.fresh.problems,
        })
    }

    /// The triggers as a round would see them now.
    ///
    /// # Errors
    /// When the store or Octopus fails.
    pub async fn current(&self) -> Result<Current, StepError> {
        let (file, before) = match self.store {
            Some(store) => (store.trigger_file().await?, store.watch_list().await?),
            None => (None, None),
        };
        let definitions = file.map(|file| file.definitions).unwrap_or_default();
        let LookSettings { spaces, native, .. } = self.settings;
        let fresh = read_watch_list(
            self.octopus,
            spaces,
            *native,
            Some(&definitions),
            before.as_ref().map(|stored| &stored.list),
            self.clock.now(),
        )
        .await?;
        Ok(Current {
            spaces: self.octopus.spaces(spaces).await?,
            fresh,
            definitions,
        })
    }
}

impl Current {
    /// What people call a space.
    fn space_name(&self, id: &domain::ids::SpaceId) -> String {
        let space = self.spaces.iter().find(|space| space.id == *id);
        space.map_or_else(|| id.to_string(), |space| space.name.clone())
    }
}
