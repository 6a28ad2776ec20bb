//! Actions on triggers and feeds: ownership, the trigger file, checks; each by a form of the console only.

use std::sync::Arc;

use bytes::Bytes;
use domain::definition::{Definition, Definitions, NativeRef, SourceDefinition};
use domain::feed::FeedKind;
use domain::ids::TriggerId;
use domain::options::{Options, VersionPolicy, When};
use domain::time::Span;
use domain::trigger::{Trigger, WatchList};
use engine::ports::{TriggerFiles, WatchLists};
use http::StatusCode;

use crate::hostile::HOSTILE;
use crate::octopus::Shop;
use crate::world::{Browser, TestConsole, adopted, ask, console_of, now, text};

const FILE_TRIGGER: &str = "/triggers/Spaces-1/file%3A%3Cscript%3Ealert%281%29%3C%2Fscript%3E%22%27%26%3Cimg%20src%3Dx%20onerror%3Dy%3E";
const NATIVE: &str = "/triggers/Spaces-1/ProjectTriggers-9";

/// Posts a form with the token of `page` and returns the redirect.
fn post(console: &TestConsole, page: &str, action: &str, fields: &str) -> String {
    let browser = Browser::of(console);
    let token = browser.token(page);
    let mut request = browser.form(action, &token);
    *request.body_mut() = Bytes::from(format!("token={token}&{fields}"));
    let response = ask(console, &request);
    assert_eq!(
        response.status(),
        StatusCode::SEE_OTHER,
        "{}",
        text(&response)
    );
    response.headers()["location"].to_str().unwrap().to_owned()
}

/// The console with its trigger in the applied trigger file.
fn console_with_file() -> TestConsole {
    let console = console_of(Shop::open());
    let definition = Definition {
        name: HOSTILE.into(),
        description: String::new(),
        space: None,
        project: "Shop".into(),
        channel: None,
        is_disabled: false,
        sources: vec![SourceDefinition {
            action: HOSTILE.into(),
            package_reference: String::new(),
            policy: VersionPolicy {
                follow: None,
                ..VersionPolicy::default()
            },
        }],
        options: Options {
            dry_run: true,
            ..Options::default()
        },
    };
    let definitions = Definitions {
        triggers: vec![definition],
        native: Vec::new(),
    };
    now(console.store.apply_trigger_file(&definitions, None)).unwrap();
    console
}

/// Changes the watched trigger, as a refresh does after a change of the file.
fn watch(console: &TestConsole, change: impl FnOnce(&mut Trigger)) {
    change_list(console, |list| change(&mut list.triggers[0]));
}

fn change_list(console: &TestConsole, change: impl FnOnce(&mut WatchList)) {
    let mut stored = now(console.store.watch_list()).unwrap().unwrap();
    change(Arc::make_mut(&mut stored.list));
    now(console.store.save_watch_list(&stored)).unwrap();
}

fn definitions(console: &TestConsole) -> Vec<Definition> {
    let file = now(console.store.trigger_file()).unwrap().unwrap();
    file.definitions.triggers
}

#[test]
fn native_trigger_is_adopted() {
    let console = console_of(Shop::open());
    let place = post(&console, NATIVE, &format!("{NATIVE}/adopt"), "");
    assert_eq!(place, format!("{NATIVE}?done=adopted"));
    assert_eq!(*console.octopus.owned.borrow(), ["adopt ProjectTriggers-9"]);
    let page = text(&Browser::of(&console).get(&place));
    assert!(page.contains("after the next refresh"), "{page}");
}

#[test]
fn file_trigger_is_disabled_enabled_and_removed() {
    let console = console_with_file();
    let disabled = post(
        &console,
        FILE_TRIGGER,
        &format!("{FILE_TRIGGER}/disable"),
        "",
    );
    assert!(disabled.ends_with("?done=disabled"), "{disabled}");
    assert!(definitions(&console)[0].is_disabled);
    let enabled = post(
        &console,
        FILE_TRIGGER,
        &format!("{FILE_TRIGGER}/enable"),
        "",
    );
    assert!(enabled.ends_with("?done=enabled"), "{enabled}");
    assert!(!definitions(&console)[0].is_disabled);
    let removed = post(
        &console,
        FILE_TRIGGER,
        &format!("{FILE_TRIGGER}/remove"),
        "",
    );
    assert!(removed.starts_with("/triggers?removed="), "{removed}");
    assert!(definitions(&console).is_empty());
    let page = text(&Browser::of(&console).get(&removed));
    assert!(page.contains("was removed from the trigger file"), "{page}");
    assert!(!page.contains("<script>"), "{page}");
}

