//! `feedctl triggers add`: adds a trigger, in the steps of Octopus's own dialog. Options that are not given are
//! prompted for at a terminal, and are errors elsewhere.

use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, bail};
use engine::ports::{Catalogue, OctopusReader, Project, Space, TriggerCreator};
use engine::watchlist::ProjectName;
use host::SystemClock;
use octopus::{FixedKey, OctopusClient};
use operator::add::{Adding, ChannelChoice, Home, NewTrigger, SourceChoice};
use store::Store;

use super::prompts::Prompts;
use crate::args::{AddTrigger, RunBy, Server};
use crate::exit::Exit;
use crate::output::{AddedRow, Output};
use crate::reach::Reach;
use crate::state::State;
use machine::{Reader, reader};

/// The default trigger file.
const DEFAULT_FILE: &str = "triggers.yaml";

type Client = OctopusClient<FixedKey>;

/// Adds a trigger. With `can_prompt`, prompts for missing options.
pub(crate) async fn add(
    server: &Server,
    options: &AddTrigger,
    output: &Output,
    can_prompt: bool,
) -> anyhow::Result<Exit> {
    let reach = Reach::of(server).await?;
    let prompts = can_prompt.then(|| Prompts::new(output.has_colours()));
    if prompts.is_none()
        && let Some(missing) = missing(&reach, options)
    {
        return Ok(output.usage_error(&missing));
    }
    let octopus = Rc::new(reach.octopus()?);
    let store = reach.known_state()?.map(Store::new);
    let reader = reader(Rc::clone(&octopus), reach.networks()?, reach.limits())?;
    let steps = Steps {
        options,
        prompts: prompts.as_ref(),
        output,
        octopus: &octopus,
        adding: Adding {
            store: store.as_ref(),
            octopus: &*octopus,
            reader: &reader,
            clock: &SystemClock,
        },
    };
    let Some((new, file)) = steps.choose(&reach).await? else {
        return Ok(Exit::Done);
    };
    let added = if options.dry_run {
        AddedRow::planned(&new)
    } else {
        create(&octopus, &new, &file).await?
    };
    let was_confirmed = prompts.is_some() && !options.dry_run;
    output.added(&added, was_confirmed)?;
    Ok(Exit::Done)
}

/// The options that are required without prompts and missing.
fn missing(reach: &Reach, options: &AddTrigger) -> Option<String> {
    let required = [
        ("--name", options.name.is_some()),
        ("--project", options.project.is_some()),
        ("--source or --all-sources", options.selects_sources()),
        ("one --space", reach.spaces().len() == 1),
    ];
    let missing: Vec<_> = required
        .into_iter()
        .filter(|(_, is_given)| !is_given)
        .map(|(option, _)| option)
        .collect();
    (!missing.is_empty()).then(|| {
        format!(
            "cannot prompt for missing options here; also give {}",
            missing.join(", ")
        )
    })
}

/// The steps of the dialog.
struct Steps<'a> {
    options: &'a AddTrigger,
    prompts: Option<&'a Prompts>,
    output: &'a Output,
    octopus: &'a Client,
    adding: Adding<'a, Store<State>, Client, Reader, SystemClock>,
}

