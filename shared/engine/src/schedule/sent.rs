//! The requests that a run has published.

use domain::time::Timestamp;
use domain::usage::Usage;

use crate::messages::{Event, Message};
use crate::ports::{BusError, SchedulerRun};

/// The messages that a run has published.
pub(super) struct Sent {
    pub(super) run: SchedulerRun,
    counted: Usage,
    packages: usize,
    pub(super) checks: usize,
    pub(super) evaluations: usize,
    pub(super) unsent: Option<BusError>,
}

impl Sent {
    pub(super) fn new(last: Option<SchedulerRun>, now: Timestamp) -> Self {
        let counted = last.and_then(|run| run.counted);
        Self {
            run: SchedulerRun {
                at: now,
                counted: None,
                list_read_at: last.and_then(|run| run.list_read_at),
                list_confirmed_at: last.and_then(|run| run.list_confirmed_at),
                stalls_searched_at: last.and_then(|run| run.stalls_searched_at),
            },
            counted: counted.unwrap_or_else(|| Usage::since(now)),
            packages: 0,
            checks: 0,
            evaluations: 0,
            unsent: None,
        }
    }

    pub(super) fn count(&mut self, messages: &[Message]) {
        for message in messages {
            match &message.event {
                Event::FeedCheckRequested(check) => {
                    self.checks += 1;
                    self.packages += check.packages.len();
                }
                Event::TriggerEvaluationRequested(_) => self.evaluations += 1,
                _ => {}
            }
        }
        let usage = self.counted;
        self.run.counted = Some(usage.with_run(self.checks, self.packages, self.evaluations));
    }
}
