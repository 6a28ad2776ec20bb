//! Further checks for pushes that a registry does not list yet: after 5, 20 and 60 s, and none after that.

use domain::push::{FURTHER_CHECKS, PackagePush};
use domain::time::Timestamp;

/// The most pushes that wait for a further check. The schedule detects the others.
const MOST: usize = 1_000;

/// The pushes that wait for a further check.
#[derive(Debug, Default)]
pub(super) struct Looks {
    waiting: Vec<Look>,
}

/// A push with the number of further checks that it had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) push: PackagePush,
    pub(super) done: usize,
    at: Timestamp,
}

impl Look {
    /// A push that was received now.
    pub(super) fn first(push: PackagePush, now: Timestamp) -> Self {
        Self {
            push,
            done: 0,
            at: now,
        }
    }
}

impl Looks {
    /// Lets a push wait that its check did not list. Returns `false` if there was the last further check.
    pub(super) fn again(&mut self, look: Look, now: Timestamp) -> bool {
        let Some(pause) = FURTHER_CHECKS.get(look.done) else {
            return false;
        };
        let is_same = |other: &Look| {
            (&other.push.feeds, &other.push.push) == (&look.push.feeds, &look.push.push)
        };
        if self.waiting.len() < MOST && !self.waiting.iter().any(is_same) {
            self.waiting.push(Look {
                push: look.push,
                done: look.done + 1,
                at: now + *pause,
            });
        }
        true
    }

    /// The time of the next further check.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.waiting.iter().map(|look| look.at).min()
    }

    /// Takes the pushes whose further check is due.
    pub(super) fn due(&mut self, now: Timestamp) -> Vec<Look> {
        let (due, waiting) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|look| look.at <= now);
        self.waiting = waiting;
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::time::Span;

    const START: Timestamp = Timestamp::from_millis(1_000_000);

    fn push(tag: &str) -> PackagePush {
        let mut push = PackagePush::default();
        push.push.tag = Some(tag.to_owned());
        push
    }

    #[test]
    fn push_that_never_appears_has_three_further_checks() {
        let mut looks = Looks::default();
        let mut look = Look::first(push("1.0.0"), START);
        let mut now = START;
        let mut checks = Vec::new();
        while looks.again(look.clone(), now) {
            let at = looks.next().unwrap();
            assert_eq!(looks.due(now), [], "not before its time");
            now = at;
            checks.push(now.since(START).as_millis() / 1_000);
            look = looks.due(now).remove(0);
        }
        assert_eq!(checks, [5, 25, 85]);
        assert_eq!(looks.next(), None);
    }

    #[test]
    fn repeated_push_waits_once_and_the_number_is_limited() {
        let mut looks = Looks::default();
        for number in 0..2 * MOST {
            let tag = format!("1.0.{number}");
            for _ in 0..2 {
                assert!(looks.again(Look::first(push(&tag), START), START));
            }
        }
        assert_eq!(looks.due(START + Span::from_seconds(5)).len(), MOST);
    }
}
