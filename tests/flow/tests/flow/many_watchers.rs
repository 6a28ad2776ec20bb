//! S10: five hundred triggers watch one image, on a server with the default rate limit of Octopus 2026.3 and 300 ms for each
//! answer. The runtime's time is paused, so the test measures the server's time.

use std::time::Duration;

use engine::messages::Event;
use engine::schedule::RunScope;
use flow::World;
use octopus_server::{RateLimit, Seed, StrictModes, seed};
use tokio::time::Instant;

const TRIGGERS: usize = 500;
/// Requests of an evaluation that creates a release.
const REQUESTS: u64 = 5;
/// The requests that the program sends in a minute: 80 % of the allowance.
const REQUESTS_PER_MINUTE: u64 = 160;
/// The measured time divided by the time that this budget needs for all requests.
const MOST_TIMES_OF_BUDGET: f64 = 1.1;

fn project(number: usize) -> seed::Project {
    seed::Project::watching(format!("App {number}"), "acme/base".into(), "Images").released("1.0.0")
}

fn requested(world: &World) -> usize {
    world.published(|event| match event {
        Event::TriggerEvaluationRequested(request) => request.change.is_some(),
        _ => false,
    })
}

#[tokio::test(start_paused = true)]
async fn change_of_an_image_with_many_watchers_is_released_as_fast_as_the_rate_limit_permits() {
    let projects = |seed: &mut Seed| seed.spaces[0].projects = (0..TRIGGERS).map(project).collect();
    let mut world = World::before_the_first_run(projects).await;
    world.push("acme/base", "1.0.0");
    world.minutes(2).await;
    world.limit_octopus(StrictModes {
        rate_limit: Some(RateLimit::per_minute(200)),
        latency: Duration::from_millis(300),
        ..StrictModes::default()
    });
    world.octopus.state().clear_requests();
    let before = requested(&world);

    world.push("acme/base", "1.1.0");
    world.clock.advance(domain::time::Span::from_minutes(1));
    world.schedule(RunScope::Due).await.unwrap();
    let begin = Instant::now();
    world.deliver().await.unwrap();
    let took = begin.elapsed();
    for number in 0..TRIGGERS {
        let releases = world.releases(&format!("App {number}"));
        assert_eq!(releases, ["0.0.2: - 1.1.0"], "project {number}");
    }
    let sent = requested(&world) - before;
    assert_eq!(sent, TRIGGERS, "one message for each trigger");
    let requests = world.octopus.state().requests();
    let refused = requests.iter().filter(|one| one.status == Some(429));
    assert_eq!(refused.count(), 0);
    let needed = TRIGGERS as u64 * REQUESTS * 60 / REQUESTS_PER_MINUTE;
    let ratio = took.as_secs_f64() / Duration::from_secs(needed).as_secs_f64();
    println!(
        "{TRIGGERS} releases with {} requests in {took:?}: {ratio:.2} times the time of the budget",
        requests.len()
    );
    assert!(ratio <= MOST_TIMES_OF_BUDGET, "{took:?}");
}
