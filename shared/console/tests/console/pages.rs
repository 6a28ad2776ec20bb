//! Pages: escaping, secrets, headers, addresses, texts.

use domain::ids::{FeedId, PackageKey, SpaceId};
use domain::time::Span;
use engine::ports::PauseKey;
use http::StatusCode;

use crate::hostile::HOSTILE;
use crate::octopus::Shop;
use crate::world::{Browser, console, console_of, failed_twice, package, read_before, text};

const PAGES: [&str; 7] = [
    "/triggers",
    "/triggers/Spaces-1/file%3A%3Cscript%3Ealert%281%29%3C%2Fscript%3E%22%27%26%3Cimg%20src%3Dx%20onerror%3Dy%3E",
    "/triggers/Spaces-1/file%3A%3Cscript%3Ealert%281%29%3C%2Fscript%3E%22%27%26%3Cimg%20src%3Dx%20onerror%3Dy%3E/simulation?options=these&include=%3Cscript%3E(((",
    "/feeds",
    "/feeds/Spaces-1/Feeds-1",
    "/health",
    "/webhooks",
];

/// The pages that need Octopus only for names.
const LIST_PAGES: [&str; 3] = ["/triggers", "/feeds", "/health"];

#[test]
fn pages_escape_hostile_names() {
    let console = console();
    let browser = Browser::of(&console);
    for path in PAGES {
        let response = browser.get(path);
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let page = text(&response);
        assert!(!page.contains("<script>"), "{path}: {page}");
        assert!(!page.contains("<img src=x"), "{path}: {page}");
        assert!(page.contains("&lt;script&gt;"), "{path}: {page}");
    }
}

#[test]
fn pages_never_contain_the_key() {
    let console = console();
    let address = console.guard.address().unwrap();
    let (credentials, _) = address.split_once('@').unwrap();
    let key = &credentials[credentials.len() - 64..];
    let browser = Browser::of(&console);
    for path in PAGES {
        assert!(!text(&browser.get(path)).contains(key), "{path}");
    }
}

#[test]
fn every_response_has_security_headers() {
    let console = console();
    let browser = Browser::of(&console);
    for path in PAGES.into_iter().chain(["/nowhere", "/favicon.ico"]) {
        let response = browser.get(path);
        let headers = response.headers();
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{path}");
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["x-frame-options"], "DENY", "{path}");
        assert_eq!(headers["referrer-policy"], "same-origin", "{path}");
        let is_asset = path == "/favicon.ico";
        assert_eq!(headers["cache-control"] == "no-store", !is_asset, "{path}");
    }
}

#[test]
fn missing_page_error_names_the_reason() {
    let console = console_of(Shop::open());
    let browser = Browser::of(&console);
    for (path, message) in [
        ("/nowhere", "There is no page at this address."),
        (
            "/triggers/Spaces-1/Nothing",
            "does not run a trigger with this id",
        ),
        (
            "/feeds/Spaces-1/Nothing",
            "No trigger that this program runs uses a feed with this id.",
        ),
        (
            "/triggers/Spaces-1/%FF",
            "There is no page at this address.",
        ),
        (
            "/health/redrive/nothing",
            "There is no page at this address.",
        ),
    ] {
        let response = browser.get(path);
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(text(&response).contains(message), "{path}");
    }
}

#[test]
fn failing_feed_is_shown_as_failed() {
    let own = package();
    let (space, feed) = (SpaceId::new("Spaces-2"), FeedId::new("Feeds-2"));
    let of_other_feed = PackageKey {
        feed,
        ..own.clone()
    };
    let of_other_space = PackageKey {
        space,
        ..own.clone()
    };
    for (key, fails) in [
        (PauseKey::Feed(own.space.clone(), own.feed.clone()), true),
        (PauseKey::Package(own), true),
        (PauseKey::Package(of_other_feed), false),
        (PauseKey::Package(of_other_space), false),
    ] {
        for (ahead, again) in [(60, "in 60 s"), (0, "with the next scheduler run")] {
            let console = console();
            read_before(&console, Span::from_days(3));
            failed_twice(&console, &key, Span::from_seconds(ahead));
            let feeds = text(&Browser::of(&console).get("/feeds"));
            assert_eq!(feeds.contains("Last check succeeded"), !fails, "{key:?}");
            for part in ["Last check failed", "2 failures in a row", again] {
                assert_eq!(feeds.contains(part), fails, "{key:?}: {part}");
            }
        }
    }
}

