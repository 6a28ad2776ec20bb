//! Feeds: what Octopus knows of each, which versions it holds, and how it is read.

use crate::ecr;
use crate::ids::{FeedId, SpaceId};
use crate::version::VersionFormat;

/// Octopus's `FeedType`. A type that this program does not know is kept by its name and is read by the
/// `octopus` route, so a new server never breaks a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FeedKind {
    /// Any Docker Hub compatible registry.
    Docker,
    /// Amazon Elastic Container Registry.
    AwsElasticContainerRegistry,
    /// Azure Container Registry.
    AzureContainerRegistry,
    /// Google Container Registry or Artifact Registry.
    GoogleContainerRegistry,
    /// An OCI registry of Helm charts and images.
    OciRegistry,
    /// A Helm repository over HTTP.
    Helm,
    /// Octopus's built-in package repository.
    BuiltIn,
    /// A Maven repository.
    Maven,
    /// A generic Artifactory repository.
    ArtifactoryGeneric,
    /// The releases of other projects, behind "Deploy a release" steps.
    OctopusProject,
    /// Everything else, by Octopus's name: `NuGet`, `Npm`, `GitHub`, `S3`, ...
    Other(String),
}

impl FeedKind {
    /// From Octopus's `FeedType`. A feed without one is a NuGet feed.
    pub fn from_feed_type(name: &str) -> Self {
        match name {
            "Docker" => Self::Docker,
            "AwsElasticContainerRegistry" => Self::AwsElasticContainerRegistry,
            "AzureContainerRegistry" => Self::AzureContainerRegistry,
            "GoogleContainerRegistry" => Self::GoogleContainerRegistry,
            "OciRegistry" => Self::OciRegistry,
            "Helm" => Self::Helm,
            "BuiltIn" => Self::BuiltIn,
            "Maven" => Self::Maven,
            "ArtifactoryGeneric" => Self::ArtifactoryGeneric,
            "OctopusProject" => Self::OctopusProject,
            "" => Self::Other("NuGet".to_owned()),
            other => Self::Other(other.to_owned()),
        }
    }

    /// Octopus's name of the type.
    pub fn feed_type(&self) -> &str {
        match self {
            Self::Docker => "Docker",
            Self::AwsElasticContainerRegistry => "AwsElasticContainerRegistry",
            Self::AzureContainerRegistry => "AzureContainerRegistry",
            Self::GoogleContainerRegistry => "GoogleContainerRegistry",
            Self::OciRegistry => "OciRegistry",
            Self::Helm => "Helm",
            Self::BuiltIn => "BuiltIn",
            Self::Maven => "Maven",
            Self::ArtifactoryGeneric => "ArtifactoryGeneric",
            Self::OctopusProject => "OctopusProject",
            Self::Other(name) => name,
        }
    }

    /// The format and order of the feed's versions, as Octopus has them.
    pub fn version_format(&self) -> VersionFormat {
        match self {
            Self::Docker
            | Self::AwsElasticContainerRegistry
            | Self::AzureContainerRegistry
            | Self::GoogleContainerRegistry
            | Self::OciRegistry => VersionFormat::Docker,
            Self::Maven => VersionFormat::Maven,
            Self::OctopusProject => VersionFormat::Octopus,
            Self::Helm | Self::BuiltIn | Self::ArtifactoryGeneric | Self::Other(_) => {
                VersionFormat::Semver
            }
        }
    }

    /// Whether this program can speak to a feed of this kind, as far as it has a credential where one is
    /// needed.
    pub fn is_readable_directly(&self) -> bool {
        matches!(
            self,
            Self::Docker
                | Self::AwsElasticContainerRegistry
                | Self::AzureContainerRegistry
                | Self::GoogleContainerRegistry
                | Self::OciRegistry
                | Self::Helm
        )
    }
}

