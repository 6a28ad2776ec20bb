//! The process crashes between any two effects, and another one continues.
//!
//! Each sweep repeats the same scheduler run, crashes directly before or after another of its effects each time, starts
//! another process after the leases of the crashed one have expired, and checks the result.

use domain::history::Outcome;
use domain::time::Span;
use engine::messages::Event;
use engine::schedule::RunScope::Everything;
use flow::{LEASE, Moment, SHOP, World};
use octopus_server::Seed;
use registry_server::{Fault, FaultKind};

/// How messages continue that the crashed process had not finished.
#[derive(Clone, Copy, Debug)]
enum Messages {
    /// They are delivered to the next process, as a queue does.
    Stay,
    /// They are lost, as on one machine.
    AreLost,
}

/// A scheduler run and its expected result, with or without a crash.
trait RunScope {
    const NAME: &str;

    /// Prepares the run with this number.
    fn change(world: &World, number: usize);

    /// Checks the result.
    async fn check(world: &mut World, number: usize, crash: &str);
}

/// Crashes on this side of every effect of the run, each time after a run without a crash, which repairs what a crash
/// left behind, so that the effects are always the same.
async fn sweep<R: RunScope>(moment: Moment, messages: Messages) {
    let mut world = World::start().await;
    about_to::<R>(&mut world, 1).await;
    world.run().await.unwrap();
    let effects = world.fuse.effects();
    R::check(&mut world, 1, "without a crash").await;
    for (index, effect) in effects.iter().enumerate() {
        let number = 2 * index + 2;
        let crash = format!("died {moment:?} effect {index}, {effect}; its messages {messages:?}");
        about_to::<R>(&mut world, number).await;
        world.fuse.set(Some((index, moment)));
        assert!(world.run().await.is_err(), "no crash: {crash}");
        let passed = world.fuse.effects();
        assert_eq!(
            passed.last().map(|it| kind(it)),
            Some(kind(effect)),
            "{crash}"
        );
        println!("{crash}");
        take_over(&mut world, messages);
        R::check(&mut world, number, &crash).await;

        about_to::<R>(&mut world, number + 1).await;
        world.run().await.unwrap();
        R::check(&mut world, number + 1, "after a crash").await;
    }
    println!(
        "{}: died {moment:?} each of {} effects",
        R::NAME,
        effects.len()
    );
}

/// An effect without its variable parts: the names of plans, bodies and evaluations.
fn kind(effect: &str) -> &str {
    let place = effect.find("plan#").or_else(|| effect.find("body#"));
    let place = place.or_else(|| effect.find("history#")).map(|at| at + 4);
    &effect[..place.unwrap_or(effect.len())]
}

/// A change happened, and the watch list is due. It is always the same minute, so
/// that the same triggers have their hourly evaluation.
async fn about_to<R: RunScope>(world: &mut World, number: usize) {
    world.clock.advance_to_minute(20);
    world.until_quiet().await.unwrap();
    world.clock.advance_to_minute(30);
    R::change(world, number);
    world.fuse.set(None);
}

/// Starts another process after the leases of the crashed one have expired.
fn take_over(world: &mut World, messages: Messages) {
    world.clock.advance(LEASE);
    if let Messages::AreLost = messages {
        world.queue.lose();
        // Every trigger is evaluated at least hourly, whatever was announced.
        world.clock.advance(Span::from_hours(1));
    }
    world.restart();
}

/// A push that becomes exactly one release.
struct Push;

impl RunScope for Push {
    const NAME: &str = "from a push to a release";

    fn change(world: &World, number: usize) {
        world.push("acme/web", &format!("1.1.{number}"));
    }

    async fn check(world: &mut World, number: usize, crash: &str) {
        world.until_quiet().await.unwrap();
        let version = format!("1.1.{number}");
        let releases = world.releases("Shop");
        let expected = format!("0.0.{}: web {version}, cart 1.0.0, chart 1.0.0", number + 1);
        assert_eq!(
            (releases.len(), &releases[0]),
            (number, &expected),
            "{crash}"
        );

        let announced = world.published(|event| {
            matches!(event, Event::PackageVersionsChanged(it) if it.changes.added == [version.as_str()])
        });
        assert!(announced >= 1, "not announced: {crash}");
        let release = format!("0.0.{}", number + 1);
        let reported = world.published(|event| {
            matches!(event, Event::ReleaseCreated(it)
                if it.release.as_ref().is_some_and(|made| made.version == release))
        });
        assert!(reported >= 1, "not published: {crash}");
        let evaluations = world.evaluations(SHOP).await.into_iter();
        let mut created = evaluations.filter(|one| one.outcome == Outcome::Created);
        let newest = created.next().and_then(|one| one.release);
        assert_eq!(
            newest.map(|one| one.version),
            Some(release),
            "not in the history: {crash}"
        );
        world.assert_settled().await;
    }
}

/// A crash after an effect leaves the same state as a crash before the next one, so each effect is tested with kept and
/// with lost messages.
#[tokio::test]
async fn push_with_a_crash_before_any_effect_makes_one_release() {
    sweep::<Push>(Moment::Before, Messages::Stay).await;
}

#[tokio::test]
async fn push_with_a_crash_after_any_effect_makes_one_release() {
    sweep::<Push>(Moment::After, Messages::AreLost).await;
}

