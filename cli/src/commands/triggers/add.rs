//! `feedctl triggers add`: a new trigger, in the steps of Octopus's own dialogue. What the options do not
//! say is asked for at the terminal, or is missing.

use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, bail};
use engine::ports::{Catalogue, OctopusReader, Project, Space, TriggerCreator};
use host::SystemClock;
use octopus::{FixedKey, OctopusClient};
use operator::add::{Adding, ChannelChoice, Home, NewTrigger, SourceChoice};
use store::Store;

use super::ask::Ask;
use crate::args::{AddTrigger, RunBy, Server};
use crate::exit::Exit;
use crate::machine::{Reader, reader};
use crate::output::{AddedRow, Output};
use crate::reach::Reach;
use crate::state::State;

/// The file that is written where nobody names one.
const USUAL_FILE: &str = "triggers.yaml";

type Client = OctopusClient<FixedKey>;

/// Adds a trigger. With `may_ask`, what is missing is asked for.
pub(crate) async fn add(
    server: &Server,
    options: &AddTrigger,
    output: &Output,
    may_ask: bool,
) -> anyhow::Result<Exit> {
    let reach = Reach::of(server).await?;
    let ask = may_ask.then(|| Ask::new(output.has_colours()));
    if ask.is_none()
        && let Some(missing) = missing(&reach, options)
    {
        return Ok(output.misused(&missing));
    }
    let octopus = Rc::new(reach.octopus()?);
    let store = reach.known_state()?.map(Store::new);
    let reader = reader(Rc::clone(&octopus), reach.networks()?, reach.limits())?;
    let steps = Steps {
        options,
        ask: ask.as_ref(),
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
        carry_out(&octopus, &new, &file).await?
    };
    let is_told = ask.is_some() && !options.dry_run;
    output.added(&added, is_told)?;
    Ok(Exit::Done)
}

/// What the options must say where nobody can be asked.
fn missing(reach: &Reach, options: &AddTrigger) -> Option<String> {
    let needed = [
        ("--name", options.name.is_some()),
        ("--project", options.project.is_some()),
        ("--source or --all-sources", options.names_sources()),
        ("one --space", reach.spaces().len() == 1),
    ];
    let missing: Vec<_> = needed
        .into_iter()
        .filter(|(_, is_there)| !is_there)
        .map(|(option, _)| option)
        .collect();
    (!missing.is_empty()).then(|| {
        format!(
            "nobody can be asked here, so the command line must also have: {}",
            missing.join(", ")
        )
    })
}

/// The steps of the dialogue.
struct Steps<'a> {
    options: &'a AddTrigger,
    ask: Option<&'a Ask>,
    output: &'a Output,
    octopus: &'a Client,
    adding: Adding<'a, Store<State>, Client, Reader, SystemClock>,
}

