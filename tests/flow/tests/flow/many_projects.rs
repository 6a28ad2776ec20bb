//! A thousand projects on a server with the default rate limit of Octopus 2026.3, 200 requests a minute, and 300 ms for each
//! answer. The runtime's time is paused, so the test measures the server's time.

use std::time::Duration;

use domain::time::Span;
use engine::schedule::RunScope;
use flow::World;
use octopus_server::{RateLimit, Seed, StrictModes, seed};
use tokio::time::Instant;

const PROJECTS: usize = 1_000;
/// Target S2: the time until the first watch list is complete.
const FIRST_LIST: Duration = Duration::from_secs(180);
/// Target S1: requests of a refresh without a change, 0.05 for each project.
const UNCHANGED_REFRESH: usize = PROJECTS / 20;

fn project(number: usize) -> seed::Project {
    let (name, package) = (format!("App {number}"), format!("acme/app-{number}"));
    seed::Project::watching(name, package, "Images").released("1.0.0")
}

/// A thousand projects whose images are at 1.0.0, as are their releases. Application 0 has a newer image.
async fn start() -> World {
    let projects = |seed: &mut Seed| seed.spaces[0].projects = (0..PROJECTS).map(project).collect();
    let mut world = World::before_the_first_run(projects).await;
    for number in 0..PROJECTS {
        world.push(&format!("acme/app-{number}"), "1.0.0");
    }
    world.push("acme/app-0", "1.1.0");
    world.limit_octopus(StrictModes {
        rate_limit: Some(RateLimit::per_minute(200)),
        latency: Duration::from_millis(300),
        ..StrictModes::default()
    });
    world
}

fn refused(world: &World) -> usize {
    let requests = world.octopus.state().requests();
    let is_refused = |status: Option<u16>| status == Some(429);
    requests.iter().filter(|one| is_refused(one.status)).count()
}

#[tokio::test(start_paused = true)]
async fn thousand_projects_are_watched_and_the_first_change_is_released_within_the_rate_limit() {
    let mut world = start().await;
    let begin = Instant::now();
    let report = world.schedule(RunScope::Due).await.unwrap();
    assert!(begin.elapsed() < FIRST_LIST, "{:?}", begin.elapsed());
    assert!(
        report.stale.is_none() && !report.is_unfinished,
        "{:?}",
        report.stale
    );
    let triggers = &report.list.triggers;
    let is_usable = |source: &domain::trigger::Source| source.resolution.is_ok();
    let usable = triggers
        .iter()
        .filter(|one| one.sources.iter().all(is_usable));
    assert_eq!((triggers.len(), usable.count()), (PROJECTS, PROJECTS));

    while world.releases("App 0").is_empty() {
        assert!(world.deliver_next().await.unwrap(), "no message waits");
    }
    let released = begin.elapsed();
    assert!(released < FIRST_LIST, "{released:?}");
    assert_eq!(world.releases("App 0"), ["0.0.2: - 1.1.0"]);
    assert_eq!(refused(&world), 0);

    world.octopus.state().clear_requests();
    world.clock.advance(Span::from_minutes(6));
    let report = world.schedule(RunScope::Due).await.unwrap();
    assert!(
        report.stale.is_none() && !report.is_unfinished,
        "{:?}",
        report.stale
    );
    let counts = world.octopus.state().counts();
    let sent: usize = counts.values().sum();
    println!(
        "{PROJECTS} projects: first release after {released:?}; {sent} requests of an unchanged refresh"
    );
    assert!(
        (10..=UNCHANGED_REFRESH).contains(&sent),
        "{sent} requests: {counts:#?}"
    );
    assert_eq!(refused(&world), 0);
}
