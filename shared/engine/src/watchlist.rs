//! The watch list, read anew from Octopus and from the applied file of triggers: which triggers this
//! program runs and what they watch.
//!
//! What is wrong with one trigger is written down with that trigger and fails no other. Only what
//! concerns the whole server (it cannot be reached, the key is refused) fails the reading.

mod file;
mod native;
mod package_details;
mod projects;
mod spaces;

use std::collections::BTreeSet;

use domain::definition::Definitions;
use domain::feed::Feed;
use domain::time::Timestamp;
use domain::trigger::{NativeTriggers, Trigger, WatchList};

use crate::ports::{NativeTrigger, OctopusError, OctopusReader, Space};
use file::Placed;
use native::Choices;
use package_details::Noted;
use projects::Projects;

/// A list as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FreshList {
    /// The spaces that are watched.
    pub spaces: Vec<Space>,
    /// The list.
    pub list: WatchList,
    /// What is wrong with the applied file and with no single trigger of it, each with the remedy.
    pub problems: Vec<String>,
}

/// Reads the triggers of the wanted spaces and of the applied file, and resolves their sources. Since when
/// a trigger is watched is taken over from the list before.
///
/// # Errors
/// When a wanted space cannot be seen, or Octopus as a whole cannot be read.
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
    let spaces = octopus.spaces(spaces).await?;
    let mut fresh = FreshList::default();
    let mut placed = file::place(&definitions.triggers, &spaces, &mut fresh.problems);
    let mut choices = Choices::new(&definitions.native, &spaces);
    for space in &spaces {
        let triggers = octopus.feed_triggers(&space.id).await?.into_iter();
        let ours = triggers.filter(|one| native.selects(one.is_disabled, &one.description));
        let asked = Asked {
            native: ours.collect(),
            placed: placed.of(&space.id),
        };
        if asked.native.is_empty() && asked.placed.is_empty() {
            continue;
        }
        read_space(octopus, space, asked, &mut choices, &mut fresh.list).await?;
    }
    fresh.list.triggers.append(&mut placed.nowhere);
    fresh.problems.append(&mut choices.into_problems());
    for trigger in &mut fresh.list.triggers {
        let before = previous.and_then(|list| list.trigger(&trigger.space, &trigger.id));
        let since = before.map(|before| before.since);
        let since = since.filter(|since| *since != Timestamp::default());
        trigger.since = since.unwrap_or(now);
    }
    fresh.spaces = spaces;
    Ok(fresh)
}

/// The triggers of a space that this program is to run.
struct Asked<'a> {
    native: Vec<NativeTrigger>,
    placed: Vec<Placed<'a>>,
}

async fn read_space<O: OctopusReader>(
    octopus: &O,
    space: &Space,
    asked: Asked<'_>,
    choices: &mut Choices<'_>,
    list: &mut WatchList,
) -> Result<(), OctopusError> {
    let feeds = octopus.feeds(&space.id).await?;
    let mut projects = Projects::new(octopus, &space.id);
    if !asked.native.is_empty() {
        choices.find_projects(&mut projects).await?;
    }
    let mut noted = Noted::default();
    let mut triggers = Vec::with_capacity(asked.native.len() + asked.placed.len());
    for native in asked.native {
        triggers.push(native::resolve(&mut projects, native, &feeds, choices, &mut noted).await?);
    }
    for placed in &asked.placed {
        triggers.push(file::resolve(&mut projects, placed, &feeds, &mut noted).await?);
    }
    let used: BTreeSet<_> = triggers.iter().flat_map(Trigger::packages).collect();
    let used: BTreeSet<_> = used.into_iter().map(|package| &package.feed).collect();
    let is_used = |feed: &Feed| used.contains(&feed.id);
    list.feeds.extend(feeds.into_iter().filter(is_used));
    list.triggers.append(&mut triggers);
    list.details.append(&mut noted.details);
    Ok(())
}
