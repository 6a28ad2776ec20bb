//! `feedctl triggers enable`, `disable` and `remove`: changes a trigger of the applied file or of Octopus.
//!
//! A change of the applied file does not change the user's file; `feedctl export` prints the applied one.

use anyhow::Context;
use dialoguer::Confirm;
use domain::definition::Definition;
use engine::ports::{AppliedFile, TriggerFiles};
use octopus::{DisabledTrigger, FixedKey, OctopusClient};
use store::Store;

use super::super::adoption::{Listed, list};
use crate::args::{NativeTriggerOptions, RemoveTrigger, Server};
use crate::exit::{Exit, UsageError};
use crate::output::Output;
use crate::reach::Reach;
use crate::select::{Label, select};
use crate::state::State;

/// A change of a trigger.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Enable,
    Disable,
    Remove,
}

/// A trigger that can be changed.
enum Found {
    Octopus(Listed),
    File(Box<Definition>),
}

pub(crate) async fn enable(
    server: &Server,
    options: &NativeTriggerOptions,
    output: &Output,
) -> anyhow::Result<Exit> {
    let triggers = Triggers::read(server, options).await?;
    triggers.change(Change::Enable, options, output).await
}

pub(crate) async fn disable(
    server: &Server,
    options: &NativeTriggerOptions,
    output: &Output,
) -> anyhow::Result<Exit> {
    let triggers = Triggers::read(server, options).await?;
    triggers.change(Change::Disable, options, output).await
}

pub(crate) async fn remove(
    server: &Server,
    options: &RemoveTrigger,
    output: &Output,
    can_prompt: bool,
) -> anyhow::Result<Exit> {
    let triggers = Triggers::read(server, &options.trigger).await?;
    let name = triggers.find(&options.trigger)?.label();
    if !options.yes {
        if !can_prompt {
            let error = format!(
                "cannot ask whether to remove {}; confirm with --yes",
                name.name
            );
            return Err(UsageError(error).into());
        }
        let prompt = format!("Remove the trigger {} of {}?", name.name, name.place);
        let answer = Confirm::new().with_prompt(prompt).default(false);
        if answer.interact_opt()? != Some(true) {
            output.progress("Nothing was removed.");
            return Ok(Exit::Done);
        }
    }
    triggers
        .change(Change::Remove, &options.trigger, output)
        .await
}

/// The triggers of Octopus and of the applied file.
struct Triggers {
    octopus: OctopusClient<FixedKey>,
    store: Option<Store<State>>,
    file: Option<AppliedFile>,
    found: Vec<Found>,
}

impl Triggers {
    async fn read(server: &Server, options: &NativeTriggerOptions) -> anyhow::Result<Self> {
        let reach = Reach::of(server).await?;
        let octopus = reach.octopus()?;
        let store = reach.known_state()?.map(Store::new);
        let file = match &store {
            Some(store) => store.trigger_file().await?,
            None => None,
        };
        let definitions = file.iter().flat_map(|file| &file.definitions.triggers);
        let project = options.project.as_deref();
        let definitions = definitions
            .filter(|one| project.is_none_or(|project| one.project.eq_ignore_ascii_case(project)));
        let of_file: Vec<_> = definitions
            .cloned()
            .map(|one| Found::File(Box::new(one)))
            .collect();
        let of_octopus = match list(&octopus, &reach.spaces(), project).await {
            Ok(listed) => listed,
            Err(_) if !of_file.is_empty() => Vec::new(),
            Err(error) => return Err(error),
        };
        let mut found: Vec<_> = of_octopus.into_iter().map(Found::Octopus).collect();
        found.extend(of_file);
        Ok(Self {
            octopus,
            store,
            file,
            found,
        })
    }

    fn find(&self, options: &NativeTriggerOptions) -> anyhow::Result<&Found> {
        select(&self.found, Found::label, "trigger", &options.trigger)
    }

    async fn change(
        &self,
        change: Change,
        options: &NativeTriggerOptions,
        output: &Output,
    ) -> anyhow::Result<Exit> {
        match self.find(options)? {
            Found::Octopus(listed) => self.change_in_octopus(change, listed, output).await,
            Found::File(definition) => self.change_in_file(change, definition, output).await,
        }
    }

    async fn change_in_octopus(
        &self,
        change: Change,
        (space, native, _): &Listed,
        output: &Output,
    ) -> anyhow::Result<Exit> {
        let id = &native.id;
        let (is_change, result) = match change {
            Change::Enable => {
                let include = DisabledTrigger::Adopt;
                let done = self.octopus.adopt_trigger(space, id, include).await?;
                let result = match done.is_change() {
                    true => "enabled: feedctl runs it, and Octopus shows it as disabled",
                    false => "unchanged: feedctl already runs it",
                };
                (done.is_change(), result)
            }
            Change::Disable => {
                let done = self.octopus.disable_trigger(space, id).await?;
                let result = match done.is_change() {
                    true => "disabled: neither feedctl nor Octopus runs it",
                    false => "unchanged: it is already disabled",
                };
                (done.is_change(), result)
            }
            Change::Remove => {
                self.octopus.delete_trigger(space, id).await?;
                (true, "removed from Octopus")
            }
        };
        output.adoption(id.as_str(), &native.name, is_change, result)?;
        Ok(Exit::Done)
    }

    async fn change_in_file(
        &self,
        change: Change,
        definition: &Definition,
        output: &Output,
    ) -> anyhow::Result<Exit> {
        let (Some(store), Some(file)) = (&self.store, &self.file) else {
            anyhow::bail!("cannot change the applied file: there is none");
        };
        let mut definitions = file.definitions.clone();
        let id = definition.id();
        let is_disabled = change == Change::Disable;
        match change {
            Change::Remove => definitions.triggers.retain(|one| one.id() != id),
            Change::Enable | Change::Disable => {
                let mut triggers = definitions.triggers.iter_mut();
                let own = triggers.find(|one| one.id() == id);
                own.context("cannot find the trigger in the applied file")?
                    .is_disabled = is_disabled;
            }
        }
        let is_change = definitions != file.definitions;
        if is_change {
            let revision = Some(file.revision);
            store.apply_trigger_file(&definitions, revision).await?;
        }
        let result = match (change, is_change) {
            (Change::Enable, true) => "enabled in the applied file; update your file, too",
            (Change::Disable, true) => "disabled in the applied file; update your file, too",
            (Change::Remove, true) => "removed from the applied file; update your file, too",
            (Change::Enable, false) => "unchanged: it is already enabled",
            (Change::Disable | Change::Remove, false) => "unchanged: it is already disabled",
        };
        output.adoption(id.as_str(), &definition.name, is_change, result)?;
        Ok(Exit::Done)
    }
}

impl Found {
    fn label(&self) -> Label<'_> {
        match self {
            Self::Octopus((_, native, project)) => Label {
                id: native.id.as_str(),
                name: &native.name,
                place: project,
            },
            // The id of a file's trigger is made from its name.
            Self::File(definition) => Label {
                id: "in the applied file",
                name: &definition.name,
                place: &definition.project,
            },
        }
    }
}