#[test]
fn options_are_saved_and_others_are_kept() {
    let console = console_with_file();
    let fields = "options=these&when=all&quietPeriod=5m&range=%5B1.0%2C2.0%29";
    let saved = post(
        &console,
        FILE_TRIGGER,
        &format!("{FILE_TRIGGER}/options"),
        fields,
    );
    assert!(saved.ends_with("?done=saved"), "{saved}");
    let definition = definitions(&console).remove(0);
    assert_eq!(definition.options.quiet_period, Some(Span::from_minutes(5)));
    assert!(
        definition.options.dry_run,
        "options outside of the form are kept"
    );
    let range = definition.sources[0].policy.versions.range.as_deref();
    assert_eq!(range, Some("[1.0,2.0)"));
}

#[test]
fn window_and_requirements_are_saved_and_shown() {
    let console = console_with_file();
    let window = "open: [{ days: [friday], from: \"09:00\" }]";
    change_list(&console, |list| {
        for feed in &mut list.feeds {
            feed.kind = FeedKind::AwsElasticContainerRegistry;
            feed.region = Some("eu-west-1".to_owned());
        }
    });
    let profile = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/release";
    let require = format!(
        "platforms: [linux/arm64]\nscan: {{ allow: medium, within: 30m }}\nsigned: {{ profile: {profile} }}"
    );
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("options", "these"),
            ("window", window),
            ("require", &require),
        ])
        .finish();
    post(
        &console,
        FILE_TRIGGER,
        &format!("{FILE_TRIGGER}/options"),
        &body,
    );
    let definition = definitions(&console).remove(0);
    let saved = definition.options.window.expect("a window");
    assert_eq!(saved.open[0].from.to_string(), "09:00");
    let required = &definition.sources[0].policy.require;
    assert!(required.platforms.iter().eq(["linux/arm64"]));
    let scan = required.scan.as_ref().expect("a scan");
    assert_eq!(scan.within(), Span::from_minutes(30));
    watch(&console, |trigger| {
        trigger.options.window = Some(saved.clone());
        trigger.sources[0].policy.require = definition.sources[0].policy.require.clone();
    });
    let page = text(&Browser::of(&console).get(&format!("{FILE_TRIGGER}/simulation")));
    assert!(page.contains("days:\n      - friday"), "{page}");
    for shown in ["platforms:\n  - linux/arm64", "allow: medium", profile] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let wrong = format!("{FILE_TRIGGER}/simulation?options=these&window=opn%3A+%5B%5D");
    let page = text(&Browser::of(&console).get(&wrong));
    assert!(page.contains("window:1:1: "), "{page}");
}

/// The form shows one set of conditions, so saving it keeps those of sources that differ.
#[test]
fn conditions_of_different_sources_are_kept() {
    let console = console_with_file();
    let mut file = now(console.store.trigger_file()).unwrap().unwrap();
    let sources = &mut file.definitions.triggers[0].sources;
    sources.push(sources[0].clone());
    sources[0].policy.versions.range = Some("[1.0,2.0)".to_owned());
    sources[1].package_reference = "sidecar".to_owned();
    let before = sources.clone();
    now(console
        .store
        .apply_trigger_file(&file.definitions, Some(file.revision)))
    .unwrap();
    watch(&console, |trigger| {
        trigger.sources.push(trigger.sources[0].clone());
        trigger.sources[0].policy = before[0].policy.clone();
        trigger.sources[1].reference.package_reference = "sidecar".to_owned();
    });
    let fields = "options=these&quietPeriod=5m";
    post(
        &console,
        FILE_TRIGGER,
        &format!("{FILE_TRIGGER}/options"),
        fields,
    );
    let saved = definitions(&console).remove(0);
    assert_eq!(saved.options.quiet_period, Some(Span::from_minutes(5)));
    assert_eq!(saved.sources, before);
}

