//! Checks the names in a trigger file against Octopus: spaces, projects, channels, actions, package
//! references, native triggers; and the ranges and requirements of versions against their feeds. The lookups and their messages
//! are those of the watch list.
//!
//! States that may change at any time without a mistake in the file (a disabled project, a step that does
//! not run in the channel) are not reported here; the list of triggers shows them.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use domain::definition::{Definition, Definitions, NativeOptions, NativeRef, SourceDefinition};
use domain::feed::Feed;
use domain::ids::TriggerId;
use domain::problem::Problem;
use engine::ports::{NativeTrigger, OctopusError, OctopusErrorKind, OctopusReader, Project, Space};
use engine::watchlist::{
    ChannelName, ChannelProcess, LookupError, ProjectName, Resolver, UnknownName, feeds_of,
    find_space, native_by_id, native_by_name, unknown_name,
};

use crate::ports::Progress;

/// A name that Octopus does not know, or an option that is invalid for its feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameFault {
    /// The field in the file, for example `triggers.0.packages.1.packageReference`.
    pub path: String,
    /// The problem, with the known names or the remedy.
    pub problem: String,
}

/// Finds the names that Octopus does not know, and the options that are invalid for their feeds. Each trigger and each entry of
/// options is one step of the progress.
///
/// # Errors
/// When Octopus as a whole cannot be read.
pub async fn check_names<O: OctopusReader>(
    octopus: &O,
    spaces: &[String],
    definitions: &Definitions,
    progress: &dyn Progress,
) -> Result<Vec<NameFault>, OctopusError> {
    progress.ahead(definitions.triggers.len() + definitions.native.len());
    let octopus = &octopus.for_refresh();
    let spaces = octopus.spaces(spaces).await?;
    for space in &spaces {
        let named = projects_in(definitions, space, &spaces);
        octopus.preload(&space.id, &[], &named).await?;
    }
    let resolvers = spaces.iter().map(|space| Resolver::new(octopus, &space.id));
    let mut check = NameCheck {
        octopus,
        resolvers: resolvers.collect(),
        spaces: &spaces,
        feeds: BTreeMap::new(),
        natives: Vec::new(),
        space_of_native: BTreeMap::new(),
        faults: Vec::new(),
    };
    for (index, one) in definitions.triggers.iter().enumerate() {
        let path = format!("triggers.{index}");
        let checked = check.definition(&path, one).await;
        check.report(checked)?;
        progress.step();
    }
    if !definitions.native.is_empty() {
        for (index, space) in spaces.iter().enumerate() {
            let natives = octopus.feed_triggers(&space.id).await?;
            let ids = natives.iter().map(|native| (native.id.clone(), index));
            check.space_of_native.extend(ids);
            check.natives.extend(natives);
        }
    }
    for (index, one) in definitions.native.iter().enumerate() {
        let path = format!("native.{index}");
        let checked = check.native(&path, one).await;
        check.report(checked)?;
        progress.step();
    }
    Ok(check.faults)
}

/// The projects that the file names in a space.
fn projects_in<'a>(
    definitions: &'a Definitions,
    space: &Space,
    spaces: &[Space],
) -> BTreeSet<&'a str> {
    let triggers = definitions.triggers.iter();
    let triggers = triggers.map(|one| (&one.space, &one.project));
    let native = definitions
        .native
        .iter()
        .filter_map(|one| match &one.trigger {
            NativeRef::Named { space, project, .. } => Some((space, project)),
            NativeRef::Id(_) => None,
        });
    let is_here = |own: &Option<String>| {
        find_space(own.as_deref(), spaces).is_ok_and(|found| found.id == space.id)
    };
    let here = triggers.chain(native).filter(|(own, _)| is_here(own));
    here.map(|(_, project)| project.as_str()).collect()
}

struct NameCheck<'a, O> {
    octopus: &'a O,
    /// The watched spaces, and the resolver of each.
    spaces: &'a [Space],
    resolvers: Vec<Resolver<'a, O>>,
    /// The feeds of the spaces whose ranges were checked, by the index of the space.
    feeds: BTreeMap<usize, Vec<Feed>>,
    /// The native triggers of these spaces.
    natives: Vec<NativeTrigger>,
    /// The index of the space of each.
    space_of_native: BTreeMap<TriggerId, usize>,
    faults: Vec<NameFault>,
}

