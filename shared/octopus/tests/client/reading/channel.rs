//! Channels, their rules and their releases.

use super::*;

#[tokio::test]
async fn channel_contains_its_rules() {
    let script = Script::start().await;
    script.on(
        "GET /api/Spaces-1/channels/Channels-201",
        fixture!("channel"),
    );
    let id = ChannelId::new("Channels-201");
    let channel = script
        .client()
        .channel(&database_project(), Some(&id))
        .await
        .unwrap();
    assert_eq!((channel.id, channel.name.as_str()), (id, "Default"));
    assert_eq!(channel.rules.len(), 1);
    assert_eq!(channel.rules[0].rule.range.as_deref(), Some("[2.0,3.0)"));
}

#[tokio::test]
async fn channel_with_an_unreadable_rule_is_an_error() {
    let script = Script::start().await;
    let mut channel = fixture!("channel");
    channel["Rules"][0]["ActionPackages"] = json!([{"Action": "renamed"}]);
    script.on("GET /api/Spaces-1/channels/Channels-201", channel);
    let id = ChannelId::new("Channels-201");
    let error = script
        .client()
        .channel(&database_project(), Some(&id))
        .await
        .unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Malformed);
}

#[tokio::test]
async fn default_channel_is_selected() {
    const CHANNELS: &str = "GET /api/Spaces-1/projects/Projects-101/channels?skip=0&take=100";
    let channel = |id: &str, is_default: bool| json!({"Id": id, "Name": id, "IsDefault": is_default, "Rules": []});
    for (channels, expected) in [
        (
            json!([channel("Channels-1", false), channel("Channels-2", true)]),
            Some("Channels-2"),
        ),
        (json!([channel("Channels-1", false)]), Some("Channels-1")),
        (
            json!([channel("Channels-1", false), channel("Channels-2", false)]),
            None,
        ),
    ] {
        let script = Script::start().await;
        script.on(CHANNELS, page(channels));
        match (
            script.client().channel(&database_project(), None).await,
            expected,
        ) {
            (Ok(channel), Some(id)) => assert_eq!(channel.id.as_str(), id),
            (Err(error), None) => {
                assert_eq!(error.kind, OctopusErrorKind::Invalid);
                assert!(
                    error.message.contains("Web Shop has no default channel"),
                    "{error}"
                );
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn releases_are_newest_first_and_limited() {
    let script = Script::start().await;
    let mut older = fixture!("release");
    older["Id"] = json!("Releases-1186");
    older["ReleaseNotes"] = Value::Null;
    older["SelectedPackages"] = json!([{"StepName": "Deploy", "Version": "1"}]);
    let next = json!({"Page.Next": "/api/Spaces-1/channels/Channels-201/releases?skip=2&take=2"});
    script.on(
        "GET /api/Spaces-1/channels/Channels-201/releases?skip=0&take=2",
        json!({"Items": [fixture!("release"), older], "TotalResults": 61, "Links": next}),
    );
    let channel = ChannelId::new("Channels-201");
    let releases = script
        .client()
        .releases(&database_project(), &channel, 2)
        .await
        .unwrap();
    assert_eq!(script.lines().len(), 1);
    assert_eq!(releases.len(), 2);
    assert_eq!(releases[0].id.as_str(), "Releases-1187");
    assert_eq!(releases[0].version, "1.4.8");
    assert_eq!(releases[0].notes, "Automated: acme/web-shop 2.31.0");
    let owned = |(a, r, v): (&str, &str, &str)| (a.to_owned(), r.to_owned(), v.to_owned());
    let expected = [
        ("Deploy web container", "web", "2.31.0"),
        ("Migrate database", "", "1.9.0"),
    ];
    assert_eq!(releases[0].selected, expected.map(owned));
    assert_eq!(releases[1].notes, "");
    assert_eq!(releases[1].selected, [owned(("Deploy", "", "1"))]);
}
