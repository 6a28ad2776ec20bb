//! Reads the state of the world for asserts.

use domain::due::BackOff;
use domain::feed::Access;
use domain::history::Evaluation;
use domain::ids::{SpaceId, TriggerId};
use domain::ledger::{Claim, claim};
use domain::plan::PlanKey;
use domain::time::Timestamp;
use engine::messages::Event;
use engine::ports::{Clock, History, Ledger, LedgerId, PauseKey, Pauses, Snapshots, WatchLists};

use crate::world::World;

impl World {
    /// The releases of a project after its first one, newest first, as `0.0.2: web 1.1.0, cart 1.0.0`. A package
    /// reference without a name is `-`.
    pub fn releases(&self, project: &str) -> Vec<String> {
        let releases = self.octopus.state().releases(project).unwrap().into_iter();
        let mut shown: Vec<_> = releases
            .map(|release| {
                let packages = release.packages.iter().map(|one| {
                    let name = if one.reference.is_empty() {
                        "-"
                    } else {
                        &one.reference
                    };
                    format!("{name} {}", one.version)
                });
                let packages: Vec<_> = packages.collect();
                format!("{}: {}", release.version, packages.join(", "))
            })
            .collect();
        shown.pop();
        shown
    }

    /// The notes of a project's releases, newest first; releases without notes are left out.
    pub fn notes(&self, project: &str) -> Vec<String> {
        let releases = self.octopus.state().releases(project).unwrap().into_iter();
        releases.filter_map(|release| release.notes).collect()
    }

    /// A trigger's newest evaluations, newest first, at most 20.
    pub async fn evaluations(&self, trigger: &str) -> Vec<Evaluation> {
        let (space, trigger) = (SpaceId::new("Spaces-1"), TriggerId::new(trigger));
        let store = self.program.store();
        store.recent(&space, &trigger, 20).await.unwrap()
    }

    /// A trigger's history, newest first, as `Created: acme/web 1.1.0 is newer than ...`.
    pub async fn history(&self, trigger: &str) -> Vec<String> {
        let evaluations = self.evaluations(trigger).await.into_iter();
        evaluations
            .map(|one| format!("{}: {}", one.outcome, one.reason))
            .collect()
    }

    /// How often a message of this kind was published that `fits`.
    pub fn published(&self, fits: impl Fn(&Event) -> bool) -> usize {
        self.queue
            .log()
            .iter()
            .filter(|message| fits(&message.event))
            .count()
    }

    /// All pauses.
    pub async fn pauses(&self) -> Vec<(PauseKey, BackOff)> {
        self.program.store().pauses().await.unwrap()
    }

    /// The time of a trigger's next evaluation, if it is not the hourly one.
    pub async fn back_at(&self, trigger: &str) -> Option<Timestamp> {
        let key = PauseKey::Trigger(SpaceId::new("Spaces-1"), TriggerId::new(trigger));
        let mut pauses = self.pauses().await.into_iter();
        pauses
            .find(|(paused, _)| *paused == key)
            .map(|(_, state)| state.until)
    }

    /// The channel lock of a trigger's channel.
    pub async fn channel_lock(&self, trigger: &str) -> LedgerId {
        let list = self.program.store().watch_list().await.unwrap();
        let list = list.unwrap().list;
        let (space, trigger) = (SpaceId::new("Spaces-1"), TriggerId::new(trigger));
        let trigger = list.trigger(&space, &trigger).unwrap();
        LedgerId::ChannelLock(space, trigger.project.clone(), trigger.channel.clone())
    }

    /// Asserts that there is no pending event, no lease and no pause.
    pub async fn assert_settled(&self) {
        let store = self.program.store();
        let list = store.watch_list().await.unwrap().unwrap().list;
        for ((space, feed), packages) in list.packages_by_feed() {
            let feed = list.feed(&space, &feed).unwrap();
            let packages: Vec<_> = packages.into_iter().map(|key| key.package).collect();
            let budget = feed.budget(&Access::default());
            for head in store.open(feed, &budget, &packages).await.unwrap().heads {
                assert_eq!(
                    head.unwrap().pending_event,
                    None,
                    "there is a pending event"
                );
            }
        }
        for trigger in &list.triggers {
            let (space, project) = (trigger.space.clone(), trigger.project.clone());
            let channel_lock = LedgerId::ChannelLock(space, project, trigger.channel.clone());
            let entry = store.entry(&channel_lock).await.unwrap().entry;
            let claim = claim(entry.as_ref(), self.clock.now());
            assert_eq!(claim, Claim::Free, "a channel lock is held");
        }
        for key in self.plans() {
            let entry = store.entry(&LedgerId::Plan(key)).await.unwrap().entry;
            let claim = claim(entry.as_ref(), self.clock.now());
            assert!(
                matches!(claim, Claim::Done { .. }) || entry.is_none(),
                "a plan is claimed: {entry:?}"
            );
        }
        assert_eq!(self.pauses().await, []);
    }

    /// The plans in the ledger.
    pub fn plans(&self) -> Vec<PlanKey> {
        let rows = self.table.rows();
        let plans = rows
            .iter()
            .filter_map(|row| row.key.partition.strip_prefix("plan#"));
        plans.map(PlanKey::new).collect()
    }
}
