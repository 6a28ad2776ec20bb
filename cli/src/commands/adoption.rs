//! `feedctl triggers adopt` and `return`: changes whether feedctl or Octopus runs a trigger of Octopus's.

use anyhow::bail;
use domain::ids::SpaceId;
use domain::trigger::MARK;
use engine::ports::{Catalogue, NativeTrigger as Native, OctopusErrorKind, OctopusReader};
use octopus::{DisabledTrigger, FixedKey, OctopusClient, OwnershipChange};

use crate::args::{Adopt, NativeTriggerOptions, Server};
use crate::exit::Exit;
use crate::output::Output;
use crate::reach::Reach;
use crate::select::{Label, select};

/// Adopts a trigger: disables it in Octopus and marks it.
pub(super) async fn adopt(
    server: &Server,
    options: &Adopt,
    output: &Output,
) -> anyhow::Result<Exit> {
    let reach = Reach::of(server).await?;
    let octopus = reach.octopus()?;
    let (space, native) = find(&octopus, &reach.spaces(), &options.trigger).await?;
    let disabled = if options.include_disabled {
        DisabledTrigger::Adopt
    } else {
        DisabledTrigger::Refuse
    };
    let done = octopus.adopt_trigger(&space, &native.id, disabled).await?;
    let result = match (done.toggled, done.marked) {
        (true, true) => format!("disabled in Octopus and marked {MARK}"),
        (true, false) => "disabled in Octopus; it was already marked".to_owned(),
        (false, true) => format!("marked {MARK}; it was already disabled"),
        (false, false) => "unchanged: it is already adopted".to_owned(),
    };
    show(output, &native, &done, &result)
}

/// Returns a trigger to Octopus: removes the mark and enables it.
pub(super) async fn return_trigger(
    server: &Server,
    options: &NativeTriggerOptions,
    output: &Output,
) -> anyhow::Result<Exit> {
    let reach = Reach::of(server).await?;
    let octopus = reach.octopus()?;
    let (space, native) = find(&octopus, &reach.spaces(), options).await?;
    let done = octopus.return_trigger(&space, &native.id).await?;
    let result = match (done.toggled, done.marked) {
        (true, _) => "mark removed and enabled in Octopus",
        (false, true) => "mark removed; it was already enabled",
        (false, false) => "unchanged: Octopus already runs it",
    };
    show(output, &native, &done, result)
}

fn show(
    output: &Output,
    native: &Native,
    done: &OwnershipChange,
    result: &str,
) -> anyhow::Result<Exit> {
    output.adoption(native.id.as_str(), &done.name, done.is_change(), result)?;
    Ok(Exit::Done)
}

/// A trigger of Octopus's, with its space and its project's name.
pub(super) type Listed = (SpaceId, Native, String);

/// The trigger of the watched spaces that the options select.
async fn find(
    octopus: &OctopusClient<FixedKey>,
    spaces: &[String],
    named: &NativeTriggerOptions,
) -> anyhow::Result<(SpaceId, Native)> {
    let all = list(octopus, spaces, named.project.as_deref()).await?;
    let (space, native, _) = select(&all, label, "external feed trigger", &named.trigger)?;
    Ok((space.clone(), native.clone()))
}

/// The triggers of Octopus's in these spaces, or in this project of them.
pub(super) async fn list(
    octopus: &OctopusClient<FixedKey>,
    spaces: &[String],
    project: Option<&str>,
) -> anyhow::Result<Vec<Listed>> {
    let mut all = Vec::new();
    let mut is_found = project.is_none();
    for space in octopus.spaces(spaces).await? {
        let id = match project {
            Some(name) => match octopus.find_project(&space.id, name).await {
                Ok(project) => Some(project.id),
                Err(error) if error.kind == OctopusErrorKind::NotFound => continue,
                Err(error) => return Err(error.into()),
            },
            None => None,
        };
        is_found = true;
        let projects = octopus.projects(&space.id).await?;
        for native in octopus.feed_triggers(&space.id).await? {
            if id.as_ref().is_none_or(|id| *id == native.project) {
                let mut projects = projects.iter();
                let place = projects.find(|one| one.id == native.project);
                let place = place.map(|one| one.name.clone()).unwrap_or_default();
                all.push((space.id.clone(), native, place));
            }
        }
    }
    match project {
        Some(name) if !is_found => bail!("cannot find project `{name}`"),
        _ => Ok(all),
    }
}

fn label((_, native, project): &Listed) -> Label<'_> {
    Label {
        id: native.id.as_str(),
        name: &native.name,
        place: project,
    }
}
