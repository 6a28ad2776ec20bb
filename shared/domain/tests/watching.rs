//! Who watches what: the watch list, and which sources a file's words mean.

use domain::definition::{ALL, NativeOptions, NativeRef, SourceDefinition};
use domain::feed::{Feed, FeedKind};
use domain::ids::{ChannelId, FeedId, PackageId, PackageKey, ProjectId, SpaceId, TriggerId};
use domain::options::{Options, VersionPolicy};
use domain::time::Timestamp;
use domain::trigger::{
    MARK, NativeTriggers, ResolvedSource, Source, SourceRef, Trigger, TriggerOrigin, WatchList,
    with_mark,
};

fn key(space: &str, feed: &str, package: &str) -> PackageKey {
    PackageKey {
        space: SpaceId::new(space),
        feed: FeedId::new(feed),
        package: PackageId::new(package),
    }
}

/// A trigger of a space with a source for each package, and one without a package.
fn trigger(space: &str, id: &str, packages: &[(&str, &str)]) -> Trigger {
    let source = |resolution| Source {
        reference: SourceRef {
            action_slug: "deploy".to_owned(),
            package_reference: String::new(),
        },
        resolution,
        policy: VersionPolicy::default(),
    };
    let resolved = packages.iter().map(|(feed, package)| {
        source(Ok(ResolvedSource {
            action_name: "Deploy".to_owned(),
            package: key(space, feed, package),
        }))
    });
    Trigger {
        id: TriggerId::new(id),
        name: id.to_owned(),
        space: SpaceId::new(space),
        project: ProjectId::new("Projects-1"),
        project_name: "Shop".to_owned(),
        channel: ChannelId::new("Channels-1"),
        sources: resolved.chain([source(Err("gone".into()))]).collect(),
        problem: None,
        stale: None,
        documents: None,
        origin: TriggerOrigin::Octopus,
        since: Timestamp::from_millis(0),
        options: Options::default(),
    }
}

fn feed(space: &str, id: &str) -> Feed {
    Feed {
        id: FeedId::new(id),
        space: SpaceId::new(space),
        name: format!("{id} of {space}"),
        kind: FeedKind::Docker,
        uri: None,
        registry_path: None,
        region: None,
        account: None,
        has_credentials: false,
    }
}

fn list() -> WatchList {
    WatchList {
        triggers: vec![
            trigger("Spaces-1", "one", &[("Feeds-1", "web"), ("Feeds-1", "api")]),
            trigger("Spaces-1", "two", &[("Feeds-1", "web"), ("Feeds-2", "web")]),
            trigger("Spaces-2", "one", &[("Feeds-1", "web")]),
        ],
        feeds: vec![
            feed("Spaces-1", "Feeds-1"),
            feed("Spaces-1", "Feeds-2"),
            feed("Spaces-2", "Feeds-1"),
        ],
        details: Default::default(),
    }
}

#[test]
fn triggers_and_feeds_are_found_in_their_space() {
    let list = list();
    let found = |space: &str, id: &str| {
        let (space, id) = (SpaceId::new(space), TriggerId::new(id));
        list.trigger(&space, &id).map(Trigger::key)
    };
    for (space, id) in [
        ("Spaces-1", "one"),
        ("Spaces-1", "two"),
        ("Spaces-2", "one"),
    ] {
        assert_eq!(
            found(space, id),
            Some((&SpaceId::new(space), &TriggerId::new(id)))
        );
    }
    assert_eq!(found("Spaces-2", "two"), None);
    let feed = |space: &str, id: &str| {
        let found = list.feed(&SpaceId::new(space), &FeedId::new(id));
        found.map(|feed| feed.name.as_str())
    };
    assert_eq!(feed("Spaces-1", "Feeds-2"), Some("Feeds-2 of Spaces-1"));
    assert_eq!(feed("Spaces-2", "Feeds-1"), Some("Feeds-1 of Spaces-2"));
    assert_eq!(feed("Spaces-2", "Feeds-2"), None);
}

