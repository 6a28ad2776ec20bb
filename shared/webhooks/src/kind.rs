//! The kinds of sender, and how each proves its identity.

use std::fmt;
use std::str::FromStr;

/// The sender of a webhook. The receiver's configuration decides the kind, never a header: Gitea also sends
/// `X-GitHub-Event`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Scripts, CI jobs, ProGet, Buildkite, Harness and senders with body templates.
    Generic,
    /// GitHub's container registry and its NuGet, npm and Maven registries.
    Github,
    /// Docker Hub.
    DockerHub,
    /// Harbor, in its default and its CloudEvents format.
    Harbor,
    /// Azure Container Registry's own webhooks.
    Acr,
    /// Azure Event Grid with events of Azure Container Registry.
    EventGrid,
    /// Quay.
    Quay,
    /// Google Artifact Registry and Container Registry, through a Pub/Sub push subscription.
    PubSub,
    /// JFrog Artifactory.
    Artifactory,
    /// Sonatype Nexus Repository.
    Nexus,
    /// Gitea and Forgejo.
    Gitea,
    /// distribution, and GitLab's self-managed registry.
    Distribution,
    /// zot.
    Zot,
    /// Cloudsmith.
    Cloudsmith,
    /// CDEvents, with or without a CloudEvents envelope.
    CdEvents,
    /// Alibaba Cloud Container Registry.
    Aliyun,
}

/// How a request proves that it comes from the configured sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// An HMAC of the raw body, in hexadecimal digits after an optional prefix.
    Hmac(HmacHeader),
    /// A header whose whole value equals the key.
    Header,
    /// Any of the generic schemes, chosen by the header that is present.
    Generic,
    /// A JSON Web Token signed by Google.
    Google,
    /// The random id in the path, and nothing else.
    Path,
}

/// The header that contains an HMAC, and its algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HmacHeader {
    pub(crate) name: &'static str,
    pub(crate) algorithm: Algorithm,
    pub(crate) prefix: Prefix,
}

/// The text before the hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prefix {
    Required(&'static str),
    Optional(&'static str),
    Absent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Sha1,
    Sha256,
    Sha512,
}

impl Kind {
    /// All kinds, in the order in which the documentation lists them.
    pub const ALL: [Self; 16] = [
        Self::Generic,
        Self::Github,
        Self::DockerHub,
        Self::Acr,
        Self::EventGrid,
        Self::Harbor,
        Self::Artifactory,
        Self::Gitea,
        Self::Distribution,
        Self::Nexus,
        Self::Quay,
        Self::PubSub,
        Self::Zot,
        Self::Cloudsmith,
        Self::CdEvents,
        Self::Aliyun,
    ];

    /// The name in paths and in the configuration, such as `docker-hub`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::Github => "github",
            Self::DockerHub => "docker-hub",
            Self::Harbor => "harbor",
            Self::Acr => "acr",
            Self::EventGrid => "event-grid",
            Self::Quay => "quay",
            Self::PubSub => "pubsub",
            Self::Artifactory => "artifactory",
            Self::Nexus => "nexus",
            Self::Gitea => "gitea",
            Self::Distribution => "distribution",
            Self::Zot => "zot",
            Self::Cloudsmith => "cloudsmith",
            Self::CdEvents => "cdevents",
            Self::Aliyun => "aliyun",
        }
    }

    /// Whether a receiver of this kind needs a key. Docker Hub, Quay and Aliyun cannot sign; Google signs with
    /// its own key.
    pub fn needs_key(self) -> bool {
        !matches!(self.proof(), Proof::Path | Proof::Google)
    }

    /// The sender's default proof.
    pub(crate) fn proof(self) -> Proof {
        match self {
            Self::Generic | Self::CdEvents => Proof::Generic,
            Self::Github => hmac(
                "x-hub-signature-256",
                Algorithm::Sha256,
                Prefix::Required("sha256="),
            ),
            Self::Gitea => hmac("x-gitea-signature", Algorithm::Sha256, Prefix::Absent),
            Self::Nexus => hmac("x-nexus-webhook-signature", Algorithm::Sha1, Prefix::Absent),
            Self::Cloudsmith => hmac(
                "x-cloudsmith-signature",
                Algorithm::Sha1,
                Prefix::Optional("sha1="),
            ),
            Self::Artifactory => hmac("x-jfrog-event-auth", Algorithm::Sha256, Prefix::Absent),
            Self::Harbor | Self::Acr | Self::EventGrid | Self::Distribution | Self::Zot => {
                Proof::Header
            }
            Self::PubSub => Proof::Google,
            Self::DockerHub | Self::Quay | Self::Aliyun => Proof::Path,
        }
    }

    /// The header of [`Proof::Header`], unless the receiver names another.
    pub(crate) fn default_header(self) -> &'static str {
        match self {
            Self::Artifactory => "x-jfrog-event-auth",
            _ => "authorization",
        }
    }
}

fn hmac(name: &'static str, algorithm: Algorithm, prefix: Prefix) -> Proof {
    Proof::Hmac(HmacHeader {
        name,
        algorithm,
        prefix,
    })
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no kind has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown kind of sender `{0}`; use one of generic, github, docker-hub, acr, event-grid, harbor, artifactory, gitea, distribution, nexus, quay, pubsub, zot, cloudsmith, cdevents, aliyun"
)]
pub struct UnknownKind(pub String);

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        let mut all = Self::ALL.into_iter();
        all.find(|kind| kind.name() == text)
            .ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, UnknownKind};

    #[test]
    fn kind_name_parses_back_and_is_named_in_the_error() {
        let error = UnknownKind(String::new()).to_string();
        for kind in Kind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
            assert!(error.contains(kind.name()), "{kind}");
        }
        assert!("gitlab".parse::<Kind>().is_err());
    }
}
