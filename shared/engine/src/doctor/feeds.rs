//! The feeds that triggers use: how each is read, whether it answers, what is left of its quota.

use super::{Doctor, Finding};
use crate::overview::{Current, FeedStanding, FeedState, Memory};
use crate::ports::{Caller, Catalogue, Clock, FeedReader, OctopusReader, Routes};
use crate::probe::{Probe, Probed};
use crate::{StepError, with_causes};

impl<S, O, R, C> Doctor<'_, S, O, R, C>
where
    S: Memory,
    O: OctopusReader + Catalogue + Caller,
    R: FeedReader + Routes,
    C: Clock,
{
    pub(super) async fn feeds(&self, current: &Current) -> Result<Vec<Finding>, StepError> {
        let mut findings = Vec::new();
        for state in self.look.feeds(current, false).await? {
            findings.push(self.feed(current, &state).await?);
            findings.extend(quota(&state));
        }
        Ok(findings)
    }

    /// One package of the feed is read, as a check would.
    async fn feed(&self, current: &Current, state: &FeedState) -> Result<Finding, StepError> {
        let feed = &state.feed;
        let by_feed = current.fresh.list.packages_by_feed();
        let watched = by_feed.get(&(feed.space.clone(), feed.id.clone()));
        let Some(key) = watched.and_then(|packages| packages.first()) else {
            return Ok(Finding::well(
                "feed",
                &feed.name,
                "nothing of it is watched",
            ));
        };
        let probe = Probe {
            store: self.look.store,
            reader: self.reader,
            clock: self.look.clock,
        };
        let package = key.package.clone();
        let probed = probe.run(feed, &[package]).await?;
        let answer = match probed {
            Probed::Answered(answer, _) => answer,
            Probed::Throttled(until) => {
                return Ok(Finding::doubtful(
                    "feed",
                    &feed.name,
                    format!("throttled until {until}, as its server asked"),
                    "wait; if it happens often, give the feed a credential or check it less often",
                ));
            }
        };
        let (route, why) = (state.route.name(), state.route_reason);
        let failure = answer.readings.into_iter().find_map(Result::err);
        Ok(match failure {
            None => Finding::well("feed", &feed.name, format!("answers; read {route}: {why}")),
            Some(error) => Finding::wrong(
                "feed",
                &feed.name,
                format!("read {route}: {}", with_causes(&error)),
                "do what the message says, then `feedctl feeds check` reads it again",
            ),
        })
    }
}

/// A quota that runs low, or a check that failed before.
fn quota(state: &FeedState) -> Option<Finding> {
    if let Some(quota) = &state.quota {
        let limit = quota.limit.map(|limit| format!(" of {limit}"));
        return Some(Finding::doubtful(
            "feed",
            format!("quota of {}", state.feed.name),
            format!(
                "{}{} requests left",
                quota.remaining,
                limit.unwrap_or_default()
            ),
            "its feeds are checked less often until there is more; a credential usually has a larger quota",
        ));
    }
    match &state.standing {
        FeedStanding::Failed(..) => Some(Finding::doubtful(
            "feed",
            format!("last check of {}", state.feed.name),
            format!(
                "{}: {}",
                state.standing,
                state.reason.as_deref().unwrap_or_default()
            ),
            "`feedctl feeds check` says whether it is still so",
        )),
        _ => None,
    }
}
