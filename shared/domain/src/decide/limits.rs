//! Limits on when a release is created: the quiet period, the maximum rate, and the release window.

use super::decision::Decision;
use super::reason::Reason;
use super::situation::Situation;
use super::source_options::SourceOptions;
use crate::options::{MAX_QUIET_PERIODS, OptionError};
use crate::time::Span;
use crate::window::WindowState;

/// The period of `maxReleasesPerHour`.
const HOUR: Span = Span::from_hours(1);

/// Waits until nothing has changed for the quiet period, but no longer than `maxWait`.
pub(super) fn check_quiet_period(
    situation: &Situation<'_>,
    sources: &[SourceOptions<'_>],
) -> Result<(), Decision> {
    let options = &situation.trigger.options;
    let Some(required) = options.quiet_period else {
        return Ok(());
    };
    let longest = Span::from_millis(required.as_millis().saturating_mul(MAX_QUIET_PERIODS));
    let most = options.max_wait.unwrap_or(longest);
    let newer = sources.iter().flat_map(SourceOptions::newer);
    let eligible = newer.filter(|candidate| candidate.too_recent.is_none());
    let mut arrived: Vec<_> = eligible.map(|candidate| candidate.arrived).collect();
    arrived.retain(|arrived| !arrived.is_ahead_of(situation.now));
    arrived.sort_unstable();
    let (Some(&first), Some(&last)) = (arrived.first(), arrived.last()) else {
        return Ok(());
    };
    let due = (last + required).min(first + most);
    if situation.now >= due {
        return Ok(());
    }
    let quiet = situation.now.since(last);
    Err(Decision::Wait(
        Reason::QuietPeriod { quiet, required },
        Some(due),
    ))
}

/// Waits while the channel has as many releases of the last hour as `maxReleasesPerHour` allows.
pub(super) fn check_rate(situation: &Situation<'_>) -> Result<(), Decision> {
    let Some(most) = situation.trigger.options.max_releases_per_hour else {
        return Ok(());
    };
    let most = usize::try_from(most.get()).unwrap_or(usize::MAX);
    let mut made: Vec<_> = situation.made.iter().map(|&at| at + HOUR).collect();
    made.retain(|over| *over > situation.now);
    made.sort_unstable();
    let Some(index) = made.len().checked_sub(most) else {
        return Ok(());
    };
    let until = made.get(index).copied();
    let made = made.len();
    Err(Decision::Wait(Reason::TooMany { made, most }, until))
}

/// Waits while the release window is closed.
pub(super) fn check_window(situation: &Situation<'_>) -> Result<(), Decision> {
    let Some(window) = &situation.trigger.options.window else {
        return Ok(());
    };
    match window.state(situation.now) {
        Ok(WindowState::Open) => Ok(()),
        Ok(WindowState::Closed {
            freeze,
            opens,
            opens_local,
            time_zone,
        }) => {
            let reason = Reason::OutsideWindow {
                freeze,
                opens,
                opens_local,
                time_zone,
            };
            Err(Decision::Wait(reason, Some(opens)))
        }
        Err(problem) => Err(Decision::Refuse(Reason::InvalidOption {
            package: None,
            error: OptionError::of_window(problem),
        })),
    }
}
