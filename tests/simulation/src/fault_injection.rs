//! Fault injection: which faults occur in a history, how often, and until when.
//!
//! Each seed draws a few disturbances, each with a rate, and outages of whole services. A few different ones at a time find
//! more than all at once, under which nothing would succeed. All of them end at the same time.

use std::cell::{Cell, RefCell};

use domain::time::{Span, Timestamp};

use crate::chance::Chance;
use crate::time::START;

/// A fault that occurs at random.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disturbance {
    /// An invocation crashes at some await.
    Crash,
    /// The scheduler is invoked twice.
    ScheduledTwice,
    /// The scheduler is not invoked.
    ScheduleLost,
    /// The table is too busy: nothing is done.
    TableBusy,
    /// The table performs the request, and its answer is lost.
    TableAnswerLost,
    /// A read that need not be consistent sees the table as it was.
    TableStale,
    /// A call takes long.
    Slow,
    /// Some entries are not accepted.
    EntriesLeft,
    /// `PutEvents` fails, and nothing is accepted.
    PutEventsFails,
    /// `PutEvents` is carried out, and its answer is lost.
    PutEventsAnswerLost,
    /// The bus delivers twice.
    DeliveredTwice,
    /// The bus delivers late.
    DeliveredLate,
    /// The queue redelivers a message that is being handled or was handled.
    ReceivedTwice,
    /// The event of a push is lost.
    PushLost,
    /// A feed answers 5xx, or the connection breaks.
    FeedFails,
    /// A feed answers 429.
    FeedThrottles,
    /// A listing is truncated.
    FeedBreaksOff,
    /// A package is refused, not found or unreadable for once.
    PackageFails,
    /// A listing lacks most of its versions for once.
    FeedLies,
    /// Octopus answers 5xx.
    OctopusFails,
    /// Octopus answers 429.
    OctopusThrottles,
    /// The connection breaks before Octopus has performed the request.
    ResetBefore,
    /// The connection breaks after it.
    ResetAfter,
    /// The connection breaks, and Octopus performs the request a while later.
    ResetAndLate,
}

const DISTURBANCES: [Disturbance; 24] = [
    Disturbance::Crash,
    Disturbance::ScheduledTwice,
    Disturbance::ScheduleLost,
    Disturbance::TableBusy,
    Disturbance::TableAnswerLost,
    Disturbance::TableStale,
    Disturbance::Slow,
    Disturbance::EntriesLeft,
    Disturbance::PutEventsFails,
    Disturbance::PutEventsAnswerLost,
    Disturbance::DeliveredTwice,
    Disturbance::DeliveredLate,
    Disturbance::ReceivedTwice,
    Disturbance::PushLost,
    Disturbance::FeedFails,
    Disturbance::FeedThrottles,
    Disturbance::FeedBreaksOff,
    Disturbance::PackageFails,
    Disturbance::FeedLies,
    Disturbance::OctopusFails,
    Disturbance::OctopusThrottles,
    Disturbance::ResetBefore,
    Disturbance::ResetAfter,
    Disturbance::ResetAndLate,
];

/// A service that can be down as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Octopus,
    /// Octopus is up and in maintenance: it answers, and creates nothing.
    OctopusInMaintenance,
    Feed(usize),
    /// From the bus to the queues.
    Delivery,
}

/// An outage of a service.
struct Outage {
    place: Service,
    from: Timestamp,
    to: Timestamp,
}

pub(crate) struct FaultInjection {
    rates: Vec<(Disturbance, u64)>,
    outages: RefCell<Vec<Outage>>,
    calm: Cell<Timestamp>,
    chance: Chance,
}

impl FaultInjection {
    /// No faults.
    pub(crate) fn fair(seed: u64) -> Self {
        Self {
            rates: Vec::new(),
            outages: RefCell::default(),
            calm: Cell::new(START),
            chance: Chance::new(seed),
        }
    }

    /// The faults until `calm`.
    pub(crate) fn drawn(seed: u64, feeds: usize, calm: Timestamp) -> Self {
        let chance = Chance::new(seed);
        let most = *chance.pick(&[0, 150, 300, 500]);
        let rates = DISTURBANCES
            .into_iter()
            .filter(|_| chance.per_mille(most))
            .map(|trouble| (trouble, *chance.pick(&[5, 20, 60, 200])))
            .collect();
        let mut places = vec![
            Service::Octopus,
            Service::OctopusInMaintenance,
            Service::Delivery,
        ];
        places.extend((0..feeds).map(Service::Feed));
        let span = calm.since(START).as_millis().unsigned_abs();
        let outages = places
            .into_iter()
            .filter(|_| chance.per_mille(most / 2))
            .map(|place| {
                let from = START + millis(chance.below(span));
                let to = from + millis(chance.between(10_000, span));
                Outage {
                    place,
                    from,
                    to: to.min(calm),
                }
            })
            .collect();
        Self {
            rates,
            outages: RefCell::new(outages),
            calm: Cell::new(calm),
            chance,
        }
    }

    /// Whether the disturbance occurs this time.
    pub(crate) fn occurs(&self, trouble: Disturbance, now: Timestamp) -> bool {
        now < self.calm.get()
            && self
                .rates
                .iter()
                .find(|(one, _)| *one == trouble)
                .is_some_and(|(_, rate)| self.chance.per_mille(*rate))
    }

    pub(crate) fn is_down(&self, place: Service, now: Timestamp) -> bool {
        let is_now =
            |outage: &Outage| outage.place == place && outage.from <= now && now < outage.to;
        self.outages.borrow().iter().any(is_now)
    }

    /// Adds an outage.
    pub(crate) fn add_outage(&self, place: Service, from: Timestamp, span: Span) {
        let to = from + span;
        self.outages.borrow_mut().push(Outage { place, from, to });
    }

    /// Lets the drawn disturbances occur until then.
    pub(crate) fn continue_until(&self, calm: Timestamp) {
        self.calm.set(calm);
    }

    pub(crate) fn calm(&self) -> Timestamp {
        self.calm.get()
    }

    /// A description of all faults for the trace.
    pub(crate) fn describe(&self) -> Vec<String> {
        let rates = self
            .rates
            .iter()
            .map(|(trouble, rate)| format!("{trouble:?} in {rate} of 1000 cases"));
        let outages = self.outages.borrow();
        let outages = outages.iter().map(|outage| {
            let (from, to) = (outage.from.since(START), outage.to.since(START));
            format!("{:?} is down from {from} to {to}", outage.place)
        });
        rates.chain(outages).collect()
    }
}

/// A span of this many milliseconds.
pub(crate) fn millis(count: u64) -> Span {
    Span::from_millis(i64::try_from(count).unwrap_or(i64::MAX))
}
