//! Octopus itself, the API key's user, and what it is permitted.

use domain::permission::{NEEDED, Needed, When};
use domain::time::Span;

use super::{Doctor, Finding};
use crate::overview::Memory;
use crate::ports::{
    Caller, Catalogue, Clock, FeedReader, OctopusError, OctopusReader, Permissions, Routes,
    ServerFacts, Space,
};
use crate::with_causes;

/// Clocks that differ by more than this make waiting times and signatures wrong. `Date` is given to the
/// second, and an answer may be under way for some.
const CLOCKS_DIFFER: Span = Span::from_seconds(30);

/// What Octopus does not answer.
pub(super) fn refused(subject: &str, error: &OctopusError) -> Finding {
    let remedy = "do what the message says; nothing else can be looked at before";
    Finding::wrong("octopus", subject, with_causes(error), remedy)
}

impl<S, O, R, C> Doctor<'_, S, O, R, C>
where
    S: Memory,
    O: OctopusReader + Catalogue + Caller,
    R: FeedReader + Routes,
    C: Clock,
{
    pub(super) async fn octopus(&self) -> Vec<Finding> {
        let server = match self.look.octopus.server().await {
            Ok(server) => server,
            Err(error) => return vec![refused("server", &error)],
        };
        let mut findings = vec![version(&server)];
        findings.extend(self.clock(&server));
        match self.look.octopus.user().await {
            Ok(user) if user.is_service => {
                let seen = format!("{}, a service account", user.name);
                findings.push(Finding::well("octopus", "user", seen));
            }
            Ok(user) => findings.push(Finding::doubtful(
                "octopus",
                "user",
                format!("{}, a person's account", user.name),
                "use a service account: its key depends on nobody, and its rate limit is its own",
            )),
            Err(error) => findings.push(refused("user", &error)),
        }
        findings
    }

    /// The difference of the clocks, where the server tells its time.
    fn clock(&self, server: &ServerFacts) -> Option<Finding> {
        let (here, there) = (self.now(), server.time?);
        let apart = here.since(there).max(there.since(here));
        let seen = format!("{apart} apart from Octopus's");
        Some(if apart <= CLOCKS_DIFFER {
            Finding::well("octopus", "clock", seen)
        } else {
            Finding::wrong(
                "octopus",
                "clock",
                seen,
                "set both clocks by a time server (NTP)",
            )
        })
    }

    /// The permissions one by one, in each space.
    pub(super) async fn permissions(&self, spaces: &[Space]) -> Vec<Finding> {
        let octopus = self.look.octopus;
        let Ok(user) = octopus.user().await else {
            return Vec::new();
        };
        let mut findings = Vec::new();
        for space in spaces {
            match octopus.permissions(&user, &space.id).await {
                Ok(permissions) => {
                    let finding = |needed| permission(needed, space, &permissions);
                    findings.extend(NEEDED.iter().map(finding));
                }
                Err(error) => findings.push(Finding::doubtful(
                    "permission",
                    &space.name,
                    with_causes(&error),
                    "look into the user's permissions in Octopus",
                )),
            }
        }
        findings
    }
}

fn version(server: &ServerFacts) -> Finding {
    let seen = format!("reachable, version {}", server.version);
    if server.has_feed_triggers {
        return Finding::well("octopus", "server", seen);
    }
    Finding::doubtful(
        "octopus",
        "server",
        format!("{seen}, which has no external feed triggers"),
        "put triggers into a file (`feedctl apply`), or take 2024.2 or later",
    )
}

fn permission(needed: &Needed, space: &Space, permissions: &Permissions) -> Finding {
    let Needed {
        name,
        purpose,
        when,
    } = needed;
    let subject = format!("{name} in {}", space.name);
    let remedy = format!("give the API key's user {name} in this space, for {purpose}");
    match permissions.given.get(*name) {
        Some(true) => Finding::well("permission", subject, format!("given, for {purpose}")),
        Some(false) => Finding::doubtful(
            "permission",
            subject,
            "given for some projects, environments or tenants of the space alone",
            format!("{remedy}, where what triggers use is not among these"),
        ),
        None if !permissions.is_complete => Finding::doubtful(
            "permission",
            subject,
            "Octopus does not show all of the user's permissions",
            remedy,
        ),
        None => match when {
            When::Always => Finding::wrong("permission", subject, "missing", remedy),
            When::Creating => Finding::wrong(
                "permission",
                subject,
                "missing; without it nothing but observing is possible",
                remedy,
            ),
            When::Sometimes => Finding::well(
                "permission",
                subject,
                format!("not given; only needed for {purpose}"),
            ),
        },
    }
}
