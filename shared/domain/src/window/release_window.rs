//! The definition of a release window.

use std::collections::BTreeSet;

use super::calendar::{Date, Day, TimeOfDay};

/// The maximum number of entries of `open`.
pub const MAX_OPEN_HOURS: usize = 20;

/// The maximum number of freezes.
pub const MAX_FREEZES: usize = 100;

/// When a trigger may create releases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReleaseWindow {
    /// A name of the IANA time zone database. `None`: UTC.
    pub time_zone: Option<String>,
    /// It is open during each of them. Empty: always, except during freezes.
    pub open: Vec<OpenHours>,
    /// It is closed during each of them.
    pub freezes: Vec<Freeze>,
}

/// Hours of some days. Hours that end at or before their start end on the next day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenHours {
    /// The days on which the hours start. Empty: every day.
    pub days: BTreeSet<Day>,
    pub from: TimeOfDay,
    /// The first minute after the hours.
    pub to: TimeOfDay,
}

/// Days without releases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Freeze {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}
