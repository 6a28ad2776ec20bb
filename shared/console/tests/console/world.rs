//! A console over an in-memory table, and a browser for it.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::actions::RecordingActions;
use crate::hostile::HOSTILE;
use crate::octopus::Shop;
use bytes::Bytes;
use domain::cause::EvaluationCause;
use domain::due::BackOff;
use domain::feed::{Access, Feed, FeedKind};
use domain::history::{Evaluation, MadeRelease, Outcome};
use domain::ids::{
    ChannelId, FeedId, PackageId, PackageKey, ProjectId, ReleaseId, SpaceId, TriggerId,
};
use domain::options::{Options, VersionPolicy};
use domain::push::{WebhookOutcome, WebhookRequest};
use domain::reason_code::ReasonDetails;
use domain::snapshot::{Listed, advance};
use domain::time::{Span, Timestamp};
use domain::trigger::{
    NativeTriggers, ResolvedSource, Source, SourceRef, Trigger, TriggerOrigin, WatchList,
};
use domain::usage::Usage;
use engine::ports::{
    History, NextHead, PauseKey, Pauses, SchedulerRun, SchedulerRuns, Snapshots, StoredWatchList,
    WatchLists, WebhookRequests,
};
use http::{Request, Response};
use operator::overview::LookSettings;
use store::Store;
use store::memory::MemoryTable;
use web_console::{AccessKey, Console, ConsoleSettings, Guard, OctopusLinks};

pub(crate) const PORT: u16 = 8066;
pub(crate) const HOST: &str = "127.0.0.1:8066";

/// A clock that always returns noon.
#[derive(Clone, Copy)]
pub(crate) struct Noon;

impl engine::ports::Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_772_366_400_000)
    }
}

pub(crate) type TestConsole = Console<Store<MemoryTable, Noon>, Shop, Noon, RecordingActions>;

/// A console on loopback with one trigger whose every name is hostile.
pub(crate) fn console() -> TestConsole {
    with_guard(Guard::loopback(AccessKey::new().unwrap(), PORT))
}

/// The same with this Octopus.
pub(crate) fn console_of(octopus: Shop) -> TestConsole {
    TestConsole {
        octopus,
        ..console()
    }
}

pub(crate) fn with_guard(guard: Guard) -> TestConsole {
    let console = Console {
        store: Store::with_clock(MemoryTable::default(), Noon),
        octopus: Shop::failing(),
        clock: Noon,
        actions: RecordingActions::default(),
        guard,
        settings: ConsoleSettings {
            place: HOSTILE.into(),
            links: OctopusLinks::to("https://octopus.example/"),
            look: LookSettings {
                spaces: vec!["*".into()],
                native: NativeTriggers::Marked,
                access: Access::default(),
                has_unseen_secrets: false,
                check_every: Span::from_seconds(60),
            },
        },
    };
    now(fill(&console.store));
    console
}

async fn fill(store: &Store<MemoryTable, Noon>) {
    let trigger = trigger();
    let made = Evaluation {
        trigger: trigger.id.clone(),
        trigger_name: HOSTILE.into(),
        space: trigger.space.clone(),
        project_name: HOSTILE.into(),
        at: engine::ports::Clock::now(&Noon) - Span::from_hours(1),
        took: Span::from_seconds(1),
        cause: EvaluationCause::PackageChanged {
            package: PackageId::new(HOSTILE),
            feed_name: HOSTILE.into(),
        },
        outcome: Outcome::Created,
        reason: HOSTILE.into(),
        details: ReasonDetails::default(),
        release: Some(MadeRelease {
            id: ReleaseId::new("Releases-1"),
            version: HOSTILE.into(),
        }),
        findings: Vec::new(),
    };
    for (outcome, reason) in [
        (WebhookOutcome::Accepted, None),
        (WebhookOutcome::Ignored, Some("no version tag")),
    ] {
        let request = WebhookRequest {
            receiver: HOSTILE.into(),
            sender: "github".into(),
            outcome,
            at: engine::ports::Clock::now(&Noon) - Span::from_hours(1),
            reason: reason.map(str::to_owned),
        };
        store.record_request(&request).await.unwrap();
    }
    store.record(&made).await.unwrap();
    let feed = Feed {
        id: FeedId::new("Feeds-1"),
        space: trigger.space.clone(),
        name: HOSTILE.into(),
        kind: FeedKind::Other(HOSTILE.into()),
        uri: Some("https://feed.example".into()),
        registry_path: None,
        region: None,
        account: None,
        has_credentials: true,
    };
    let list = StoredWatchList {
        changed: Default::default(),
        list: Arc::new(WatchList {
            triggers: vec![trigger],
            feeds: vec![feed],
            ..WatchList::default()
        }),
        read_at: engine::ports::Clock::now(&Noon),
        file: None,
        is_outdated: false,
        progress: None,
        revision: None,
    };
    store.save_watch_list(&list).await.unwrap();
    let since = list.read_at - Span::from_hours(24);
    let counted = Usage::since(since).with_run(10, 100, 1);
    let run = SchedulerRun {
        at: list.read_at,
        list_read_at: None,
        list_confirmed_at: None,
        stalls_searched_at: None,
        counted: Some(counted),
    };
    store.remember_run(&run).await.unwrap();
}

