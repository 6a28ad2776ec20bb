//! The process dies between any two effects, and another one takes over.
//!
//! Each sweep makes the same round again and again, dies right before or right after another of its
//! effects each time, lets another process take over once the dead one's claims have run out, and looks at
//! what came of it.

use domain::history::Outcome;
use domain::time::Span;
use engine::messages::Event;
use flow::{LEASE, Moment, SHOP, World};
use octopus_server::Seed;
use registry_server::{Fault, FaultKind};

/// What becomes of the messages that the process had not handled to their end.
#[derive(Clone, Copy, Debug)]
enum Messages {
    /// They are delivered to the next process, as a queue does.
    Stay,
    /// They are gone, as on one machine.
    AreLost,
}

/// What a round does, and what must have come of it in the end, with or without a crash.
trait RunScope {
    const NAME: &str;

    /// What happens before the round with this number.
    fn change(world: &World, number: usize);

    /// Holds what came of it.
    async fn check(world: &mut World, number: usize, crash: &str);
}

/// Dies on this side of every effect of the round, each time after a round in which nobody dies: that one
/// takes up what a crash left lying about, so that the effects are always the same.
async fn sweep<R: RunScope>(moment: Moment, messages: Messages) {
    let mut world = World::start().await;
    about_to::<R>(&mut world, 1).await;
    world.round().await.unwrap();
    let effects = world.fuse.effects();
    R::check(&mut world, 1, "without a crash").await;
    for (index, effect) in effects.iter().enumerate() {
        let number = 2 * index + 2;
        let crash = format!("died {moment:?} effect {index}, {effect}; its messages {messages:?}");
        about_to::<R>(&mut world, number).await;
        world.fuse.set(Some((index, moment)));
        assert!(world.round().await.is_err(), "no crash: {crash}");
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
        world.round().await.unwrap();
        R::check(&mut world, number + 1, "after a crash").await;
    }
    println!(
        "{}: died {moment:?} each of {} effects",
        R::NAME,
        effects.len()
    );
}

/// An effect without what is different every time: the names of plans, bodies and evaluations.
fn kind(effect: &str) -> &str {
    let place = effect.find("plan#").or_else(|| effect.find("body#"));
    let place = place.or_else(|| effect.find("history#")).map(|at| at + 4);
    &effect[..place.unwrap_or(effect.len())]
}

/// Something has happened, and the watch list is due to be read anew. It is always the same minute, so
/// that the same triggers have their hourly evaluation.
async fn about_to<R: RunScope>(world: &mut World, number: usize) {
    world.clock.advance_to_minute(20);
    world.until_quiet().await.unwrap();
    world.clock.advance_to_minute(30);
    R::change(world, number);
    world.fuse.set(None);
}

/// Another process starts, once the dead one's claims have run out.
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
        let told = world.published(|event| {
            matches!(event, Event::ReleaseCreated(it)
                if it.release.as_ref().is_some_and(|made| made.version == release))
        });
        assert!(told >= 1, "not published: {crash}");
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

/// Dying after an effect leaves behind what dying before the next one does, so each effect is met with
/// the messages kept and with the messages lost.
#[tokio::test]
async fn dying_before_an_effect_makes_one_release() {
    sweep::<Push>(Moment::Before, Messages::Stay).await;
}

#[tokio::test]
async fn dying_after_an_effect_makes_one_release() {
    sweep::<Push>(Moment::After, Messages::AreLost).await;
}

/// A feed that fails, which its triggers' owners are told, and recovers.
struct Failure;

impl RunScope for Failure {
    const NAME: &str = "a feed that fails";

    fn change(world: &World, _: usize) {
        let kind = FaultKind::Status(500, Vec::new(), String::new());
        world.images.fault(Fault::always(kind));
    }

    async fn check(world: &mut World, number: usize, crash: &str) {
        world.round().await.unwrap();
        let evaluations = world.evaluations(SHOP).await.into_iter();
        let since_release = evaluations.take_while(|one| one.outcome != Outcome::Created);
        let told = since_release
            .filter(|one| one.reason.contains("\"Images\""))
            .count();
        assert!(told >= 1, "not in the history: {crash}");
        let told = world.published(|event| matches!(event, Event::FeedCheckFailed(_)));
        assert!(told >= number, "not published: {crash}");

        world.images.clear_faults();
        world.push("acme/web", &format!("1.1.{number}"));
        world.clock.advance(Span::from_hours(1));
        world.until_quiet().await.unwrap();
        assert_eq!(world.releases("Shop").len(), number, "{crash}");
        world.assert_settled().await;
    }
}

#[tokio::test]
async fn dying_before_an_effect_of_a_failure_hides_nothing() {
    sweep::<Failure>(Moment::Before, Messages::AreLost).await;
}

#[tokio::test]
async fn dying_after_an_effect_of_a_failure_hides_nothing() {
    sweep::<Failure>(Moment::After, Messages::Stay).await;
}

#[tokio::test]
async fn a_round_that_was_not_published_is_made_up_by_the_next() {
    let an_hour_later = async || {
        let world = World::start().await;
        world.clock.advance(Span::from_hours(1));
        world.fuse.set(None);
        world
    };
    let mut whole = an_hour_later().await;
    whole.round().await.unwrap();
    let effects = whole.fuse.effects();
    let first = effects
        .iter()
        .position(|effect| effect.starts_with("publish"))
        .unwrap();

    let mut world = an_hour_later().await;
    world.fuse.set(Some((first, Moment::Before)));
    assert!(world.round().await.is_err());
    world.restart();
    world.queue.lose();
    let before = world.queue.log().len();
    world.round().await.unwrap();
    let hourly = world.queue.log()[before..]
        .iter()
        .filter(|message| matches!(message.event, Event::TriggerEvaluationRequested(_)))
        .count();
    assert_eq!(hourly, 3);
}

/// Dying after an effect of the very first round is dying before the next one.
#[tokio::test]
async fn a_process_may_die_at_its_very_start() {
    let shop_alone = |seed: &mut Seed| seed.spaces[0].projects.truncate(1);
    let mut whole = World::before_the_first_round(shop_alone).await;
    whole.round().await.unwrap();
    let effects = whole.fuse.effects();
    println!("the first round: {} effects", effects.len());
    for (index, effect) in effects.iter().enumerate() {
        let mut world = World::before_the_first_round(shop_alone).await;
        world.fuse.set(Some((index, Moment::Before)));
        assert!(world.round().await.is_err(), "{effect}");
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
