//! Checks Octopus, the API key's user, and its permissions.

use crate::permission::{NEEDED, Necessity, Needed};
use domain::time::Span;

use super::{Doctor, DoctorFinding};
use crate::overview::Memory;
use engine::ports::{
    Caller, Catalogue, Clock, FeedReader, OctopusError, OctopusReader, Permissions, Routes,
    ServerFacts, Space, UserFacts,
};
use engine::with_causes;

/// A larger difference of the clocks makes waiting times and signatures wrong. `Date` has whole seconds, and a
/// response may take some.
const CLOCKS_DIFFER: Span = Span::from_seconds(30);

/// The finding for a request that Octopus refused or did not answer.
pub(super) fn refused(subject: &str, error: &OctopusError) -> DoctorFinding {
    DoctorFinding::of("octopus", subject, with_causes(error))
        .error("follow the message; nothing else can be checked before")
}

impl<S, O, R, C> Doctor<'_, S, O, R, C>
where
    S: Memory,
    O: OctopusReader + Catalogue + Caller,
    R: FeedReader + Routes,
    C: Clock,
{
    /// Checks the server and the API key's user. Returns the user if both requests succeed.
    pub(super) async fn octopus(&self, findings: &mut Vec<DoctorFinding>) -> Option<UserFacts> {
        match self.look.octopus.server().await {
            Ok(server) => {
                findings.push(version(&server));
                findings.extend(self.clock(&server));
            }
            Err(error) => {
                findings.push(refused("server", &error));
                return None;
            }
        }
        match self.look.octopus.user().await {
            Ok(user) => {
                findings.push(account(&user));
                Some(user)
            }
            Err(error) => {
                findings.push(refused("user", &error));
                None
            }
        }
    }

    /// The difference of the clocks, if the server sends its time.
    fn clock(&self, server: &ServerFacts) -> Option<DoctorFinding> {
        let (here, there) = (self.now(), server.time?);
        let apart = here.since(there).max(there.since(here));
        let finding =
            DoctorFinding::of("octopus", "clock", format!("{apart} apart from Octopus's"));
        let remedy = "set both clocks by a time server (NTP)";
        Some(finding.error_unless(apart <= CLOCKS_DIFFER, remedy))
    }

    /// The permissions one by one, in each space.
    pub(super) async fn permissions(
        &self,
        user: &UserFacts,
        spaces: &[Space],
    ) -> Vec<DoctorFinding> {
        let mut findings = Vec::new();
        for space in spaces {
            match self.look.octopus.permissions(user, &space.id).await {
                Ok(permissions) => {
                    let finding = |needed| permission(needed, space, &permissions);
                    findings.extend(NEEDED.iter().map(finding));
                }
                Err(error) => {
                    let finding = DoctorFinding::of("permission", &space.name, with_causes(&error));
                    findings.push(finding.warning("check the user's permissions in Octopus"));
                }
            }
        }
        findings
    }
}

fn account(user: &UserFacts) -> DoctorFinding {
    let name = &user.name;
    if user.is_service {
        return DoctorFinding::of("octopus", "user", format!("{name}, a service account"));
    }
    DoctorFinding::of("octopus", "user", format!("{name}, a person's account")).warning(
        "use a service account: its key belongs to no person, and it has its own rate limit",
    )
}

fn version(server: &ServerFacts) -> DoctorFinding {
    let seen = format!("reachable, version {}", server.version);
    if server.has_feed_triggers {
        return DoctorFinding::of("octopus", "server", seen);
    }
    let seen = format!("{seen}, which has no external feed triggers");
    DoctorFinding::of("octopus", "server", seen)
        .warning("put triggers into a file (`feedctl apply`), or upgrade to 2024.2 or later")
}

fn permission(needed: &Needed, space: &Space, permissions: &Permissions) -> DoctorFinding {
    let Needed {
        name,
        purpose,
        when,
    } = needed;
    let finding =
        |seen: &str| DoctorFinding::of("permission", format!("{name} in {}", space.name), seen);
    let remedy = format!("give the API key's user {name} in this space, for {purpose}");
    match (permissions.given.get(*name), when) {
        (Some(true), _) => finding(&format!("given, for {purpose}")),
        (Some(false), _) => {
            finding("given only for some projects, environments or tenants of the space")
                .warning(format!("{remedy}, if triggers use others"))
        }
        (None, _) if !permissions.is_complete => {
            finding("Octopus does not show all of the user's permissions").warning(remedy)
        }
        (None, Necessity::Always) => finding("missing").error(remedy),
        (None, Necessity::Creating) => {
            finding("missing; without it, only the mode `observe` works").error(remedy)
        }
        (None, Necessity::Sometimes) => finding(&format!("not given; only needed for {purpose}")),
    }
}
