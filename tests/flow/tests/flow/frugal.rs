//! S3: the requests of an evaluation to Octopus.

use domain::cause::EvaluationCause;
use domain::history::Outcome;
use domain::ids::{SpaceId, TriggerId};
use domain::ledger::{Entry, Owner};
use domain::time::Span;
use engine::messages::{EvaluationRequest, Event, Message, Origin};
use engine::ports::{Clock, Ledger};
use engine::schedule::RunScope;
use flow::{LEASE, SHOP, World};
use futures_util::FutureExt;
use octopus_server::seed;

/// Target S3: requests of an evaluation without a release.
const MOST_WITHOUT_RELEASE: usize = 2;
/// Target S3: requests of an evaluation that creates a release, without the version of the server, which a process reads
/// once.
const MOST_WITH_RELEASE: usize = 5;

/// The requests to Octopus since the last call, by route.
fn requests(world: &World) -> Vec<String> {
    let requests = world.octopus.state().requests();
    world.octopus.state().clear_requests();
    requests
        .iter()
        .map(octopus_server::Request::route)
        .collect()
}

/// Delivers everything that waits, with one evaluation of the trigger. Returns the requests to Octopus.
async fn evaluate(world: &mut World) -> Vec<String> {
    let before = world.evaluations(SHOP).await.len();
    let _earlier = requests(world);
    world.deliver().await.unwrap();
    assert_eq!(world.evaluations(SHOP).await.len(), before + 1);
    requests(world)
}

#[tokio::test]
async fn evaluations_need_few_requests() {
    let mut world = World::start().await;
    world.minutes(6).await;

    world.push("acme/web", "nightly");
    world.clock.advance(Span::from_minutes(1));
    world.schedule(RunScope::Due).await.unwrap();
    let without = evaluate(&mut world).await;
    println!("an evaluation without a release: {without:?}");
    assert!(without.len() <= MOST_WITHOUT_RELEASE, "{without:?}");

    world.push("acme/web", "1.1.0");
    world.clock.advance(Span::from_minutes(1));
    world.schedule(RunScope::Due).await.unwrap();
    let mut with = evaluate(&mut world).await;
    with.retain(|route| route != "GET /api");
    println!("an evaluation with a release: {with:?}");
    assert!(with.len() <= MOST_WITH_RELEASE, "{with:?}");
    assert_eq!(world.releases("Shop").len(), 1);
}

/// Many triggers may be new at once, and their packages are read soon.
#[tokio::test]
async fn evaluation_before_the_first_check_sends_no_request() {
    let world = World::before_the_first_run(|_| {}).await;
    world.schedule(RunScope::Due).await.unwrap();
    let _schedule = requests(&world);
    let is_evaluation =
        |message: &Message| matches!(message.event, Event::TriggerEvaluationRequested(_));
    let mut messages = world.queue.log().into_iter().filter(is_evaluation);
    let message = messages.next().unwrap();
    let evaluations = world.program.handle(&message).await.unwrap();
    assert_eq!(evaluations[0].outcome, Outcome::Waiting, "{evaluations:?}");
    assert_eq!(requests(&world), [""; 0]);
}

/// The releases that the first look has read are used again only if no other evaluation had the channel lock since.
#[tokio::test]
async fn release_of_another_evaluation_after_the_first_look_is_seen() {
    let mut world = World::start().await;
    world.minutes(6).await;
    let state = world.octopus.state();
    let released = |action: &str, package: &str, version: &str| seed::ReleasePackage {
        action: action.to_owned(),
        package: package.to_owned(),
        version: version.to_owned(),
    };
    let release = seed::Release {
        version: "0.0.2".to_owned(),
        packages: vec![
            released("Deploy web", "web", "1.1.0"),
            released("Deploy cart", "cart", "1.0.0"),
            released("Deploy chart", "chart", "1.0.0"),
        ],
        ..seed::Release::default()
    };
    let key = world.channel_lock(SHOP).await;
    let (store, now) = (world.program.store().clone(), world.clock.now());
    world.fuse.meanwhile("read the releases", move || {
        let claimed = Entry::Claimed {
            owner: Owner("another evaluation".to_owned()),
            until: now + LEASE,
            unsettled: None,
            plan: None,
            number: None,
        };
        let expires = now + Span::from_days(1);
        let revision = store.put(&key, &claimed, None, expires).now_or_never();
        state.add_release("Shop", release).unwrap();
        let released = store.release(&key, revision.unwrap().unwrap());
        released.now_or_never().unwrap().unwrap();
    });
    world.push("acme/web", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(
        world.releases("Shop"),
        ["0.0.2: web 1.1.0, cart 1.0.0, chart 1.0.0"]
    );
}

fn rule(range: &str) -> Vec<seed::Rule> {
    let web = seed::RulePackage {
        action: "Deploy web".to_owned(),
        package: "web".to_owned(),
    };
    vec![seed::Rule {
        range: Some(range.to_owned()),
        packages: vec![web],
        ..seed::Rule::default()
    }]
}

/// The version 1.1.0 waits in a channel whose rule permits it only since a moment ago.
async fn waiting_for_a_rule() -> World {
    let mut world = World::start().await;
    let state = world.octopus.state();
    state
        .set_rules("Shop", "Stable", rule("[1.0,1.1)"))
        .unwrap();
    world.push("acme/web", "1.1.0");
    world.until_quiet().await.unwrap();
    world.minutes(6).await;
    assert!(world.releases("Shop").is_empty());
    state
        .set_rules("Shop", "Stable", rule("[1.0,2.0)"))
        .unwrap();
    world
}

/// The stored documents are as old as the watch list. Its refresh finds the change and causes an evaluation.
#[tokio::test]
async fn changed_rule_has_effect_after_the_next_refresh() {
    let mut world = waiting_for_a_rule().await;
    world.minutes(6).await;
    assert_eq!(world.releases("Shop").len(), 1);
}

/// A user who requests an evaluation may just have changed the rules.
#[tokio::test]
async fn requested_evaluation_reads_the_rules_again() {
    let world = waiting_for_a_rule().await;
    for (cause, releases) in [
        (EvaluationCause::Hourly, 0),
        (EvaluationCause::Requested, 1),
    ] {
        let request = EvaluationRequest {
            space: SpaceId::new("Spaces-1"),
            trigger: TriggerId::new(SHOP),
            cause,
            retrying: false,
            change: None,
        };
        let event = Event::TriggerEvaluationRequested(request);
        let (origin, now) = (Origin::new(&["a test"]), world.clock.now());
        let message = Message::new(&origin, event, &["evaluation"], now);
        world.program.handle(&message).await.unwrap();
        assert_eq!(world.releases("Shop").len(), releases);
    }
}
