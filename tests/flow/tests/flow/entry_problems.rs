//! Problems of a file's entries are reported for that entry alone.

use domain::definition::{
    ALL, Definition, Definitions, NativeOptions, NativeRef, SourceDefinition,
};
use domain::ids::TriggerId;
use domain::options::{Options, VersionConditions, VersionPolicy};
use domain::trigger::Trigger;
use engine::schedule::{RunScope, ScheduleReport};
use flow::{SHOP, World, apply, definition};

/// The watch list of a scheduler run with a file.
async fn read(triggers: Vec<Definition>, native: Vec<NativeOptions>) -> ScheduleReport {
    let world = World::start().await;
    apply(world.program.store(), &Definitions { triggers, native }).await;
    world.schedule(RunScope::Everything).await.unwrap()
}

/// The trigger that a definition becomes.
async fn become_of(definition: Definition) -> Trigger {
    let id = definition.id();
    let list = read(vec![definition], Vec::new()).await.list;
    let mut triggers = list.triggers.clone();
    triggers.retain(|trigger| trigger.id == id);
    triggers.remove(0)
}

fn source(action: &str, package_reference: &str) -> SourceDefinition {
    SourceDefinition {
        action: action.to_owned(),
        package_reference: package_reference.to_owned(),
        policy: VersionPolicy::default(),
    }
}

/// A trigger of the project Shop with these sources.
fn of_shop(sources: Vec<SourceDefinition>) -> Definition {
    Definition {
        project: "Shop".to_owned(),
        sources,
        ..definition(Options::default(), VersionPolicy::default())
    }
}

fn options(trigger: NativeRef, sources: Vec<SourceDefinition>) -> NativeOptions {
    NativeOptions {
        trigger,
        options: Options::default(),
        sources,
    }
}

fn named(project: &str, name: &str) -> NativeRef {
    NativeRef::Named {
        space: None,
        project: project.to_owned(),
        name: name.to_owned(),
    }
}

#[tokio::test]
async fn options_for_an_unknown_project_or_trigger_are_reported() {
    let shop = NativeRef::Id(TriggerId::new(SHOP));
    let sources = vec![source("Deploy web", "web"), source("Deploy nothing", "")];
    let native = vec![
        options(shop, sources),
        options(named("Site", "Another"), Vec::new()),
        options(named("Shop", "New site"), Vec::new()),
        options(named("Site", "new SITE"), Vec::new()),
        options(named("Nowhere", "New site"), Vec::new()),
    ];
    let problems = read(Vec::new(), native).await.problems;
    let parts = [
        "the trigger has no source `Deploy nothing`",
        "no such native trigger is selected",
        "no such native trigger is selected",
        "`Nowhere`",
    ];
    assert_eq!(problems.len(), parts.len(), "{problems:?}");
    for (problem, part) in problems.iter().zip(parts) {
        assert!(problem.message.contains(part), "{problem}");
    }
    // A missing project is reported as such.
    assert!(!problems[3].message.contains(parts[1]), "{problems:?}");
}

#[tokio::test]
async fn wildcard_selects_followable_packages_and_named_ones_get_a_reason() {
    for (sources, expected) in [
        (vec![source(ALL, ALL)], [true; 3].as_slice()),
        (vec![source("Deploy web", ALL)], &[true]),
        (
            vec![source("Deploy web", "web"), source(ALL, ALL)],
            &[true; 3],
        ),
        (vec![source("Deploy nothing", "")], &[false]),
        (
            vec![source("Deploy nothing", ALL), source("Deploy web", "web")],
            &[false, true],
        ),
        (vec![source("Deploy web", "nothing")], &[false]),
    ] {
        let shown = format!("{sources:?}");
        let trigger = become_of(of_shop(sources)).await;
        let sources = trigger.sources.iter();
        let found: Vec<_> = sources.map(|one| one.resolution.is_ok()).collect();
        assert_eq!(found, expected, "{shown}: {trigger:?}");
    }
}

#[tokio::test]
async fn invalid_trigger_has_a_reason_and_its_sources_as_written() {
    let nowhere = Definition {
        project: "Nowhere".to_owned(),
        ..of_shop(vec![source("Deploy web", "web")])
    };
    let nowhere = become_of(nowhere).await;
    assert!(nowhere.problem.unwrap().message.contains("`Nowhere`"));
    assert_eq!(nowhere.sources.len(), 1);

    let problem = become_of(of_shop(Vec::new())).await.problem.unwrap();
    assert!(
        problem.message.contains("the trigger has no sources"),
        "{problem}"
    );
}

#[tokio::test]
async fn tag_of_a_feed_without_digests_cannot_be_followed() {
    let of_platform = |platform: &str| VersionPolicy {
        follow: Some("latest".to_owned()),
        versions: VersionConditions {
            platform: Some(platform.to_owned()),
            ..VersionConditions::default()
        },
        ..VersionPolicy::default()
    };
    let chart = SourceDefinition {
        policy: of_platform("linux/arm64"),
        ..source("Deploy chart", "chart")
    };
    let chart = become_of(of_shop(vec![chart])).await;
    let shown = format!("{chart:?}");
    assert!(
        shown.contains("neither mutable tags nor platforms"),
        "{shown}"
    );

    let of_api = |name: &str, platform: &str| Definition {
        name: name.to_owned(),
        ..definition(Options::default(), of_platform(platform))
    };
    let both = vec![of_api("One", "linux/amd64"), of_api("Other", "linux/arm64")];
    let list = read(both, Vec::new()).await.list;
    let other = list.triggers.iter().find(|trigger| trigger.name == "Other");
    let shown = format!("{other:?}");
    for part in [
        "another trigger has the platform `linux/amd64`",
        "this trigger `linux/arm64`",
    ] {
        assert!(shown.contains(part), "{shown}");
    }
}