/// An unchanged check writes nothing: its time is computed from the feed's schedule.
#[test]
fn unchanged_feed_was_checked_when_it_was_last_due() {
    let console = console();
    let browser = Browser::of(&console);
    let feeds = text(&browser.get("/feeds"));
    assert!(feeds.contains("Not checked yet"), "{feeds}");
    read_before(&console, Span::from_days(3));
    let feeds = text(&browser.get("/feeds"));
    let (_, checked) = feeds.split_once("Checked <time datetime=\"").unwrap();
    // The last scheduler run was at noon, and the feed is due once a minute.
    assert!(checked.starts_with("2026-03-01T11:59"), "{checked}");
    assert!(feeds.contains("Last changed <time datetime=\"2026-02-26T12:00:00"));
}

#[test]
fn spaces_and_channels_are_shown_by_name() {
    let console = console_of(Shop::open());
    let browser = Browser::of(&console);
    let triggers = text(&browser.get("/triggers"));
    assert!(triggers.contains("The channel's name"), "{triggers}");
    assert!(triggers.contains("The space's name"), "{triggers}");
    let trigger = text(&browser.get(PAGES[1]));
    assert!(trigger.contains("The channel's name"), "{trigger}");
    assert!(trigger.contains("The space's name"), "{trigger}");
    assert!(text(&browser.get("/feeds")).contains("The space's name"));
    assert!(text(&browser.get(PAGES[4])).contains("The space's name"));
    for path in LIST_PAGES {
        let page = text(&browser.get(path));
        assert!(!page.contains("Octopus did not respond"), "{path}: {page}");
    }
}

#[test]
fn trigger_run_by_octopus_has_a_page_with_adopt() {
    let console = console_of(Shop::open());
    let browser = Browser::of(&console);
    let page = text(&browser.get("/triggers"));
    assert!(page.contains("2 triggers<"), "{page}");
    assert!(page.contains("Run by Octopus"), "{page}");
    let place = "/triggers/Spaces-1/ProjectTriggers-9";
    assert!(page.contains(&format!("href=\"{place}\"")), "{page}");
    let own = browser.get(place);
    assert_eq!(own.status(), StatusCode::OK);
    assert!(text(&own).contains(&format!("action=\"{place}/adopt\"")));
    assert!(text(&browser.get("/health")).contains("1 trigger, 1 feed"));
}

#[test]
fn projects_without_a_trigger_are_listed_with_the_number_of_their_packages() {
    let console = console_of(Shop::open());
    let browser = Browser::of(&console);
    let page = text(&browser.get("/projects"));
    assert!(page.contains("1 project<"), "{page}");
    assert!(page.contains("trigger"), "{page}");
    assert!(!page.contains("<script>"), "{page}");
    let none = text(&browser.get("/projects?q=no+such+project"));
    assert!(none.contains("No matching projects."), "{none}");
    let failing = Browser::of(&crate::world::console()).get("/projects");
    assert_eq!(failing.status(), StatusCode::OK);
    assert!(text(&failing).contains("Octopus did not respond"));
}

#[test]
fn package_that_cannot_be_read_is_shown_with_its_failures() {
    let console = console_of(Shop::open());
    let key = PauseKey::Package(package());
    failed_twice(&console, &key, Span::from_minutes(3));
    let browser = Browser::of(&console);
    for path in ["/triggers", PAGES[1], "/health"] {
        let page = text(&browser.get(path));
        assert!(
            page.contains("answers 503 Service Unavailable"),
            "{path}: {page}"
        );
        assert!(page.contains("2 times"), "{path}: {page}");
    }
    let attention = text(&browser.get("/triggers?state=attention"));
    assert!(attention.contains("1 trigger<"), "{attention}");
    assert!(attention.contains("Needs attention"), "{attention}");
}

#[test]
fn unknown_trigger_is_an_octopus_error_when_octopus_fails() {
    let console = console();
    let response = Browser::of(&console).get("/triggers/Spaces-1/ProjectTriggers-9");
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
    assert!(text(&response).contains("Octopus did not respond"));
}