/// A feed, as far as a read needs to know it. It never holds a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// The feed's id within its space.
    pub id: FeedId,
    /// The space that it belongs to.
    pub space: SpaceId,
    /// The name that people gave it; what messages call it.
    pub name: String,
    /// What kind of feed it is.
    pub kind: FeedKind,
    /// `FeedUri`, where the kind has one.
    pub uri: Option<String>,
    /// `RegistryPath`: a prefix of every repository name, where the kind has one.
    pub registry_path: Option<String>,
    /// The AWS region, for ECR.
    pub region: Option<String>,
    /// The AWS account that owns the registry, for ECR, where it could be learnt; else the stack's own.
    pub account: Option<String>,
    /// Whether Octopus holds a credential for it.
    pub has_credentials: bool,
}

/// How a feed is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Route {
    /// This program talks to the registry.
    Direct,
    /// This program asks Octopus, which holds the credential or knows the protocol.
    Octopus,
}

impl Route {
    /// Its name, as lists show it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Octopus => "octopus",
        }
    }
}

/// What decides a route besides the feed itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// The AWS account whose ECR this program may read with its own role.
    pub aws_account: Option<String>,
    /// Feeds for which the user has put a credential where this program finds it.
    pub own_credentials: Vec<FeedId>,
}

impl Access {
    /// Whether the feed is a private ECR registry of the own account, by its kind or by its host: such a
    /// one is read with the program's own role, unless a credential for it is configured here.
    pub fn reads_by_role(&self, feed: &Feed) -> bool {
        let Some(own) = &self.aws_account else {
            return false;
        };
        let is_own = match feed.kind {
            FeedKind::AwsElasticContainerRegistry => {
                feed.account.as_ref().is_none_or(|account| account == own)
            }
            _ => ecr::EcrRegistry::of(feed)
                .is_some_and(|registry| registry.account.as_ref() == Some(own)),
        };
        is_own && !self.own_credentials.contains(&feed.id)
    }
}

impl Feed {
    /// How this feed is read, and why, in words for people.
    pub fn route(&self, access: &Access) -> (Route, &'static str) {
        if !self.kind.is_readable_directly() {
            (Route::Octopus, "only Octopus reads this kind of feed")
        } else if access.own_credentials.contains(&self.id) {
            (Route::Direct, "a credential for it is configured here")
        } else if access.reads_by_role(self) {
            (
                Route::Direct,
                "ECR is read with this program's own AWS role",
            )
        } else if self.kind == FeedKind::AwsElasticContainerRegistry {
            let why = match access.aws_account {
                None => "there is no AWS role here to read ECR with",
                Some(_) => "its AWS account is another, for which Octopus holds the credential",
            };
            (Route::Octopus, why)
        } else if self.has_credentials {
            (Route::Octopus, "Octopus holds its credential")
        } else {
            (Route::Direct, "it needs no credential")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ecr_is_read_directly_in_the_own_account_alone() {
        let feed = |account: Option<&str>| Feed {
            id: FeedId::new("Feeds-1"),
            space: SpaceId::new("Spaces-1"),
            name: "ECR".into(),
            kind: FeedKind::AwsElasticContainerRegistry,
            uri: None,
            registry_path: None,
            region: Some("eu-west-1".into()),
            account: account.map(str::to_owned),
            has_credentials: true,
        };
        let access = Access {
            aws_account: Some("111111111111".into()),
            ..Access::default()
        };
        let route = |account, access: &Access| feed(account).route(access).0;
        assert_eq!(route(None, &access), Route::Direct);
        assert_eq!(route(Some("111111111111"), &access), Route::Direct);
        assert_eq!(route(Some("222222222222"), &access), Route::Octopus);
        assert_eq!(route(None, &Access::default()), Route::Octopus);
    }

    #[test]
    fn routes_have_names() {
        let names = [Route::Direct, Route::Octopus].map(Route::name);
        assert_eq!(names, ["direct", "octopus"]);
    }
}
