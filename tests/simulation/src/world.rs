//! The world of one history: all services, the users, time and randomness.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use domain::ids::PackageKey;
use domain::time::Span;
use store::{Key, ListCache, Row};

use crate::chance::Chance;
use crate::effects::Effects;
use crate::fault_injection::{FaultInjection, millis};
use crate::faults::Fault;
use crate::function::Function;
use crate::octopus::{Octopus, TriggerState};
use crate::registry::{Registry, SPACE};
use crate::sqs::Queue;
use crate::table::Rows;
use crate::time::{START, Time};
use crate::trace::Trace;
use crate::truth::Truth;

/// A fault that occurs exactly once, after all others have ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SingleFault {
    /// Octopus fails one call of an evaluation.
    Octopus,
    /// A checker crashes between the snapshot and its announcement.
    Checker,
    /// The messages of a scheduler run cannot be published.
    Publication,
    /// The table fails the first call of an evaluation.
    Table,
    /// A release creator crashes before its first effect.
    Creator,
}

impl SingleFault {
    pub(crate) const ALL: [Self; 5] = [
        Self::Octopus,
        Self::Checker,
        Self::Publication,
        Self::Table,
        Self::Creator,
    ];
}

/// Choices for the longest time of users and faults, in milliseconds: mostly minutes, sometimes hours.
const LONGEST: [u64; 6] = [600_000, 600_000, 900_000, 900_000, 2_400_000, 14_400_000];

/// How a world is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Drawn by the seed: feeds, packages, projects, channels, triggers, intervals, faults.
    Drawn,
    /// One project with two packages of one ECR feed, one trigger; no faults.
    Small,
    /// The same, with the faults that the seed draws.
    SmallWithFaults,
}

pub(crate) struct World {
    pub(crate) time: Time,
    pub(crate) chance: Chance,
    pub(crate) fault_injection: FaultInjection,
    pub(crate) trace: Trace,
    pub(crate) effects: Effects,
    pub(crate) truth: Truth,
    pub(crate) registry: Registry,
    pub(crate) octopus: Octopus,
    pub(crate) rows: Rows,
    queues: BTreeMap<Function, Queue>,
    /// The watch list that each function keeps in memory.
    list_caches: RefCell<BTreeMap<Function, ListCache>>,
    /// Between two scheduler runs.
    pub(crate) scheduler_interval: Span,
    pub(crate) check_every: Cell<Span>,
    /// All events of pushes are lost.
    pub(crate) loses_pushes: Cell<bool>,
    pub(crate) is_scheduling: Cell<bool>,
    /// Invocations so far.
    pub(crate) invocations: Cell<u64>,
    /// Invocations of the scheduler in progress.
    pub(crate) scheduler_runs: Cell<usize>,
    /// Whether a list contained all triggers; from then on no list may lack one.
    pub(crate) is_list_complete: Cell<bool>,
    /// Deliveries on their way to a queue.
    pub(crate) under_way: Cell<usize>,
    /// How often the bus delivers each event.
    pub(crate) copies: Cell<u64>,
    /// The longest that a delivery usually takes, in milliseconds.
    pub(crate) spread: Cell<u64>,
    /// Concurrent invocations of a function, if other than in the template.
    pub(crate) at_once: Cell<Option<usize>>,
    pub(crate) single_fault: Cell<Option<SingleFault>>,
    /// State of the planted faults.
    planted: Vec<Fault>,
    pub(crate) late_bodies: RefCell<Vec<Row>>,
    /// The tags that hints announced, by package.
    pub(crate) hinted: RefCell<Vec<(usize, String)>>,
    pub(crate) aliases: RefCell<BTreeMap<String, String>>,
    /// How long Octopus's lists of releases lack a new release.
    pub(crate) releases_lag: Cell<Span>,
    /// Users rename actions. Without that, the client knows the processes of all releases.
    pub(crate) has_renames: Cell<bool>,
    /// Triggers may roll back, so a release may take a package to an earlier version.
    pub(crate) rolls_back: Cell<bool>,
    pub(crate) triggers_at_first: Vec<TriggerState>,
}

