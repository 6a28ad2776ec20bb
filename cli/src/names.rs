//! The names of a file, held against Octopus: spaces, projects, channels, actions, package references,
//! native triggers. What is not there is a fault at the place of its name.
//!
//! What can change any day without anybody's mistake (a project that is disabled, a step that does not
//! run in the channel) is not looked at: the trigger's list shows it.

use domain::definition::{ALL, Definition, NativeOptions, NativeRef, SourceDefinition};
use domain::process::{Action, same_name};
use engine::ports::{NativeTrigger, OctopusError, OctopusErrorKind, OctopusReader, Project, Space};
use operator::ports::Progress;
use trigger_file::{FileError, TriggerFile};

/// The names that Octopus does not know. Each trigger is a step.
///
/// # Errors
/// When Octopus cannot be asked.
pub(crate) async fn faults_of_names<O: OctopusReader>(
    octopus: &O,
    spaces: &[String],
    file: &TriggerFile,
    progress: &dyn Progress,
) -> Result<Vec<FileError>, OctopusError> {
    progress.ahead(file.definitions.triggers.len() + file.definitions.native.len());
    let mut looking = Looking {
        octopus,
        spaces: octopus.spaces(spaces).await?,
        natives: Vec::new(),
        file,
        faults: Vec::new(),
    };
    for (index, one) in file.definitions.triggers.iter().enumerate() {
        looking
            .definition(&format!("triggers.{index}"), one)
            .await?;
        progress.step();
    }
    if !file.definitions.native.is_empty() {
        for space in &looking.spaces {
            let natives = octopus.feed_triggers(&space.id).await?;
            looking.natives.extend(natives);
        }
    }
    for (index, one) in file.definitions.native.iter().enumerate() {
        looking.native(&format!("native.{index}"), one).await?;
        progress.step();
    }
    Ok(looking.faults)
}

struct Looking<'a, O> {
    octopus: &'a O,
    /// Those that are watched.
    spaces: Vec<Space>,
    /// The native triggers of these.
    natives: Vec<NativeTrigger>,
    file: &'a TriggerFile,
    faults: Vec<FileError>,
}

impl<O: OctopusReader> Looking<'_, O> {
    fn note(&mut self, path: &str, field: &str, problem: impl Into<String>) {
        let fault = self.file.error_at(&format!("{path}.{field}"), problem);
        self.faults.push(fault);
    }

    async fn definition(&mut self, path: &str, one: &Definition) -> Result<(), OctopusError> {
        let project = self
            .project(path, one.space.as_deref(), &one.project)
            .await?;
        let Some(project) = project else {
            return Ok(());
        };
        let channel = match &one.channel {
            Some(name) => self.octopus.find_channel(&project, name).await,
            None => self.octopus.channel(&project, None).await,
        };
        let Some(channel) = self.found(path, "channel", channel)? else {
            return Ok(());
        };
        let git_ref = one.options.git_ref.as_deref();
        let project = self.found(path, "gitRef", project.at(git_ref))?;
        let Some(project) = project else {
            return Ok(());
        };
        let process = self.octopus.process(&project, &channel.id).await;
        let field = git_ref.map_or("project", |_| "gitRef");
        if let Some(process) = self.found(path, field, process)? {
            for (index, source) in one.sources.iter().enumerate() {
                self.source(
                    &format!("{path}.packages.{index}"),
                    source,
                    &process.actions,
                );
            }
        }
        Ok(())
    }

    /// The project, or nothing if it was noted that it or its space is not there.
    async fn project(
        &mut self,
        path: &str,
        space: Option<&str>,
        name: &str,
    ) -> Result<Option<Project>, OctopusError> {
        let known: Vec<_> = self
            .spaces
            .iter()
            .map(|space| space.name.as_str())
            .collect();
        let known = known.join(", ");
        let space = match (space, self.spaces.as_slice()) {
            (None, [only]) => only.id.clone(),
            (None, _) => {
                let problem =
                    format!("several spaces are watched ({known}); give the trigger its `space`");
                self.note(path, "space", problem);
                return Ok(None);
            }
            (Some(wanted), spaces) => {
                let is_meant = |space: &&Space| {
                    let names = [&space.name, &space.slug];
                    space.id.as_str() == wanted || names.iter().any(|name| same_name(name, wanted))
                };
                match spaces.iter().find(is_meant) {
                    Some(space) => space.id.clone(),
                    None => {
                        let problem = format!("no space `{wanted}` is watched; these are: {known}");
                        self.note(path, "space", problem);
                        return Ok(None);
                    }
                }
            }
        };
        let project = self.octopus.find_project(&space, name).await;
        self.found(path, "project", project)
    }

    fn source(&mut self, path: &str, source: &SourceDefinition, actions: &[Action]) {
        let meant = actions
            .iter()
            .filter(|action| source.names_action(action.slug.as_deref(), &action.name));
        let mut meant = meant.peekable();
        if meant.peek().is_none() {
            let known = actions
                .iter()
                .filter(|one| !one.package_references.is_empty());
            let known: Vec<_> = known.map(Action::handle).collect();
            let problem = format!(
                "the process has no action `{}`; those with packages are: {}",
                source.action,
                known.join(", ")
            );
            return self.note(path, "deploymentActionSlug", problem);
        }
        let references: Vec<_> = meant
            .flat_map(|action| &action.package_references)
            .collect();
        let wanted = &source.package_reference;
        if wanted != ALL && !references.iter().any(|one| same_name(one, wanted)) {
            let shown = |name: &&String| match name.as_str() {
                "" => "the primary one".to_owned(),
                name => format!("`{name}`"),
            };
            let known: Vec<_> = references.iter().map(shown).collect();
            let problem = format!(
                "`{}` has no package reference {}; there are: {}",
                source.action,
                shown(&wanted),
                known.join(", ")
            );
            self.note(path, "packageReference", problem);
        }
    }

    async fn native(&mut self, path: &str, one: &NativeOptions) -> Result<(), OctopusError> {
        match &one.trigger {
            NativeRef::Id(id) => {
                if !self.natives.iter().any(|native| native.id == *id) {
                    let known: Vec<_> = self.natives.iter().map(|one| one.id.as_str()).collect();
                    let known = known.join(", ");
                    let problem =
                        format!("there is no external feed trigger `{id}`; there are: {known}");
                    self.note(path, "id", problem);
                }
            }
            NativeRef::Named {
                space,
                project,
                name,
            } => {
                let project = self.project(path, space.as_deref(), project).await?;
                let Some(project) = project else {
                    return Ok(());
                };
                let of_project = self.natives.iter().filter(|one| one.project == project.id);
                let known: Vec<_> = of_project.map(|one| one.name.as_str()).collect();
                if !known.iter().any(|one| same_name(one, name)) {
                    let known = known.join(", ");
                    let project = &project.name;
                    let problem = format!(
                        "`{project}` has no external feed trigger `{name}`; there are: {known}"
                    );
                    self.note(path, "name", problem);
                }
            }
        }
        Ok(())
    }

    /// What was found; nothing, with a note, if it is not there or cannot be used.
    fn found<T>(
        &mut self,
        path: &str,
        field: &str,
        read: Result<T, OctopusError>,
    ) -> Result<Option<T>, OctopusError> {
        match read {
            Ok(value) => Ok(Some(value)),
            Err(error) => match error.kind {
                OctopusErrorKind::NotFound | OctopusErrorKind::Invalid => {
                    self.note(path, field, error.message);
                    Ok(None)
                }
                _ => Err(error),
            },
        }
    }
}
