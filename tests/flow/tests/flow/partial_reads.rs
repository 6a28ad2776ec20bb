//! A space, project or trigger that Octopus does not return keeps its part of the last watch list, marked with the reason.
//! Everything else is current.

use std::time::Duration;

use domain::trigger::Trigger;
use engine::ports::WatchLists;
use engine::schedule::RunScope;
use flow::{API, SHOP, SITE, World};
use octopus_server::{Body, Fault, FaultKind, seed};

fn status(code: u16) -> FaultKind {
    FaultKind::Status(code, Body::Json)
}

async fn trigger(world: &World, id: &str) -> Trigger {
    let list = world.program.store().watch_list().await.unwrap().unwrap();
    let mut triggers = list.list.triggers.iter();
    triggers.find(|one| one.id.as_str() == id).cloned().unwrap()
}

#[tokio::test]
async fn project_that_cannot_be_read_keeps_its_trigger() {
    for code in [500, 503, 504] {
        let in_git = seed::Persistence::Git(seed::Git::default());
        let mut world = World::with(|seed| seed.spaces[0].projects[0].persistence = in_git).await;
        let before = trigger(&world, SHOP).await;
        world
            .octopus
            .faults()
            .push(Fault::always("refs%2fheads", status(code)));
        world
            .edit_trigger(SITE, |trigger| trigger["Name"] = "Renamed".into())
            .await;
        world.push("acme/api", "1.1.0");
        world.minutes(7).await;

        let kept = trigger(&world, SHOP).await;
        let reason = kept.stale.clone().unwrap().message;
        assert!(
            reason.contains("process of project Shop") && reason.contains(&code.to_string()),
            "{reason}"
        );
        assert!(kept.is_same_as(&before), "{kept:?}");
        assert_eq!(trigger(&world, SITE).await.name, "Renamed");
        assert_eq!(world.releases("Api").len(), 1);

        world.octopus.faults().clear();
        world.push("acme/web", "1.1.0");
        world.minutes(17).await;
        assert_eq!(trigger(&world, SHOP).await.stale, None);
        assert_eq!(world.releases("Shop").len(), 1);
        world.assert_settled().await;
    }
}

/// Without an earlier state the trigger waits with the reason, and the others run.
#[tokio::test]
async fn project_that_was_never_read_waits_with_the_reason() {
    let in_git = seed::Persistence::Git(seed::Git::default());
    let change = |seed: &mut octopus_server::Seed| seed.spaces[0].projects[0].persistence = in_git;
    let mut world = World::before_the_first_run(change).await;
    world
        .octopus
        .faults()
        .push(Fault::always("refs%2fheads", status(500)));
    world.until_quiet().await.unwrap();
    let waiting = world.history(SHOP).await.remove(0);
    assert!(
        waiting.starts_with("Waiting: ") && waiting.contains("process of project Shop"),
        "{waiting}"
    );
    world.push("acme/api", "1.1.0");
    world.minutes(2).await;
    assert_eq!(world.releases("Api").len(), 1);
    world.octopus.faults().clear();
    world.push("acme/web", "1.1.0");
    world.minutes(7).await;
    assert_eq!(world.releases("Shop").len(), 1);
}

#[tokio::test]
async fn space_that_cannot_be_read_keeps_its_triggers() {
    for (path, code) in [
        ("projecttriggers", 403),
        ("projecttriggers", 500),
        ("feeds", 403),
    ] {
        let mut world = World::before_the_first_run(|seed| {
            let mut other = seed.spaces[0].clone();
            "Other".clone_into(&mut other.name);
            other.projects.truncate(1);
            other.projects[0].triggers[0].id = Some("ProjectTriggers-9".to_owned());
            seed.spaces.push(other);
        })
        .await;
        world.use_spaces(&["*"]);
        world.until_quiet().await.unwrap();
        let of_other = "ProjectTriggers-9";
        let before = trigger(&world, of_other).await;
        assert_eq!(before.stale, None);
        let path = format!("/api/{}/{path}", before.space);
        world
            .octopus
            .faults()
            .push(Fault::always(&path, status(code)));
        world.push("acme/api", "1.1.0");

        let report = world.schedule(RunScope::Everything).await.unwrap();
        assert!(report.stale.is_none(), "{:?}", report.stale);
        assert_eq!(report.failures.len(), 1, "{:?}", report.failures);
        assert_eq!(report.failures[0].space, "Other");
        let kept = trigger(&world, of_other).await;
        assert!(kept.stale.is_some() && kept.is_same_as(&before), "{kept:?}");
        assert_eq!(trigger(&world, API).await.stale, None);
        world.deliver().await.unwrap();
        assert_eq!(world.releases("Api").len(), 1);

        world.octopus.faults().clear();
        world.schedule(RunScope::Everything).await.unwrap();
        assert_eq!(trigger(&world, of_other).await, before);
    }
}