#[test]
fn invalid_options_are_reported_and_not_saved() {
    let console = console_with_file();
    let browser = Browser::of(&console);
    let token = browser.token(FILE_TRIGGER);
    let mut request = browser.form(&format!("{FILE_TRIGGER}/options"), &token);
    let fields = format!("token={token}&options=these&include=(((&quietPeriod=soon");
    *request.body_mut() = Bytes::from(fields);
    let response = ask(&console, &request);
    assert_eq!(response.status(), StatusCode::CONFLICT);
    assert!(
        text(&response).contains("quietPeriod"),
        "{}",
        text(&response)
    );
    assert_eq!(definitions(&console)[0].options.quiet_period, None);
}

#[test]
fn simulation_form_shows_the_triggers_own_options() {
    let console = console_with_file();
    let page = text(&Browser::of(&console).get(&format!("{FILE_TRIGGER}/simulation")));
    assert!(page.contains("value=\"any\" selected"), "{page}");
    assert!(!page.contains("Save these options"), "{page}");
    let submitted = format!("{FILE_TRIGGER}/simulation?options=these&when=all");
    let page = text(&Browser::of(&console).get(&submitted));
    assert!(page.contains("value=\"all\" selected"), "{page}");
    assert!(page.contains("Save these options"), "{page}");
}

#[test]
fn options_of_a_trigger_of_octopus_become_an_entry_of_the_trigger_file() {
    let console = console_of(Shop::open());
    adopted(&console);
    let page = text(&Browser::of(&console).get(NATIVE));
    assert!(page.contains("Simulate or edit options"), "{page}");
    let action = format!("{NATIVE}/options");
    for quiet_period in ["5m", "9m"] {
        let fields = format!("options=these&when=all&quietPeriod={quiet_period}");
        let saved = post(&console, NATIVE, &action, &fields);
        assert!(saved.ends_with("?done=saved"), "{saved}");
    }
    let file = now(console.store.trigger_file()).unwrap().unwrap();
    let [entry] = file.definitions.native.as_slice() else {
        panic!("{:?}", file.definitions);
    };
    let id = TriggerId::new("ProjectTriggers-9");
    assert_eq!(entry.trigger, NativeRef::Id(id));
    assert_eq!(entry.options.when, When::All);
    assert_eq!(entry.options.quiet_period, Some(Span::from_minutes(9)));
    assert!(entry.sources.is_empty(), "{entry:?}");
}

#[test]
fn feed_is_checked() {
    let console = console_of(Shop::open());
    let place = post(
        &console,
        "/feeds/Spaces-1/Feeds-1",
        "/feeds/Spaces-1/Feeds-1/check",
        "",
    );
    assert_eq!(place, "/feeds/Spaces-1/Feeds-1?done=checked");
    assert_eq!(*console.actions.checked.borrow(), ["Feeds-1"]);
}

#[test]
fn actions_need_the_consoles_own_form() {
    let console = console_with_file();
    let browser = Browser::of(&console);
    for action in [
        "adopt",
        "adopt-disabled",
        "return",
        "enable",
        "disable",
        "remove",
        "options",
    ] {
        let place = format!("{FILE_TRIGGER}/{action}");
        let foreign = browser.form(&place, &"0".repeat(64));
        assert_eq!(
            ask(&console, &foreign).status(),
            StatusCode::FORBIDDEN,
            "{action}"
        );
        assert_eq!(
            browser.get(&place).status(),
            StatusCode::METHOD_NOT_ALLOWED,
            "{action}"
        );
    }
    let check = "/feeds/Spaces-1/Feeds-1/check";
    let foreign = browser.form(check, &"0".repeat(64));
    assert_eq!(ask(&console, &foreign).status(), StatusCode::FORBIDDEN);
    assert!(console.octopus.owned.borrow().is_empty());
    assert!(console.actions.checked.borrow().is_empty());
    assert_eq!(definitions(&console).len(), 1);
}
