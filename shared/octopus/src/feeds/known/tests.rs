use domain::feed::{Access, Route};
use serde_json::json;

use super::*;

fn feed(json: Value) -> Feed {
    known(
        &SpaceId::new("Spaces-1"),
        serde_json::from_value(json).unwrap(),
    )
}

#[test]
fn ecr_feed_has_region_and_account() {
    let ecr = feed(json!({
        "Id": "Feeds-1001", "Name": "ECR prod", "FeedType": "AwsElasticContainerRegistry",
        "Region": "eu-west-1", "AccessKey": "AKIARZPUZDIKFIAQF7TX",
        "SecretKey": {"HasValue": true, "NewValue": null, "Hint": null},
        "UseMachineCredentials": false, "OidcAuthentication": null, "Links": {}
    }));
    assert_eq!(ecr.kind, FeedKind::AwsElasticContainerRegistry);
    assert_eq!(ecr.region.as_deref(), Some("eu-west-1"));
    assert_eq!(ecr.account.as_deref(), Some("123456789012"));
    assert!(ecr.has_credentials);

    let by_role = feed(json!({
        "Id": "Feeds-2", "FeedType": "AwsElasticContainerRegistry", "AccessKey": null,
        "OidcAuthentication": {"RoleArn": "arn:aws:iam::210987654321:role/o", "Audience": null}
    }));
    assert_eq!(by_role.account.as_deref(), Some("210987654321"));
    assert!(by_role.has_credentials);
}

#[test]
fn credentials_are_detected_and_never_stored() {
    for (fields, has) in [
        (
            json!({"Username": "", "Password": {"HasValue": false}}),
            false,
        ),
        (
            json!({"Username": null, "Password": null, "OidcAuthentication": {"Audience": ""}}),
            false,
        ),
        (json!({"Username": "me"}), true),
        (json!({"Password": {"HasValue": true}}), true),
        (json!({"UseMachineCredentials": true}), true),
        (json!({"OidcAuthentication": {"ClientId": "x"}}), true),
        (
            json!({"FeedUri": "https://me:secret@registry.example/v2"}),
            true,
        ),
        (json!({"FeedUri": "me:secret@registry.example:5000"}), true),
        (json!({"FeedUri": "oci://me:secret@registry.example"}), true),
        (json!({"FeedUri": "https://me:secret@regi stry/"}), true),
        (
            json!({"FeedUri": "https://charts.example/?sig=secret"}),
            true,
        ),
    ] {
        let mut document = fields.clone();
        document["Id"] = "Feeds-1".into();
        document["FeedType"] = "Docker".into();
        let feed = feed(document);
        assert_eq!(feed.has_credentials, has, "{fields}");
        assert!(!format!("{feed:?}").contains("secret"), "{feed:?}");
    }
}

#[test]
fn uri_loses_only_user_password_and_query() {
    let uri = |uri: &str| feed(json!({"Id": "Feeds-1", "FeedUri": uri})).uri;
    assert_eq!(
        uri("https://registry.example").as_deref(),
        Some("https://registry.example")
    );
    assert_eq!(
        uri("https://a@r.example/v2").as_deref(),
        Some("https://r.example/v2")
    );
    assert_eq!(uri("not a url").as_deref(), Some("not a url"));
    assert_eq!(uri("docker.io").as_deref(), Some("docker.io"));
    assert_eq!(uri("r.example:5000").as_deref(), Some("r.example:5000"));
    assert_eq!(uri(""), None);
}

#[test]
fn feed_with_unreadable_settings_is_read_through_octopus() {
    let list = json!([
        {"Id": "Feeds-1", "Name": "Odd", "FeedType": "Docker", "Username": {"Value": "me"}},
        {"Id": "Feeds-2", "FeedType": "Docker", "FeedUri": "https://registry.example"}
    ]);
    let feeds = all_known(&SpaceId::new("Spaces-1"), list.as_array().unwrap()).unwrap();
    let routes: Vec<_> = feeds
        .iter()
        .map(|feed| feed.route(&Access::default()).0)
        .collect();
    assert_eq!(feeds[0].name, "Odd");
    assert_eq!(routes, [Route::Octopus, Route::Direct]);
}

#[test]
fn list_with_an_item_that_is_not_a_feed_is_an_error() {
    let space = SpaceId::new("Spaces-1");
    for odd in [
        json!(7),
        json!({}),
        json!({"Id": 7}),
        json!({"Id": "Feeds-1", "FeedType": 7}),
    ] {
        let list = [json!({"Id": "Feeds-2", "FeedType": "Docker"}), odd];
        assert!(all_known(&space, &list).is_err(), "{list:?}");
    }
}

#[test]
fn built_in_feed_has_both_ids() {
    let ids = |id: &str, kind: &str| -> Vec<String> {
        let feed = feed(json!({"Id": id, "FeedType": kind}));
        with_alias(feed)
            .into_iter()
            .map(|feed| feed.id.to_string())
            .collect()
    };
    assert_eq!(ids("Feeds-7", "BuiltIn"), ["feeds-builtin", "Feeds-7"]);
    assert_eq!(ids("feeds-builtin", "BuiltIn"), ["feeds-builtin"]);
    assert_eq!(ids("Feeds-8", "Docker"), ["Feeds-8"]);
}
