//! Servers that misbehave: each behaviour against a registry, a Helm repository, the `octopus` route and
//! Octopus itself, through the engine's own steps and with a store. Each ends within its time, with an
//! error of the kind that the table says, and what is stored stays as it was.

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
async fn whatever_a_server_does_is_told_and_never_a_smaller_truth() {
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
async fn lists_that_lie_are_told_and_never_a_smaller_truth() {
    let lies = lies::table();
    let count = everywhere(&lies).await;
    println!("R7: {} lies, {count} cases", lies.len());
    assert!(count >= 20);
}

/// The list of triggers is made of many answers. None of them may be read into something that it is not: where
/// a list is no list, all stays as it was; where a trigger's document is none, that stands with the trigger.
#[tokio::test]
async fn no_answer_of_octopus_is_read_into_another() {
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
    let cases = of(&LISTS, "malformed").chain(of(&DOCUMENTS, "told"));
    let cases = cases.map(|(call, body, expected)| of_octopus(&clients, call, body, expected));
    let count = all_well(cases).await;
    println!("R7: {} bodies, {count} cases", bodies.len());
    assert!(count >= 100);
}

/// Each behaviour in each place where it makes sense. How many cases that is.
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
    all_well(routes).await + all_well(itself).await
}

/// Runs the cases, each of which says what is wrong with how it ended. How many there were.
async fn all_well<C: Future<Output = Option<String>>>(cases: impl Iterator<Item = C>) -> usize {
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
