//! `feedctl triggers`: what Octopus has, who runs it, and how it went last.

use domain::trigger::{NativeTriggers, Source};
use engine::ports::{Clock, History, OctopusReader};
use engine::watchlist::read_watch_list;
use store::{Store, SystemClock};

use crate::args::Server;
use crate::exit::Exit;
use crate::output::{Output, TriggerRow};

pub(super) async fn list(server: &Server, output: &Output) -> anyhow::Result<Exit> {
    let octopus = server.octopus()?;
    let (spaces, native) = (&server.space, server.native_triggers);
    let fresh = read_watch_list(&octopus, spaces, native, None, None, SystemClock.now()).await?;
    let ours = fresh.list;
    let latest = match server.existing_state() {
        Ok(table) => Store::new(table).latest().await?,
        Err(_) => Vec::new(),
    };
    let mut rows = Vec::new();
    for space in octopus.spaces(&server.space).await? {
        for native in octopus.feed_triggers(&space.id).await? {
            let resolved = ours
                .triggers
                .iter()
                .find(|one| one.space == space.id && one.id == native.id);
            let last = latest
                .iter()
                .find(|one| one.space == space.id && one.trigger == native.id);
            rows.push(TriggerRow {
                id: native.id.to_string(),
                name: native.name,
                space: space.name.clone(),
                project: resolved.map_or_else(
                    || native.project.to_string(),
                    |one| one.project_name.clone(),
                ),
                run_by: run_by(
                    server.native_triggers,
                    native.is_disabled,
                    &native.description,
                ),
                sources: match resolved {
                    Some(trigger) => trigger.sources.iter().map(described).collect(),
                    None => native.sources.iter().map(ToString::to_string).collect(),
                },
                problem: resolved.and_then(|trigger| trigger.problem.clone()),
                last_outcome: last.map(|one| one.outcome.to_string()),
                last_reason: last.map(|one| one.reason.clone()),
                last_at: last.map(|one| one.at),
            });
        }
    }
    output.triggers(&rows)?;
    Ok(Exit::Done)
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
