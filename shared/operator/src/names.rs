//! Checks the names in a trigger file against Octopus: spaces, projects, channels, actions, package
//! references, native triggers. The lookups and their messages are those of the watch list.
//!
//! States that may change at any time without a mistake in the file (a disabled project, a step that does
//! not run in the channel) are not reported here; the list of triggers shows them.

use domain::definition::{Definition, Definitions, NativeOptions, NativeRef};
use engine::ports::{NativeTrigger, OctopusError, OctopusReader, Project, Space};
use engine::watchlist::{
    ChannelName, LookupError, ProjectName, Resolver, UnknownName, find_space, native_by_id,
    native_by_name, unknown_name,
};

use crate::ports::Progress;

/// A name that Octopus does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameFault {
    /// The field in the file, for example `triggers.0.packages.1.packageReference`.
    pub path: String,
    /// The problem, with the known names or the remedy.
    pub problem: String,
}

/// Finds the names that Octopus does not know. Each trigger and each entry of options is one step of the
/// progress.
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
    let spaces = octopus.spaces(spaces).await?;
    let resolvers = spaces.iter().map(|space| Resolver::new(octopus, &space.id));
    let mut check = NameCheck {
        resolvers: resolvers.collect(),
        spaces: &spaces,
        natives: Vec::new(),
        faults: Vec::new(),
    };
    for (index, one) in definitions.triggers.iter().enumerate() {
        let path = format!("triggers.{index}");
        let checked = check.definition(&path, one).await;
        check.report(checked)?;
        progress.step();
    }
    if !definitions.native.is_empty() {
        for space in &spaces {
            check
                .natives
                .extend(octopus.feed_triggers(&space.id).await?);
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

struct NameCheck<'a, O> {
    /// The watched spaces, and the resolver of each.
    spaces: &'a [Space],
    resolvers: Vec<Resolver<'a, O>>,
    /// The native triggers of these spaces.
    natives: Vec<NativeTrigger>,
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
            Err(LookupError::Octopus(error)) => Err(error),
        }
    }

    async fn definition(
        &mut self,
        path: &str,
        one: &Definition,
    ) -> Result<(), LookupError<NameFault>> {
        let (resolver, project) = self
            .project(path, one.space.as_deref(), &one.project)
            .await?;
        let resolver = &mut self.resolvers[resolver];
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
            Ok(_) => Ok(()),
            Err(problem) => Err(at(path, field, LookupError::Unusable(problem))),
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

/// A problem as the fault of a field.
fn at(path: &str, field: &str, error: LookupError) -> LookupError<NameFault> {
    match error {
        LookupError::Octopus(error) => LookupError::Octopus(error),
        LookupError::Unusable(problem) => LookupError::Unusable(NameFault {
            path: format!("{path}.{field}"),
            problem,
        }),
    }
}
