//! Adding a trigger: the steps, missing choices, and the creation by a form of the console.

use bytes::Bytes;
use form_urlencoded::Serializer;
use http::StatusCode;

use crate::hostile::HOSTILE;
use crate::octopus::Shop;
use crate::world::{Browser, TestConsole, ask, console, console_of, text};

const STEPS: [&str; 6] = ["", "/name", "/project", "/channel", "/sources", "/summary"];

/// All choices, as the forms of the steps send them.
const ALL: [(&str, &str); 5] = [
    ("name", HOSTILE),
    ("description", HOSTILE),
    ("project", "Spaces-1/Projects-1"),
    ("channel", "Channels-1"),
    ("source", HOSTILE),
];

fn fields(without: &str) -> String {
    let fields = ALL.iter().filter(|(name, _)| *name != without);
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn create(console: &TestConsole, browser: &Browser<'_>, fields: &str) -> http::Response<Bytes> {
    let summary = format!("/triggers/add/summary?{}", self::fields(""));
    let token = browser.token(&summary);
    let mut request = browser.form("/triggers/add/create", &token);
    *request.body_mut() = Bytes::from(format!("token={token}&{fields}"));
    ask(console, &request)
}

#[test]
fn every_step_has_an_address_and_escapes_names() {
    let console = console_of(Shop::open());
    let browser = Browser::of(&console);
    for step in STEPS {
        let response = browser.get(&format!("/triggers/add{step}?{}", fields("")));
        assert_eq!(response.status(), StatusCode::OK, "{step}");
        let page = text(&response);
        assert!(page.contains("aria-current=\"step\""), "{step}: {page}");
        assert!(!page.contains("<script>"), "{step}: {page}");
        assert!(!page.contains("<img src=x"), "{step}: {page}");
        assert!(!page.contains("cannot be created"), "{step}: {page}");
    }
    let nowhere = browser.get("/triggers/add/nothing");
    assert_eq!(nowhere.status(), StatusCode::NOT_FOUND);
}

#[test]
fn steps_show_deployments_and_permitted_versions() {
    let console = console_of(Shop::open());
    let browser = Browser::of(&console);
    let step = |name: &str| text(&browser.get(&format!("/triggers/add/{name}?{}", fields(""))));
    let channel = step("channel");
    assert!(channel.contains(", automatic"), "{channel}");
    assert!(channel.contains(", manual"), "{channel}");
    assert!(channel.contains("automatically"), "{channel}");
    let sources = step("sources");
    assert!(
        sources.contains("1.5.0 is the newest, and permitted"),
        "{sources}"
    );
    let summary = step("summary");
    assert!(
        summary.contains("has a newer permitted version"),
        "{summary}"
    );
    assert!(summary.contains("Create trigger"), "{summary}");
}

#[test]
fn missing_choice_shows_its_step_with_a_notice() {
    let console = console_of(Shop::open());
    let browser = Browser::of(&console);
    for (without, notice) in [
        ("name", "The trigger has no name."),
        ("project", "No project is chosen."),
        ("channel", "No channel is chosen."),
        ("source", "The trigger has no source."),
    ] {
        let page = text(&browser.get(&format!("/triggers/add/summary?{}", fields(without))));
        assert!(page.contains(notice), "{without}: {page}");
        assert!(!page.contains("Create trigger"), "{without}: {page}");
        let response = create(&console, &browser, &fields(without));
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{without}");
        let back = response.headers()["location"].to_str().unwrap().to_owned();
        assert!(back.starts_with("/triggers/add/summary?"), "{back}");
        assert!(text(&browser.get(&back)).contains(notice), "{without}");
    }
    assert!(console.octopus.created.borrow().is_empty());
}

#[test]
fn unknown_source_is_reported_and_nothing_is_created() {
    let console = console_of(Shop::open());
    let browser = Browser::of(&console);
    let fields = format!("{}&source=deploy-nothing", fields("source"));
    let response = create(&console, &browser, &fields);
    let back = response.headers()["location"].to_str().unwrap();
    let page = text(&browser.get(back));
    assert!(page.contains("no source `deploy-nothing`"), "{page}");
    assert!(console.octopus.created.borrow().is_empty());
}

#[test]
fn all_sources_are_chosen_at_once() {
    let console = console_of(Shop::open());
    let browser = Browser::of(&console);
    let fields = format!("{}&source=*", fields("source"));
    let response = create(&console, &browser, &fields);
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(console.octopus.created.borrow()[0].sources.len(), 1);
}

#[test]
fn space_outside_the_configured_spaces_is_not_found() {
    let console = console_of(Shop::open());
    let browser = Browser::of(&console);
    let query = "name=a&project=Spaces-2/Projects-1&channel=Channels-1";
    let response = browser.get(&format!("/triggers/add/sources?{query}"));
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}

#[test]
fn trigger_is_created_in_octopus_with_the_choices() {
    let console = console_of(Shop::open());
    let browser = Browser::of(&console);
    let response = create(&console, &browser, &fields(""));
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let place = response.headers()["location"].to_str().unwrap();
    assert!(
        place.starts_with("/triggers?added=ProjectTriggers-7&name="),
        "{place}"
    );
    let list = text(&browser.get(place));
    assert!(
        list.contains("href=\"/triggers/Spaces-1/ProjectTriggers-7\""),
        "{list}"
    );
    let created = console.octopus.created.borrow();
    let [trigger] = created.as_slice() else {
        panic!("{created:?}");
    };
    assert_eq!(trigger.name, HOSTILE);
    assert_eq!(trigger.sources[0].to_string(), HOSTILE);
    assert!(trigger.is_disabled, "Octopus must not run it as well");
    assert!(trigger.description.contains("#feed-triggers"));
}

#[test]
fn only_the_consoles_own_form_creates_a_trigger() {
    let console = console_of(Shop::open());
    let browser = Browser::of(&console);
    let mut foreign = browser.form("/triggers/add/create", &"0".repeat(64));
    let body = format!("token={}&{}", "0".repeat(64), fields(""));
    *foreign.body_mut() = Bytes::from(body);
    assert_eq!(ask(&console, &foreign).status(), StatusCode::FORBIDDEN);
    let looked = browser.get(&format!("/triggers/add/create?{}", fields("")));
    assert_eq!(looked.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert!(console.octopus.created.borrow().is_empty());
}

#[test]
fn octopus_without_feed_triggers_shows_the_trigger_file() {
    let console = console_of(Shop::without_feed_triggers());
    let browser = Browser::of(&console);
    let sources = text(&browser.get(&format!("/triggers/add/sources?{}", fields(""))));
    assert!(
        sources.contains("has no external feed triggers"),
        "{sources}"
    );
    let page = text(&browser.get(&format!("/triggers/add/summary?{}", fields(""))));
    assert!(page.contains("For triggers.yaml"), "{page}");
    assert!(page.contains("triggers:"), "{page}");
    assert!(!page.contains("Create trigger"), "{page}");
}

#[test]
fn steps_that_need_octopus_report_its_error() {
    let console = console();
    let browser = Browser::of(&console);
    assert_eq!(browser.get("/triggers/add/name").status(), StatusCode::OK);
    let project = browser.get("/triggers/add/project?name=a");
    assert_eq!(project.status(), StatusCode::BAD_GATEWAY);
    assert!(text(&project).contains("Octopus does not answer &lt;script&gt;"));
}