#[test]
fn a_package_is_watched_by_every_trigger_with_a_source_for_it() {
    let list = list();
    let watchers = |space: &str, feed: &str, package: &str| {
        let package = key(space, feed, package);
        let watchers: Vec<_> = list.watchers(&package).map(Trigger::key).collect();
        watchers
            .iter()
            .map(|(space, id)| format!("{space} {id}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        watchers("Spaces-1", "Feeds-1", "web"),
        ["Spaces-1 one", "Spaces-1 two"]
    );
    assert_eq!(watchers("Spaces-1", "Feeds-1", "api"), ["Spaces-1 one"]);
    assert_eq!(watchers("Spaces-1", "Feeds-2", "web"), ["Spaces-1 two"]);
    assert_eq!(watchers("Spaces-2", "Feeds-1", "web"), ["Spaces-2 one"]);
    assert_eq!(watchers("Spaces-2", "Feeds-1", "api"), [""; 0]);
    let by_feed = list.packages_by_feed();
    let by_feed: Vec<_> = by_feed.into_values().collect();
    assert_eq!(
        by_feed,
        [
            vec![
                key("Spaces-1", "Feeds-1", "api"),
                key("Spaces-1", "Feeds-1", "web")
            ],
            vec![key("Spaces-1", "Feeds-2", "web")],
            vec![key("Spaces-2", "Feeds-1", "web")],
        ]
    );
}

#[test]
fn the_mark_is_set_once() {
    for (text, marked) in [
        ("", MARK.to_owned()),
        ("Nightly", format!("Nightly {MARK}")),
        (&format!("{MARK} nightly"), format!("{MARK} nightly")),
    ] {
        assert_eq!(with_mark(text), marked);
        assert!(NativeTriggers::Marked.selects(true, &marked));
    }
}

fn source(action: &str, package_reference: &str) -> SourceDefinition {
    SourceDefinition {
        action: action.to_owned(),
        package_reference: package_reference.to_owned(),
        policy: VersionPolicy::default(),
    }
}

#[test]
fn a_source_names_its_step_by_slug_or_name_and_its_reference() {
    let names = |action: &str, reference: &str| {
        source(action, reference).names(Some("deploy-web"), "Deploy web", "sidecar")
    };
    for (action, reference, expected) in [
        ("deploy-web", "sidecar", true),
        ("Deploy web", "sidecar", true),
        ("DEPLOY WEB", "Sidecar", true),
        ("deploy-api", "sidecar", false),
        ("deploy-web", "", false),
        ("deploy-web", ALL, true),
        (ALL, ALL, true),
        (ALL, "sidecar", true),
        (ALL, "other", false),
    ] {
        assert_eq!(names(action, reference), expected, "{action} {reference}");
    }
    assert!(!source("deploy-web", "").names_action(None, "Deploy web"));
    assert!(source(ALL, "").is_everything());
    assert!(!source("deploy-web", ALL).is_everything());
}

#[test]
fn options_of_a_trigger_are_those_of_the_first_source_that_names_it() {
    let first = source("deploy-web", "");
    let options = NativeOptions {
        trigger: NativeRef::Id(TriggerId::new("ProjectTriggers-1")),
        options: Options::default(),
        sources: vec![first.clone(), source(ALL, ALL)],
    };
    let reference = |slug: &str| SourceRef {
        action_slug: slug.to_owned(),
        package_reference: String::new(),
    };
    let found = options.source(&reference("deploy-web"), "Deploy web");
    assert_eq!(found, Some(&first));
    let found = options.source(&reference("deploy-api"), "Deploy api");
    assert_eq!(found, Some(&source(ALL, ALL)));
    let one = NativeOptions {
        sources: vec![first],
        ..options
    };
    assert_eq!(one.source(&reference("deploy-api"), "Deploy api"), None);
}

#[test]
fn what_a_file_names_is_called_as_people_call_it() {
    let named = NativeRef::Named {
        space: None,
        project: "Shop".to_owned(),
        name: "New images".to_owned(),
    };
    assert_eq!(
        named.to_string(),
        "the trigger `New images` of the project `Shop`"
    );
    let by_id = NativeRef::Id(TriggerId::new("ProjectTriggers-1"));
    assert_eq!(by_id.to_string(), "the trigger ProjectTriggers-1");
    assert_eq!(source("deploy-web", "").to_string(), "`deploy-web`");
    assert_eq!(
        source("deploy-web", "sidecar").to_string(),
        "`sidecar` of `deploy-web`"
    );
}
