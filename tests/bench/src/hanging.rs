//! S5: a scheduler run of 10,000 feeds and 3,000 triggers while Octopus accepts connections and answers nothing.
//!
//! The run has a process of its own, whose peak of memory includes the table with the stored list. The bus takes 30 ms for
//! each call of `PutEvents`, and eight calls run in parallel, as those of the functions.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::ensure;
use domain::time::Span;
use domain::trigger::{NativeTriggers, WatchList};
use engine::messages::Message;
use engine::ports::{Bus, BusError, Clock, StoredWatchList, WatchLists};
use engine::schedule::{RunScope, Schedule, ScheduleSettings};
use host::SystemClock;
use octopus::{FixedKey, OctopusClient};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Store;
use store::memory::MemoryTable;
use tokio::net::TcpListener;

use crate::growth::{trigger, watched};
use crate::reader::{in_own_process, peak_kib};

const FEEDS: usize = 10_000;
const TRIGGERS: usize = 3_000;

/// The messages that are published at the same time: eight calls with ten entries each.
const AT_ONCE: usize = 80;
const CALL: Duration = Duration::from_millis(30);

/// The end of the refresh. The scheduler function ends it 15 seconds before its timeout of 60 seconds.
const REFRESH: Duration = Duration::from_secs(8);

/// The cost of the run.
#[derive(Serialize, Deserialize)]
struct Took {
    /// Until the last due check or evaluation was published, in seconds.
    seconds: f64,
    peak_mib: f64,
}

/// Prints the time and the memory.
pub(crate) fn measure() -> anyhow::Result<()> {
    let took: Took = in_own_process(&["schedule-hanging"])?;
    let line = json!({ "figure": "S5", "seconds": took.seconds, "peakMiB": took.peak_mib });
    println!("{line}");
    Ok(())
}

/// Carries out the run in this process.
pub(crate) async fn run() -> anyhow::Result<()> {
    let octopus = hanging().await?;
    let store = Store::new(MemoryTable::default());
    save_list(&store).await?;
    let settings = ScheduleSettings {
        spaces: vec!["Default".to_owned()],
        native: NativeTriggers::Marked,
        check_every: Span::from_minutes(1),
        refresh_every: Span::from_minutes(5),
    };
    let start = Instant::now();
    let bus = SlowBus {
        start,
        left: Cell::new(FEEDS + TRIGGERS),
        all_published: Cell::default(),
    };
    let step = Schedule {
        store: &store,
        octopus: &octopus,
        bus: &bus,
        clock: &SystemClock,
        settings: &settings,
    };
    let report = step.run(RunScope::Due, tokio::time::sleep(REFRESH)).await?;
    ensure!(
        report.checks == FEEDS && report.evaluations == TRIGGERS,
        "{} checks and {} evaluations were requested",
        report.checks,
        report.evaluations
    );
    ensure!(
        start.elapsed() >= REFRESH,
        "Octopus was not asked, or answered"
    );
    let took = Took {
        seconds: bus.all_published.get().as_secs_f64(),
        peak_mib: f64::from(u32::try_from(peak_kib()?)?) / 1_024.0,
    };
    println!("{}", serde_json::to_string(&took)?);
    Ok(())
}

/// A client of a server that accepts connections and answers nothing.
async fn hanging() -> anyhow::Result<OctopusClient<FixedKey>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok(connection) = listener.accept().await {
            open.push(connection);
        }
    });
    let http = feeds::OutboundClient::new("127.0.0.0/8".parse()?)?;
    Ok(OctopusClient::new(
        http.http().clone(),
        &url,
        FixedKey::new("none"),
    )?)
}

/// A list that was read an hour ago. Every feed is watched by one trigger.
async fn save_list(store: &Store<MemoryTable>) -> anyhow::Result<()> {
    let feeds_of = |number: usize| (number..FEEDS).step_by(TRIGGERS);
    let list = WatchList {
        triggers: (0..TRIGGERS)
            .map(|number| trigger(number, feeds_of(number)))
            .collect(),
        feeds: (0..FEEDS).map(|number| watched(number, false)).collect(),
        ..WatchList::default()
    };
    let stored = StoredWatchList {
        changed: Default::default(),
        list: Arc::new(list),
        read_at: SystemClock.now() - Span::from_hours(1),
        file: None,
        is_outdated: false,
        progress: None,
        revision: None,
    };
    store.save_watch_list(&stored).await?;
    Ok(())
}

/// Takes messages after the time of its calls, and forgets them.
struct SlowBus {
    start: Instant,
    /// The due checks and evaluations that were not published yet. They are published before any other message.
    left: Cell<usize>,
    /// The time at which none was left.
    all_published: Cell<Duration>,
}

impl Bus for SlowBus {
    async fn publish(&self, messages: &[Message]) -> Result<(), BusError> {
        let groups = u32::try_from(messages.len().div_ceil(AT_ONCE)).unwrap_or(u32::MAX);
        tokio::time::sleep(CALL * groups).await;
        let left = self.left.get();
        self.left.set(left.saturating_sub(messages.len()));
        if left > 0 && self.left.get() == 0 {
            self.all_published.set(self.start.elapsed());
        }
        Ok(())
    }
}
