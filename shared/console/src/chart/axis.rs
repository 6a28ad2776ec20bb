//! The labels of an axis: zero, one interval and two intervals, at whole values.

/// The possible intervals of a time axis below a day, in seconds.
const TIMES: [i64; 17] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200,
];

const DAY: i64 = 86_400;

/// The interval of a time axis that covers `max` milliseconds.
pub(super) fn time_interval(max: i64) -> i64 {
    let below_a_day = TIMES.into_iter().find(|interval| interval * 2_000 >= max);
    let seconds = below_a_day.unwrap_or_else(|| {
        let days = number_interval(max / (DAY * 1_000) + 1);
        days.saturating_mul(DAY)
    });
    seconds.saturating_mul(1_000)
}

/// The interval of a numeric axis that covers `max`: 1, 2 or 5 times a power of ten.
pub(super) fn number_interval(max: i64) -> i64 {
    let mut unit = 1_i64;
    loop {
        let steps = [1, 2, 5].map(|times| unit.saturating_mul(times));
        if let Some(step) = steps.into_iter().find(|step| step.saturating_mul(2) >= max) {
            return step;
        }
        unit = unit.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use domain::time::Span;

    use super::*;

    #[test]
    fn numeric_axis_ends_at_whole_numbers() {
        let ends = [0, 1, 2, 3, 7, 11, 40, 41, 101].map(|max| number_interval(max) * 2);
        assert_eq!(ends, [2, 2, 2, 4, 10, 20, 40, 100, 200]);
        assert!(number_interval(i64::MAX) > i64::MAX / 10);
    }

    #[test]
    fn time_axis_ends_at_whole_units() {
        for (max, end) in [
            (0, "2 s"),
            (11, "20 s"),
            (83, "2 min"),
            (190, "4 min"),
            (601, "20 min"),
            (3_700, "2 h"),
            (40_000, "12 h"),
            (50_000, "24 h"),
            (100_000, "2 days"),
            (1_000_000, "20 days"),
        ] {
            let reached = Span::from_millis(time_interval(max * 1_000) * 2);
            assert_eq!(reached.to_string(), end, "{max}");
        }
        assert!(time_interval(i64::MAX) > 0);
    }
}
