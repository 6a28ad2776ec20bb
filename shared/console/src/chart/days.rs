//! The sparkline of a trigger: one bar for each of the last days.

use domain::history::{Evaluation, Outcome};
use domain::time::{Span, Timestamp};
use maud::{Markup, html};

use crate::parts::{Tone, counted, tone};

/// The number of days.
const DAYS: i64 = 14;

const DAY: Span = Span::from_days(1);

/// The outcome with the highest rank represents a day: a release, else an error, else other outcomes.
fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Created => 5,
        Outcome::Failed | Outcome::Refused => 4,
        Outcome::Observed | Outcome::AlreadyReleased => 3,
        Outcome::Waiting => 2,
        Outcome::Skipped => 1,
    }
}

/// The last days of a trigger, one bar for each.
pub(crate) fn days(evaluations: &[Evaluation], now: Timestamp) -> Markup {
    let of_day = |back: i64| {
        let is_then = |one: &&Evaluation| {
            now.since(one.at).as_millis() / DAY.as_millis() == back && one.at <= now
        };
        let outcomes = evaluations.iter().filter(is_then).map(|one| one.outcome);
        outcomes.max_by_key(|outcome| rank(*outcome))
    };
    let bars: Vec<Option<Tone>> = (0..DAYS).rev().map(|back| of_day(back).map(tone)).collect();
    let releases = evaluations
        .iter()
        .filter(|one| one.outcome == Outcome::Created && now.since(one.at) < Span::from_days(DAYS));
    let failed = bars.iter().filter(|bar| **bar == Some(Tone::Bad)).count();
    let caption = format!(
        "Last {DAYS} days: {}, {} with errors",
        counted(releases.count(), "release"),
        counted(failed, "day")
    );
    html! {
        svg.days viewBox="0 0 140 24" role="img" aria-label=(caption) {
            title { (caption) }
            @for (index, bar) in bars.iter().enumerate() {
                @let (height, class) = match bar {
                    Some(Tone::Good) => (22, "good"),
                    Some(Tone::Bad) => (16, "bad"),
                    Some(Tone::Info) => (12, "info"),
                    Some(Tone::Wait) => (10, "wait"),
                    Some(Tone::Quiet) => (5, "quiet"),
                    None => (2, "none"),
                };
                rect.(class) x=(index * 10 + 1) y=(24 - height) width="8" height=(height) rx="1.5" {}
            }
        }
    }
}
