//! Budgets: who counts our requests together, and how far what is left of a quota goes.
//!
//! A registry counts by host and credential, not by feed: two feeds of one host without a credential
//! share what the host gives to everybody, and a pause that one of them is asked for holds for both. A
//! [`BudgetKey`] names what is counted together. It follows from the feed and from how it is read alone,
//! so that whoever plans a check and whoever makes it name the same budget.

mod state;

use std::fmt;

pub use state::{BudgetState, QuotaReading};

use crate::ecr::EcrRegistry;
use crate::feed::{Access, Feed, Route};
use crate::ids::FeedId;
use crate::time::{Span, Timestamp};

/// Names under which people enter Docker Hub, besides [`DOCKER_HUB_REGISTRY`].
pub const DOCKER_HUB: [&str; 4] = [
    "docker.io",
    "index.docker.io",
    "registry.hub.docker.com",
    "hub.docker.com",
];

/// The host that serves Docker Hub's registry.
pub const DOCKER_HUB_REGISTRY: &str = "registry-1.docker.io";

/// What is counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BudgetKey {
    /// Octopus Server, which limits the requests of our user, whichever feed it is asked about.
    Octopus,
    /// A host that is read without a credential: all such feeds, as the host sees only our address.
    Anonymous {
        /// Scheme, host, and port where it is not the scheme's own.
        origin: String,
    },
    /// A host that is read with the credential that is configured here for one feed.
    Own {
        /// Scheme, host, and port where it is not the scheme's own.
        origin: String,
        /// Whose credential it is.
        feed: FeedId,
    },
    /// ECR, read with this program's own role. AWS counts by account and region, and the role reads its
    /// own account alone.
    Ecr {
        /// The region; empty if the feed names none.
        region: String,
    },
}

impl BudgetKey {
    /// Whose credential is sent, in words for people.
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
    /// What reads of this feed are counted with, read as [`Feed::route`] says.
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
                region: EcrRegistry::of(self).map_or_else(String::new, |registry| registry.region),
            }
        } else {
            BudgetKey::Anonymous {
                origin: origin(self),
            }
        }
    }
}

/// Scheme, host and port of the feed's address, however it was entered. An address that cannot be read
/// stands for itself: nothing is ever sent there.
fn origin(feed: &Feed) -> String {
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

/// How much a server still gives, as it last said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How many requests it gives in a window, where it says so.
    pub limit: Option<u64>,
    /// How many of them are left.
    pub remaining: u64,
    /// When the window ends and the limit is there anew, where it says so.
    pub resets_at: Option<Timestamp>,
}

/// The interval between checks at which what is left of the quota lasts until it is there anew, if each
/// round of checks spends `spent_per_interval` of it; never shorter than `interval`, and never longer than
/// it takes the quota to be there anew.
pub fn pace(quota: &Quota, spent_per_interval: u64, interval: Span, now: Timestamp) -> Span {
    let Some(resets_at) = quota.resets_at else {
        return interval;
    };
    let left = resets_at.since(now);
    let rounds = quota.remaining / spent_per_interval.max(1);
    let rounds = i64::try_from(rounds).unwrap_or(i64::MAX).max(1);
    Span::from_millis(left.as_millis().div_euclid(rounds)).max(interval)
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
    fn a_key_says_whose_credential_is_sent() {
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
    fn a_budget_follows_from_how_the_feed_is_read() {
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
    fn one_host_is_one_origin_however_it_was_entered() {
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

    #[test]
    fn what_is_left_is_spread_until_it_is_there_anew() {
        let minute = Span::from_minutes(1);
        let at = |minutes| Timestamp::from_millis(0) + Span::from_minutes(minutes);
        for (remaining, resets, spent, expected) in [
            // Plenty: as usual.
            (1_000, Some(60), 10, 1),
            (600, Some(60), 10, 1),
            // Half of what is needed, a tenth, a single round, less than a round, nothing.
            (300, Some(60), 10, 2),
            (60, Some(60), 10, 10),
            (10, Some(60), 10, 60),
            (9, Some(60), 10, 60),
            (0, Some(60), 10, 60),
            // Reads that were not seen to spend anything count as one.
            (30, Some(60), 0, 2),
            // The window is over, or nobody knows when it is.
            (0, Some(0), 10, 1),
            (0, Some(-5), 10, 1),
            (0, None, 10, 1),
        ] {
            let quota = Quota {
                limit: Some(1_000),
                remaining,
                resets_at: resets.map(at),
            };
            let paced = pace(&quota, spent, minute, at(0));
            assert_eq!(paced, Span::from_minutes(expected), "{quota:?} {spent}");
        }
        let endless = Quota {
            limit: None,
            remaining: u64::MAX,
            resets_at: Some(at(60)),
        };
        assert_eq!(pace(&endless, 1, minute, at(0)), minute);
    }
}
