//! Checks the feeds that triggers use: their route, whether they answer, and their remaining quota.

use domain::feed::Route;

use super::{Doctor, DoctorFinding, FindingCode};
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
        let finding = |code, seen: String| {
            DoctorFinding::of("feed", &feed.name, code, seen).text("feedId", feed.id.as_str())
        };
        let Some(key) = watched.and_then(|packages| packages.first()) else {
            let seen = "no trigger watches it".to_owned();
            return Ok(finding(FindingCode::FeedNotWatched, seen));
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
                let finding = finding(FindingCode::FeedThrottled, seen);
                return Ok(finding.text("until", until.to_string()).warning(
                    "wait; if it happens often, add a credential to the feed or check it less often",
                ));
            }
        };
        let failure = answer.readings.into_iter().find_map(Result::err);
        let (own, _) = feed.route(&self.reader.access());
        Ok(match failure {
            None => {
                let may_have_secret = self.look.settings.may_have_secret(feed);
                let seen = format!("answers; {}", routes(own, state, may_have_secret));
                finding(FindingCode::FeedAnswers, seen)
                    .text("route", own.name())
                    .text("routeOfRuns", state.route.name())
            }
            Some(error) => {
                let error = with_causes(&error);
                let seen = format!("read {}: {error}", own.name());
                finding(FindingCode::FeedFailed, seen)
                    .text("route", own.name())
                    .text("error", error)
                    .error("follow the message, then run `feedctl feeds check`")
            }
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
    let of = |subject: String, code, seen: String| {
        DoctorFinding::of("feed", subject, code, seen).text("feedId", state.feed.id.as_str())
    };
    if let Some(quota) = state.low.as_ref().map(|low| &low.quota) {
        let limit = quota.limit.map(|limit| format!(" of {limit}"));
        let limit = limit.unwrap_or_default();
        let seen = format!("{}{limit} requests left", quota.remaining);
        let finding = of(format!("quota of {name}"), FindingCode::LowQuota, seen)
            .number("remaining", quota.remaining);
        let finding = match quota.limit {
            Some(limit) => finding.number("limit", limit),
            None => finding,
        };
        return Some(finding.warning(
            "its feeds are checked less often until the quota is renewed; a credential usually has a larger quota",
        ));
    }
    if let (Some(allowance), Some(interval)) = (state.allowance, state.stretched()) {
        let seen = format!("{allowance}; it is checked every {interval}");
        let finding = of(format!("rate of {name}"), FindingCode::RateTooLow, seen)
            .number("intervalSeconds", interval.as_millis() / 1_000);
        return Some(finding.warning(
            "give the feed a secret in FeedSecretArns, so that it is read directly; or raise the rate limit of Octopus",
        ));
    }
    let FeedStatus::Failed { failures, .. } = &state.status else {
        return None;
    };
    let reason = state.reason.as_deref().unwrap_or_default();
    let seen = format!("{}: {reason}", state.status);
    let finding = of(
        format!("last check of {name}"),
        FindingCode::LastCheckFailed,
        seen,
    );
    let finding = finding
        .number("failedChecks", *failures)
        .text("error", reason);
    Some(finding.warning("run `feedctl feeds check` to read it again"))
}
