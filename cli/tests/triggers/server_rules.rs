//! `feedctl run --once` with channel rules that only .NET can evaluate.

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

/// The output of one run that exits with this code, and the world, whose rule has this pattern.
async fn run_once(code: i32, pattern: &str) -> (String, World) {
    let world = World::of(&WORLD.replace("PATTERN", pattern)).await;
    let shown = world.prints(code, &["run", "--once"]).await;
    (shown, world)
}

fn latest(world: &World) -> String {
    let releases = world.octopus.state().releases("Web Shop").unwrap();
    releases[0].package("Deploy web", "").unwrap().to_owned()
}

#[tokio::test]
async fn dotnet_pattern_is_evaluated_by_the_server() {
    let (_, world) = run_once(0, r"^beta\Z").await;
    assert_eq!(latest(&world), "1.1.0-beta");
    assert!(world.octopus.state().count("GET", "preReleaseTag=") > 0);
}

#[tokio::test]
async fn rule_rejected_by_the_server_creates_no_release() {
    let (shown, world) = run_once(3, r"^\GX").await;
    assert_eq!(latest(&world), "1.0.0-beta");
    let shown: String = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("Acme.Web"), "{shown}");
}

#[tokio::test]
async fn simple_pattern_is_evaluated_without_the_server() {
    let (_, world) = run_once(0, "^beta$").await;
    assert_eq!(latest(&world), "1.1.0-beta");
    assert_eq!(world.octopus.state().count("GET", "preReleaseTag="), 0);
}
