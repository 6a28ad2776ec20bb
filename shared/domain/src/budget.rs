//! Budgets: which requests a server counts together, and what remains of its quota.
//!
//! A registry counts by host and credential, not by feed: two feeds of one host without a credential share the
//! host's anonymous quota, and a pause that the host requests of one applies to both. A [`BudgetKey`] names the
//! requests that are counted together. It depends only on the feed and on its route, so the scheduler and the
//! checker derive the same budget.

mod limiter;
mod quota;
mod state;

use std::fmt;

pub use limiter::{DEFAULT_ALLOWANCE, LimiterState, Precedence, RateReading, Slot};
pub use quota::{Quota, interval_within};
pub use state::{AllowanceReading, BudgetState, QuotaReading};

use crate::feed::{Access, Feed, Route};
use crate::ids::FeedId;

/// Other hosts that users enter for Docker Hub's registry, [`DOCKER_HUB_REGISTRY`].
pub const DOCKER_HUB: [&str; 4] = [
    "docker.io",
    "index.docker.io",
    "registry.hub.docker.com",
    "hub.docker.com",
];

/// The host that serves Docker Hub's registry.
pub const DOCKER_HUB_REGISTRY: &str = "registry-1.docker.io";

/// Requests that a server counts together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BudgetKey {
    /// Octopus Server, which limits the requests of the API key's user for all feeds together.
    Octopus,
    /// A host that is read without a credential: it counts all such feeds by the caller's address.
    Anonymous {
        /// Scheme, host, and port unless it is the scheme's default.
        origin: String,
    },
    /// A host that is read with the credential configured here for one feed.
    Own {
        /// Scheme, host, and port unless it is the scheme's default.
        origin: String,
        /// The feed of the credential.
        feed: FeedId,
    },
    /// ECR, read with this program's own role. AWS counts by account and region, and the role reads only its
    /// own account.
    Ecr {
        /// The region; empty if the feed has none.
        region: String,
    },
}

impl BudgetKey {
    /// Whose credential is sent, for users.
    pub fn credential(&self) -> &'static str {
        match self {
            Self::Octopus => "Octopus's",
            Self::Anonymous { .. } => "none",
            Self::Own { .. } => "the one configured here",
            Self::Ecr { .. } => "this program's AWS role",
        }
    }
}

impl fmt::Display for BudgetKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Octopus => f.write_str("Octopus Server"),
            Self::Anonymous { origin } => write!(f, "{origin} without a credential"),
            Self::Own { origin, feed } => write!(f, "{origin} with the credential of {feed}"),
            Self::Ecr { region } => write!(f, "ECR in {region} with this program's role"),
        }
    }
}

impl Feed {
    /// The budget of this feed's reads by [`Feed::route`].
    pub fn budget(&self, access: &Access) -> BudgetKey {
        let (route, _) = self.route(access);
        if route == Route::Octopus {
            BudgetKey::Octopus
        } else if access.own_credentials.contains(&self.id) {
            BudgetKey::Own {
                origin: origin(self),
                feed: self.id.clone(),
            }
        } else if access.reads_by_role(self) {
            BudgetKey::Ecr {
                region: self
                    .ecr_registry()
                    .map_or_else(String::new, |registry| registry.region),
            }
        } else {
            BudgetKey::Anonymous {
                origin: origin(self),
            }
        }
    }
}

