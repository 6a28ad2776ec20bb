//! A package that was read once and has a snapshot; each further check returns its outcome.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::cause::CheckCause;
use domain::feed::{Access, Feed};
use domain::ids::PackageKey;
use domain::snapshot::Snapshot;
use engine::check::Check;
use engine::messages::{Event, FeedCheck, Origin};
use engine::ports::Snapshots;
use engine::routed::Routed;
use feeds::{DirectFeeds, Limits, NoCredentials};
use host::SystemClock;
use octopus::{FixedKey, OctopusClient, Timeouts};
use octopus_server::{OctopusServer, Seed};
use registry_server::{HelmRepository, Registry};
use store::Store;
use store::memory::MemoryTable;

use crate::clients::Clients;
use crate::published::Published;
use crate::route::Route;
use crate::tampering_proxy::{Spoil, TamperingProxy};
use crate::verdict::Verdict;

/// The package's versions: enough for the shrink guard to suspect a listing that lost most of them.
const VERSIONS: [&str; 10] = [
    "1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0", "2.0.0", "2.1.0", "2.2.0", "3.0.0", "3.1.0",
];

/// A feed with a credential, so that it is read through Octopus.
const WORLD: &str = r#"
spaces:
  - name: Default
    feeds:
      - name: Watched feed
        kind: Docker
        uri: https://registry.example.com
        username: reader
        password: hidden
        packages:
          - { id: acme/web, versions: [1.0.0, 1.1.0, 1.2.0, 1.3.0, 1.4.0, 2.0.0, 2.1.0, 2.2.0, 3.0.0, 3.1.0] }
"#;

/// Timeout of the first read, long enough for a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

type Reader = Routed<DirectFeeds, OctopusClient<FixedKey>>;

/// A package under watch, behind a [`TamperingProxy`].
pub struct Watched {
    proxy: TamperingProxy,
    route: Route,
    feed: Feed,
    store: Store<MemoryTable>,
    reader: Reader,
    published: Published,
    /// Kept running.
    _servers: (
        Option<Registry>,
        Option<HelmRepository>,
        Option<OctopusServer>,
    ),
}

impl Watched {
    /// Reads the package once by this route. Later checks time out after `patience`.
    pub async fn by(route: Route, clients: &Clients, patience: Duration) -> Self {
        let octopus = match route {
            Route::Octopus => {
                let world = Seed::from_yaml(WORLD).unwrap();
                Some(OctopusServer::start(world).await.unwrap())
            }
            Route::Registry | Route::Helm => None,
        };
        let registry = match route {
            Route::Registry => Some(Registry::start().await.unwrap()),
            Route::Helm | Route::Octopus => None,
        };
        let helm = match route {
            Route::Helm => Some(HelmRepository::start().await.unwrap()),
            Route::Registry | Route::Octopus => None,
        };
        for version in VERSIONS {
            if let Some(registry) = &registry {
                registry.push("acme/web", version, version);
            }
            if let Some(helm) = &helm {
                helm.publish("acme-web", version);
            }
        }
        let urls = [
            registry.as_ref().map(Registry::url),
            helm.as_ref().map(HelmRepository::url),
            octopus.as_ref().map(OctopusServer::url),
        ];
        let server = urls.into_iter().flatten().next().unwrap();
        let key = octopus.as_ref().map(OctopusServer::api_key);
        let key = key.unwrap_or_default().to_owned();
        let proxy = TamperingProxy::before(&server).await;
        let mut watched = Self {
            feed: route.feed(&proxy.url()),
            reader: reader(clients, &proxy, &key, PATIENCE),
            proxy,
            route,
            store: Store::new(MemoryTable::default()),
            published: Published::default(),
            _servers: (registry, helm, octopus),
        };
        assert_eq!(watched.check().await.name(), "changed", "{route:?}");
        watched.published.take();
        watched.reader = reader(clients, &watched.proxy, &key, patience);
        watched
    }

    /// Spoils the answer that lists the package's versions.
    pub fn spoil(&self, spoil: Spoil) {
        self.proxy.spoil(self.route.path(), spoil);
    }

    /// Whether any answer was spoilt.
    pub fn was_spoilt(&self) -> bool {
        self.proxy.has_spoilt()
    }

    /// Checks the package once more.
    pub async fn check(&self) -> Verdict {
        let check = Check {
            store: &self.store,
            reader: &self.reader,
            bus: &self.published,
            clock: &SystemClock,
        };
        let request = FeedCheck {
            feed: self.feed.clone(),
            packages: vec![self.route.package()],
            retrying: Vec::new(),
            details: BTreeMap::new(),
            feed_retrying: false,
            cause: CheckCause::Schedule,
            superseded_at: None,
        };
        let report = check.run(&request, &Origin::new(&["test"])).await.unwrap();
        assert_eq!(report.throttled_until, None, "{:?}", self.route);
        match report.failed.into_iter().next() {
            Some((_, error)) => Verdict::Failed(error),
            None if report.unchanged == 1 => Verdict::Same,
            None if report.suspected.len() == 1 => Verdict::Suspected,
            None => Verdict::Changed,
        }
    }

    /// The snapshot that is stored.
    pub async fn snapshot(&self) -> Snapshot {
        let budget = self.feed.budget(&Access::default());
        let packages = [self.route.package()];
        let opened = self.store.open(&self.feed, &budget, &packages);
        let head = opened.await.unwrap().heads.remove(0).unwrap();
        let key = PackageKey {
            space: self.feed.space.clone(),
            feed: self.feed.id.clone(),
            package: self.route.package(),
        };
        self.store.load(&key, &head).await.unwrap()
    }

    /// Whether a change was announced since the last time.
    pub fn has_announced(&self) -> bool {
        let messages = self.published.take();
        let is_change = |event: &Event| matches!(event, Event::PackageVersionsChanged(_));
        messages.iter().any(|message| is_change(&message.event))
    }

    /// The name of the feed, which errors of a check must contain.
    pub fn subject(&self) -> &str {
        &self.feed.name
    }
}

fn reader(clients: &Clients, proxy: &TamperingProxy, key: &str, patience: Duration) -> Reader {
    let limits = Limits {
        deadline: patience,
        index_bytes: 2 << 20,
        ..Limits::default()
    };
    let timeouts = Timeouts {
        read: patience,
        versions: patience,
        whole_read: patience * 2,
        create: patience,
    };
    let key = FixedKey::new(key);
    let client = OctopusClient::new(clients.octopus.clone(), &proxy.url(), key).unwrap();
    Routed {
        direct: DirectFeeds::new(clients.feeds.clone(), NoCredentials, limits),
        octopus: client.with_timeouts(timeouts),
        access: Access::default(),
    }
}
