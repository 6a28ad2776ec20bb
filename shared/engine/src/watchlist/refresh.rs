//! One refresh of the watch list, space by space and trigger by trigger.
//!
//! A request that fails affects only the space, project or trigger that it concerns: that part of the previous list stays,
//! marked as stale with the reason. A refresh ends early if the server rejects or throttles the API key, or does not
//! answer at all. It may also be dropped at any time. The triggers that it has read are used at once, and the next refresh
//! continues there; the triggers that failed before it ended are read again last, so that they delay no others.

mod failures;
mod kept;
mod result;
mod spaces;

use std::collections::{BTreeMap, BTreeSet};

use domain::definition::Definitions;
use domain::feed::Feed;
use domain::ids::{SpaceId, TriggerId};
use domain::problem::Problem;
use domain::time::Timestamp;
use domain::trigger::{NativeTriggers, Trigger, WatchList};

use super::file_trigger::{self, Located, locate};
use super::native_trigger::{self, OptionsEntries};
use super::package_details::RequiredDetails;
use super::previous::{Known, Previous};
use super::resolver::{Looked, Resolver};
use crate::ports::{NativeTrigger, OctopusError, OctopusReader, RefreshProgress, Space};

/// So many failed requests in a row raise the question whether the server answers at all.
const FAILURES_IN_A_ROW: u32 = 3;

/// The input of a refresh.
#[derive(Clone, Copy, Debug)]
pub struct RefreshInput<'a> {
    /// The watched spaces, by name or id; `*` for all.
    pub spaces: &'a [String],
    /// The native triggers that this program runs.
    pub native: NativeTriggers,
    /// The applied trigger file.
    pub definitions: &'a Definitions,
    /// The list that is replaced, if any.
    pub previous: Option<Previous<'a>>,
    /// The progress of a refresh that ended early, if this one continues it.
    pub progress: Option<&'a RefreshProgress>,
    /// The current time.
    pub now: Timestamp,
}

/// A watch list as it was just read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FreshList {
    /// The watched spaces.
    pub spaces: Vec<Space>,
    /// The list.
    pub list: WatchList,
    /// Problems of the applied file that concern no single trigger, each with its remedy.
    pub problems: Vec<Problem>,
    /// The spaces that could not be read, each with its reason. Their triggers are those of the previous list.
    pub failures: Vec<SpaceFailure>,
    /// The triggers that the next refresh skips, if this one ended early, or if a space failed whose triggers were never
    /// all read.
    pub progress: Option<RefreshProgress>,
}

/// A space that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpaceFailure {
    /// The space's name.
    pub space: String,
    /// The failed request, its cause, and the remedy.
    pub problem: Problem,
}

/// A refresh and what it has read so far.
pub(super) struct Refresh<'a> {
    input: &'a RefreshInput<'a>,
    known: Known<'a>,
    spaces: Vec<Space>,
    triggers: Vec<Trigger>,
    feeds: BTreeMap<SpaceId, Vec<Feed>>,
    details: RequiredDetails,
    problems: Vec<Problem>,
    failures: Vec<SpaceFailure>,
    /// The triggers that exist, for each space whose triggers are known.
    listed: BTreeMap<SpaceId, BTreeSet<TriggerId>>,
    /// The triggers that were read, in this refresh or in the one that it continues.
    done: BTreeSet<(SpaceId, TriggerId)>,
    /// The triggers that failed in the refresh that this one continues.
    failed_before: Vec<(Space, Unresolved<'a>)>,
    failures_in_a_row: u32,
    /// Whether a space failed for now whose triggers were never all read. The next run reads it again.
    is_space_unread: bool,
    is_complete: bool,
}

/// The triggers of a space before their names are looked up.
#[derive(Default)]
struct Unresolved<'a> {
    native: Vec<NativeTrigger>,
    in_file: Vec<Located<'a>>,
}

/// The state of a trigger in the refresh that this one continues.
enum TakenOver {
    Nothing,
    /// Its last state, until it is read again.
    Failed,
    Read,
}

impl<'a> Refresh<'a> {
    pub(super) fn new(input: &'a RefreshInput<'a>) -> Self {
        let done = input.progress.map(|progress| progress.done.clone());
        Self {
            input,
            known: Known::new(input.previous),
            spaces: Vec::new(),
            triggers: Vec::new(),
            feeds: BTreeMap::new(),
            details: RequiredDetails::default(),
            problems: Vec::new(),
            failures: Vec::new(),
            listed: BTreeMap::new(),
            done: done.unwrap_or_default(),
            failed_before: Vec::new(),
            failures_in_a_row: 0,
            is_space_unread: false,
            is_complete: false,
        }
    }

    /// Reads everything that the refresh has not read yet.
    ///
    /// # Errors
    /// If the refresh ends early.
    pub(super) async fn run<O: OctopusReader>(&mut self, octopus: &O) -> Result<(), OctopusError> {
        let named = self.find_spaces(octopus).await?;
        let definitions = self.input.definitions;
        let mut in_file = locate(&definitions.triggers, &named, &mut self.problems);
        let mut entries = OptionsEntries::new(&definitions.native, &named);
        for space in self.spaces.clone() {
            let in_file = in_file.take(&space.id);
            self.space(octopus, &space, in_file, &mut entries).await?;
        }
        // The remaining ones are in spaces that could not be found now.
        for space in &named {
            for located in in_file.take(&space.id) {
                let failure = self.failures.iter().find(|one| one.space == space.name);
                let problem = failure.map(|one| one.problem.clone()).unwrap_or_default();
                let unread = located.unread(problem);
                let is_kept = self.known.all().any(|one| one.id == unread.id);
                if !is_kept {
                    self.triggers.push(unread);
                }
            }
        }
        self.keep_spaces_not_found();
        self.triggers.append(&mut in_file.unlocated);
        self.is_complete = true;
        for (space, unresolved) in std::mem::take(&mut self.failed_before) {
            self.resolve(octopus, &space, unresolved, &mut entries)
                .await?;
        }
        self.problems.append(&mut entries.into_problems());
        Ok(())
    }

