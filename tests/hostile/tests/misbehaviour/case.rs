//! Runs one behaviour against one kind of server and compares the outcome.

use std::time::{Duration, Instant};

use domain::trigger::WatchList;
use engine::ports::OctopusError;
use engine::with_causes;
use hostile::{Clients, Route, Watched, WatchedTriggers};

use crate::behaviour::Behaviour;

/// Timeout of a read where the client must time out.
const SHORT: Duration = Duration::from_secs(3);
/// Timeout of every other read: longer than a busy machine needs.
const LONG: Duration = Duration::from_secs(120);
/// Time allowed beyond the timeout, for the second attempt and for a busy machine.
const MARGIN: Duration = Duration::from_secs(30);

/// The routes of a [`Behaviour`], in its order; Octopus itself is the last.
pub(crate) const ROUTES: [Route; 3] = [Route::Registry, Route::Helm, Route::Octopus];

/// Reads a package by a route. Returns a message if the outcome is not the expected one.
pub(crate) async fn by_route(
    clients: &Clients,
    route: Route,
    behaviour: &Behaviour,
    expected: &str,
) -> Option<String> {
    let patience = patience(behaviour);
    let watched = Watched::by(route, clients, patience).await;
    let before = watched.snapshot().await;
    watched.spoil(behaviour.spoil.clone());
    let started = Instant::now();
    let verdict = watched.check().await;
    let took = started.elapsed();
    let text = verdict.text();
    let wrong = match verdict.name() {
        name if name != expected => format!("became {name}"),
        _ if !watched.was_spoilt() => "met no spoilt answer".to_owned(),
        _ if took > patience + MARGIN => format!("took {took:?}"),
        _ if watched.snapshot().await != before => "changed the snapshot".to_owned(),
        _ if watched.has_announced() => "was announced as a change".to_owned(),
        _ => wrong_with_text(&text, watched.subject())?,
    };
    Some(format!("{} by {route:?}: {wrong}: {text}", behaviour.name))
}

/// Reads the list of triggers with spoilt answers to one call. Returns a message if the outcome is not the expected
/// one.
pub(crate) async fn of_octopus(
    clients: &Clients,
    call: &str,
    behaviour: &Behaviour,
    expected: &str,
) -> Option<String> {
    let patience = patience(behaviour);
    let watched = WatchedTriggers::start(clients, patience).await;
    let before = watched.list().await;
    watched.spoil(call, behaviour.spoil.clone());
    let started = Instant::now();
    let error = watched.refresh().await;
    let took = started.elapsed();
    let after = watched.list().await;
    let (found, text) = found(&before, &after, error);
    // The triggers keep their last state, with the error as the reason.
    let is_kept = found == STALE && !matches!(expected, "same" | "problem");
    let wrong = match found.as_str() {
        found if found != expected && !is_kept => format!("became {found}"),
        _ if !watched.was_spoilt() => "met no spoilt answer".to_owned(),
        _ if took > patience + MARGIN => format!("took {took:?}"),
        _ => wrong_with_text(&text, "cannot read ")?,
    };
    Some(format!("{} of {call}: {wrong}: {text}", behaviour.name))
}

/// The outcome of a read that failed for triggers which are kept.
const STALE: &str = "stale";

/// The outcome of reading the list and its error text. With an error the list must be unchanged; `stale` means that it is
/// unchanged but for the reason why each trigger could not be read, `problem` that all triggers are still listed and each
/// has a problem.
fn found(before: &WatchList, after: &WatchList, error: Option<OctopusError>) -> (String, String) {
    let ids =
        |list: &WatchList| -> Vec<_> { list.triggers.iter().map(|one| one.id.clone()).collect() };
    let problems: Vec<_> = after
        .triggers
        .iter()
        .filter_map(|one| one.problem.clone())
        .collect();
    match error {
        Some(error) if before == after => {
            let kind = format!("{:?}", error.kind).to_lowercase();
            let kind = kind.split('(').next().unwrap_or_default().to_owned();
            (kind, with_causes(&error))
        }
        None if before == after => ("same".to_owned(), String::new()),
        None if *before == without_reasons(after) => {
            let reason = after.triggers.iter().find_map(|one| one.stale.clone());
            (STALE.to_owned(), reason.unwrap_or_default().message)
        }
        None if ids(before) == ids(after) && problems.len() == after.triggers.len() => {
            ("problem".to_owned(), problems[0].message.clone())
        }
        _ => ("another list".to_owned(), format!("{after:?}")),
    }
}

/// The list without the reasons why triggers could not be read.
fn without_reasons(list: &WatchList) -> WatchList {
    let mut list = list.clone();
    for trigger in &mut list.triggers {
        trigger.stale = None;
    }
    list
}

fn patience(behaviour: &Behaviour) -> Duration {
    if behaviour.is_slow { SHORT } else { LONG }
}

/// Checks that an error names its subject, in one line.
fn wrong_with_text(text: &str, subject: &str) -> Option<String> {
    let is_missing = !text.is_empty() && !text.contains(subject);
    let has_controls = text.contains(char::is_control);
    let wrong = [
        (is_missing, format!("does not name {subject:?}")),
        (has_controls, "has control characters".to_owned()),
    ];
    wrong
        .into_iter()
        .find_map(|(is_wrong, what)| is_wrong.then_some(what))
}
