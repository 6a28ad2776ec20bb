//! What goes on, at a glance: gathered for whoever shows it, and nothing of it kept.
//!
//! Triggers and feeds are read from Octopus as a round would see them now, or taken as the last round saw
//! them; what became of them is what the store remembers. Where there is no store yet, everything that it
//! would tell is absent.

mod feeds;
mod names;
mod triggers;

pub use feeds::{FeedState, FeedStatus, each_once};
pub use names::Names;
pub use triggers::{SourceState, TriggerState};

use domain::definition::Definitions;
use domain::feed::{Access, Feed};
use domain::ids::SpaceId;
use domain::time::{Span, Timestamp};
use domain::trigger::NativeTriggers;

use engine::ports::{
    Budgets, Catalogue, Clock, History, OctopusReader, SchedulerRun, SchedulerRuns, Snapshots,
    StoredWatchList, TriggerFiles, WatchLists,
};
use engine::watchlist::{FreshList, read_watch_list};
use engine::{StepError, with_causes};
use names::OctopusNames;

/// Everything that is remembered and shown.
pub trait Memory:
    WatchLists + TriggerFiles + History + Budgets + Snapshots + SchedulerRuns
{
}

impl<T: WatchLists + TriggerFiles + History + Budgets + Snapshots + SchedulerRuns> Memory for T {}

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
    /// Whether it also has secrets of feeds that `access` does not name, because for which feeds they are
    /// stands in them alone, and whoever looks does not read them.
    pub has_unseen_secrets: bool,
    /// How often a feed is checked.
    pub check_every: Span,
}

/// The triggers as a round would see them now, or as the last one saw them.
#[derive(Clone, Debug)]
pub struct Current {
    /// The spaces that are looked at, none if Octopus did not answer, and the triggers that are run here.
    pub fresh: FreshList,
    /// The applied file; empty if there is none.
    pub definitions: Definitions,
    /// When the triggers were read; nothing if they never were.
    pub read_at: Option<Timestamp>,
    /// Why Octopus did not answer; then ids stand for names.
    pub silence: Option<String>,
}

/// What goes on.
#[derive(Clone, Debug)]
pub struct Overview {
    /// When it was gathered.
    pub at: Timestamp,
    /// The last round of the schedule that was published in full, if there ever was one.
    pub last_run: Option<SchedulerRun>,
    /// All triggers: Octopus's, then the file's.
    pub triggers: Vec<TriggerState>,
    /// The feeds that triggers use.
    pub feeds: Vec<FeedState>,
    /// What is wrong with the applied file and with no single trigger of it, as far as it was read now.
    pub problems: Vec<String>,
    /// When the triggers were read from Octopus; nothing if they never were.
    pub read_at: Option<Timestamp>,
    /// Why Octopus did not answer. Then ids stand for names, and the triggers that only Octopus runs are
    /// not among the others.
    pub silence: Option<String>,
}

impl LookSettings {
    /// Whose credential is sent when the feed is checked, in words for people. Where that cannot be told for
    /// certain, they say so.
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
    /// Everything, with the triggers as a round would see them now.
    ///
    /// # Errors
    /// When the store or Octopus fails.
    pub async fn overview(&self) -> Result<Overview, StepError> {
        let current = self.current().await?;
        let names = self.names(&current).await?;
        self.gather(current, names).await
    }

    /// Everything, with the triggers as the last round saw them. Octopus is asked for no more than names and
    /// for the triggers that it runs itself; if it does not answer, the rest is there all the same.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn glance(&self) -> Result<Overview, StepError> {
        let mut current = self.remembered().await?;
        let names = match self.names(&current).await {
            Ok(names) => names,
            Err(error) => {
                current.silence.get_or_insert(with_causes(&error));
                OctopusNames::default()
            }
        };
        self.gather(current, names).await
    }

    async fn gather(&self, current: Current, names: OctopusNames) -> Result<Overview, StepError> {
        let last_run = match self.store {
            Some(store) => store.last_run().await?,
            None => None,
        };
        Ok(Overview {
            at: self.clock.now(),
            last_run,
            triggers: self.states(&current, names).await?,
            feeds: self.feeds(&current, false).await?,
            problems: current.fresh.problems,
            read_at: current.read_at,
            silence: current.silence,
        })
    }

    /// The triggers as a round would see them now.
    ///
    /// # Errors
    /// When the store or Octopus fails.
    pub async fn current(&self) -> Result<Current, StepError> {
        let (definitions, before) = self.stored().await?;
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
            fresh,
            definitions,
            read_at: Some(self.clock.now()),
            silence: None,
        })
    }

    /// The triggers as the last round saw them. Octopus is asked for the names of its spaces alone.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn remembered(&self) -> Result<Current, StepError> {
        let (definitions, stored) = self.stored().await?;
        let read_at = stored.as_ref().map(|stored| stored.read_at);
        let list = stored.map(|stored| stored.list).unwrap_or_default();
        let (spaces, silence) = match self.octopus.spaces(&self.settings.spaces).await {
            Ok(spaces) => (spaces, None),
            Err(error) => (Vec::new(), Some(with_causes(&error))),
        };
        Ok(Current {
            fresh: FreshList {
                spaces,
                list,
                problems: Vec::new(),
            },
            definitions,
            read_at,
            silence,
        })
    }

    /// The applied file, empty if there is none, and the list that was last read.
    async fn stored(&self) -> Result<(Definitions, Option<StoredWatchList>), StepError> {
        let Some(store) = self.store else {
            return Ok((Definitions::default(), None));
        };
        let file = store.trigger_file().await?;
        let definitions = file.map(|file| file.definitions).unwrap_or_default();
        Ok((definitions, store.watch_list().await?))
    }
}

impl Current {
    /// What people call a space; its id where that is not known.
    pub fn space_name(&self, id: &SpaceId) -> String {
        let space = self.fresh.spaces.iter().find(|space| space.id == *id);
        space.map_or_else(|| id.to_string(), |space| space.name.clone())
    }
}