    async fn space<O: OctopusReader>(
        &mut self,
        octopus: &O,
        space: &Space,
        in_file: Vec<Located<'a>>,
        entries: &mut OptionsEntries<'_>,
    ) -> Result<(), OctopusError> {
        let native = match octopus.feed_triggers(&space.id).await {
            Ok(native) => native,
            Err(error) => {
                let error = self.unless_fatal(octopus, error).await?;
                self.keep_natives(space, &error);
                Vec::new()
            }
        };
        // Whether an unreadable trigger is one of ours may be unknown, because its mark cannot be read.
        let selects = |one: &NativeTrigger| {
            let was_ours = || self.known.get(&space.id, &one.id).is_some();
            self.input.native.selects(one.is_disabled, &one.description)
                || one.unreadable.is_some() && was_ours()
        };
        let unresolved = Unresolved {
            native: native.into_iter().filter(selects).collect(),
            in_file,
        };
        let ids = unresolved.native.iter().map(|one| one.id.clone());
        let ids = ids.chain(unresolved.in_file.iter().map(Located::id));
        let listed = self.listed.entry(space.id.clone()).or_default();
        listed.extend(ids);
        if unresolved.native.is_empty() && unresolved.in_file.is_empty() {
            return Ok(());
        }
        match octopus.feeds(&space.id).await {
            Ok(feeds) => {
                self.feeds.insert(space.id.clone(), feeds);
            }
            Err(error) => {
                let error = self.unless_fatal(octopus, error).await?;
                self.keep_all(space, &unresolved, &error);
                return Ok(());
            }
        }
        let unread = self.unread(space, unresolved);
        self.resolve(octopus, space, unread, entries).await
    }

    /// Resolves triggers of a space.
    async fn resolve<O: OctopusReader>(
        &mut self,
        octopus: &O,
        space: &Space,
        unresolved: Unresolved<'_>,
        entries: &mut OptionsEntries<'_>,
    ) -> Result<(), OctopusError> {
        let Unresolved { native, in_file } = unresolved;
        if native.is_empty() && in_file.is_empty() {
            return Ok(());
        }
        let mut named: BTreeSet<_> = in_file.iter().map(Located::project).collect();
        if !native.is_empty() {
            named.extend(entries.projects(&space.id));
        }
        octopus.preload(&space.id, &native, &named).await?;
        let feeds = self.feeds.get(&space.id).cloned().unwrap_or_default();
        let mut resolver = Resolver::new(octopus, &space.id);
        if !native.is_empty() {
            entries.find_projects(&mut resolver).await?;
        }
        for native in &native {
            let details = &mut self.details;
            let looked = native_trigger::resolve(&mut resolver, native, &feeds, entries, details);
            let looked = looked.await?;
            self.take(octopus, looked).await?;
        }
        for located in &in_file {
            let details = &mut self.details;
            let looked = file_trigger::resolve(&mut resolver, located, &feeds, details);
            let looked = looked.await?;
            self.take(octopus, looked).await?;
        }
        Ok(())
    }

    /// The triggers that the refresh that this one continues has not reached. Takes over those that it has read, and for
    /// now those that failed.
    fn unread(&mut self, space: &Space, unresolved: Unresolved<'a>) -> Unresolved<'a> {
        if self.input.progress.is_none() {
            return unresolved;
        }
        let (mut rest, mut failed) = (Unresolved::default(), Unresolved::default());
        for native in unresolved.native {
            match self.take_over(space, &native.id) {
                TakenOver::Nothing => rest.native.push(native),
                TakenOver::Failed => failed.native.push(native),
                TakenOver::Read => {}
            }
        }
        for located in unresolved.in_file {
            match self.take_over(space, &located.id()) {
                TakenOver::Nothing => rest.in_file.push(located),
                TakenOver::Failed => failed.in_file.push(located),
                TakenOver::Read => {}
            }
        }
        self.failed_before.push((space.clone(), failed));
        rest
    }

    fn take_over(&mut self, space: &Space, id: &TriggerId) -> TakenOver {
        let Some(before) = self.known.get(&space.id, id) else {
            return TakenOver::Nothing;
        };
        let is_read = self.done.contains(&(space.id.clone(), id.clone()));
        let has_failed = before.stale.is_some() || before.problem.is_some();
        let taken = match (is_read, has_failed) {
            (true, _) => TakenOver::Read,
            (false, true) => TakenOver::Failed,
            (false, false) => return TakenOver::Nothing,
        };
        self.triggers.push(before.clone());
        taken
    }

    async fn take<O: OctopusReader>(
        &mut self,
        octopus: &O,
        looked: Looked,
    ) -> Result<(), OctopusError> {
        let trigger = match looked {
            Looked::Resolved(trigger) => {
                self.failures_in_a_row = 0;
                self.done
                    .insert((trigger.space.clone(), trigger.id.clone()));
                trigger
            }
            Looked::Unreadable(unread) => {
                self.count_failure(octopus).await?;
                self.known.or_stale(unread)
            }
        };
        if self.is_complete {
            // Its last state was taken over before.
            self.triggers.retain(|one| one.key() != trigger.key());
        }
        self.triggers.push(trigger);
        Ok(())
    }
}
