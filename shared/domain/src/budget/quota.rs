//! Quotas: how the remaining requests of a window are spread over it.

use crate::time::{Span, Timestamp};

/// The remaining quota of a server, as last reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    /// The requests per window. `None`: not reported.
    pub limit: Option<u64>,
    /// The remaining requests of the window.
    pub remaining: u64,
    /// When the window ends and the quota is full again. `None`: not reported.
    pub resets_at: Option<Timestamp>,
}

/// The interval between checks with which the remaining quota lasts until the end of its window, if the checks of
/// one interval spend `spent_per_interval`; never shorter than `interval` or longer than the rest of the window.
pub fn interval_within(
    quota: &Quota,
    spent_per_interval: u64,
    interval: Span,
    now: Timestamp,
) -> Span {
    let Some(resets_at) = quota.resets_at else {
        return interval;
    };
    let rest = resets_at.since(now);
    let checks = quota.remaining / spent_per_interval.max(1);
    let checks = i64::try_from(checks).unwrap_or(i64::MAX).max(1);
    Span::from_millis(rest.as_millis().div_euclid(checks)).max(interval)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interval_within_spreads_the_quota_over_its_window() {
        let minute = Span::from_minutes(1);
        let at = |minutes| Timestamp::from_millis(0) + Span::from_minutes(minutes);
        for (remaining, resets, spent, expected) in [
            // Enough: the usual interval.
            (1_000, Some(60), 10, 1),
            (600, Some(60), 10, 1),
            // Half of the need, a tenth, one interval, less than one interval, nothing.
            (300, Some(60), 10, 2),
            (60, Some(60), 10, 10),
            (10, Some(60), 10, 60),
            (9, Some(60), 10, 60),
            (0, Some(60), 10, 60),
            // Reads without a known cost count as one.
            (30, Some(60), 0, 2),
            // The window is over, or its end is unknown.
            (0, Some(0), 10, 1),
            (0, Some(-5), 10, 1),
            (0, None, 10, 1),
        ] {
            let quota = Quota {
                limit: Some(1_000),
                remaining,
                resets_at: resets.map(at),
            };
            let spread = interval_within(&quota, spent, minute, at(0));
            assert_eq!(spread, Span::from_minutes(expected), "{quota:?} {spent}");
        }
        let endless = Quota {
            limit: None,
            remaining: u64::MAX,
            resets_at: Some(at(60)),
        };
        assert_eq!(interval_within(&endless, 1, minute, at(0)), minute);
    }
}
