//! Release windows: the times at which a trigger may create releases, on the wall clock of a time zone.
//!
//! A window is open while the clock of its zone shows a time within one of its hours, on a day without a freeze. The
//! clock skips an hour and repeats an hour when daylight saving time starts and ends: hours that the clock skips are
//! never open, and hours that it repeats are open twice.

mod calendar;
mod opening;
mod release_window;
mod zone;

pub use calendar::{CalendarError, Date, Day, TimeOfDay};
pub use release_window::{Freeze, MAX_FREEZES, MAX_OPEN_HOURS, OpenHours, ReleaseWindow};

use opening::WindowClock;
use zone::Zone;

use crate::time::Timestamp;

/// A problem of a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowProblem {
    /// The field within the window: `timeZone`, `open.0.to`. Empty: the window.
    pub field: String,
    /// The problem, with the remedy.
    pub problem: String,
}

/// Whether a window is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WindowState {
    Open,
    Closed {
        /// The freeze that closes it. `None`: it is outside the hours.
        freeze: Option<Freeze>,
        /// When it opens.
        opens: Timestamp,
        /// The same on the clock of the zone: `2026-03-01 09:00`.
        opens_local: String,
        /// The name of the zone.
        time_zone: String,
    },
}

impl ReleaseWindow {
    /// Whether the window is open at an instant, and when it opens otherwise.
    ///
    /// # Errors
    /// If the time zone is unknown, or the window does not open again.
    pub fn state(&self, at: Timestamp) -> Result<WindowState, WindowProblem> {
        let clock = WindowClock {
            window: self,
            zone: self.zone()?,
        };
        if clock.is_open(at) {
            return Ok(WindowState::Open);
        }
        let opens = clock.opening_after(at).ok_or_else(|| WindowProblem {
            field: "freezes".to_owned(),
            problem: format!("no release is possible after {at}; shorten the freezes"),
        })?;
        Ok(WindowState::Closed {
            freeze: clock.freeze(at),
            opens,
            opens_local: clock.zone.local(opens),
            time_zone: clock.zone.name().to_owned(),
        })
    }

    /// All problems of the window.
    pub fn check(&self) -> Vec<WindowProblem> {
        let problem = |field: String, problem: &str| WindowProblem {
            field,
            problem: problem.to_owned(),
        };
        let mut problems: Vec<_> = self.zone().err().into_iter().collect();
        if self.open.is_empty() && self.freezes.is_empty() {
            let text = "it is always open; add `open` or `freezes`, or remove the window";
            problems.push(problem(String::new(), text));
        }
        for (index, hours) in self.open.iter().enumerate() {
            let is_all_day = hours.from == TimeOfDay::START && hours.to == TimeOfDay::END;
            if hours.from == TimeOfDay::END {
                let text = "the day is over at 24:00; write 00:00 and the next day";
                problems.push(problem(format!("open.{index}.from"), text));
            } else if hours.from == hours.to && !is_all_day {
                let text = "it equals `from`; write another time, or remove both for the whole day";
                problems.push(problem(format!("open.{index}.to"), text));
            }
        }
        for (index, freeze) in self.freezes.iter().enumerate() {
            if freeze.to < freeze.from {
                let text = format!("{} is before `from`, {}", freeze.to, freeze.from);
                problems.push(problem(format!("freezes.{index}.to"), &text));
            }
        }
        let too_many = [
            ("open", self.open.len(), MAX_OPEN_HOURS),
            ("freezes", self.freezes.len(), MAX_FREEZES),
        ];
        for (field, count, most) in too_many {
            if count > most {
                let text = format!("it has {count} entries, and {most} are the most; remove some");
                problems.push(problem(field.to_owned(), &text));
            }
        }
        problems
    }

    fn zone(&self) -> Result<Zone, WindowProblem> {
        Zone::find(self.time_zone.as_deref()).map_err(|problem| WindowProblem {
            field: "timeZone".to_owned(),
            problem,
        })
    }
}
