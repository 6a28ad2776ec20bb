//! `feedctl run --once` where a channel's rule holds what only .NET evaluates.

use crate::world::World;

const WORLD: &str = r##"
spaces:
  - name: Default
    dotnet_patterns: { '^beta\Z': [1.0.0-beta, 1.1.0-beta] }
    feeds:
      - { type: BuiltIn, packages: [{ id: Acme.Web, versions: [1.0.0-beta, 1.1.0-beta, 2.0.0] }] }
    projects:
      - name: Web Shop
        channels:
          - name: Beta
            rules: [{ pre_release_tag: 'PATTERN', packages: [{ action: Deploy web }] }]
        steps:
          - { name: Deploy, actions: [{ name: Deploy web, packages: [{ package_id: Acme.Web }] }] }
        triggers:
          - name: Watch
            description: "#feed-triggers"
            is_disabled: true
            packages: [{ action_slug: deploy-web }]
        releases:
          - { version: 0.0.1, packages: [{ action: Deploy web, version: 1.0.0-beta }] }
"##;

/// What one round says that ends with this code, in a world whose rule has this pattern, and the world then.
async fn round(code: i32, pattern: &str) -> (String, World) {
    let world = World::of(&WORLD.replace("PATTERN", pattern)).await;
    let shown = world.prints(code, &["run", "--once"]).await;
    (shown, world)
}

fn latest(world: &World) -> String {
    let releases = world.octopus.state().releases("Web Shop").unwrap();
    releases[0].package("Deploy web", "").unwrap().to_owned()
}

#[tokio::test]
async fn the_server_says_what_the_rule_permits() {
    let (_, world) = round(0, r"^beta\Z").await;
    assert_eq!(latest(&world), "1.1.0-beta");
    assert!(world.octopus.state().count("GET", "preReleaseTag=") > 0);
}

#[tokio::test]
async fn a_rule_that_the_server_does_not_take_makes_no_release() {
    let (shown, world) = round(3, r"^\GX").await;
    assert_eq!(latest(&world), "1.0.0-beta");
    let shown: String = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("Acme.Web"), "{shown}");
}

#[tokio::test]
async fn what_can_be_evaluated_here_costs_no_question() {
    let (_, world) = round(0, "^beta$").await;
    assert_eq!(latest(&world), "1.1.0-beta");
    assert_eq!(world.octopus.state().count("GET", "preReleaseTag="), 0);
}
