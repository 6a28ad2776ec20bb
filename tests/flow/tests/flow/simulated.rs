//! `feedctl simulate`: the releases that a trigger would have made since a time, from stored data, beside the real ones.

use domain::time::Timestamp;
use engine::ports::{Clock, WatchLists};
use feeds::OutboundClient;
use flow::{API, World};
use octopus::{FixedKey, OctopusClient};
use octopus_server::seed;
use operator::explain::Explain;

/// A client of the world's Octopus Server.
pub(crate) fn client(world: &World) -> OctopusClient<FixedKey> {
    let http = OutboundClient::new("127.0.0.1/32".parse().unwrap()).unwrap();
    let key = FixedKey::new(world.octopus.api_key());
    OctopusClient::new(http.http().clone(), &world.octopus.url(), key).unwrap()
}

/// Octopus's clock is the world's.
fn advance(world: &World) -> Timestamp {
    let now = world.clock.now();
    let time = jiff::Timestamp::from_millisecond(now.as_millis()).unwrap();
    world.octopus.state().set_clock(Some(time));
    now
}

#[tokio::test]
async fn simulation_begins_with_the_release_at_that_time() {
    let mut world = World::before_the_first_run(|seed| {
        seed.spaces[0].projects[2].releases.clear();
    })
    .await;
    advance(&world);
    let first = seed::Release {
        version: "0.0.1".to_owned(),
        packages: vec![seed::ReleasePackage {
            action: "Deploy api".to_owned(),
            package: String::new(),
            version: "1.0.0".to_owned(),
        }],
        ..seed::Release::default()
    };
    world.octopus.state().add_release("Api", first).unwrap();
    world.until_quiet().await.unwrap();

    let since = advance(&world);
    world.minutes(1).await;
    advance(&world);
    world.push("acme/api", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Api"), ["0.0.2: - 1.1.0"]);

    let octopus = client(&world);
    let store = world.program.store();
    let list = store.watch_list().await.unwrap().unwrap().list;
    let mut triggers = list.triggers.iter();
    let trigger = triggers.find(|one| one.id.as_str() == API).unwrap();
    let explain = Explain {
        store,
        octopus: &octopus,
        clock: &world.clock,
    };
    let before_the_first_check = explain.since(trigger, Timestamp::default()).await.unwrap();
    let unknown: Vec<_> = before_the_first_check
        .unknown
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        unknown,
        ["acme/api was first read at 2026-06-01T00:01:00Z; its versions before are unknown"]
    );
    let compared = explain.since(trigger, since).await.unwrap();
    assert_eq!((compared.since, compared.unknown), (since, Vec::new()));
    let made: Vec<_> = compared.made.iter().map(|one| &one.version).collect();
    assert_eq!(made, ["0.0.2"]);
    let reasons = compared.simulation.releases.into_iter();
    let reasons: Vec<_> = reasons.map(|one| one.reason.to_string()).collect();
    assert_eq!(
        reasons,
        ["acme/api 1.1.0 is newer than 1.0.0 in the previous release"]
    );
}