/// On one machine, the next process takes over the leases of the last one, and begins with a run of everything.
#[tokio::test]
async fn push_on_one_machine_is_released_by_the_first_run_after_a_crash() {
    for moment in [Moment::Before, Moment::After] {
        let mut world = World::start().await;
        world.restart_on_one_machine();
        about_to::<Push>(&mut world, 1).await;
        world.run().await.unwrap();
        let effects = world.fuse.effects();
        for (index, effect) in effects.iter().enumerate() {
            let number = 2 * index + 2;
            let crash = format!("died {moment:?} effect {index}, {effect}");
            about_to::<Push>(&mut world, number).await;
            world.fuse.set(Some((index, moment)));
            assert!(world.run().await.is_err(), "no crash: {crash}");
            world.queue.lose();
            world.restart_on_one_machine();
            world.schedule(Everything).await.unwrap();
            world.deliver().await.unwrap();
            let newest = format!("web 1.1.{number}, cart 1.0.0, chart 1.0.0");
            let releases = world.releases("Shop");
            assert!(releases[0].ends_with(&newest), "{crash}: {releases:?}");

            // The lock may remain, and does not delay the next release.
            about_to::<Push>(&mut world, number + 1).await;
            world.run().await.unwrap();
            Push::check(&mut world, number + 1, &crash).await;
        }
    }
}

/// A feed that fails, which the histories of its triggers report, and that recovers.
struct Failure;

impl RunScope for Failure {
    const NAME: &str = "a feed that fails";

    fn change(world: &World, _: usize) {
        let kind = FaultKind::Status(500, Vec::new(), String::new());
        world.images.fault(Fault::always(kind));
    }

    async fn check(world: &mut World, number: usize, crash: &str) {
        world.run().await.unwrap();
        let evaluations = world.evaluations(SHOP).await.into_iter();
        let since_release = evaluations.take_while(|one| one.outcome != Outcome::Created);
        let reported = since_release
            .filter(|one| one.reason.contains("\"Images\""))
            .count();
        assert!(reported >= 1, "not in the history: {crash}");
        let reported = world.published(|event| matches!(event, Event::FeedCheckFailed(_)));
        assert!(reported >= number, "not published: {crash}");

        world.images.clear_faults();
        world.push("acme/web", &format!("1.1.{number}"));
        world.clock.advance(Span::from_hours(1));
        world.until_quiet().await.unwrap();
        assert_eq!(world.releases("Shop").len(), number, "{crash}");
        world.assert_settled().await;
    }
}

#[tokio::test]
async fn failure_with_a_crash_before_any_effect_is_reported() {
    sweep::<Failure>(Moment::Before, Messages::AreLost).await;
}

#[tokio::test]
async fn failure_with_a_crash_after_any_effect_is_reported() {
    sweep::<Failure>(Moment::After, Messages::Stay).await;
}

#[tokio::test]
async fn unpublished_run_is_repeated_by_the_next() {
    let an_hour_later = async || {
        let world = World::start().await;
        world.clock.advance(Span::from_hours(1));
        world.fuse.set(None);
        world
    };
    let mut whole = an_hour_later().await;
    whole.run().await.unwrap();
    let effects = whole.fuse.effects();
    let first = effects
        .iter()
        .position(|effect| effect.starts_with("publish"))
        .unwrap();

    let mut world = an_hour_later().await;
    world.fuse.set(Some((first, Moment::Before)));
    assert!(world.run().await.is_err());
    world.restart();
    world.queue.lose();
    let before = world.queue.log().len();
    world.run().await.unwrap();
    let hourly = world.queue.log()[before..]
        .iter()
        .filter(|message| matches!(message.event, Event::TriggerEvaluationRequested(_)))
        .count();
    assert_eq!(hourly, 3);
}

/// A run that stored a changed trigger crashes before it requests the trigger's evaluation; the next run requests it.
#[tokio::test]
async fn crash_before_the_request_for_a_changed_trigger_loses_no_evaluation() {
    let with_change = || async {
        let world = World::start().await;
        let edit = |document: &mut serde_json::Value| document["Name"] = "Renamed".into();
        world.edit_trigger(SHOP, edit).await;
        world.clock.advance(Span::from_minutes(6));
        world.fuse.set(None);
        world
    };
    let mut whole = with_change().await;
    whole.run().await.unwrap();
    let effects = whole.fuse.effects();
    let stored = effects
        .iter()
        .position(|effect| effect.starts_with("put watch-list head"));
    let stored = stored.unwrap_or_else(|| panic!("{effects:#?}"));

    let mut world = with_change().await;
    world.fuse.set(Some((stored, Moment::After)));
    assert!(world.run().await.is_err());
    world.restart();
    world.queue.lose();
    let before = world.queue.log().len();
    world.clock.advance(Span::from_minutes(1));
    world.run().await.unwrap();
    let requested = world.queue.log()[before..]
        .iter()
        .filter(|message| match &message.event {
            Event::TriggerEvaluationRequested(request) => request.trigger.as_str() == SHOP,
            _ => false,
        })
        .count();
    assert_eq!(requested, 1);
}

/// A crash after an effect of the very first run is a crash before the next effect.
#[tokio::test]
async fn crash_in_the_first_run_is_repaired() {
    let shop_alone = |seed: &mut Seed| seed.spaces[0].projects.truncate(1);
    let mut whole = World::before_the_first_run(shop_alone).await;
    whole.run().await.unwrap();
    let effects = whole.fuse.effects();
    println!("the first run: {} effects", effects.len());
    for (index, effect) in effects.iter().enumerate() {
        let mut world = World::before_the_first_run(shop_alone).await;
        world.fuse.set(Some((index, Moment::Before)));
        assert!(world.run().await.is_err(), "{effect}");
        take_over(&mut world, Messages::AreLost);
        world.until_quiet().await.unwrap();
        let newest = &world.history(SHOP).await[0];
        assert!(
            newest.starts_with("Skipped: no source is newer"),
            "{effect}: {newest}"
        );
        world.assert_settled().await;
    }
}
