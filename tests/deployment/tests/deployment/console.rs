//! The console's calls when a user visits every page and submits every form, over adapters that record their calls.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use domain::definition::{Definition, Definitions, SourceDefinition};
use domain::options::{Options, VersionPolicy};
use domain::trigger::{NativeTriggers, TriggerOrigin, WatchList};
use engine::ports::{Clock, StoredWatchList, TriggerFiles, WatchLists};
use engine::watchlist::{RefreshInput, read_watch_list};
use host::SystemClock;
use http::Request;
use octopus::{ApiKeys, OctopusClient};
use octopus_server::{OctopusServer, Seed};
use operator::overview::LookSettings;
use store::Store;
use web_console::{Actions, Console, ConsoleSettings, Guard, OctopusLinks, StackActions};

use super::calls::Asked;
use super::noting::{Noting, NotingKey};

const SEED: &str = r##"
spaces:
  - name: Default
    environments: [{ name: Test }]
    lifecycles: [{ name: Usual, phases: [{ name: Test, automatic: [Test] }] }]
    feeds: [{ name: Images, type: Docker, uri: "https://images.example" }]
    projects:
      - name: Shop
        steps:
          - { name: Deploy, actions: [{ name: Deploy, packages: [{ package_id: web, feed: Images }] }] }
        channels: [{ name: Default, is_default: true }]
        triggers:
          - { name: New, description: "#feed-triggers", is_disabled: true, packages: [{ action_slug: deploy }] }
"##;

/// Visits every page and submits every form.
pub(crate) async fn walk() -> Asked {
    let server = OctopusServer::start(Seed::from_yaml(SEED).expect("a seed"));
    let server = server.await.expect("a server");
    let asked = Rc::<RefCell<Asked>>::default();
    let console = console(&server, &asked);
    let LookSettings { spaces, native, .. } = &console.settings.look;
    let now = SystemClock.now();
    let file = file();
    let applied = console.store.apply_trigger_file(&file, None).await;
    applied.expect("an applied trigger file");
    let input = RefreshInput {
        spaces,
        native: *native,
        definitions: &file,
        previous: None,
        progress: None,
        now,
    };
    let list = read_watch_list(&console.octopus, input).await;
    let list = list.expect("the triggers");
    let stored = StoredWatchList {
        changed: Default::default(),
        list: Arc::new(list.list.clone()),
        read_at: SystemClock.now(),
        file: None,
        is_outdated: false,
        progress: None,
        revision: None,
    };
    console.store.save_watch_list(&stored).await.expect("kept");
    // Until here the test made the calls, not the console.
    asked.take();
    visit(&console, &list.list).await;
    asked.take()
}

type TestConsole<H> = Console<Store<Noting>, OctopusClient<NotingKey>, SystemClock, H>;

fn console(
    server: &OctopusServer,
    asked: &Rc<RefCell<Asked>>,
) -> TestConsole<impl Actions + use<>> {
    let noting = Noting::new(asked);
    let key = NotingKey::new(server.api_key(), asked);
    Console {
        store: Store::new(noting.clone()),
        octopus: OctopusClient::connect(&server.url(), key).expect("an address"),
        clock: SystemClock,
        actions: StackActions {
            store: Store::new(noting.clone()),
            bus: noting.clone(),
            clock: SystemClock,
            queues: noting.clone(),
            reader: noting,
        },
        guard: Guard::gateway(),
        settings: ConsoleSettings {
            place: "stack".to_owned(),
            links: OctopusLinks::to(&server.url()),
            look: LookSettings {
                spaces: vec!["*".to_owned()],
                native: NativeTriggers::Marked,
                access: Default::default(),
                has_unseen_secrets: false,
                check_every: domain::time::Span::from_seconds(60),
            },
        },
    }
}

/// A trigger file with one trigger.
fn file() -> Definitions {
    let source = SourceDefinition {
        action: "deploy".to_owned(),
        package_reference: String::new(),
        policy: VersionPolicy::default(),
    };
    Definitions {
        triggers: vec![Definition {
            name: "Applied".to_owned(),
            description: String::new(),
            space: None,
            project: "Shop".to_owned(),
            channel: None,
            is_disabled: false,
            sources: vec![source],
            options: Options::default(),
        }],
        native: Vec::new(),
    }
}

async fn visit<K: ApiKeys, H: Actions>(
    console: &Console<Store<Noting>, OctopusClient<K>, SystemClock, H>,
    list: &WatchList,
) {
    let of_kind = |origin| {
        let mut triggers = list.triggers.iter().filter(|one| one.origin == origin);
        triggers.next().expect("a trigger of each origin")
    };
    let trigger = of_kind(TriggerOrigin::Octopus);
    let in_file = of_kind(TriggerOrigin::File);
    let in_file = format!("/triggers/{}/{}", in_file.space, in_file.id).replace(':', "%3A");
    let (space, feed) = (&trigger.space, &list.feeds[0].id);
    let place = format!("/triggers/{space}/{}", trigger.id);
    let chosen = format!(
        "name=Another&project={space}/{}&channel={}&source=deploy",
        trigger.project, trigger.channel
    );
    let step = |name: &str| format!("/triggers/add/{name}?{chosen}");
    for path in [
        "/triggers".to_owned(),
        place.clone(),
        format!("{place}/simulation"),
        "/feeds".to_owned(),
        format!("/feeds/{space}/{feed}"),
        "/triggers/add".to_owned(),
        step("name"),
        step("project"),
        step("channel"),
        step("sources"),
        step("summary"),
    ] {
        let page = Request::get(&path).body(Bytes::new()).expect("a request");
        let answer = console.answer(&page, "operator").await;
        assert_eq!(answer.status(), 200, "{path}: {answer:?}");
    }
    let page = Request::get("/health")
        .body(Bytes::new())
        .expect("a request");
    let health = console.answer(&page, "operator").await;
    let cookie = health.headers()["set-cookie"].to_str().expect("a cookie");
    let cookie = cookie.split(';').next().expect("a cookie");
    let page = String::from_utf8_lossy(health.body());
    let token = page.split("name=\"token\" value=\"").nth(1);
    let token = token.and_then(|rest| rest.split('"').next());
    let token = token.expect("a form");
    for form in [
        format!("{place}/evaluate"),
        format!("{place}/return"),
        format!("{place}/adopt"),
        format!("/feeds/{space}/{feed}/check"),
        format!("{in_file}/options"),
        format!("{in_file}/disable"),
        format!("{in_file}/enable"),
        format!("{in_file}/remove"),
        "/health/redrive/releases".to_owned(),
        "/triggers/add/create".to_owned(),
    ] {
        let request = Request::post(&form)
            .header("cookie", cookie)
            .header("sec-fetch-site", "same-origin")
            .body(Bytes::from(format!("token={token}&options=these&{chosen}")));
        let answer = console
            .answer(&request.expect("a request"), "operator")
            .await;
        assert_eq!(answer.status(), 303, "{form}: {answer:?}");
    }
}
