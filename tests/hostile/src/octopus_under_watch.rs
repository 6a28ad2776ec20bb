//! Octopus's triggers, read once into a watch list; each further refresh returns its error, if any.

use std::sync::Arc;
use std::time::Duration;

use domain::time::Span;
use domain::trigger::{NativeTriggers, WatchList};
use engine::ports::{OctopusError, WatchLists};
use engine::schedule::{RunScope, Schedule, ScheduleSettings};
use host::SystemClock;
use octopus::{FixedKey, OctopusClient, Timeouts};
use octopus_server::{OctopusServer, Seed};
use store::Store;
use store::memory::MemoryTable;

use crate::clients::Clients;
use crate::published::Published;
use crate::tampering_proxy::{Spoil, TamperingProxy};

/// Parts of the paths of calls that return lists.
pub const LISTS: [&str; 3] = ["/api/spaces", TRIGGERS, "/feeds"];

/// Parts of the paths of calls that return a document of one trigger: its project, process, release template and
/// channel.
pub const DOCUMENTS: [&str; 4] = [
    "/projects/",
    "/deploymentprocesses/",
    "/template",
    "/channels/",
];

/// Part of the path of the call that lists triggers.
pub const TRIGGERS: &str = "/projecttriggers";

const WORLD: &str = r##"
spaces:
  - name: Default
    feeds:
      - { type: BuiltIn, packages: [{ id: Acme.Web, versions: [1.0.0, 1.1.0] }] }
    projects:
      - name: Web Shop
        channels:
          - { name: Stable, is_default: true }
        steps:
          - { name: Deploy, actions: [{ name: Deploy web, packages: [{ package_id: Acme.Web }] }] }
        triggers:
          - name: Watch
            description: "#feed-triggers"
            is_disabled: true
            packages: [{ action_slug: deploy-web }]
          - name: Watch too
            description: "#feed-triggers"
            is_disabled: true
            packages: [{ action_slug: deploy-web }]
"##;

/// The triggers of an Octopus, behind a [`TamperingProxy`].
pub struct WatchedTriggers {
    proxy: TamperingProxy,
    client: OctopusClient<FixedKey>,
    store: Store<MemoryTable>,
    published: Published,
    settings: ScheduleSettings,
    /// Kept running.
    _octopus: OctopusServer,
}

impl WatchedTriggers {
    /// Reads the triggers once. Later calls time out after `patience`.
    pub async fn start(clients: &Clients, patience: Duration) -> Self {
        let octopus = OctopusServer::start(Seed::from_yaml(WORLD).unwrap())
            .await
            .unwrap();
        let proxy = TamperingProxy::before(&octopus.url()).await;
        let key = FixedKey::new(octopus.api_key());
        let client = OctopusClient::new(clients.octopus.clone(), &proxy.url(), key).unwrap();
        let mut watched = Self {
            client,
            proxy,
            store: Store::new(MemoryTable::default()),
            published: Published::default(),
            settings: ScheduleSettings {
                spaces: vec!["Spaces-1".to_owned()],
                native: NativeTriggers::Marked,
                check_every: Span::from_minutes(1),
                refresh_every: Span::from_minutes(5),
            },
            _octopus: octopus,
        };
        assert!(watched.refresh().await.is_none());
        assert_eq!(watched.list().await.triggers.len(), 2);
        watched.client = watched.client.with_timeouts(Timeouts {
            read: patience,
            ..Timeouts::default()
        });
        watched
    }

    /// Spoils the answers to calls whose path contains `call`.
    pub fn spoil(&self, call: &str, spoil: Spoil) {
        self.proxy.spoil(call, spoil);
    }

    /// Whether any answer was spoilt.
    pub fn was_spoilt(&self) -> bool {
        self.proxy.has_spoilt()
    }

    /// Reads the triggers again; returns the error if the watch list became stale.
    pub async fn refresh(&self) -> Option<OctopusError> {
        let schedule = Schedule {
            store: &self.store,
            octopus: &self.client,
            bus: &self.published,
            clock: &SystemClock,
            settings: &self.settings,
        };
        schedule
            .run(RunScope::Everything, std::future::pending())
            .await
            .unwrap()
            .stale
    }

    /// The triggers that are stored.
    pub async fn list(&self) -> WatchList {
        let stored = self.store.watch_list().await.unwrap().unwrap();
        Arc::unwrap_or_clone(stored.list)
    }
}
