//! Feeds: their kind, their format of versions, and the route by which they are read.

use crate::ecr::{EcrHost, EcrRegistry, split_url};
use crate::ids::{FeedId, SpaceId};
use crate::version::{VersionFormat, chart_tag, chart_version};

/// Octopus's `FeedType`. An unknown type keeps its name and is read by the `octopus` route, so a new server
/// never breaks a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FeedKind {
    /// Any registry that is compatible with Docker Hub.
    Docker,
    AwsElasticContainerRegistry,
    AzureContainerRegistry,
    /// Google Container Registry or Artifact Registry.
    GoogleContainerRegistry,
    /// An OCI registry of Helm charts and images.
    OciRegistry,
    /// A Helm repository over HTTP.
    Helm,
    BuiltIn,
    Maven,
    ArtifactoryGeneric,
    /// The releases of other projects, behind "Deploy a release" steps.
    OctopusProject,
    /// Every other type, by Octopus's name: `NuGet`, `Npm`, `GitHub`, `S3`, ...
    Other(String),
}

impl FeedKind {
    /// Parses Octopus's `FeedType`. A feed without one is a NuGet feed.
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

    /// Whether its packages are repositories of an OCI registry.
    pub fn is_container_registry(&self) -> bool {
        self.version_format() == VersionFormat::Docker
    }

    /// The format and order of the feed's versions, as in Octopus.
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

    /// The version of this tag, if it is a chart's and differs from the tag.
    pub fn chart_version(&self, tag: &str) -> Option<String> {
        (*self == Self::OciRegistry)
            .then(|| chart_version(tag))
            .flatten()
    }

    /// The tag of this version, if it is a chart's and differs from the version.
    pub fn chart_tag(&self, version: &str) -> Option<String> {
        (*self == Self::OciRegistry)
            .then(|| chart_tag(version))
            .flatten()
    }

    /// Whether this program can read a feed of this kind without Octopus, given a credential where one is
    /// required.
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

/// A feed, with what a read needs. It never contains a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    pub id: FeedId,
    pub space: SpaceId,
    /// The name, for messages.
    pub name: String,
    pub kind: FeedKind,
    /// `FeedUri`. `None`: the kind has none.
    pub uri: Option<String>,
    /// `RegistryPath`: a prefix of every repository name. `None`: the kind has none.
    pub registry_path: Option<String>,
    /// The AWS region, for ECR.
    pub region: Option<String>,
    /// The AWS account that owns the registry, for ECR. `None`: unknown, so the stack's own is assumed.
    pub account: Option<String>,
    /// Whether Octopus stores a credential for it.
    pub has_credentials: bool,
}

/// The way by which a feed is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Route {
    /// This program reads the registry.
    Direct,
    /// This program asks Octopus, which stores the credential or supports the protocol.
    Octopus,
}

impl Route {
    pub fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Octopus => "octopus",
        }
    }
}

/// The credentials of this program, which decide a feed's route.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// The AWS account whose ECR this program reads with its own role.
    pub aws_account: Option<String>,
    /// Feeds with a credential that is configured here.
    pub own_credentials: Vec<FeedId>,
}

impl Access {
    /// Whether the feed is a private ECR registry of the own account, by its kind or by its host, and no other
    /// credential is configured here for it: such a feed is read with the program's own role.
    pub fn reads_by_role(&self, feed: &Feed) -> bool {
        let Some(own) = &self.aws_account else {
            return false;
        };
        let is_own = match feed.kind {
            FeedKind::AwsElasticContainerRegistry => {
                feed.account.as_ref().is_none_or(|account| account == own)
            }
            _ => feed
                .ecr_registry()
                .is_some_and(|registry| registry.account.as_ref() == Some(own)),
        };
        is_own && !self.own_credentials.contains(&feed.id)
    }
}

impl Feed {
    /// The private ECR registry that the feed is. `None`: it is none, or its region is unknown.
    pub fn ecr_registry(&self) -> Option<EcrRegistry> {
        let path = self.registry_path.as_deref();
        match self.kind {
            FeedKind::AwsElasticContainerRegistry => EcrRegistry::new(
                self.account.clone(),
                self.region.as_deref()?,
                path.unwrap_or_default(),
            ),
            FeedKind::Docker | FeedKind::OciRegistry => {
                let (host, own_path) = split_url(self.uri.as_deref()?)?;
                let EcrHost { account, region } = EcrHost::parse(host)?;
                EcrRegistry::new(Some(account), &region, path.unwrap_or(own_path))
            }
            _ => None,
        }
    }

    /// The route by which this feed is read, and why, for users.
    pub fn route(&self, access: &Access) -> (Route, &'static str) {
        if !self.kind.is_readable_directly() {
            (Route::Octopus, "only Octopus can read this kind of feed")
        } else if access.own_credentials.contains(&self.id) {
            (Route::Direct, "its credential is configured here")
        } else if access.reads_by_role(self) {
            (
                Route::Direct,
                "ECR is read with this program's own AWS role",
            )
        } else if self.kind == FeedKind::AwsElasticContainerRegistry {
            let why = match access.aws_account {
                None => "no AWS role is configured here that reads ECR",
                Some(_) => "its AWS account is another one, whose credential Octopus stores",
            };
            (Route::Octopus, why)
        } else if self.has_credentials {
            (Route::Octopus, "Octopus stores its credential")
        } else {
            (Route::Direct, "it needs no credential")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ecr_route_is_direct_only_in_the_own_account() {
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
}
