//! Whether a window is open, and when it opens next.

use jiff_core::civil;

use super::calendar::{Day, TimeOfDay};
use super::release_window::{Freeze, OpenHours, ReleaseWindow};
use super::zone::Zone;
use crate::time::Timestamp;

/// The maximum number of days that are searched for an opening, without those of freezes. A hundred freezes of single
/// days, each on the only day of a week with open hours, need 700.
const MAX_DAYS: usize = 1_000;

/// A window with its clock.
pub(super) struct WindowClock<'a> {
    pub(super) window: &'a ReleaseWindow,
    pub(super) zone: Zone,
}

impl WindowClock<'_> {
    pub(super) fn is_open(&self, at: Timestamp) -> bool {
        let shown = self.zone.clock(at);
        let (date, time) = (shown.date(), TimeOfDay::of(shown.time()));
        let open = &self.window.open;
        let is_within = open.is_empty() || open.iter().any(|hours| hours.contain(date, time));
        is_within && self.freeze_of(date).is_none()
    }

    /// The freeze at an instant.
    pub(super) fn freeze(&self, at: Timestamp) -> Option<Freeze> {
        self.freeze_of(self.zone.clock(at).date())
    }

    /// The freeze of a date, and of several the one that ends last.
    fn freeze_of(&self, date: civil::Date) -> Option<Freeze> {
        let freezes = self.window.freezes.iter().copied();
        let freezes = freezes.filter(|one| (one.from.civil()..=one.to.civil()).contains(&date));
        freezes.max_by_key(|one| one.to)
    }

    /// The first instant after `at` at which the window opens. It opens only at the start of hours, at midnight, or
    /// when the clock jumps.
    pub(super) fn opening_after(&self, at: Timestamp) -> Option<Timestamp> {
        let open = self.window.open.iter();
        let mut starts: Vec<_> = open.filter_map(|hours| hours.from.civil()).collect();
        starts.push(civil::Time::MIN);
        let mut date = self.zone.clock(at).date();
        let mut jumps = self.zone.jumps(at).peekable();
        for _ in 0..MAX_DAYS {
            if let Some(freeze) = self.freeze_of(date) {
                date = freeze.to.civil().tomorrow().ok()?;
                continue;
            }
            let starts = starts
                .iter()
                .flat_map(|&time| self.zone.instants(civil::DateTime::from_parts(date, time)));
            let mut moments: Vec<_> = starts.collect();
            while let Some(jump) = jumps.next_if(|&jump| self.zone.clock(jump).date() <= date) {
                moments.push(jump);
            }
            moments.sort_unstable();
            let mut moments = moments.into_iter();
            if let Some(opening) = moments.find(|&one| one > at && self.is_open(one)) {
                return Some(opening);
            }
            date = date.tomorrow().ok()?;
        }
        None
    }
}

impl OpenHours {
    /// Whether a clock that shows this date and time is within the hours.
    fn contain(&self, date: civil::Date, time: TimeOfDay) -> bool {
        let is_day = |date: civil::Date| self.days.is_empty() || self.days.contains(&Day::of(date));
        if self.from < self.to {
            return is_day(date) && self.from <= time && time < self.to;
        }
        let is_of_yesterday = || date.yesterday().is_ok_and(is_day) && time < self.to;
        is_day(date) && self.from <= time || is_of_yesterday()
    }
}
