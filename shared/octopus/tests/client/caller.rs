//! The server, the API key's user and the user's permissions.

use domain::ids::SpaceId;
use domain::time::Timestamp;
use engine::ports::{Caller, OctopusErrorKind, Permissions, UserFacts};
use operator::permission::NEEDED;
use serde_json::{Value, json};

use crate::support::{Reply, Script, fake_server};

const WORLD: &str = r##"
version: 2024.1.1
users: [{ username: bot, display_name: Release bot, is_service: true, api_keys: [API-BOT] }]
spaces: [{ name: Default }, { name: Other }]
"##;

const REQUEST: &str = "GET /api/Spaces-1/users/Users-7/permissions";
/// The route of servers without [`REQUEST`].
const OF_ALL_SPACES: &str = "GET /api/users/Users-7/permissions?spaces=Spaces-1";

fn user(id: &str) -> UserFacts {
    UserFacts {
        id: id.to_owned(),
        name: "Ann".to_owned(),
        is_service: false,
    }
}

/// A permission in a space, restricted to these projects.
fn given(space: &str, projects: &[&str]) -> Value {
    json!({"SpaceId": space, "RestrictedToProjectIds": projects, "RestrictedToTenantIds": []})
}

#[tokio::test]
async fn server_reports_version_and_time() {
    let (server, client) = fake_server(WORLD).await;
    let time = "2026-02-03T04:05:06Z".parse().unwrap();
    server.state().set_clock(Some(time));
    let facts = client.server().await.unwrap();
    assert_eq!(facts.version, "2024.1.1");
    assert!(!facts.has_feed_triggers);
    let time = Timestamp::from_millis(time.as_millisecond());
    assert_eq!(facts.time, Some(time));
    server.state().set_version("2024.2.1");
    assert!(client.server().await.unwrap().has_feed_triggers);
}

#[tokio::test]
async fn user_has_display_name_or_username() {
    let (_server, client) = fake_server(WORLD).await;
    let user = client.user().await.unwrap();
    assert_eq!((user.name.as_str(), user.is_service), ("Release bot", true));

    let script = Script::start().await;
    script.on(
        "GET /api/users/me",
        json!({"Id": "Users-7", "Username": "ann"}),
    );
    let user = script.client().user().await.unwrap();
    assert_eq!((user.name.as_str(), user.is_service), ("ann", false));
}

#[tokio::test]
async fn permissions_contain_all_needed_but_the_missing_one() {
    let (server, client) = fake_server(WORLD).await;
    let user = client.user().await.unwrap();
    server.state().remove_permission("ReleaseCreate");
    for space in ["Spaces-1", "Spaces-2"] {
        let permissions = client.permissions(&user, &SpaceId::new(space)).await;
        let permissions = permissions.unwrap();
        assert!(permissions.is_complete);
        for needed in NEEDED {
            let expected = (needed.name != "ReleaseCreate").then_some(true);
            let found = permissions.given.get(needed.name).copied();
            assert_eq!(found, expected, "{} in {space}", needed.name);
        }
    }
}

#[tokio::test]
async fn permissions_are_per_space_and_may_be_restricted() {
    for route in [REQUEST, OF_ALL_SPACES] {
        permissions_of(route).await;
    }
}

async fn permissions_of(route: &str) {
    let script = Script::start().await;
    script.on(
        route,
        json!({
            "SpacePermissions": {
                "FeedView": [given("Spaces-1", &[])],
                "ReleaseCreate": [given("Spaces-1", &["Projects-1"]), given("Spaces-2", &[])],
                "ReleaseView": [given("Spaces-1", &["Projects-1"]), given("Spaces-1", &[])],
                "TriggerView": [given("Spaces-2", &[])],
            },
            "IsPermissionsComplete": false,
        }),
    );
    let space = SpaceId::new("Spaces-1");
    let permissions = script.client().permissions(&user("Users-7"), &space).await;
    let given = [
        ("FeedView", true),
        ("ReleaseCreate", false),
        ("ReleaseView", true),
    ];
    let expected = Permissions {
        given: given.map(|(name, all)| (name.to_owned(), all)).into(),
        is_complete: false,
    };
    assert_eq!(permissions.unwrap(), expected);
}

#[tokio::test]
async fn permissions_that_cannot_be_read_are_an_error() {
    let script = Script::start().await;
    script.on(REQUEST, Reply::new(200, "<html>"));
    let space = SpaceId::new("Spaces-1");
    let error = script
        .client()
        .permissions(&user("Users-7"), &space)
        .await
        .unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Malformed);
    assert!(
        error
            .message
            .contains("the permissions of the API key's user"),
        "{error}"
    );
    let error = script
        .client()
        .permissions(&user("Users-8"), &space)
        .await
        .unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::NotFound);
}