impl Steps<'_> {
    /// The trigger and the file for `Home::File`; `None` if the user does not confirm.
    async fn choose(&self, reach: &Reach) -> anyhow::Result<Option<(NewTrigger, PathBuf)>> {
        if let Some(prompts) = self.prompts {
            prompts.kind()?;
        }
        let name = self.text(self.options.name.as_ref(), Prompts::name)?;
        let description = self.text(self.options.description.as_ref(), Prompts::description)?;
        let space = self.space(reach).await?;
        let project = self.project(&space).await?;
        if self.adding.is_taken(&project, &name).await? {
            bail!(
                "cannot add `{name}`: {} already has an external feed trigger with this name; choose another name",
                project.name
            );
        }
        let channel = self.channel(&project).await?;
        let sources = self.sources(&project, &channel).await?;
        let (home, file) = self.home().await?;
        let new = NewTrigger {
            name,
            description,
            space,
            project,
            channel,
            sources,
            home,
        };
        let faults = new.faults();
        if !faults.is_empty() {
            bail!("cannot add the trigger: {}", faults.join("; "));
        }
        let is_confirmed = match self.prompts {
            Some(prompts) if !self.options.dry_run => prompts.confirm(&new)?,
            _ => true,
        };
        Ok(is_confirmed.then_some((new, file)))
    }

    /// The option's value, else the user's answer, else an empty text.
    fn text(
        &self,
        option: Option<&String>,
        prompt: fn(&Prompts) -> anyhow::Result<String>,
    ) -> anyhow::Result<String> {
        match (option, self.prompts) {
            (Some(text), _) => Ok(text.clone()),
            (None, Some(prompts)) => prompt(prompts),
            (None, None) => Ok(String::new()),
        }
    }

    async fn space(&self, reach: &Reach) -> anyhow::Result<Space> {
        let mut spaces = self.octopus.spaces(&reach.spaces()).await?;
        let index = match (spaces.len(), self.prompts) {
            (0, _) => bail!(
                "cannot find a space: the API key's user can see none; add the user to a team of the space"
            ),
            (1, _) => 0,
            (_, Some(prompts)) => prompts.space(&spaces)?,
            (_, None) => bail!("cannot choose between several spaces; name one with --space"),
        };
        Ok(spaces.swap_remove(index))
    }

    async fn project(&self, space: &Space) -> anyhow::Result<Project> {
        match (&self.options.project, self.prompts) {
            (Some(name), _) => {
                let name = ProjectName::Text(name.clone());
                let watched = std::slice::from_ref(space);
                let place = self.adding.place(watched, space.id.as_str(), &name);
                Ok(place.await?.1)
            }
            (None, Some(prompts)) => {
                let mut projects = self.octopus.projects(&space.id).await?;
                projects.retain(|project| !project.is_disabled);
                if projects.is_empty() {
                    bail!(
                        "cannot choose a project: the space {} has no enabled one",
                        space.name
                    );
                }
                let index = prompts.project(&projects)?;
                Ok(projects.swap_remove(index))
            }
            (None, None) => bail!("cannot choose a project; name one with --project"),
        }
    }

    async fn channel(&self, project: &Project) -> anyhow::Result<ChannelChoice> {
        match (&self.options.channel, self.prompts) {
            (None, Some(prompts)) => {
                let mut choices = self.adding.channels(project).await?;
                if choices.is_empty() {
                    bail!("cannot choose a channel: {} has none", project.name);
                }
                let index = prompts.channel(&choices)?;
                Ok(choices.swap_remove(index))
            }
            (name, _) => Ok(self.adding.channel(project, name.as_deref()).await?),
        }
    }

    async fn sources(
        &self,
        project: &Project,
        channel: &ChannelChoice,
    ) -> anyhow::Result<Vec<SourceChoice>> {
        self.output
            .progress("Reading the feeds of the deployment process...");
        let id = &channel.listed.channel.id;
        let choices = self.adding.sources(project, id).await?;
        if self.options.all_sources {
            let all = choices.into_iter();
            return Ok(all.filter(|choice| choice.is_followable).collect());
        }
        if !self.options.source.is_empty() {
            let references = self.options.source.iter();
            return references
                .map(|reference| find(&choices, reference))
                .collect();
        }
        match self.prompts {
            Some(prompts) => prompts.sources(choices),
            None => bail!("cannot choose sources; name them with --source, or use --all-sources"),
        }
    }

    /// The place of the trigger, and the trigger file for `Home::File`.
    async fn home(&self) -> anyhow::Result<(Home, PathBuf)> {
        let default = PathBuf::from(DEFAULT_FILE);
        match (&self.options.file, self.options.run_by) {
            (Some(file), _) => return Ok((Home::File, file.clone())),
            (None, Some(RunBy::Feedctl)) => return Ok((Home::Adopted, default)),
            (None, Some(RunBy::Octopus)) => return Ok((Home::Octopus, default)),
            (None, None) => {}
        }
        let is_known = self.octopus.has_feed_triggers().await?;
        match (self.prompts, is_known) {
            (Some(prompts), true) => Ok((prompts.home()?, default)),
            (None, true) => Ok((Home::Adopted, default)),
            (_, false) => {
                self.output.note(&format!(
                    "this Octopus Server has no external feed triggers, which 2024.2 introduced; the trigger \
                     is written to {DEFAULT_FILE}"
                ));
                Ok((Home::File, default))
            }
        }
    }
}

/// The choice for a package reference such as `deploy-web` or `deploy-web:web`.
fn find(choices: &[SourceChoice], reference: &str) -> anyhow::Result<SourceChoice> {
    let matches =
        |choice: &&SourceChoice| choice.reference.to_string().eq_ignore_ascii_case(reference);
    choices.iter().find(matches).cloned().with_context(|| {
        let known: Vec<_> = choices
            .iter()
            .map(|choice| choice.reference.to_string())
            .collect();
        format!(
            "cannot find source `{reference}` in the deployment process for this channel; the sources are: {}",
            known.join(", ")
        )
    })
}

async fn create(octopus: &Client, new: &NewTrigger, file: &Path) -> anyhow::Result<AddedRow> {
    if new.home != Home::File {
        let id = octopus.create_trigger(&new.native()).await?;
        return Ok(AddedRow::created(new, id.as_str()));
    }
    let name = file.display().to_string();
    let before = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(|| format!("cannot read {name}")),
    };
    let definition = new.definition();
    let after = trigger_file::insert(&name, &before, &definition)?;
    std::fs::write(file, after).with_context(|| format!("cannot write {name}"))?;
    Ok(AddedRow::written(new, definition.id().as_str(), &name))
}
