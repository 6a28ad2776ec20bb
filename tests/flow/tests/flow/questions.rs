//! A rule that only Octopus can apply: Octopus is asked, and nothing is guessed where it cannot answer.

use flow::{API, World};
use octopus_server::seed::{Channel, Rule, RulePackage, Seed};
use octopus_server::{Fault, FaultKind};

const NONE: [&str; 0] = [];

/// A pattern that only .NET evaluates: `\Z` is unknown here.
const PATTERN: &str = r"^\d+\.\d+\.\d+\Z";

/// Where Octopus is asked which versions a rule permits.
const VERSIONS: &str = "/packages/versions";

/// The channel of the project Api permits what the pattern matches.
fn by_pattern(seed: &mut Seed) {
    let space = &mut seed.spaces[0];
    let permitted = ["1.0.0", "1.1.0"].map(str::to_owned);
    space
        .dotnet_patterns
        .insert(PATTERN.to_owned(), permitted.into());
    let api = RulePackage {
        action: "Deploy api".to_owned(),
        package: String::new(),
    };
    let rule = Rule {
        packages: vec![api],
        version_tag_regex: Some(PATTERN.to_owned()),
        ..Rule::default()
    };
    space.projects[2].channels = vec![Channel {
        name: "Default".to_owned(),
        is_default: true,
        rules: vec![rule],
        ..Channel::default()
    }];
}

#[tokio::test]
async fn version_that_octopus_permits_is_released() {
    let mut world = World::with(by_pattern).await;
    world.push("acme/api", "1.1.0");
    world.push("acme/api", "1.2.0-rc");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Api"), ["0.0.2: - 1.1.0"]);
    world.assert_settled().await;
}

/// Asking again would not help: a user has to act.
#[tokio::test]
async fn server_without_the_endpoint_is_reported_with_the_remedy() {
    let mut world = World::with(by_pattern).await;
    let older = FaultKind::Without("Links");
    let feed = Fault::always("/feeds/Feeds-1001", older);
    world.octopus.faults().push(feed);
    world.push("acme/api", "1.1.0");
    world.until_quiet().await.unwrap();
    let reported = world.history(API).await.remove(0);
    assert!(reported.starts_with("Refused: "), "{reported}");
    for part in [
        "cannot be evaluated locally",
        "Octopus cannot evaluate it",
        "update the server",
    ] {
        assert!(reported.contains(part), "{reported}");
    }
    assert_eq!(world.releases("Api"), NONE);
    world.assert_settled().await;
}

#[tokio::test]
async fn server_that_fails_temporarily_is_asked_again() {
    let mut world = World::with(by_pattern).await;
    let broken = Fault::always(VERSIONS, FaultKind::Unavailable);
    world.octopus.faults().push(broken);
    world.push("acme/api", "1.1.0");
    world.run().await.unwrap();
    let failed = world.history(API).await.remove(0);
    assert!(failed.starts_with("Failed: "), "{failed}");
    assert!(world.back_at(API).await.is_some());

    world.octopus.faults().clear();
    world.minutes(3).await;
    assert_eq!(world.releases("Api"), ["0.0.2: - 1.1.0"]);
    world.assert_settled().await;
}
