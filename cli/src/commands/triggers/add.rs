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

use super::prompts::{self, Prompts, is_interrupted};
use crate::args::{AddTrigger, RunBy, Server};
use crate::exit::{Exit, UsageError};
use crate::output::{AddedRow, Output};
use crate::reach::Reach;
use crate::state::State;
use machine::Reader;

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
    let reader = reach.reader(&octopus)?;
    let steps = ProgressSteps {
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
    let (new, file) = match steps.choose(&reach).await {
        Ok(Some(chosen)) => chosen,
        Ok(None) => {
            output.progress("Nothing was added.");
            return Ok(Exit::Done);
        }
        Err(error) if is_interrupted(&error) => {
            prompts::restore_terminal();
            output.progress("Nothing was added.");
            return Ok(Exit::Failed);
        }
        Err(error) => return Err(error),
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

/// The steps of the dialog, in order.
#[derive(Clone, Copy)]
enum Step {
    Kind,
    Name,
    Description,
    Space,
    Project,
    Channel,
    Sources,
    Home,
    Confirm,
}

const STEPS: [Step; 9] = [
    Step::Kind,
    Step::Name,
    Step::Description,
    Step::Space,
    Step::Project,
    Step::Channel,
    Step::Sources,
    Step::Home,
    Step::Confirm,
];

/// The result of a step.
enum Answer {
    /// The options or defaults decided it.
    Given,
    /// The user decided it.
    Prompted,
    /// The user returns to the previous prompt.
    Back,
    /// The user declined the trigger.
    Declined,
}

/// The answers so far.
#[derive(Default)]
struct Draft {
    name: String,
    description: String,
    space: Option<Space>,
    project: Option<Project>,
    channel: Option<ChannelChoice>,
    sources: Vec<SourceChoice>,
    home: Option<(Home, PathBuf)>,
    new: Option<(NewTrigger, PathBuf)>,
}

/// Runs the steps of the dialog.
struct ProgressSteps<'a> {
    options: &'a AddTrigger,
    prompts: Option<&'a Prompts>,
    output: &'a Output,
    octopus: &'a Client,
    adding: Adding<'a, Store<State>, Client, Reader, SystemClock>,
}

impl ProgressSteps<'_> {
    /// The trigger and the file for `Home::File`; `None` if the user does not confirm. Esc returns to the previous
    /// prompt, and from the first one out of the dialog.
    async fn choose(&self, reach: &Reach) -> anyhow::Result<Option<(NewTrigger, PathBuf)>> {
        let mut draft = Draft::default();
        let mut prompted = Vec::new();
        let mut index = 0;
        while let Some(step) = STEPS.get(index) {
            match self.step(*step, reach, &mut draft).await? {
                Answer::Given => index += 1,
                Answer::Prompted => {
                    prompted.push(index);
                    index += 1;
                }
                Answer::Back => match prompted.pop() {
                    Some(before) => index = before,
                    None => return Ok(None),
                },
                Answer::Declined => return Ok(None),
            }
        }
        Ok(draft.new)
    }

    async fn step(&self, step: Step, reach: &Reach, draft: &mut Draft) -> anyhow::Result<Answer> {
        match step {
            Step::Kind => match self.prompts {
                Some(prompts) => answer(prompts.kind()?, |()| {}),
                None => Ok(Answer::Given),
            },
            Step::Name => self.text(self.options.name.as_ref(), Prompts::name, &mut draft.name),
            Step::Description => self.text(
                self.options.description.as_ref(),
                Prompts::description,
                &mut draft.description,
            ),
            Step::Space => self.space(reach, draft).await,
            Step::Project => self.project(draft).await,
            Step::Channel => self.channel(draft).await,
            Step::Sources => self.sources(draft).await,
            Step::Home => self.home(draft).await,
            Step::Confirm => self.confirm(draft),
        }
    }

    /// The option's value, else the user's answer, else an empty text.
    fn text(
        &self,
        option: Option<&String>,
        prompt: fn(&Prompts) -> anyhow::Result<String>,
        value: &mut String,
    ) -> anyhow::Result<Answer> {
        match (option, self.prompts) {
            (Some(text), _) => value.clone_from(text),
            (None, Some(prompts)) => {
                *value = prompt(prompts)?;
                return Ok(Answer::Prompted);
            }
            (None, None) => value.clear(),
        }
        Ok(Answer::Given)
    }

    async fn space(&self, reach: &Reach, draft: &mut Draft) -> anyhow::Result<Answer> {
        let mut spaces = self.octopus.spaces(&reach.spaces()).await?;
        let index = match (spaces.len(), self.prompts) {
            (0, _) => bail!(
                "cannot find a space: the API key's user can see none; add the user to a team of the space"
            ),
            (1, _) => {
                draft.space = Some(spaces.swap_remove(0));
                return Ok(Answer::Given);
            }
            (_, Some(prompts)) => prompts.space(&spaces)?,
            (_, None) => {
                let error = "cannot choose between several spaces; name one with --space";
                return Err(UsageError(error.to_owned()).into());
            }
        };
        answer(index, |index| draft.space = Some(spaces.swap_remove(index)))
    }

    async fn project(&self, draft: &mut Draft) -> anyhow::Result<Answer> {
        let space = draft.space.as_ref().context(INCOMPLETE)?;
        let result = match (&self.options.project, self.prompts) {
            (Some(name), _) => {
                let name = ProjectName::Text(name.clone());
                let watched = std::slice::from_ref(space);
                let place = self.adding.place(watched, space.id.as_str(), &name);
                let (_, project) = place.await?;
                draft.project = Some(project);
                Answer::Given
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
                answer(index, |index| {
                    draft.project = Some(projects.swap_remove(index));
                })?
            }
            (None, None) => {
                let error = "cannot choose a project; name one with --project";
                return Err(UsageError(error.to_owned()).into());
            }
        };
        if !matches!(result, Answer::Back) {
            self.free_name(draft).await?;
        }
        Ok(result)
    }

    /// Prompts for another name while the project has a trigger with the chosen one.
    async fn free_name(&self, draft: &mut Draft) -> anyhow::Result<()> {
        let project = draft.project.as_ref().context(INCOMPLETE)?;
        while self.adding.is_taken(project, &draft.name).await? {
            let (name, project) = (&draft.name, &project.name);
            let problem = format!(
                "cannot add `{name}`: {project} already has an external feed trigger with this name; choose \
                 another name"
            );
            let Some(prompts) = self.prompts else {
                bail!(problem);
            };
            prompts.report(&problem);
            draft.name = prompts.name()?;
        }
        Ok(())
    }

    async fn channel(&self, draft: &mut Draft) -> anyhow::Result<Answer> {
        let project = draft.project.as_ref().context(INCOMPLETE)?;
        match (&self.options.channel, self.prompts) {
            (None, Some(prompts)) => {
                let mut choices = self.adding.channels(project).await?;
                if choices.is_empty() {
                    bail!("cannot choose a channel: {} has none", project.name);
                }
                let index = prompts.channel(&choices)?;
                answer(index, |index| {
                    draft.channel = Some(choices.swap_remove(index));
                })
            }
            (name, _) => {
                draft.channel = Some(self.adding.channel(project, name.as_deref()).await?);
                Ok(Answer::Given)
            }
        }
    }

    async fn sources(&self, draft: &mut Draft) -> anyhow::Result<Answer> {
        self.output
            .progress("Reading the feeds of the deployment process...");
        let project = draft.project.as_ref().context(INCOMPLETE)?;
        let channel = draft.channel.as_ref().context(INCOMPLETE)?;
        let id = &channel.listed.channel.id;
        let choices = self.adding.sources(project, id).await?;
        if self.options.all_sources {
            let all = choices.into_iter();
            draft.sources = all.filter(|choice| choice.is_followable).collect();
            return Ok(Answer::Given);
        }
        if !self.options.source.is_empty() {
            let references = self.options.source.iter();
            let found: anyhow::Result<_> = references
                .map(|reference| find(&choices, reference))
                .collect();
            draft.sources = found?;
            return Ok(Answer::Given);
        }
        match self.prompts {
            Some(prompts) => answer(prompts.sources(choices)?, |sources| draft.sources = sources),
            None => bail!("cannot choose sources; name them with --source, or use --all-sources"),
        }
    }

    /// The place of the trigger, and the trigger file for `Home::File`.
    async fn home(&self, draft: &mut Draft) -> anyhow::Result<Answer> {
        let default = PathBuf::from(DEFAULT_FILE);
        let given = match (&self.options.file, self.options.run_by) {
            (Some(file), _) => Some((Home::File, file.clone())),
            (None, Some(RunBy::Feedctl)) => Some((Home::Adopted, default.clone())),
            (None, Some(RunBy::Octopus)) => Some((Home::Octopus, default.clone())),
            (None, None) => None,
        };
        if given.is_some() {
            draft.home = given;
            return Ok(Answer::Given);
        }
        let is_known = self.octopus.has_feed_triggers().await?;
        match (self.prompts, is_known) {
            (Some(prompts), true) => {
                return answer(prompts.home()?, |home| draft.home = Some((home, default)));
            }
            (None, true) => draft.home = Some((Home::Adopted, default)),
            (_, false) => {
                self.output.note(&format!(
                    "this Octopus Server has no external feed triggers, which 2024.2 introduced; the trigger \
                     is written to {DEFAULT_FILE}"
                ));
                draft.home = Some((Home::File, default));
            }
        }
        Ok(Answer::Given)
    }

    /// Completes the trigger, and asks the user to confirm it.
    fn confirm(&self, draft: &mut Draft) -> anyhow::Result<Answer> {
        let (home, file) = draft.home.clone().context(INCOMPLETE)?;
        let new = NewTrigger {
            name: draft.name.clone(),
            description: draft.description.clone(),
            space: draft.space.clone().context(INCOMPLETE)?,
            project: draft.project.clone().context(INCOMPLETE)?,
            channel: draft.channel.clone().context(INCOMPLETE)?,
            sources: draft.sources.clone(),
            home,
        };
        let faults = new.faults();
        if !faults.is_empty() {
            bail!("cannot add the trigger: {}", faults.join("; "));
        }
        let confirmed = match self.prompts {
            Some(prompts) if !self.options.dry_run => prompts.confirm(&new)?,
            _ => Some(true),
        };
        Ok(match confirmed {
            Some(true) => {
                draft.new = Some((new, file));
                Answer::Given
            }
            Some(false) => Answer::Declined,
            None => Answer::Back,
        })
    }
}

/// The error of a step before its previous steps; the order of the steps excludes it.
const INCOMPLETE: &str = "cannot add the trigger: a previous step has no answer";

/// Uses the user's answer; `None` returns to the previous prompt.
fn answer<T>(answer: Option<T>, apply: impl FnOnce(T)) -> anyhow::Result<Answer> {
    Ok(match answer {
        Some(value) => {
            apply(value);
            Answer::Prompted
        }
        None => Answer::Back,
    })
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