#[test]
fn list_is_filtered_by_state() {
    let console = console_of(Shop::open());
    let browser = Browser::of(&console);
    for (state, count) in [
        ("", "2 triggers<"),
        ("octopus", "1 trigger<"),
        ("here", "1 trigger<"),
        ("attention", "0 triggers<"),
        ("disabled", "0 triggers<"),
        ("unknown", "2 triggers<"),
    ] {
        let page = text(&browser.get(&format!("/triggers?state={state}")));
        assert!(page.contains(count), "{state}: {page}");
    }
}

#[test]
fn lists_show_ids_when_octopus_fails() {
    let console = console();
    let browser = Browser::of(&console);
    for path in LIST_PAGES {
        let response = browser.get(path);
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let page = text(&response);
        assert!(page.contains("Octopus did not respond"), "{path}: {page}");
    }
    let page = text(&browser.get("/triggers"));
    assert!(page.contains("1 trigger<"), "{page}");
    assert!(page.contains("Channels-1"), "{page}");
    assert!(page.contains("Spaces-1"), "{page}");
}

#[test]
fn trigger_page_shows_stored_data_when_octopus_fails() {
    let console = console();
    let browser = Browser::of(&console);
    let page = text(&browser.get(PAGES[1]));
    assert!(page.contains("Octopus did not respond"), "{page}");
    assert!(page.contains(">Releases<"), "{page}");
    let simulation = browser.get(&format!("{}/simulation", PAGES[1]));
    assert_eq!(simulation.status(), StatusCode::BAD_GATEWAY);
    assert!(text(&simulation).contains("Octopus does not answer &lt;script&gt;"));
    assert!(
        page.contains("https://octopus.example/app#/Spaces-1/releases/Releases-1"),
        "{page}"
    );
}

#[test]
fn dead_letter_messages_are_counted_listed_and_redriven() {
    let console = console();
    let browser = Browser::of(&console);
    let page = text(&browser.get("/health"));
    assert!(page.contains("action=\"/health/redrive/checks\""), "{page}");
    assert!(
        !page.contains("action=\"/health/redrive/releases\""),
        "{page}"
    );
    assert!(!page.contains("a body is not shown"), "{page}");
    let notice = text(&browser.get("/health?redriven=checks&done=1&left=2"));
    assert!(
        notice.contains("Redrove 1 message to the checks queue."),
        "{notice}"
    );
    assert!(
        notice.contains("2 failed and are still in the dead-letter queue."),
        "{notice}"
    );
    let foreign = text(&browser.get(&format!("/health?redriven={}&done=1&left=0", "%3Cb%3E")));
    assert!(!foreign.contains("<b>"), "{foreign}");
}

#[test]
fn webhooks_have_their_last_requests_and_the_steps_of_each_sender() {
    let console = console();
    let browser = Browser::of(&console);
    let page = text(&browser.get("/webhooks"));
    assert!(
        page.contains("Accepted</th>") && page.contains("60 min ago"),
        "{page}"
    );
    assert!(page.contains("no version tag"), "{page}");
    assert_eq!(page.matches("<summary>").count(), 16);
    assert!(page.contains("Select the events Packages and Registry packages."));
    assert!(text(&browser.get("/health")).contains("href=\"/webhooks\""));
}

#[test]
fn health_shows_usage_and_estimated_cost() {
    let console = console();
    let browser = Browser::of(&console);
    let page = text(&browser.get("/health"));
    assert!(page.contains("Checked packages</dt><dd>100</dd>"), "{page}");
    // A day of fixed costs: 0.26 for metrics, 0.02 for the secret, 0.02 for polls.
    assert!(page.contains("<strong>0.30 US dollars</strong>"), "{page}");
}

#[test]
fn filter_matches_name_project_and_package() {
    let console = console();
    let browser = Browser::of(&console);
    assert!(HOSTILE.contains("alert"));
    let found = text(&browser.get("/triggers?q=ALERT"));
    assert!(found.contains("1 trigger<"), "{found}");
    let none = text(&browser.get("/triggers?q=zebra"));
    assert!(none.contains("No matching triggers."), "{none}");
    let far = browser.get("/triggers?page=18446744073709551615");
    assert_eq!(far.status(), StatusCode::OK);
}
