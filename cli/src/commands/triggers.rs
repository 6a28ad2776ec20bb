//! `feedctl triggers list`: what Octopus and the file have, who runs it, and how it went last.

use domain::definition::Definition;
use domain::history::Evaluation;
use domain::ids::{SpaceId, TriggerId};
use domain::trigger::{NativeTriggers, Origin, Source, Trigger};
use engine::messages::StalledTrigger;
use engine::ports::{Clock, History, NativeTrigger, OctopusReader, Space};
use engine::schedule::stalled;
use store::{Store, SystemClock};

use super::current::{Current, current};
use crate::args::Server;
use crate::exit::Exit;
use crate::output::{Output, TriggerRow, in_short};

pub(super) async fn list(server: &Server, output: &Output) -> anyhow::Result<Exit> {
    let octopus = server.octopus()?;
    let store = server.known_state().await?.map(Store::new);
    let Current { fresh, definitions } = current(server, &octopus, store.as_ref()).await?;
    let (latest, stalled) = match &store {
        Some(store) => (
            store.latest().await?,
            stalled(store, &fresh.list, SystemClock.now()).await?,
        ),
        None => (Vec::new(), Vec::new()),
    };
    let listing = Listing {
        native: server.native_triggers,
        spaces: octopus.spaces(&server.space).await?,
        latest,
        stalled,
    };
    let mut rows = Vec::new();
    for space in &listing.spaces {
        for native in octopus.feed_triggers(&space.id).await? {
            let ours = fresh.list.trigger(&space.id, &native.id);
            rows.push(listing.native(&space.id, native, ours));
        }
    }
    let of_file = fresh.list.triggers.iter();
    let of_file = of_file.filter(|trigger| trigger.origin == Origin::File);
    rows.extend(of_file.map(|trigger| listing.ours(trigger, "feedctl")));
    let off = definitions.triggers.iter().filter(|one| one.is_disabled);
    rows.extend(off.map(switched_off));
    output.triggers(&rows, &fresh.problems)?;
    Ok(Exit::Done)
}

/// What is known besides the triggers themselves.
struct Listing {
    native: NativeTriggers,
    spaces: Vec<Space>,
    latest: Vec<Evaluation>,
    stalled: Vec<StalledTrigger>,
}

impl Listing {
    /// One of Octopus's own triggers; `ours` if it is run here.
    fn native(&self, space: &SpaceId, native: NativeTrigger, ours: Option<&Trigger>) -> TriggerRow {
        let run_by = run_by(self.native, native.is_disabled, &native.description);
        if let Some(trigger) = ours {
            return self.ours(trigger, run_by);
        }
        let row = TriggerRow {
            id: native.id.to_string(),
            name: native.name,
            space: self.space_name(space),
            project: native.project.to_string(),
            origin: "Octopus",
            run_by,
            sources: native.sources.iter().map(ToString::to_string).collect(),
            ..TriggerRow::default()
        };
        self.with_last(row, space, &native.id)
    }

    /// A trigger that is run here.
    fn ours(&self, trigger: &Trigger, run_by: &'static str) -> TriggerRow {
        let mut stalled = self.stalled.iter();
        let row = TriggerRow {
            id: trigger.id.to_string(),
            name: trigger.name.clone(),
            space: self.space_name(&trigger.space),
            project: trigger.project_name.clone(),
            origin: match trigger.origin {
                Origin::Octopus => "Octopus",
                Origin::File => "file",
            },
            run_by,
            sources: trigger.sources.iter().map(described).collect(),
            options: in_short(
                &trigger.options,
                trigger.sources.iter().map(|source| &source.selection),
            ),
            problem: trigger.problem.clone(),
            is_stalled: stalled.any(|one| (&one.space, &one.trigger) == trigger.key()),
            ..TriggerRow::default()
        };
        self.with_last(row, &trigger.space, &trigger.id)
    }

    fn with_last(&self, row: TriggerRow, space: &SpaceId, trigger: &TriggerId) -> TriggerRow {
        let mut latest = self.latest.iter();
        let last = latest.find(|one| one.space == *space && one.trigger == *trigger);
        TriggerRow {
            last_outcome: last.map(|one| one.outcome.to_string()),
            last_reason: last.map(|one| one.reason.clone()),
            last_at: last.map(|one| one.at),
            ..row
        }
    }

    fn space_name(&self, id: &SpaceId) -> String {
        let space = self.spaces.iter().find(|space| space.id == *id);
        space.map_or_else(|| id.to_string(), |space| space.name.clone())
    }
}

/// A trigger of the file that is switched off there.
fn switched_off(definition: &Definition) -> TriggerRow {
    let sources = definition.sources.iter();
    TriggerRow {
        id: definition.id().to_string(),
        name: definition.name.clone(),
        space: definition.space.clone().unwrap_or_default(),
        project: definition.project.clone(),
        origin: "file",
        run_by: "nobody (off)",
        options: in_short(
            &definition.options,
            sources.clone().map(|source| &source.selection),
        ),
        sources: sources.map(ToString::to_string).collect(),
        ..TriggerRow::default()
    }
}

fn run_by(native: NativeTriggers, is_disabled: bool, description: &str) -> &'static str {
    match (native.selects(is_disabled, description), is_disabled) {
        (true, true) => "feedctl",
        (true, false) => "feedctl and Octopus",
        (false, false) => "Octopus",
        (false, true) => "nobody (off)",
    }
}

fn described(source: &Source) -> String {
    match &source.resolution {
        Ok(resolved) => format!("{} = {}", source.reference, resolved.package),
        Err(why) => format!("{}: {why}", source.reference),
    }
}
