//! Checks the feeds that triggers use: their route, whether they answer, and their remaining quota.

use domain::feed::Route;

use super::{Doctor, DoctorFinding};
use crate::overview::{Current, FeedState, FeedStatus, Memory};
use crate::probe::{Probe, Probed};
use engine::ports::{Caller, Catalogue, Clock, FeedReader, OctopusReader, Routes};
use engine::{StepError, with_causes};

impl<S, O, R, C> Doctor<'_, S, O, R, C>
where
    S: Memory,
    O: OctopusReader + Catalogue + Caller,
    R: FeedReader + Routes,
    C: Clock,
{
    pub(super) async fn feeds(&self, current: &Current) -> Result<Vec<DoctorFinding>, StepError> {
        let mut findings = Vec::new();
        let states = self.look.feeds(current, false).await?;
        self.progress.ahead(states.len());
        for state in states {
            findings.push(self.feed(current, &state).await?);
            findings.extend(quota(&state));
            self.progress.step();
        }
        Ok(findings)
    }

    /// Reads one package of the feed, like a check.
    async fn feed(&self, current: &Current, state: &FeedState) -> Result<DoctorFinding, StepError> {
        let feed = &state.feed;
        let by_feed = current.fresh.list.packages_by_feed();
        let watched = by_feed.get(&(feed.space.clone(), feed.id.clone()));
        let finding = |seen: String| DoctorFinding::of("feed", &feed.name, seen);
        let Some(key) = watched.and_then(|packages| packages.first()) else {
            return Ok(finding("no trigger watches it".to_owned()));
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
                let seen = format!("throttled until {until}, as its server asked");
                return Ok(finding(seen).warning(
                    "wait; if it happens often, add a credential to the feed or check it less often",
                ));
            }
        };
        let failure = answer.readings.into_iter().find_map(Result::err);
        let (own, _) = feed.route(&self.reader.access());
        Ok(match failure {
            None => {
                let may_have_secret = self.look.settings.may_have_secret(feed);
                finding(format!("answers; {}", routes(own, state, may_have_secret)))
            }
            Some(error) => finding(format!("read {}: {}", own.name(), with_causes(&error)))
                .error("follow the message, then run `feedctl feeds check`"),
        })
    }
}

/// The route of the feed from here, and from the host that runs it if that differs.
fn routes(own: Route, state: &FeedState, may_have_secret: bool) -> String {
    let (route, why) = (state.route.name(), state.route_reason);
    let own = own.name();
    if may_have_secret {
        return format!(
            "read {own} from here, {route} in the stack ({why}), unless a secret in FeedSecretArns is for \
             this feed"
        );
    }
    if own == route {
        return format!("read {route}: {why}");
    }
    format!("read {own} from here, {route} in the stack: {why}")
}

/// A low quota, an allowance that is too small, or a failed check.
fn quota(state: &FeedState) -> Option<DoctorFinding> {
    let name = &state.feed.name;
    if let Some(quota) = state.low.as_ref().map(|low| &low.quota) {
        let limit = quota.limit.map(|limit| format!(" of {limit}"));
        let limit = limit.unwrap_or_default();
        let seen = format!("{}{limit} requests left", quota.remaining);
        return Some(DoctorFinding::of("feed", format!("quota of {name}"), seen).warning(
            "its feeds are checked less often until the quota is renewed; a credential usually has a larger quota",
        ));
    }
    if let (Some(allowance), Some(interval)) = (state.allowance, state.stretched()) {
        let seen = format!("{allowance}; it is checked every {interval}");
        return Some(DoctorFinding::of("feed", format!("rate of {name}"), seen).warning(
            "give the feed a secret in FeedSecretArns, so that it is read directly; or raise the rate limit of Octopus",
        ));
    }
    let FeedStatus::Failed { .. } = &state.status else {
        return None;
    };
    let reason = state.reason.as_deref().unwrap_or_default();
    let seen = format!("{}: {reason}", state.status);
    let finding = DoctorFinding::of("feed", format!("last check of {name}"), seen);
    Some(finding.warning("run `feedctl feeds check` to read it again"))
}