impl Steps<'_> {
    /// What was chosen, and the file if it goes into one; nothing, if the person thought better of it.
    async fn choose(&self, reach: &Reach) -> anyhow::Result<Option<(NewTrigger, PathBuf)>> {
        if let Some(ask) = self.ask {
            ask.kind()?;
        }
        let name = self.said(self.options.name.as_ref(), Ask::name)?;
        let description = self.said(self.options.description.as_ref(), Ask::description)?;
        let space = self.space(reach).await?;
        let project = self.project(&space).await?;
        if self.adding.is_taken(&project, &name).await? {
            bail!(
                "`{}` has an external feed trigger `{name}` already; choose another name",
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
            bail!("the trigger cannot be added: {}", faults.join("; "));
        }
        let is_wanted = match self.ask {
            Some(ask) if !self.options.dry_run => ask.confirm(&new)?,
            _ => true,
        };
        Ok(is_wanted.then_some((new, file)))
    }

    /// What the options say, else what the person says, else nothing.
    fn said(
        &self,
        option: Option<&String>,
        question: fn(&Ask) -> anyhow::Result<String>,
    ) -> anyhow::Result<String> {
        match (option, self.ask) {
            (Some(text), _) => Ok(text.clone()),
            (None, Some(ask)) => question(ask),
            (None, None) => Ok(String::new()),
        }
    }

    async fn space(&self, reach: &Reach) -> anyhow::Result<Space> {
        let mut spaces = self.octopus.spaces(&reach.spaces()).await?;
        let index = match (spaces.len(), self.ask) {
            (0, _) => bail!("the API key's user sees no space; put it into a team of one"),
            (1, _) => 0,
            (_, Some(ask)) => ask.space(&spaces)?,
            (_, None) => bail!("several spaces are meant; name one with --space"),
        };
        Ok(spaces.swap_remove(index))
    }

    async fn project(&self, space: &Space) -> anyhow::Result<Project> {
        match (&self.options.project, self.ask) {
            (Some(name), _) => Ok(self.octopus.find_project(&space.id, name).await?),
            (None, Some(ask)) => {
                let mut projects = self.octopus.projects(&space.id).await?;
                projects.retain(|project| !project.is_disabled);
                if projects.is_empty() {
                    bail!("the space {} has no project that is enabled", space.name);
                }
                let index = ask.project(&projects)?;
                Ok(projects.swap_remove(index))
            }
            (None, None) => bail!("name the project with --project"),
        }
    }

    async fn channel(&self, project: &Project) -> anyhow::Result<ChannelChoice> {
        match (&self.options.channel, self.ask) {
            (None, Some(ask)) => {
                let mut choices = self.adding.channels(project).await?;
                if choices.is_empty() {
                    bail!("`{}` has no channel", project.name);
                }
                let index = ask.channel(&choices)?;
                Ok(choices.swap_remove(index))
            }
            (wanted, _) => Ok(self.adding.channel(project, wanted.as_deref()).await?),
        }
    }

    async fn sources(
        &self,
        project: &Project,
        channel: &ChannelChoice,
    ) -> anyhow::Result<Vec<SourceChoice>> {
        self.output
            .progress("reading the feeds of the deployment process...");
        let id = &channel.listed.channel.id;
        let choices = self.adding.sources(project, id).await?;
        if self.options.all_sources {
            let all = choices.into_iter();
            return Ok(all.filter(|choice| choice.is_followable).collect());
        }
        if !self.options.source.is_empty() {
            let wanted = self.options.source.iter();
            return wanted.map(|wanted| find(&choices, wanted)).collect();
        }
        match self.ask {
            Some(ask) => ask.sources(choices),
            None => bail!("name what is watched with --source, or use --all-sources"),
        }
    }

    /// Where the trigger is to be, and the file of triggers if it is there.
    async fn home(&self) -> anyhow::Result<(Home, PathBuf)> {
        let usual = PathBuf::from(USUAL_FILE);
        match (&self.options.file, self.options.run_by) {
            (Some(file), _) => return Ok((Home::File, file.clone())),
            (None, Some(RunBy::Feedctl)) => return Ok((Home::Adopted, usual)),
            (None, Some(RunBy::Octopus)) => return Ok((Home::Octopus, usual)),
            (None, None) => {}
        }
        let is_known = self.octopus.has_feed_triggers().await?;
        match (self.ask, is_known) {
            (Some(ask), true) => Ok((ask.home()?, usual)),
            (None, true) => Ok((Home::Adopted, usual)),
            (_, false) => {
                self.output.note(&format!(
                    "this Octopus Server has no external feed triggers, which came with 2024.2: the trigger \
                     goes into the file {USUAL_FILE}"
                ));
                Ok((Home::File, usual))
            }
        }
    }
}

/// The package reference that is meant: `deploy-web`, or `deploy-web:web`.
fn find(choices: &[SourceChoice], wanted: &str) -> anyhow::Result<SourceChoice> {
    let is_meant =
        |choice: &&SourceChoice| choice.reference.to_string().eq_ignore_ascii_case(wanted);
    choices.iter().find(is_meant).cloned().with_context(|| {
        let known: Vec<_> = choices
            .iter()
            .map(|choice| choice.reference.to_string())
            .collect();
        format!(
            "the process has no source `{wanted}` in this channel; there are: {}",
            known.join(", ")
        )
    })
}

async fn carry_out(octopus: &Client, new: &NewTrigger, file: &Path) -> anyhow::Result<AddedRow> {
    if new.home != Home::File {
        let id = octopus.create_trigger(&new.native()).await?;
        return Ok(AddedRow::created(new, id.as_str()));
    }
    let name = file.display().to_string();
    let before = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(|| format!("{name} cannot be read")),
    };
    let definition = new.definition();
    let after = trigger_file::insert(&name, &before, &definition)?;
    std::fs::write(file, after).with_context(|| format!("{name} cannot be written"))?;
    Ok(AddedRow::written(new, definition.id().as_str(), &name))
}