/// A server whose triggers have another form: those that are run here stay, and an edit of another one is not lost.
#[tokio::test]
async fn trigger_in_an_unknown_form_keeps_its_last_state() {
    let mut world = World::start().await;
    let before = trigger(&world, SHOP).await;
    world.octopus.faults().push(Fault::always(
        "projecttriggers?skip",
        FaultKind::Without("DeploymentActionSlug"),
    ));
    world.push("acme/web", "1.1.0");
    world.minutes(7).await;
    let kept = trigger(&world, SHOP).await;
    let reason = kept.stale.clone().unwrap().message;
    assert!(
        reason.contains("ProjectTriggers-1 cannot be read"),
        "{reason}"
    );
    assert!(kept.is_same_as(&before));
    assert_eq!(world.releases("Shop").len(), 1);
}

/// The refresh that a 429 ended is continued by the next run, and its triggers run at once.
#[tokio::test]
async fn refresh_ended_by_the_rate_limit_continues_in_the_next_run() {
    let mut world = World::before_the_first_run(|_| {}).await;
    let refused = FaultKind::TooManyRequests {
        retry_after: Some(60),
    };
    world
        .octopus
        .faults()
        .push(Fault::always("/projects/Projects-3", refused));
    let report = world.schedule(RunScope::Due).await.unwrap();
    assert!(report.stale.unwrap().to_string().contains("429"));
    let names: Vec<_> = report.list.triggers.iter().map(|one| &one.name).collect();
    assert_eq!(names, ["New shop", "New site"]);
    world.push("acme/web", "1.1.0");
    world.deliver().await.unwrap();
    assert_eq!(world.releases("Shop").len(), 1);

    world.octopus.faults().clear();
    world.octopus.state().clear_requests();
    world.run().await.unwrap();
    let list = world.program.store().watch_list().await.unwrap().unwrap();
    assert_eq!((list.list.triggers.len(), list.progress), (3, None));
    let read_again = world.octopus.state().count("GET", "/projects/Projects-2");
    assert_eq!(read_again, 0, "what was read is not read again");
    world.until_quiet().await.unwrap();
    world.assert_settled().await;
}

/// A trigger that failed in a refresh that ended early is read again by the run that continues it, after all others.
#[tokio::test]
async fn refresh_that_continues_reads_failed_triggers_again() {
    let in_git = seed::Persistence::Git(seed::Git::default());
    let mut world =
        World::before_the_first_run(|seed| seed.spaces[0].projects[0].persistence = in_git).await;
    let refused = FaultKind::TooManyRequests {
        retry_after: Some(60),
    };
    let faults = world.octopus.faults();
    faults.push(Fault::always("refs%2fheads", status(500)));
    faults.push(Fault::always("/projects/Projects-3", refused));
    let report = world.schedule(RunScope::Due).await.unwrap();
    assert!(report.stale.unwrap().to_string().contains("429"));
    assert!(trigger(&world, SHOP).await.problem.is_some());

    faults.clear();
    world.octopus.state().clear_requests();
    world.push("acme/web", "1.1.0");
    world.run().await.unwrap();
    let list = world.program.store().watch_list().await.unwrap().unwrap();
    assert_eq!((list.list.triggers.len(), list.progress), (3, None));
    assert_eq!(trigger(&world, SHOP).await.problem, None);
    let requests = world.octopus.state().requests();
    let first = |part: &str| {
        let mut paths = requests.iter().map(|one| one.path.to_lowercase());
        paths.position(|path| path.contains(part)).unwrap()
    };
    assert!(first("/projects/projects-3") < first("refs%2fheads"));
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop").len(), 1);
    world.assert_settled().await;
}

/// Everything due is published in every run, however long Octopus takes.
#[tokio::test]
async fn octopus_that_hangs_delays_no_check() {
    let world = World::start().await;
    let hangs = FaultKind::Latency(Duration::from_secs(3_600));
    world.octopus.faults().push(Fault::always("", hangs));
    world.clock.advance(domain::time::Span::from_minutes(6));
    for _ in 0..3 {
        world.clock.advance(domain::time::Span::from_minutes(1));
        let deadline = tokio::time::sleep(Duration::from_millis(50));
        let report = world.schedule_until(deadline).await.unwrap();
        assert_eq!(report.checks, 3);
        assert_eq!(report.list.triggers.len(), 3);
        let stale = report.stale.unwrap().to_string();
        assert!(stale.contains("did not answer before the end"), "{stale}");
    }
}