impl World {
    pub(crate) fn new(seed: u64, layout: Layout, planted: &[Fault], is_traced: bool) -> Rc<Self> {
        let chance = Chance::new(seed);
        let is_small = layout != Layout::Drawn;
        let (feeds, packages) = match layout {
            Layout::Small | Layout::SmallWithFaults => (1, 2),
            Layout::Drawn => (chance.between(1, 3), chance.between(1, 4)),
        };
        let [feeds, packages] = [feeds, packages].map(|one| usize::try_from(one).unwrap_or(1));
        let longest = *chance.pick(&LONGEST);
        let window = millis(chance.between(180_000, longest));
        let registry = if is_small {
            Registry::small(START)
        } else {
            Registry::new(&chance, feeds, packages, START)
        };
        let octopus = if is_small {
            Octopus::small(START)
        } else {
            Octopus::new(&chance, packages, START)
        };
        let (scheduler_interval, check) = match layout {
            Layout::Small | Layout::SmallWithFaults => (1, 1),
            Layout::Drawn => *chance.pick(&[(1, 1), (1, 2), (1, 5), (2, 2), (5, 5), (5, 10)]),
        };
        let fault_injection = match layout {
            Layout::Small => FaultInjection::fair(seed),
            Layout::Drawn | Layout::SmallWithFaults => {
                FaultInjection::drawn(seed ^ 1, feeds, START + window)
            }
        };
        let functions = [
            Function::Checker,
            Function::PushChecker,
            Function::Creator,
            Function::Receiver,
        ];
        let triggers_at_first = octopus.triggers.borrow().clone();
        let world = Rc::new(Self {
            time: Time::new(seed ^ 2),
            fault_injection,
            trace: Trace::new(is_traced),
            effects: Effects::default(),
            truth: Truth::default(),
            registry,
            octopus,
            rows: Rows::default(),
            list_caches: RefCell::default(),
            queues: functions.map(|one| (one, Queue::default())).into(),
            scheduler_interval: Span::from_minutes(scheduler_interval),
            check_every: Cell::new(Span::from_minutes(check)),
            loses_pushes: Cell::new(false),
            is_scheduling: Cell::new(true),
            invocations: Cell::new(0),
            scheduler_runs: Cell::new(0),
            is_list_complete: Cell::new(false),
            under_way: Cell::new(0),
            copies: Cell::new(1),
            spread: Cell::new(500),
            at_once: Cell::new(None),
            single_fault: Cell::new(None),
            planted: planted.to_vec(),
            late_bodies: RefCell::default(),
            hinted: RefCell::default(),
            aliases: RefCell::default(),
            releases_lag: Cell::new(Span::default()),
            has_renames: Cell::new(false),
            rolls_back: Cell::new(false),
            triggers_at_first,
            chance,
        });
        world.start();
        world
    }

    fn start(self: &Rc<Self>) {
        let world = Rc::clone(self);
        self.time.spawn(async move {
            world
                .time
                .sleep(millis(world.chance.between(1, 60_000)))
                .await;
            loop {
                if world.is_scheduling.get() {
                    world.invoke_scheduler();
                }
                if world.chance.per_mille(30) {
                    world.rows.sweep(world.time.now());
                }
                world.time.sleep(world.scheduler_interval).await;
            }
        });
    }

    pub(crate) fn queue(&self, function: Function) -> &Queue {
        &self.queues[&function]
    }

    /// The watch list in the memory of a function.
    pub(crate) fn list_cache(&self, function: Function) -> ListCache {
        let mut caches = self.list_caches.borrow_mut();
        caches.entry(function).or_default().clone()
    }

    /// Whether anything is on its way or being handled.
    pub(crate) fn is_idle(&self) -> bool {
        let is_quiet = |queue: &Queue| queue.is_empty() && queue.running.get() == 0;
        self.under_way.get() == 0
            && self.scheduler_runs.get() == 0
            && self.queues.values().all(is_quiet)
    }

    pub(crate) fn queues(&self) -> impl Iterator<Item = (Function, &Queue)> {
        self.queues
            .iter()
            .map(|(function, queue)| (*function, queue))
    }

    /// Whether a fault is planted.
    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.planted.contains(&fault)
    }

    pub(crate) fn log(&self, line: impl FnOnce() -> String) {
        self.trace.log(self.time.now(), line);
    }

    /// The key of the head of a package's snapshot.
    pub(crate) fn head_key(&self, package: &PackageKey) -> Key {
        Key {
            partition: format!("snapshot#{SPACE}#{}#{}", package.feed, package.package),
            sort: "head".to_owned(),
        }
    }

    fn takes(&self, single_fault: SingleFault) -> bool {
        let is_due = self.single_fault.get() == Some(single_fault);
        if is_due {
            self.single_fault.set(None);
            self.log(|| format!("single fault: {single_fault:?}"));
        }
        is_due
    }

    pub(crate) fn fails_table_once(&self, function: Function, key: Option<&Key>) -> bool {
        key.is_some() && function == Function::Creator && self.takes(SingleFault::Table)
    }

    pub(crate) fn fails_octopus_once(&self, function: Function) -> bool {
        function == Function::Creator && self.takes(SingleFault::Octopus)
    }

    pub(crate) fn fails_bus_once(&self, function: Function) -> bool {
        function == Function::Scheduler && self.takes(SingleFault::Publication)
    }

    pub(crate) fn crashes_checker_once(&self) -> bool {
        self.takes(SingleFault::Checker)
    }

    pub(crate) fn crashes_creator_once(&self, function: Function) -> bool {
        function == Function::Creator && self.takes(SingleFault::Creator)
    }
}
