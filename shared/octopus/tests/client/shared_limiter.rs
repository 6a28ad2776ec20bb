//! Clients that share the limiter of their API key, as the functions of a stack do by the table.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use domain::budget::LimiterState;
use domain::feed::{Feed, FeedKind};
use domain::ids::{FeedId, PackageId, SpaceId};
use engine::ports::{
    FeedReader, OctopusError, OctopusReader, RateLimiters, ReadRequest, StoreError,
};
use futures_util::future::{join, join_all};
use octopus::{FixedKey, OctopusClient};
use octopus_server::{Fault, FaultKind, OctopusServer, RateLimit, StrictModes};
use tokio::time::Instant;

use crate::support::{client_of, fake_server};

const WORLD: &str = "
spaces:
  - name: Default
    feeds: [{ name: Images, id: Feeds-7, packages: [{ id: acme/web, versions: [1.0.0] }] }]
";

/// The table of the stack.
#[derive(Clone, Debug, Default)]
struct Shared(Rc<RefCell<Option<LimiterState>>>);

impl RateLimiters for Shared {
    async fn change_rate_limiter(
        &self,
        change: impl Fn(Option<LimiterState>) -> Option<LimiterState>,
    ) -> Result<Option<LimiterState>, StoreError> {
        let next = change(self.0.borrow().clone());
        self.0.borrow_mut().clone_from(&next);
        Ok(next)
    }
}

async fn limited(retry_after: bool) -> OctopusServer {
    let (server, _) = fake_server(WORLD).await;
    server.state().set_strict(StrictModes {
        rate_limit: Some(RateLimit {
            burst: 20,
            retry_after,
            ..RateLimit::per_minute(200)
        }),
        latency: Duration::from_millis(300),
        ..StrictModes::default()
    });
    server
}

async fn read(client: &OctopusClient<FixedKey>) -> Result<(), OctopusError> {
    client.feeds(&SpaceId::new("Spaces-1")).await.map(drop)
}

/// Six functions send 40 requests each: the first refusals limit all of them, and nothing is refused afterwards.
#[tokio::test(start_paused = true)]
async fn first_refusal_limits_all_clients_of_the_key() {
    const CLIENTS: usize = 6;
    for retry_after in [true, false] {
        let server = limited(retry_after).await;
        let shared = Shared::default();
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| client_of(&server).with_shared_limiter(shared.clone()))
            .collect();
        let begin = Instant::now();
        let reads = clients.iter().map(|client| async move {
            for _ in 0..40 {
                read(client).await.unwrap();
            }
        });
        join_all(reads).await;
        // Each client may have two requests in flight when the first refusal arrives.
        let requests = server.state().requests();
        let is_refused = |request: &octopus_server::Request| request.status == Some(429);
        let refused = requests.iter().filter(|one| is_refused(one)).count();
        let last = requests.iter().rposition(is_refused).unwrap();
        assert!(
            refused <= 2 * CLIENTS && last < 50,
            "{refused} refused, the last of them request {last}, {retry_after}"
        );
        // 220 requests at 80 % of the allowance.
        let seconds = begin.elapsed().as_secs();
        assert!((70..=95).contains(&seconds), "{seconds} s, {retry_after}");
        let limiter = shared.0.borrow().clone().unwrap();
        assert_eq!(limiter.allowance, Some(200));
    }
}

/// Target S4: no client sends a request before a `Retry-After` of a second ends, and all resume within two seconds.
#[tokio::test(start_paused = true)]
async fn all_clients_resume_soon_after_a_pause() {
    let (server, _) = fake_server(WORLD).await;
    let refused = FaultKind::TooManyRequests {
        retry_after: Some(1),
    };
    server.faults().push(Fault::once("/api", refused));
    let shared = Shared::default();
    let clients: Vec<_> = (0..4)
        .map(|_| client_of(&server).with_shared_limiter(shared.clone()))
        .collect();
    let begin = Instant::now();
    let others = async {
        while shared.0.borrow().is_none() {
            tokio::task::yield_now().await;
        }
        let sent = server.state().requests().len();
        let reads = join_all(clients[1..].iter().map(read)).await;
        (sent, reads, begin.elapsed())
    };
    let (first, (sent, reads, resumed)) = join(read(&clients[0]), others).await;
    assert!(
        first.is_ok() && reads.iter().all(Result::is_ok),
        "{reads:?}"
    );
    assert_eq!(sent, 1, "the refused request");
    println!("all resumed {resumed:?} after a pause of a second began");
    let (pause, latest) = (Duration::from_secs(1), Duration::from_secs(3));
    assert!((pause..=latest).contains(&resumed), "{resumed:?}");
    assert_eq!(server.state().requests().len(), 5);
}

/// While requests are limited, those of evaluations go before those for versions.
#[tokio::test(start_paused = true)]
async fn evaluations_go_before_reads_of_versions() {
    let server = limited(true).await;
    let shared = Shared::default();
    let checker = client_of(&server).with_shared_limiter(shared.clone());
    let creator = client_of(&server).with_shared_limiter(shared.clone());
    while shared.0.borrow().is_none() {
        let reads = join_all((0..8).map(|_| read(&creator))).await;
        assert!(reads.iter().all(Result::is_ok), "{reads:?}");
    }
    let feed = Feed {
        id: FeedId::new("Feeds-7"),
        space: SpaceId::new("Spaces-1"),
        name: "Images".into(),
        kind: FeedKind::Docker,
        uri: None,
        registry_path: None,
        region: None,
        account: None,
        has_credentials: true,
    };
    let request = ReadRequest::new(PackageId::new("acme/web"));
    let evaluations = async {
        let reads = join_all((0..12).map(|_| read(&creator))).await;
        assert!(reads.iter().all(Result::is_ok), "{reads:?}");
        Instant::now()
    };
    let versions = async {
        let answer = checker.read(&feed, std::slice::from_ref(&request)).await;
        assert!(answer.readings[0].is_ok(), "{:?}", answer.readings);
        Instant::now()
    };
    let (evaluations, versions) = join(evaluations, versions).await;
    assert!(versions > evaluations);
}
