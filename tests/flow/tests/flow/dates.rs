//! Rules that select the version published last, whatever its number.

use flow::{SITE, World};
use octopus_server::seed::{Channel, Rule, RulePackage, Seed};
use registry_server::Imitation;

/// Site's image is in a registry that knows dates, and its channel orders by them.
fn by_date(seed: &mut Seed) {
    let space = &mut seed.spaces[0];
    space.feeds[1].kind = "GoogleContainerRegistry".to_owned();
    let site = RulePackage {
        action: "Deploy site".to_owned(),
        package: String::new(),
    };
    let rule = Rule {
        packages: vec![site],
        strategy: Some("MostRecentlyPublished".to_owned()),
        ..Rule::default()
    };
    space.projects[1].channels = vec![Channel {
        name: "Default".to_owned(),
        is_default: true,
        rules: vec![rule],
        ..Channel::default()
    }];
}

#[tokio::test]
async fn rule_that_orders_by_date_uses_the_dates_of_the_registry() {
    let mut world = World::with(by_date).await;
    world.mirror.imitate(Imitation::Google);
    world.mirror.push("acme/site", "3.0.0", "earlier");
    world.mirror.push("acme/site", "0.9.0", "later");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Site"), ["0.0.2: - 0.9.0"]);

    let found = &world.evaluations(SITE).await;
    let created = found.iter().find(|one| one.release.is_some()).unwrap();
    assert_eq!(created.findings[0].candidates[0].version, "0.9.0");
}

#[tokio::test]
async fn dates_without_a_rule_are_not_requested() {
    let mut world = World::start().await;
    world.images.imitate(Imitation::Harbor);
    world.images.clear_requests();
    world.push("acme/web", "1.1.0");
    world.until_quiet().await.unwrap();
    let asked = world.images.requests();
    let of_an_api: Vec<_> = asked
        .iter()
        .filter(|(_, path, _)| path.starts_with("/api/"))
        .collect();
    assert!(!asked.is_empty() && of_an_api.is_empty(), "{of_an_api:?}");
}
