//! Release numbers from a template, from a package and from a mask; and a number that is already used, by a user or by this
//! program.

use flow::{SHOP, World};
use octopus_server::seed;

const CREATED: &str = "Created: acme/web 1.1.0 is newer than 1.0.0 in the previous release";

/// Each way with the number that the next release gets.
fn ways() -> [(seed::Versioning, &'static str); 3] {
    let donor = seed::Versioning::Donor {
        action: "Deploy web".to_owned(),
        package: "web".to_owned(),
    };
    let mask = seed::Versioning::Template("1.2.i".to_owned());
    [
        (seed::Versioning::default(), "0.0.2"),
        (donor, "1.1.0"),
        (mask, "1.2.0"),
    ]
}

/// A world with these numbers, in which a user makes a release directly before ours is made.
async fn raced(versioning: seed::Versioning, theirs: seed::Release, is_ours: bool) -> World {
    let mut world = World::with(|seed| seed.spaces[0].projects[0].versioning = versioning).await;
    let (state, table) = (world.octopus.state(), world.table.clone());
    world.fuse.meanwhile("create the release", move || {
        let rows = table.rows();
        let mut keys = rows
            .iter()
            .filter_map(|row| row.key.partition.strip_prefix("plan#"));
        let key = keys.next().unwrap();
        let notes = is_ours.then(|| format!("Feed trigger plan: `{key}`"));
        let theirs = seed::Release { notes, ..theirs };
        state.add_release("Shop", theirs).unwrap();
    });
    world.push("acme/web", "1.1.0");
    world.run().await.unwrap();
    world
}

fn release(version: &str, web: &str) -> seed::Release {
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

#[tokio::test]
async fn each_kind_of_versioning_results_in_its_number() {
    for (versioning, number) in ways() {
        let mut world =
            World::with(|seed| seed.spaces[0].projects[0].versioning = versioning).await;
        world.push("acme/web", "1.1.0");
        world.until_quiet().await.unwrap();
        let release = format!("{number}: web 1.1.0, cart 1.0.0, chart 1.0.0");
        assert_eq!(world.releases("Shop"), [release]);
        world.assert_settled().await;
    }
}

#[tokio::test]
async fn used_number_with_our_key_is_our_release() {
    for (versioning, number) in ways() {
        let mut world = raced(versioning, release(number, "1.1.0"), true).await;
        assert_eq!(world.history(SHOP).await[0], CREATED, "{number}");
        world.until_quiet().await.unwrap();
        let release = format!("{number}: web 1.1.0, cart 1.0.0, chart 1.0.0");
        assert_eq!(world.releases("Shop"), [release]);
        world.assert_settled().await;
    }
}

#[tokio::test]
async fn used_number_of_a_user_is_not_our_release() {
    for (versioning, number) in ways() {
        let is_by_package = matches!(versioning, seed::Versioning::Donor { .. });
        let mut world = raced(versioning, release(number, "1.0.0"), false).await;
        let history = world.history(SHOP).await.remove(0);
        let theirs = format!("{number}: web 1.0.0, cart 1.0.0, chart 1.0.0");
        let releases = world.releases("Shop");
        if is_by_package {
            let taken = format!("project Shop already has a release {number}; nothing was created");
            assert!(
                history.starts_with("Refused: ") && history.contains(&taken),
                "{history}"
            );
            assert_eq!(releases, [theirs]);
        } else {
            // The next number does as well, and at once.
            assert_eq!(history, CREATED, "{number}");
            assert_eq!(releases[1..], [theirs]);
            assert!(releases[0].ends_with(": web 1.1.0, cart 1.0.0, chart 1.0.0"));
            world.until_quiet().await.unwrap();
            world.assert_settled().await;
        }
    }
}
