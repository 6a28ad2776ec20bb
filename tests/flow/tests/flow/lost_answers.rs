//! The answer to a creation is lost: the release is found, or made once.

use flow::{LEASE, SHOP, World};
use octopus_server::{Body, Fault, FaultKind, seed};
use store::{Condition, Table};

const RELEASE: [&str; 1] = ["0.0.2: web 1.1.0, cart 1.0.0, chart 1.0.0"];

const CREATED: &str = "Created: acme/web 1.1.0 is newer than 1.0.0 in the previous release";

/// A push, with a fault on the request that creates the release.
async fn push_into(kind: FaultKind) -> World {
    push_into_all([kind]).await
}

/// A push, with a fault on each of the first requests that create the release.
async fn push_into_all(kinds: impl IntoIterator<Item = FaultKind>) -> World {
    let mut world = World::start().await;
    for kind in kinds {
        let fault = Fault::once("/releases", kind).on("POST");
        world.octopus.faults().push(fault);
    }
    world.push("acme/web", "1.1.0");
    world.run().await.unwrap();
    assert!(world.octopus.faults().is_spent());
    world
}

async fn assert_released(world: &mut World) {
    world.clock.advance(LEASE);
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), RELEASE);
    world.assert_settled().await;
}

#[tokio::test]
async fn lost_answer_is_followed_by_a_search_for_the_release() {
    for kind in [FaultKind::ResetAfter, FaultKind::Truncated] {
        let mut world = push_into(kind).await;
        assert_eq!(world.history(SHOP).await[0], CREATED);
        assert_released(&mut world).await;
    }
}

/// The number is fixed, so only one of the requests can create a release.
#[tokio::test]
async fn lost_request_is_sent_again_at_once() {
    for kind in [FaultKind::ResetBefore, FaultKind::Status(500, Body::Json)] {
        let mut world = push_into(kind).await;
        assert_eq!(world.history(SHOP).await[0], CREATED);
        assert_eq!(world.octopus.state().count("POST", "/releases"), 2);
        assert_released(&mut world).await;
    }
}

#[tokio::test]
async fn two_lost_requests_are_followed_by_one_more_whatever_is_repeated() {
    let mut world = push_into_all([FaultKind::ResetBefore, FaultKind::ResetBefore]).await;
    let failed = world.history(SHOP).await.remove(0);
    assert!(
        failed.starts_with("Failed: ") && failed.contains("searched for before"),
        "{failed}"
    );
    assert_eq!(world.octopus.state().count("POST", "/releases"), 2);
    world.minutes(3).await;
    for message in world.queue.log() {
        world.program.handle(&message).await.unwrap();
    }
    assert_released(&mut world).await;
    assert_eq!(world.octopus.state().count("POST", "/releases"), 3);
}

#[tokio::test]
async fn server_that_refuses_temporarily_is_asked_again() {
    for (kind, expected_text) in [
        (
            FaultKind::TooManyRequests {
                retry_after: Some(300),
            },
            "throttles the API key's user for 5 min",
        ),
        (
            FaultKind::TooManyRequests { retry_after: None },
            "throttles the API key's user",
        ),
        (FaultKind::Unavailable, "retried later"),
        (FaultKind::Maintenance, "maintenance"),
    ] {
        let mut world = push_into(kind.clone()).await;
        let failed = world.history(SHOP).await.remove(0);
        assert!(
            failed.starts_with("Failed: ") && failed.contains(expected_text),
            "{failed}"
        );
        if let FaultKind::TooManyRequests {
            retry_after: Some(_),
        } = kind
        {
            world.minutes(4).await;
            assert_eq!(
                world.octopus.state().count("POST", "/releases"),
                1,
                "too early"
            );
        }
        assert_released(&mut world).await;
    }
}

#[tokio::test]
async fn lost_ledger_is_replaced_by_the_releases_of_the_channel() {
    let mut world = World::start().await;
    let before = world.queue.log().len();
    world.push("acme/web", "1.1.0");
    world.until_quiet().await.unwrap();
    for row in world.table.rows() {
        if row.key.partition.starts_with("plan#") || row.key.partition.starts_with("lock#") {
            world.table.delete(&row.key, Condition::Any).await.unwrap();
        }
    }
    assert_eq!(world.plans(), []);
    // A user rolls the channel back by hand, so that the same packages are due again.
    world
        .octopus
        .state()
        .add_release("Shop", by_hand("0.9.0", "1.0.0"))
        .unwrap();
    let messages = world.queue.log().split_off(before);
    for message in messages.iter().chain(&messages) {
        world.program.handle(message).await.unwrap();
    }
    world.until_quiet().await.unwrap();
    assert_eq!(
        world.releases("Shop"),
        [
            "0.9.0: web 1.0.0, cart 1.0.0, chart 1.0.0",
            "0.0.2: web 1.1.0, cart 1.0.0, chart 1.0.0",
        ]
    );
    assert_eq!(
        world.history(SHOP).await[0],
        "AlreadyReleased: the same packages were released as 0.0.2 already; the newer release 0.9.0 was \
         created by hand and stays until there is a newer version"
    );
    let release = world.evaluations(SHOP).await.remove(0).release;
    assert_eq!(release.unwrap().version, "0.0.2");
    world.assert_settled().await;
}

#[tokio::test]
async fn same_release_made_by_a_user_in_between_is_enough() {
    let mut world = World::start().await;
    let state = world.octopus.state();
    world.fuse.meanwhile("create the release", move || {
        state
            .add_release("Shop", by_hand("0.0.2", "1.1.0"))
            .unwrap();
    });
    world.push("acme/web", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), RELEASE);
    world.assert_settled().await;
}

fn by_hand(version: &str, web: &str) -> seed::Release {
    let package = |name: &str, version: &str| seed::ReleasePackage {
        action: format!("Deploy {name}"),
        package: name.to_owned(),
        version: version.to_owned(),
    };
    seed::Release {
        version: version.to_owned(),
        packages: vec![
            package("web", web),
            package("cart", "1.0.0"),
            package("chart", "1.0.0"),
        ],
        ..seed::Release::default()
    }
}
