//! Servers that misbehave: each behaviour against a registry, a Helm repository, the `octopus` route and Octopus itself,
//! through the engine's own steps and with a store. Each must end within its timeout with the listed kind of error, and
//! leave the stored data unchanged.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod behaviour;
mod bodies;
mod case;
mod connections;
mod framings;
mod lies;
mod statuses;

use std::future::Future;

use futures_util::{StreamExt, stream};
use hostile::{Clients, DOCUMENTS, LISTS, TRIGGERS};

use behaviour::Behaviour;
use case::{ROUTES, by_route, of_octopus};

/// How many cases run at a time.
const AT_ONCE: usize = 12;

#[tokio::test]
async fn misbehaving_server_causes_an_error_and_no_change() {
    let behaviours = [
        statuses::table(),
        connections::table(),
        framings::table(),
        bodies::table(),
    ];
    let behaviours = behaviours.concat();
    let count = everywhere(&behaviours).await;
    println!("R7: {} behaviours, {count} cases", behaviours.len());
    assert!(behaviours.len() >= 50 && count >= 200);
}

#[tokio::test]
async fn faulty_list_causes_an_error_and_no_change() {
    let lies = lies::table();
    let count = everywhere(&lies).await;
    println!("R7: {} lies, {count} cases", lies.len());
    assert!(count >= 20);
}

/// The watch list is assembled from many answers. A malformed list leaves it unchanged; a malformed document of a trigger
/// becomes the trigger's problem.
#[tokio::test]
async fn malformed_answer_of_octopus_is_an_error_or_a_problem() {
    let clients = Clients::new();
    let bodies = bodies::table();
    let of = |calls: &'static [&'static str], wrong: &'static str| {
        let cases = calls
            .iter()
            .flat_map(|call| bodies.iter().map(move |body| (*call, body)));
        cases.map(move |(call, body)| match body.expected[3] {
            "malformed" => (call, body, wrong),
            other => (call, body, other),
        })
    };
    let cases = of(&LISTS, "malformed").chain(of(&DOCUMENTS, "problem"));
    let cases = cases.map(|(call, body, expected)| of_octopus(&clients, call, body, expected));
    let count = run_all(cases).await;
    println!("R7: {} bodies, {count} cases", bodies.len());
    assert!(count >= 100);
}

/// Runs each behaviour against each kind of server that it applies to; returns the number of cases.
async fn everywhere(behaviours: &[Behaviour]) -> usize {
    let clients = Clients::new();
    let routes = behaviours.iter().flat_map(|behaviour| {
        let expected = ROUTES.into_iter().zip(behaviour.expected);
        let expected = expected.filter(|(_, expected)| *expected != "-");
        expected.map(move |(route, expected)| (behaviour, route, expected))
    });
    let routes =
        routes.map(|(behaviour, route, expected)| by_route(&clients, route, behaviour, expected));
    let itself = behaviours
        .iter()
        .filter(|behaviour| behaviour.expected[3] != "-");
    let itself =
        itself.map(|behaviour| of_octopus(&clients, TRIGGERS, behaviour, behaviour.expected[3]));
    run_all(routes).await + run_all(itself).await
}

/// Runs the cases and returns their number; panics with the messages of those that failed.
async fn run_all<C: Future<Output = Option<String>>>(cases: impl Iterator<Item = C>) -> usize {
    let outcomes = stream::iter(cases).buffer_unordered(AT_ONCE);
    let outcomes: Vec<_> = outcomes.collect().await;
    let count = outcomes.len();
    let wrong: Vec<_> = outcomes.into_iter().flatten().collect();
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    count
}
