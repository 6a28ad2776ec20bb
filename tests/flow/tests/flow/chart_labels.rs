//! Labels of charts in a Helm repository: they are read from the index for the version of a release only.

use domain::options::{Options, VersionPolicy};
use flow::{FILE, World, definition};

const INDEX: &str = "apiVersion: v1
entries:
  shop:
  - annotations: { team: shop }
    appVersion: 7.1.0
    digest: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
    version: 1.1.0
  - digest: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    version: 1.0.0
";

/// A trigger of the project Shop that selects its chart.
async fn with(options: Options) -> World {
    let mut definition = definition(options, VersionPolicy::default());
    definition.project = "shop".to_owned();
    definition.sources[0].action = "Deploy chart".to_owned();
    definition.sources[0].package_reference = "chart".to_owned();
    let mut world = World::with(|seed| seed.spaces[0].projects[0].triggers.clear()).await;
    world.apply(vec![definition]).await;
    world.until_quiet().await.unwrap();
    world
}

/// The requests of the index in the next half hour.
async fn requests(world: &mut World) -> usize {
    world.charts.clear_requests();
    for _ in 0..30 {
        world.minutes(1).await;
    }
    world.charts.requests().len()
}

#[tokio::test]
async fn number_of_a_release_is_the_app_version_of_its_chart() {
    let mut labelled = with(Options {
        release_version: Some("{{ changed[0].labels.appVersion }}".to_owned()),
        ..Options::default()
    })
    .await;
    let mut plain = with(Options::default()).await;
    for world in [&labelled, &plain] {
        world.charts.set_index(INDEX);
    }
    let more = requests(&mut labelled).await - requests(&mut plain).await;
    assert_eq!(more, 1, "the index is read once more for the labels");
    let releases = labelled.releases("Shop");
    assert_eq!(releases.len(), 1, "{:?}", labelled.history(FILE).await);
    assert!(releases[0].starts_with("7.1.0: "), "{releases:?}");
    let unchanged = (requests(&mut labelled).await, requests(&mut plain).await);
    assert_eq!(
        unchanged.0, unchanged.1,
        "an unchanged check reads no labels"
    );
    labelled.assert_settled().await;
}
