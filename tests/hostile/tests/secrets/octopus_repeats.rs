//! An Octopus, or a proxy in front of one, that echoes the API key.

use domain::feed::{Feed, FeedKind};
use domain::ids::{FeedId, PackageId, ProjectId, SpaceId};
use engine::ports::{FeedReader, OctopusReader, ReadRequest};
use hostile::{Origins, Planted};
use octopus::{FixedKey, OctopusClient};

use crate::captured::Captured;
use crate::replies;

const KEY: Planted = Planted {
    user: "octopus",
    secret: "API-PLANTED0KEY0PLANTED0KEY",
};
const HOME: &str = "http://octopus.test";

#[tokio::test]
async fn api_key_leaks_nowhere() {
    let origins = Origins::start().await;
    let http = origins.surroundings().named_server_client().unwrap();
    let captured = Captured::default();
    let _logs = captured.logs();
    let space = SpaceId::new("Spaces-1");
    let feed = Feed {
        id: FeedId::new("Feeds-1"),
        space: space.clone(),
        name: "Test feed".to_owned(),
        kind: FeedKind::Maven,
        uri: None,
        registry_path: None,
        region: None,
        account: None,
        has_credentials: true,
    };
    let request = ReadRequest::new(PackageId::new("a:b"));
    let mut flows = 0;
    for reply in replies::all(&KEY) {
        origins.answer(vec![(HOME.to_owned(), reply)]);
        // The rate limiter would wait after each reply that throttles.
        let client = OctopusClient::new(http.clone(), HOME, FixedKey::new(KEY.secret));
        let client = client.unwrap().without_rate_limiter();
        captured.debug(&client);
        let feeds = client.feeds(&space).await;
        let triggers = client.feed_triggers(&space).await;
        let project = client.project(&space, &ProjectId::new("Projects-1")).await;
        let spaces = client.spaces(&["*".to_owned()]).await;
        let errors = [feeds.err(), triggers.err(), project.err(), spaces.err()];
        for error in errors.into_iter().flatten() {
            captured.error(&error);
        }
        let answer = client.read(&feed, std::slice::from_ref(&request)).await;
        captured.debug(&answer.readings);
        for error in answer.readings.into_iter().filter_map(Result::err) {
            captured.error(&error);
        }
        flows += 5;
    }
    let (bytes, found) = captured.search(&KEY);
    assert!(
        found.is_empty(),
        "{found:?}: {}",
        captured.around(&found[0])
    );
    println!("R12: {flows} flows of Octopus, {bytes} bytes searched, 0 found");
    assert!(flows >= 1_000);
}