/// Scheme, host and port of the feed's address, in a canonical form. A feed without an address is its own
/// origin.
pub(crate) fn origin(feed: &Feed) -> String {
    let Some(uri) = &feed.uri else {
        return feed.id.to_string();
    };
    let uri = uri.trim().to_ascii_lowercase();
    let (scheme, rest) = match uri.split_once("://") {
        Some(("http", rest)) => ("http", rest),
        Some((_, rest)) => ("https", rest),
        None => ("https", uri.as_str()),
    };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let own_port = if scheme == "http" { ":80" } else { ":443" };
    let host = host.strip_suffix(own_port).unwrap_or(host);
    if DOCKER_HUB.contains(&host) {
        return format!("{scheme}://{DOCKER_HUB_REGISTRY}");
    }
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::FeedKind;
    use crate::ids::SpaceId;

    fn feed(id: &str, kind: FeedKind, uri: Option<&str>, has_credentials: bool) -> Feed {
        Feed {
            id: FeedId::new(id),
            space: SpaceId::new("Spaces-1"),
            name: id.into(),
            kind,
            uri: uri.map(str::to_owned),
            registry_path: None,
            region: Some("eu-west-1".into()),
            account: None,
            has_credentials,
        }
    }

    fn access() -> Access {
        Access {
            aws_account: Some("111111111111".into()),
            own_credentials: vec![FeedId::new("Feeds-9")],
        }
    }

    #[test]
    fn budget_key_names_the_credential() {
        let origin = || "https://registry.test".to_owned();
        let own = BudgetKey::Own {
            origin: origin(),
            feed: FeedId::new("Feeds-9"),
        };
        let ecr = BudgetKey::Ecr {
            region: "eu-west-1".into(),
        };
        let anonymous = BudgetKey::Anonymous { origin: origin() };
        let words = [BudgetKey::Octopus, anonymous, own, ecr].map(|key| key.credential());
        let expected = [
            "Octopus's",
            "none",
            "the one configured here",
            "this program's AWS role",
        ];
        assert_eq!(words, expected);
    }

    #[test]
    fn budget_depends_on_the_route_of_the_feed() {
        let ecr = || FeedKind::AwsElasticContainerRegistry;
        for (feed, expected) in [
            (
                feed("Feeds-1", FeedKind::Docker, Some("https://ghcr.io"), false),
                "https://ghcr.io without a credential",
            ),
            (
                feed("Feeds-2", FeedKind::Helm, Some("https://ghcr.io/x"), false),
                "https://ghcr.io without a credential",
            ),
            (
                feed("Feeds-3", FeedKind::Docker, Some("https://ghcr.io"), true),
                "Octopus Server",
            ),
            (
                feed("Feeds-9", FeedKind::Docker, Some("https://ghcr.io"), true),
                "https://ghcr.io with the credential of Feeds-9",
            ),
            (
                feed("Feeds-4", ecr(), None, true),
                "ECR in eu-west-1 with this program's role",
            ),
            (
                feed(
                    "Feeds-6",
                    FeedKind::Docker,
                    Some("https://111111111111.dkr.ecr.us-east-1.amazonaws.com"),
                    true,
                ),
                "ECR in us-east-1 with this program's role",
            ),
            (
                feed("Feeds-9", ecr(), None, true),
                "Feeds-9 with the credential of Feeds-9",
            ),
            (
                feed("Feeds-5", FeedKind::Maven, Some("https://ghcr.io"), false),
                "Octopus Server",
            ),
        ] {
            assert_eq!(feed.budget(&access()).to_string(), expected);
        }
        let without_role = feed("Feeds-4", ecr(), None, true).budget(&Access::default());
        assert_eq!(without_role, BudgetKey::Octopus);
    }

    #[test]
    fn origin_is_the_same_for_every_spelling_of_a_host() {
        for (uri, expected) in [
            ("https://GHCR.io/v2/", "https://ghcr.io"),
            ("ghcr.io", "https://ghcr.io"),
            ("oci://ghcr.io/charts", "https://ghcr.io"),
            ("https://ghcr.io:443?x=1", "https://ghcr.io"),
            ("https://joe@ghcr.io", "https://ghcr.io"),
            ("https://ghcr.io:8443", "https://ghcr.io:8443"),
            ("http://ghcr.io:80", "http://ghcr.io"),
            ("http://127.0.0.1:5000/", "http://127.0.0.1:5000"),
            (
                "https://index.docker.io/v1/",
                "https://registry-1.docker.io",
            ),
            ("docker.io", "https://registry-1.docker.io"),
            (
                "oci://registry-1.docker.io/bitnamicharts",
                "https://registry-1.docker.io",
            ),
        ] {
            let feed = feed("Feeds-1", FeedKind::OciRegistry, Some(uri), false);
            assert_eq!(origin(&feed), expected, "{uri}");
        }
    }
}
