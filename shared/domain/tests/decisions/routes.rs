//! How a feed is read, and which native triggers are run.

use domain::feed::{Access, Feed, FeedKind, Route};
use domain::ids::{FeedId, SpaceId};
use domain::trigger::NativeTriggers;

#[test]
fn each_feed_takes_its_route() {
    let none = Access::default();
    let role = Access {
        aws_account: Some("111111111111".to_owned()),
        ..Access::default()
    };
    let own = Access {
        own_credentials: vec![FeedId::new("Feeds-1001")],
        ..Access::default()
    };
    let others = Access {
        own_credentials: vec![FeedId::new("Feeds-9")],
        ..Access::default()
    };
    let rows = [
        // type, whether Octopus has a credential, our credential, route
        ("Docker", false, &none, Route::Direct),
        ("Docker", true, &none, Route::Octopus),
        ("Docker", true, &role, Route::Octopus),
        ("Docker", true, &own, Route::Direct),
        ("Docker", true, &others, Route::Octopus),
        ("OciRegistry", false, &none, Route::Direct),
        ("AzureContainerRegistry", true, &none, Route::Octopus),
        ("GoogleContainerRegistry", true, &own, Route::Direct),
        ("Helm", false, &none, Route::Direct),
        ("Helm", true, &none, Route::Octopus),
        ("AwsElasticContainerRegistry", true, &none, Route::Octopus),
        ("AwsElasticContainerRegistry", true, &role, Route::Direct),
        ("AwsElasticContainerRegistry", false, &own, Route::Direct),
        ("BuiltIn", false, &own, Route::Octopus),
        ("Maven", false, &own, Route::Octopus),
        ("ArtifactoryGeneric", false, &none, Route::Octopus),
        ("SomethingNew", false, &own, Route::Octopus),
    ];
    for (feed_type, has_credentials, access, expected) in rows {
        let feed = Feed {
            id: FeedId::new("Feeds-1001"),
            space: SpaceId::new("Spaces-1"),
            name: "Feed".to_owned(),
            kind: FeedKind::from_feed_type(feed_type),
            uri: None,
            registry_path: None,
            region: None,
            account: None,
            has_credentials,
        };
        let (route, why) = feed.route(access);
        assert_eq!(
            route, expected,
            "{feed_type} {has_credentials} {access:?}: {why}"
        );
        assert!(!why.is_empty());
    }
}

#[test]
fn feed_types_are_kept_by_name() {
    for name in [
        "Docker",
        "AwsElasticContainerRegistry",
        "AzureContainerRegistry",
        "GoogleContainerRegistry",
        "OciRegistry",
        "Helm",
        "BuiltIn",
        "Maven",
        "ArtifactoryGeneric",
        "OctopusProject",
        "SomethingNew",
    ] {
        assert_eq!(FeedKind::from_feed_type(name).feed_type(), name);
    }
    assert_eq!(FeedKind::from_feed_type("").feed_type(), "NuGet");
}

#[test]
fn trigger_that_a_user_disabled_stays_disabled() {
    let (marked, plain) = ("Ours. #feed-triggers", "A user's");
    let rows = [
        // off in Octopus, description, run under: marked, enabled, none
        (true, marked, [true, true, false]),
        (true, plain, [false, false, false]),
        (true, "", [false, false, false]),
        (false, plain, [false, true, false]),
        // Octopus runs it again: it was returned.
        (false, marked, [false, true, false]),
    ];
    for (is_disabled, description, expected) in rows {
        let settings = ["marked", "enabled", "none"];
        for (setting, expected) in settings.into_iter().zip(expected) {
            let native: NativeTriggers = setting.parse().unwrap();
            let selects = native.selects(is_disabled, description);
            assert_eq!(
                selects, expected,
                "{setting}: {is_disabled} {description:?}"
            );
        }
    }
    let error = "all".parse::<NativeTriggers>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`all` is not one of marked, enabled, none"
    );
}
