//! Triggers of the applied file, and its options for Octopus's own triggers.

use std::sync::Arc;

use domain::definition::{ALL, Definition, Definitions, NativeOptions, NativeRef};
use domain::options::{Options, VersionPolicy};
use engine::ports::{TriggerFiles, WatchLists};
use engine::schedule::RunScope;
use flow::{FILE, SHOP, World, apply, definition};
use futures_util::FutureExt;
use octopus_server::seed;
use store::Store;

const NONE: [&str; 0] = [];

fn plain() -> Definition {
    definition(Options::default(), VersionPolicy::default())
}

#[tokio::test]
async fn a_trigger_of_the_file_makes_releases() {
    let mut world = World::with_definition(plain()).await;
    world.push("acme/api", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Api"), ["0.0.2: - 1.1.0"]);
    world.assert_settled().await;
}

#[tokio::test]
async fn trigger_removed_before_the_release_does_not_fire() {
    let other = definition(
        Options {
            dry_run: true,
            ..Options::default()
        },
        VersionPolicy::default(),
    );
    for replacement in [Vec::new(), vec![other]] {
        let mut world = World::with_definition(plain()).await;
        let store = Store::with_clock(world.table.clone(), world.clock.clone());
        let definitions = Definitions {
            triggers: replacement,
            native: Vec::new(),
        };
        world.fuse.meanwhile("put lock#", move || {
            apply(&store, &definitions).now_or_never().unwrap();
        });
        world.push("acme/api", "1.1.0");
        world.run().await.unwrap();
        let waiting = world.evaluations(FILE).await.remove(0);
        let back_at = world.back_at(FILE).await.unwrap();
        assert!(back_at > waiting.at, "the file is read first");
        world.minutes(12).await;
        assert_eq!(world.releases("Api"), NONE);
        let waited =
            "Waiting: another trigger file was applied; waiting until the watch list contains it";
        let history = world.history(FILE).await;
        assert!(history.iter().any(|one| one == waited), "{history:?}");
    }
}

/// Another scheduler run has read the file meanwhile, and stored its list.
#[tokio::test]
async fn trigger_missing_in_the_newest_list_does_not_fire() {
    let mut world = World::with_definition(plain()).await;
    let store = Store::with_clock(world.table.clone(), world.clock.clone());
    world.fuse.meanwhile("put lock#", move || {
        let read = async {
            apply(&store, &Definitions::default()).await;
            let mut stored = store.watch_list().await.unwrap().unwrap();
            let list = Arc::make_mut(&mut stored.list);
            list.triggers.retain(|one| one.id.as_str() != FILE);
            let file = store.trigger_file().await.unwrap();
            stored.file = file.map(|file| file.revision);
            store.save_watch_list(&stored).await.unwrap();
        };
        read.now_or_never().unwrap();
    });
    world.push("acme/api", "1.1.0");
    world.run().await.unwrap();
    let skipped = "Skipped: the trigger was changed in the trigger file or removed from it";
    assert_eq!(world.history(FILE).await[0], skipped);
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Api"), NONE);
}

#[tokio::test]
async fn trigger_with_an_unknown_name_waits_and_affects_no_other() {
    let mut world = World::with(|seed| seed.spaces[0].projects[2].triggers.clear()).await;
    let named = |name: &str, change: fn(&mut Definition)| {
        let mut definition = plain();
        definition.name = name.to_owned();
        change(&mut definition);
        definition
    };
    let wrong = [
        named("Source", |one| one.sources[0].action = "gone".to_owned()),
        named("Project", |one| one.project = "gone".to_owned()),
        named("Channel", |one| one.channel = Some("gone".to_owned())),
        named("Space", |one| one.space = Some("gone".to_owned())),
        named("Branch", |one| {
            one.options.git_ref = Some("gone".to_owned());
        }),
    ];
    let names = wrong.clone().map(|one| one.name.to_lowercase());
    world.apply([wrong.to_vec(), vec![plain()]].concat()).await;
    world.push("acme/api", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Api"), ["0.0.2: - 1.1.0"]);
    for name in names.iter().filter(|name| *name != "space") {
        let history = world.history(&format!("file:{name}")).await;
        let last = history.first().map_or("", String::as_str);
        let is_reported = last.starts_with("Waiting: ") && last.contains("gone");
        assert!(is_reported, "{name}: {history:?}");
    }
}

#[tokio::test]
async fn wildcard_selects_every_package_that_can_be_followed() {
    let mut all = plain();
    all.project = "Shop".to_owned();
    all.sources[0].action = ALL.to_owned();
    all.sources[0].package_reference = ALL.to_owned();
    let mut world = World::with(|seed| {
        let project = &mut seed.spaces[0].projects[0];
        project.triggers.clear();
        let mut off = project.steps[0].actions[0].clone();
        "Deploy nothing".clone_into(&mut off.name);
        off.disabled = true;
        project.steps[0].actions.push(off);
    })
    .await;
    world.apply(vec![all]).await;
    world.push("acme/cart", "1.1.0");
    world.until_quiet().await.unwrap();
    let release = "0.0.2: web 1.0.0, cart 1.1.0, chart 1.0.0";
    assert_eq!(world.releases("Shop"), [release]);
}

#[tokio::test]
async fn octopus_own_triggers_get_options_from_the_file() {
    let mut world = World::start().await;
    let options = |name: &str| NativeOptions {
        trigger: NativeRef::Named {
            space: None,
            project: "shop".to_owned(),
            name: name.to_owned(),
        },
        options: Options {
            dry_run: true,
            ..Options::default()
        },
        sources: Vec::new(),
    };
    let definitions = Definitions {
        triggers: Vec::new(),
        native: vec![options("NEW shop"), options("Old shop")],
    };
    apply(world.program.store(), &definitions).await;
    let report = world.schedule(RunScope::Due).await.unwrap();
    assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
    assert!(report.problems[0].message.contains("Old shop"));
    world.push("acme/web", "1.1.0");
    world.until_quiet().await.unwrap();
    assert_eq!(world.releases("Shop"), NONE);
    let observed = world.history(SHOP).await.remove(0);
    assert!(observed.starts_with("Observed: "), "{observed}");
}

#[tokio::test]
async fn a_process_in_git_is_released_from_the_branch_that_is_chosen() {
    let mut world = World::with(|seed| {
        let project = &mut seed.spaces[0].projects[2];
        project.triggers.clear();
        let branch = seed::Branch {
            name: "release/1".to_owned(),
            ..seed::Branch::default()
        };
        project.persistence = seed::Persistence::Git(seed::Git {
            branches: vec![branch],
            ..seed::Git::default()
        });
    })
    .await;
    let options = Options {
        git_ref: Some("release/1".to_owned()),
        ..Options::default()
    };
    world
        .apply(vec![definition(options, VersionPolicy::default())])
        .await;
    world.push("acme/api", "1.1.0");
    world.until_quiet().await.unwrap();
    let release = world.octopus.state().releases("Api").unwrap().remove(0);
    assert_eq!(release.git.unwrap().git_ref, "refs/heads/release/1");
}
