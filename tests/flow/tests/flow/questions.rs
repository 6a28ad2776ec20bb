//! A rule that only Octopus can apply: it is asked, and where it does not say, nothing is guessed.

use flow::{API, World};
use octopus_server::seed::{Channel, Rule, RulePackage, Seed};
use octopus_server::{Fault, FaultKind};

const NONE: [&str; 0] = [];

/// What only .NET evaluates: `\Z` is not known here.
const PATTERN: &str = r"^\d+\.\d+\.\d+\Z";

/// Where Octopus is asked which versions a rule permits.
const VERSIONS: &str = "/packages/versions";

/// The channel of the project Api takes what the pattern lets in.
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
async fn what_octopus_permits_is_released() {
    let mut world = World::with(by_pattern).await;
    world.push("acme/api", "1.1.0");
    world.push("acme/api", "1.2.0-rc");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Api"), ["0.0.2: - 1.1.0"]);
    world.assert_settled().await;
}

/// Asking again would not help: its owner has to do something.
#[tokio::test]
async fn a_server_that_cannot_be_asked_is_told_with_the_remedy() {
    let mut world = World::with(by_pattern).await;
    let older = FaultKind::Without("Links");
    let feed = Fault::always("/feeds/Feeds-1001", older);
    world.octopus.faults().push(feed);
    world.push("acme/api", "1.1.0");
    world.until_quiet().await.unwrap();
    let told = world.history(API).await.remove(0);
    assert!(told.starts_with("Refused: "), "{told}");
    for part in [
        "cannot be evaluated locally",
        "Octopus cannot tell",
        "update the server",
    ] {
        assert!(told.contains(part), "{told}");
    }
    assert_eq!(world.releases("Api"), NONE);
    world.assert_settled().await;
}

#[tokio::test]
async fn a_server_that_does_not_answer_now_is_asked_again() {
    let mut world = World::with(by_pattern).await;
    let broken = Fault::always(VERSIONS, FaultKind::Unavailable);
    world.octopus.faults().push(broken);
    world.push("acme/api", "1.1.0");
    world.round().await.unwrap();
    let failed = world.history(API).await.remove(0);
    assert!(failed.starts_with("Failed: "), "{failed}");
    assert!(world.back_at(API).await.is_some());

    world.octopus.faults().clear();
    world.minutes(3).await;
    assert_eq!(world.releases("Api"), ["0.0.2: - 1.1.0"]);
    world.assert_settled().await;
}
