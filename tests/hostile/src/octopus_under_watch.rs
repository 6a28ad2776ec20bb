//! What Octopus holds, under watch: the triggers were read once. Each further round tells what became of them.

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
use crate::saboteur::{Saboteur, Spoil};

/// What the paths of the calls have that give lists.
pub const LISTS: [&str; 3] = ["/api/spaces", TRIGGERS, "/feeds"];

/// And those that give a document of one trigger's: its project, process, release template and channel.
pub const DOCUMENTS: [&str; 4] = [
    "/projects/",
    "/deploymentprocesses/",
    "/template",
    "/channels/",
];

/// The call that gives the triggers.
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

/// The triggers of an Octopus, behind a [`Saboteur`].
pub struct Listed {
    saboteur: Saboteur,
    client: OctopusClient<FixedKey>,
    store: Store<MemoryTable>,
    published: Published,
    settings: ScheduleSettings,
    /// Kept running.
    _octopus: OctopusServer,
}

impl Listed {
    /// Triggers that were read once. A call may take as long as `patience`.
    pub async fn start(clients: &Clients, patience: Duration) -> Self {
        let octopus = OctopusServer::start(Seed::from_yaml(WORLD).unwrap())
            .await
            .unwrap();
        let saboteur = Saboteur::before(&octopus.url()).await;
        let key = FixedKey::new(octopus.api_key());
        let client = OctopusClient::new(clients.octopus.clone(), &saboteur.url(), key).unwrap();
        let mut listed = Self {
            client,
            saboteur,
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
        assert!(listed.round().await.is_none());
        assert_eq!(listed.list().await.triggers.len(), 2);
        listed.client = listed.client.with_timeouts(Timeouts {
            read: patience,
            ..Timeouts::default()
        });
        listed
    }

    /// Spoils the answers to a call, by what its path has.
    pub fn spoil(&self, call: &str, spoil: Spoil) {
        self.saboteur.spoil(call, spoil);
    }

    /// Whether any answer was spoilt.
    pub fn was_spoilt(&self) -> bool {
        self.saboteur.has_spoilt()
    }

    /// Reads the triggers once more: why that was not possible, if so.
    pub async fn round(&self) -> Option<OctopusError> {
        let schedule = Schedule {
            store: &self.store,
            octopus: &self.client,
            bus: &self.published,
            clock: &SystemClock,
            settings: &self.settings,
        };
        schedule.run(RunScope::Everything).await.unwrap().stale
    }

    /// The triggers that are stored.
    pub async fn list(&self) -> WatchList {
        self.store.watch_list().await.unwrap().unwrap().list
    }
}
