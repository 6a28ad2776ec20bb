//! `feedctl history`: recorded evaluations.

use domain::history::Evaluation;
use domain::time::Timestamp;
use domain::trigger::Trigger;
use engine::ports::{Clock, History as _, WatchLists};
use host::SystemClock;
use store::Store;

use crate::args::{HistoryOptions, Server};
use crate::exit::Exit;
use crate::output::Output;
use crate::reach::Reach;
use crate::read_failures::ReadFailures;
use crate::select::{Label, select};

/// The number of evaluations that filters search, of each trigger.
const SEARCH_LIMIT: usize = 1_000;

pub(super) async fn show(
    server: &Server,
    options: &HistoryOptions,
    output: &Output,
) -> anyhow::Result<Exit> {
    let store = Store::new(Reach::of(server).await?.existing_state()?);
    let mut latest = store.latest().await?;
    latest.sort_by_key(|one| std::cmp::Reverse(one.at));
    let is_searched = !options.outcome.is_empty() || options.since.is_some();
    let limit = match is_searched {
        true => SEARCH_LIMIT,
        false => usize::from(options.limit),
    };
    let triggers = match &options.trigger {
        Some(typed) => vec![select(&latest, label, "evaluated trigger", typed)?],
        None if is_searched => latest.iter().collect(),
        // The latest evaluation of each trigger.
        None => Vec::new(),
    };
    let mut evaluations = Vec::new();
    for one in &triggers {
        evaluations.extend(store.recent(&one.space, &one.trigger, limit).await?);
    }
    if triggers.is_empty() {
        evaluations = latest;
    }
    let now = SystemClock.now();
    evaluations.retain(|one| matches(options, one, now));
    evaluations.sort_by_key(|one| std::cmp::Reverse(one.at));
    if is_searched || options.trigger.is_some() {
        evaluations.truncate(options.limit.into());
    }
    output.history(&evaluations)?;
    let list = store.watch_list().await?.map(|stored| stored.list);
    let list = list.unwrap_or_default();
    let failures = ReadFailures::read(Some(&store), &list, now).await?;
    let is_shown = |trigger: &&Trigger| {
        let mut evaluations = evaluations.iter();
        evaluations.any(|one| (&one.space, &one.trigger) == trigger.key())
    };
    for trigger in list.triggers.iter().filter(is_shown) {
        for failure in failures.of(trigger.packages()) {
            output.note(&format!("{}: {failure}", trigger.name));
        }
    }
    Ok(Exit::Done)
}

fn label(one: &Evaluation) -> Label<'_> {
    Label {
        id: one.trigger.as_str(),
        name: &one.trigger_name,
        place: &one.project_name,
    }
}

fn matches(options: &HistoryOptions, one: &Evaluation, now: Timestamp) -> bool {
    let is_project = |name: &String| one.project_name.eq_ignore_ascii_case(name);
    options.project.as_ref().is_none_or(is_project)
        && (options.outcome.is_empty() || options.outcome.contains(&one.outcome))
        && options.since.is_none_or(|since| now.since(one.at) <= since)
}