/// Stores a snapshot of the package, read `ago` before noon.
pub(crate) fn read_before(console: &TestConsole, ago: Span) {
    let at = engine::ports::Clock::now(&Noon) - ago;
    let tag = Listed {
        version: "1.0.0".into(),
        digest: None,
        published: None,
    };
    let (snapshot, _) = advance(None, vec![tag], at);
    let head = NextHead {
        generation: 1,
        validators: None,
        fingerprint: "1.0.0".into(),
        platform: None,
        changed_at: at,
        pending_event: None,
    };
    now(console.store.advance(&package(), None, head, &snapshot)).unwrap();
}

/// Stores a pause after two failures that ends `ahead` after noon.
pub(crate) fn failed_twice(console: &TestConsole, key: &PauseKey, ahead: Span) {
    let state = BackOff {
        failures: 2,
        since: Some(engine::ports::Clock::now(&Noon)),
        until: engine::ports::Clock::now(&Noon) + ahead,
        reason: "answers 503 Service Unavailable".into(),
        throttled: false,
    };
    now(console.store.pause(key, &state)).unwrap();
}

/// Stores a watch list whose trigger is one of Octopus's own, `ProjectTriggers-9`.
pub(crate) fn adopted(console: &TestConsole) {
    let mut stored = now(console.store.watch_list()).unwrap().unwrap();
    let trigger = &mut Arc::make_mut(&mut stored.list).triggers[0];
    trigger.id = TriggerId::new("ProjectTriggers-9");
    trigger.origin = TriggerOrigin::Octopus;
    now(console.store.save_watch_list(&stored)).unwrap();
}

pub(crate) fn package() -> PackageKey {
    PackageKey {
        space: SpaceId::new("Spaces-1"),
        feed: FeedId::new("Feeds-1"),
        package: PackageId::new(HOSTILE),
    }
}

fn trigger() -> Trigger {
    let package = package();
    Trigger {
        id: TriggerId::new(format!("file:{HOSTILE}")),
        name: HOSTILE.into(),
        space: package.space.clone(),
        project: ProjectId::new("Projects-1"),
        project_name: HOSTILE.into(),
        channel: ChannelId::new("Channels-1"),
        sources: vec![Source {
            reference: SourceRef {
                action_slug: HOSTILE.into(),
                package_reference: String::new(),
            },
            resolution: Ok(ResolvedSource {
                action_name: HOSTILE.into(),
                package,
            }),
            policy: VersionPolicy::default(),
        }],
        problem: None,
        stale: None,
        documents: None,
        origin: TriggerOrigin::File,
        since: Timestamp::default(),
        options: Options::default(),
    }
}

/// A browser with the credentials of the console's address.
pub(crate) struct Browser<'a> {
    console: &'a TestConsole,
    authorization: String,
}

impl<'a> Browser<'a> {
    pub(crate) fn of(console: &'a TestConsole) -> Self {
        let address = console.guard.address().unwrap();
        let credentials = address.strip_prefix("http://").unwrap();
        let (credentials, _) = credentials.split_once('@').unwrap();
        Self {
            console,
            authorization: basic(credentials),
        }
    }

    pub(crate) fn authorization(&self) -> &str {
        &self.authorization
    }

    pub(crate) fn get(&self, path: &str) -> Response<Bytes> {
        let mut request = get(path);
        let authorization = self.authorization.parse().unwrap();
        request.headers_mut().insert("authorization", authorization);
        ask(self.console, &request)
    }

    /// The form token of a page.
    pub(crate) fn token(&self, path: &str) -> String {
        let page = text(&self.get(path));
        let after = page.split("name=\"token\" value=\"").nth(1).unwrap();
        after.split('"').next().unwrap().to_owned()
    }

    /// The request of a form on a page of the console.
    pub(crate) fn form(&self, path: &str, token: &str) -> Request<Bytes> {
        Request::post(path)
            .header("host", HOST)
            .header("authorization", &self.authorization)
            .header("sec-fetch-site", "same-origin")
            .header("origin", format!("http://{HOST}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(format!("token={token}")))
            .unwrap()
    }
}

pub(crate) fn get(path: &str) -> Request<Bytes> {
    let request = Request::get(path).header("host", HOST);
    request.body(Bytes::new()).unwrap()
}

pub(crate) fn ask(console: &TestConsole, request: &Request<Bytes>) -> Response<Bytes> {
    now(console.answer(request, "alice"))
}

pub(crate) fn text(response: &Response<Bytes>) -> String {
    String::from_utf8(response.body().to_vec()).unwrap()
}

/// The `Authorization` header of `USER:PASSWORD`.
pub(crate) fn basic(credentials: &str) -> String {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::STANDARD.encode(credentials);
    format!("Basic {encoded}")
}

/// Polls a future that never waits.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the future waits"),
    }
}
