//! Reads the watch list from Octopus and from the applied trigger file: the triggers that this program
//! runs, and the packages that they watch.
//!
//! A problem of one trigger is stored with that trigger and affects no other trigger. Only an error that
//! concerns the whole server (it cannot be reached, it refuses the key) fails the read.

mod file_trigger;
mod names;
mod native_trigger;
mod package_details;
mod resolver;

use std::collections::BTreeSet;

use domain::definition::Definitions;
use domain::feed::Feed;
use domain::time::Timestamp;
use domain::trigger::{NativeTriggers, Trigger, WatchList};

pub use file_trigger::version_formats;
pub use names::{UnknownName, native_by_id, native_by_name, unknown_name};
pub use native_trigger::{OptionsEntries, action_name};
pub use resolver::{ChannelName, ChannelProcess, LookupError, ProjectName, Resolver, find_space};

use crate::ports::{NativeTrigger, OctopusError, OctopusReader, Space};
use file_trigger::{Located, locate};
use package_details::RequiredDetails;

/// A watch list as it was just read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FreshList {
    /// The watched spaces.
    pub spaces: Vec<Space>,
    /// The list.
    pub list: WatchList,
    /// Problems of the applied file that concern no single trigger, each with its remedy.
    pub problems: Vec<String>,
}

/// Reads the triggers of the watched spaces and of the applied file, and resolves their sources. A trigger
/// that `previous` contains keeps the time since when it is watched.
///
/// # Errors
/// When a watched space cannot be seen, or Octopus as a whole cannot be read.
pub async fn read_watch_list<O: OctopusReader>(
    octopus: &O,
    spaces: &[String],
    native: NativeTriggers,
    definitions: Option<&Definitions>,
    previous: Option<&WatchList>,
    now: Timestamp,
) -> Result<FreshList, OctopusError> {
    let none = Definitions::default();
    let definitions = definitions.unwrap_or(&none);
    let octopus = octopus.for_refresh();
    let spaces = octopus.spaces(spaces).await?;
    let mut fresh = FreshList::default();
    let mut in_file = locate(&definitions.triggers, &spaces, &mut fresh.problems);
    let mut entries = OptionsEntries::new(&definitions.native, &spaces);
    for space in &spaces {
        let natives = octopus.feed_triggers(&space.id).await?.into_iter();
        let natives = natives.filter(|one| native.selects(one.is_disabled, &one.description));
        let unresolved = Unresolved {
            native: natives.collect(),
            in_file: in_file.take(&space.id),
        };
        if unresolved.native.is_empty() && unresolved.in_file.is_empty() {
            continue;
        }
        octopus.preload(&space.id, &unresolved.native).await?;
        read_space(&octopus, space, unresolved, &mut entries, &mut fresh.list).await?;
    }
    fresh.list.triggers.append(&mut in_file.unlocated);
    fresh.problems.append(&mut entries.into_problems());
    for trigger in &mut fresh.list.triggers {
        let before = previous.and_then(|list| list.trigger(&trigger.space, &trigger.id));
        let since = before.map(|before| before.since);
        let is_valid =
            |since: &Timestamp| *since != Timestamp::default() && !since.is_ahead_of(now);
        let since = since.filter(is_valid);
        trigger.since = since.unwrap_or(now);
    }
    fresh.spaces = spaces;
    Ok(fresh)
}

/// The triggers of a space before their names are looked up.
struct Unresolved<'a> {
    native: Vec<NativeTrigger>,
    in_file: Vec<Located<'a>>,
}

async fn read_space<O: OctopusReader>(
    octopus: &O,
    space: &Space,
    unresolved: Unresolved<'_>,
    entries: &mut OptionsEntries<'_>,
    list: &mut WatchList,
) -> Result<(), OctopusError> {
    let feeds = octopus.feeds(&space.id).await?;
    let mut resolver = Resolver::new(octopus, &space.id);
    if !unresolved.native.is_empty() {
        entries.find_projects(&mut resolver).await?;
    }
    let mut details = RequiredDetails::default();
    let mut triggers = Vec::with_capacity(unresolved.native.len() + unresolved.in_file.len());
    for native in unresolved.native {
        let trigger = native_trigger::resolve(&mut resolver, native, &feeds, entries, &mut details);
        triggers.push(trigger.await?);
    }
    for located in &unresolved.in_file {
        let trigger = file_trigger::resolve(&mut resolver, located, &feeds, &mut details);
        triggers.push(trigger.await?);
    }
    let used: BTreeSet<_> = triggers.iter().flat_map(Trigger::packages).collect();
    let used: BTreeSet<_> = used.into_iter().map(|package| &package.feed).collect();
    let is_used = |feed: &Feed| used.contains(&feed.id);
    list.feeds.extend(feeds.into_iter().filter(is_used));
    list.triggers.append(&mut triggers);
    list.details.append(&mut details.details);
    Ok(())
}