impl<O: OctopusReader> NameCheck<'_, O> {
    /// Keeps a fault, and returns an error of the whole server.
    fn report(&mut self, checked: Result<(), LookupError<NameFault>>) -> Result<(), OctopusError> {
        match checked {
            Ok(()) => Ok(()),
            Err(LookupError::Unusable(fault)) => {
                self.faults.push(fault);
                Ok(())
            }
            Err(LookupError::Unreadable(fault)) => Err(unavailable(fault.problem)),
            Err(LookupError::Octopus(error)) => Err(error),
        }
    }

    async fn definition(
        &mut self,
        path: &str,
        one: &Definition,
    ) -> Result<(), LookupError<NameFault>> {
        let (space, project) = self
            .project(path, one.space.as_deref(), &one.project)
            .await?;
        let resolver = &mut self.resolvers[space];
        let channel = match &one.channel {
            Some(name) => ChannelName::Text(name.clone()),
            None => ChannelName::Default,
        };
        let channel = resolver.channel(&project, &channel).await;
        let channel = channel.map_err(|error| at(path, "channel", error))?;
        let git_ref = one.options.git_ref.as_deref();
        let project = project.at(git_ref).map_err(LookupError::from);
        let project = project.map_err(|error| at(path, "gitRef", error))?;
        let field = git_ref.map_or("project", |_| "gitRef");
        let process = resolver.process(&project, &channel).await;
        let process = process.map_err(|error| at(path, field, error))?;
        for (index, source) in one.sources.iter().enumerate() {
            let (field, problem) = match unknown_name(source, &process.process.actions) {
                None => continue,
                Some(UnknownName::Action(problem)) => ("deploymentActionSlug", problem),
                Some(UnknownName::PackageReference(problem)) => ("packageReference", problem),
            };
            let path = format!("{path}.packages.{index}.{field}");
            self.faults.push(NameFault { path, problem });
        }
        self.policies(path, space, &one.sources, &process).await
    }

    /// Checks the policies of the sources with their feeds.
    async fn policies(
        &mut self,
        path: &str,
        space: usize,
        sources: &[SourceDefinition],
        process: &ChannelProcess,
    ) -> Result<(), LookupError<NameFault>> {
        if !sources.iter().any(depends_on_feed) {
            return Ok(());
        }
        let id = &self.spaces[space].id;
        if let Entry::Vacant(unread) = self.feeds.entry(space) {
            let feeds = self.octopus.feeds(id).await.map_err(LookupError::Octopus)?;
            unread.insert(feeds);
        }
        let feeds = &self.feeds[&space];
        for (index, source) in sources.iter().enumerate() {
            for feed in feeds_of(id, source, &process.process, feeds) {
                for error in source.policy.check(Some(feed)) {
                    let fault = NameFault {
                        path: format!("{path}.packages.{index}.{}", error.option),
                        problem: error.to_string(),
                    };
                    if !self.faults.contains(&fault) {
                        self.faults.push(fault);
                    }
                }
            }
        }
        Ok(())
    }

    async fn native(
        &mut self,
        path: &str,
        one: &NativeOptions,
    ) -> Result<(), LookupError<NameFault>> {
        let (field, found) = match &one.trigger {
            NativeRef::Id(id) => ("id", native_by_id(id, &self.natives)),
            NativeRef::Named {
                space,
                project,
                name,
            } => {
                let (_, project) = self.project(path, space.as_deref(), project).await?;
                let of_project = self.natives.iter().filter(|one| one.project == project.id);
                let of_project: Vec<_> = of_project.collect();
                ("name", native_by_name(name, &project.name, &of_project))
            }
        };
        match found {
            Ok(native) => {
                let native = native.clone();
                self.native_policies(path, &native, one).await
            }
            Err(problem) => Err(at(path, field, LookupError::Unusable(problem.into()))),
        }
    }

    /// Checks the policies of the options of a native trigger. Its project, channel and process are states of Octopus,
    /// so a problem with them is none of the file.
    async fn native_policies(
        &mut self,
        path: &str,
        native: &NativeTrigger,
        one: &NativeOptions,
    ) -> Result<(), LookupError<NameFault>> {
        if !one.sources.iter().any(depends_on_feed) {
            return Ok(());
        }
        let space = self.space_of_native.get(&native.id).copied();
        let space = space.unwrap_or_default();
        let git_ref = one.options.git_ref.as_deref();
        match process_of(&mut self.resolvers[space], native, git_ref).await {
            Ok(process) => self.policies(path, space, &one.sources, &process).await,
            Err(LookupError::Octopus(error)) => Err(LookupError::Octopus(error)),
            Err(LookupError::Unusable(_) | LookupError::Unreadable(_)) => Ok(()),
        }
    }

    /// The project, with the index of its space's resolver.
    async fn project(
        &mut self,
        path: &str,
        space: Option<&str>,
        name: &str,
    ) -> Result<(usize, Project), LookupError<NameFault>> {
        let found = find_space(space, self.spaces).map_err(LookupError::Unusable);
        let space = found.map_err(|error| at(path, "space", error))?;
        let index = self.spaces.iter().position(|one| one.id == space.id);
        let index = index.unwrap_or_default();
        let name = ProjectName::Text(name.to_owned());
        let project = self.resolvers[index].project(&name).await;
        let project = project.map_err(|error| at(path, "project", error))?;
        Ok((index, project))
    }
}

/// The process of a native trigger.
async fn process_of<O: OctopusReader>(
    resolver: &mut Resolver<'_, O>,
    native: &NativeTrigger,
    git_ref: Option<&str>,
) -> Result<Rc<ChannelProcess>, LookupError> {
    let project = ProjectName::Id(native.project.clone());
    let project = resolver.project(&project).await?;
    let channel = match native.channel.clone() {
        Some(id) => ChannelName::Id(id),
        None => ChannelName::Default,
    };
    let channel = resolver.channel(&project, &channel).await?;
    let project = project.at(git_ref).map_err(LookupError::from)?;
    resolver.process(&project, &channel).await
}

/// A problem as the fault of a field.
fn at(path: &str, field: &str, error: LookupError) -> LookupError<NameFault> {
    let fault = |problem: Problem| NameFault {
        path: format!("{path}.{field}"),
        problem: problem.message,
    };
    match error {
        LookupError::Octopus(error) => LookupError::Octopus(error),
        LookupError::Unusable(problem) => LookupError::Unusable(fault(problem)),
        LookupError::Unreadable(problem) => LookupError::Unreadable(fault(problem)),
    }
}

/// The error for an object that cannot be read at present.
pub(crate) fn unavailable(message: String) -> OctopusError {
    OctopusError {
        message,
        kind: OctopusErrorKind::Unavailable,
        source: None,
    }
}

/// Whether some feeds make the policy of the source invalid.
fn depends_on_feed(source: &SourceDefinition) -> bool {
    source.policy.versions.range.is_some() || !source.policy.require.is_empty()
}
