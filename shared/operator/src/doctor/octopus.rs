//! Checks Octopus, the API key's user, and its permissions.

use crate::permission::{NEEDED, Necessity, Needed};
use domain::time::Span;

use super::{Doctor, DoctorFinding, FindingCode};
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
    let error = with_causes(error);
    DoctorFinding::of("octopus", subject, FindingCode::OctopusFailed, &error)
        .text("error", &error)
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
        let seen = format!("{apart} apart from Octopus's");
        let finding = DoctorFinding::of("octopus", "clock", FindingCode::ClockDifference, seen)
            .number("differenceSeconds", apart.as_millis() / 1_000);
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
                    let (code, error) = (FindingCode::PermissionUnknown, with_causes(&error));
                    let finding = DoctorFinding::of("permission", &space.name, code, &error)
                        .text("space", &space.name)
                        .text("error", &error);
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
        let seen = format!("{name}, a service account");
        return DoctorFinding::of("octopus", "user", FindingCode::ServiceAccount, seen)
            .text("user", name);
    }
    let seen = format!("{name}, a person's account");
    DoctorFinding::of("octopus", "user", FindingCode::PersonalAccount, seen)
        .text("user", name)
        .warning(
            "use a service account: its key belongs to no person, and it has its own rate limit",
        )
}

fn version(server: &ServerFacts) -> DoctorFinding {
    let seen = format!("reachable, version {}", server.version);
    if server.has_feed_triggers {
        return DoctorFinding::of("octopus", "server", FindingCode::ServerReachable, seen)
            .text("version", &server.version);
    }
    let seen = format!("{seen}, which has no external feed triggers");
    DoctorFinding::of("octopus", "server", FindingCode::NoFeedTriggers, seen)
        .text("version", &server.version)
        .warning("put triggers into a file (`feedctl apply`), or upgrade to 2024.2 or later")
}

fn permission(needed: &Needed, space: &Space, permissions: &Permissions) -> DoctorFinding {
    let Needed {
        name,
        purpose,
        when,
    } = needed;
    let finding = |code, seen: &str| {
        DoctorFinding::of(
            "permission",
            format!("{name} in {}", space.name),
            code,
            seen,
        )
        .text("permission", *name)
        .text("space", &space.name)
    };
    let remedy = format!("give the API key's user {name} in this space, for {purpose}");
    match (permissions.given.get(*name), when) {
        (Some(true), _) => finding(
            FindingCode::PermissionGiven,
            &format!("given, for {purpose}"),
        ),
        (Some(false), _) => {
            let seen = "given only for some projects, environments or tenants of the space";
            finding(FindingCode::PermissionLimited, seen)
                .warning(format!("{remedy}, if triggers use others"))
        }
        (None, _) if !permissions.is_complete => {
            let seen = "Octopus does not show all of the user's permissions";
            finding(FindingCode::PermissionUnknown, seen).warning(remedy)
        }
        (None, Necessity::Always) => {
            finding(FindingCode::PermissionMissing, "missing").error(remedy)
        }
        (None, Necessity::Creating) => {
            let seen = "missing; without it, only the mode `observe` works";
            finding(FindingCode::PermissionMissing, seen).error(remedy)
        }
        (None, Necessity::Sometimes) => finding(
            FindingCode::PermissionNotNeeded,
            &format!("not given; only needed for {purpose}"),
        ),
    }
}
