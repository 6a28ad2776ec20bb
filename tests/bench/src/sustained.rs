//! S4: the used share of the rate limit of Octopus 2026.3, 200 requests a minute, with 3,000 projects that have a trigger
//! each. The server needs 300 ms for each answer. The time of the runtime is paused, so it is the server's time.

use std::time::Duration;

use anyhow::{Context, ensure};
use domain::time::Span;
use flow::World;
use octopus_server::{RateLimit, Seed, StrictModes, seed};
use serde_json::json;
use tokio::time::Instant;

const PROJECTS: usize = 3_000;
/// A third of the hour in which each trigger is evaluated once, with four refreshes.
const MINUTES: usize = 20;
const MINUTE: Duration = Duration::from_secs(60);
/// The allowance of a minute.
const PER_MINUTE: u32 = 200;

/// Prints the used share of the allowance, and the refused requests.
pub(crate) async fn measure() -> anyhow::Result<()> {
    tokio::time::pause();
    let mut world = all_evaluated().await?;
    let begin = Instant::now();
    runs(&mut world).await?;
    let minutes = begin.elapsed().as_secs_f64() / 60.0;
    let requests = world.octopus.state().requests();
    let evaluated = PROJECTS * MINUTES / 60;
    ensure!(
        requests.len() >= evaluated,
        "{} requests for {evaluated} evaluations",
        requests.len()
    );
    let refused = requests.iter().filter(|one| one.status == Some(429));
    let sent = f64::from(u32::try_from(requests.len())?);
    let line = json!({
        "figure": "S4",
        "used": sent / (f64::from(PER_MINUTE) * minutes),
        "requests": requests.len(),
        "refused": refused.count(),
    });
    println!("{line}");
    Ok(())
}

/// Every trigger was evaluated without a rate limit. Feeds are then checked once an hour.
async fn all_evaluated() -> anyhow::Result<World> {
    let projects = |seed: &mut Seed| seed.spaces[0].projects = (0..PROJECTS).map(project).collect();
    let mut world = World::before_the_first_run(projects).await;
    for number in 0..PROJECTS {
        world.push(&format!("acme/app-{number}"), "1.0.0");
    }
    for _ in 0..2 {
        world.run().await.ok().context("a run without a limit")?;
    }
    world.check_every(Span::from_hours(1));
    world.limit_octopus(StrictModes {
        rate_limit: Some(RateLimit::per_minute(PER_MINUTE)),
        latency: Duration::from_millis(300),
        ..StrictModes::default()
    });
    world.octopus.state().clear_requests();
    Ok(world)
}

/// A run each minute. A run that takes longer delays the next one.
async fn runs(world: &mut World) -> anyhow::Result<()> {
    for _ in 0..MINUTES {
        let begin = Instant::now();
        world.run().await.ok().context("a run")?;
        let late = begin.elapsed().saturating_sub(MINUTE).as_secs();
        world
            .clock
            .advance(Span::from_seconds(i64::try_from(late)?));
        tokio::time::sleep_until(begin + MINUTE).await;
    }
    Ok(())
}

fn project(number: usize) -> seed::Project {
    let (name, package) = (format!("App {number}"), format!("acme/app-{number}"));
    seed::Project::watching(name, package, "Images").released("1.0.0")
}
