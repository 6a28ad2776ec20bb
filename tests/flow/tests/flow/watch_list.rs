//! S6: reads and writes of the watch list. A process that has read an unchanged list reads only its head row, and a refresh
//! that finds no change writes no row of the list.

use engine::messages::{Event, Message};
use engine::schedule::RunScope;
use flow::{API, World};

/// The rows of the watch list, each with its revision.
fn rows(world: &World) -> Vec<(String, u64)> {
    let rows = world.table.rows().into_iter();
    let of_list = rows.filter(|row| row.key.partition == "watch-list");
    of_list
        .map(|row| (row.key.to_string(), row.revision))
        .collect()
}

/// A message about a package that no trigger watches: its step reads the watch list and nothing else.
fn unwatched(world: &World) -> Message {
    let log = world.queue.log();
    let mut messages = log.into_iter().rev();
    let is_request = |one: &Message| matches!(one.event, Event::TriggerEvaluationRequested(_));
    let mut message = messages.find(is_request).unwrap();
    if let Event::TriggerEvaluationRequested(request) = &mut message.event {
        request.trigger = domain::ids::TriggerId::new("ProjectTriggers-99");
    }
    message
}

#[tokio::test]
async fn message_reads_one_row_of_an_unchanged_list() {
    let mut world = World::start().await;
    let message = unwatched(&world);
    for (rows, state) in [(1, "warm"), (1, "warm"), (2, "cold"), (1, "warm again")] {
        if state == "cold" {
            world.restart();
        }
        world.table.take_calls();
        world.program.handle(&message).await.unwrap();
        let calls = world.table.take_calls();
        assert_eq!(
            (calls.keys, calls.queries, calls.puts),
            (rows, 0, 0),
            "{state}"
        );
    }
}

#[tokio::test]
async fn refresh_without_a_change_writes_only_the_run() {
    let mut world = World::start().await;
    let before = rows(&world);
    let refreshed_at = async |world: &World| {
        let store = world.program.store();
        let run = engine::ports::SchedulerRuns::last_run(store).await.unwrap();
        let list = engine::ports::WatchLists::watch_list(store).await.unwrap();
        list.unwrap().refreshed_at(run.as_ref())
    };
    let first = refreshed_at(&world).await;
    world.octopus.state().clear_requests();
    world.table.take_calls();
    world.schedule(RunScope::Everything).await.unwrap();
    assert_eq!(world.table.take_calls().puts, 1, "the run");
    assert_eq!(rows(&world), before);
    let second = refreshed_at(&world).await;
    assert!(second >= first);

    // The refresh is not due again before its interval has passed.
    world.queue.lose();
    world.minutes(6).await;
    let third = refreshed_at(&world).await;
    assert!(third > second);
    assert_eq!(rows(&world), before);

    world
        .edit_trigger(API, |trigger| trigger["Name"] = "Renamed".into())
        .await;
    world.minutes(6).await;
    assert_ne!(rows(&world), before, "a change is stored");
}
