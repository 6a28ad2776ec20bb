//! One behaviour in one place, and what is wrong with how it ended.

use std::time::{Duration, Instant};

use domain::trigger::WatchList;
use engine::ports::OctopusError;
use engine::with_causes;
use hostile::{Clients, Listed, Route, Watched};

use crate::behaviour::Behaviour;

/// How long a read may take where the server takes its time.
const SHORT: Duration = Duration::from_secs(3);
/// And where it does not: longer than a busy machine needs.
const LONG: Duration = Duration::from_secs(120);
/// What a read that met its deadline is given beyond it, for the second try and for a busy machine.
const MARGIN: Duration = Duration::from_secs(30);

/// The places of a [`Behaviour`], in its order; Octopus itself comes behind them.
pub(crate) const ROUTES: [Route; 3] = [Route::Registry, Route::Helm, Route::Octopus];

/// A package is read by a route. Nothing if all is as it should be.
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

/// The list of triggers is read, of which the answers to one call are spoilt. Nothing if all is as it should
/// be.
pub(crate) async fn of_octopus(
    clients: &Clients,
    call: &str,
    behaviour: &Behaviour,
    expected: &str,
) -> Option<String> {
    let patience = patience(behaviour);
    let listed = Listed::start(clients, patience).await;
    let before = listed.list().await;
    listed.spoil(call, behaviour.spoil.clone());
    let started = Instant::now();
    let error = listed.round().await;
    let took = started.elapsed();
    let after = listed.list().await;
    let (found, text) = found(&before, &after, error);
    let wrong = match found.as_str() {
        found if found != expected => format!("became {found}"),
        _ if !listed.was_spoilt() => "met no spoilt answer".to_owned(),
        _ if took > patience + MARGIN => format!("took {took:?}"),
        _ => wrong_with_text(&text, "reading ")?,
    };
    Some(format!("{} of {call}: {wrong}: {text}", behaviour.name))
}

/// What became of the list, and what is said of it: an error, with which it must stay as it was; told, where
/// every trigger is still there and says what is wrong.
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
        None if ids(before) == ids(after) && problems.len() == after.triggers.len() => {
            ("told".to_owned(), problems[0].clone())
        }
        _ => ("another list".to_owned(), format!("{after:?}")),
    }
}

fn patience(behaviour: &Behaviour) -> Duration {
    if behaviour.is_slow { SHORT } else { LONG }
}

/// An error says what it is about, in one line.
fn wrong_with_text(text: &str, subject: &str) -> Option<String> {
    let is_silent = !text.is_empty() && !text.contains(subject);
    let has_controls = text.contains(char::is_control);
    let wrong = [
        (is_silent, format!("does not say {subject:?}")),
        (has_controls, "has control characters".to_owned()),
    ];
    wrong
        .into_iter()
        .find_map(|(is_wrong, what)| is_wrong.then_some(what))
}
