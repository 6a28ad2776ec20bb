//! Options of `versions sort` and `versions match`.

use clap::{Args, Subcommand};
use domain::feed::FeedKind;

/// Commands about versions.
#[derive(Debug, Subcommand)]
pub enum Versions {
    /// Print the versions, newest first.
    Sort(Sort),
    /// Print the versions that a channel rule permits, newest first.
    Match(MatchOptions),
}

/// Options of `versions sort`.
#[derive(Debug, Args)]
pub struct Sort {
    /// The feed type in Octopus's spelling: Docker, Helm, NuGet, Maven, ...
    #[arg(long, value_name = "KIND", value_parser = feed_type)]
    pub feed_type: FeedKind,
}

/// Options of `versions match`.
#[derive(Debug, Args)]
pub struct MatchOptions {
    /// The feed type in Octopus's spelling: Docker, Helm, NuGet, Maven, ...
    #[arg(long, value_name = "KIND", value_parser = feed_type)]
    pub feed_type: FeedKind,
    /// A version range in NuGet's notation, or Maven's for Maven feeds.
    #[arg(long, value_name = "RANGE")]
    pub version_range: Option<String>,
    /// A regular expression for the pre-release tag.
    #[arg(long, value_name = "REGEX")]
    pub pre_release_tag: Option<String>,
    /// A regular expression for the whole version.
    #[arg(long, value_name = "REGEX")]
    pub version_tag_regex: Option<String>,
    /// Print all versions with the verdict on each.
    #[arg(long)]
    pub explain: bool,
}

/// Parses a feed type; case is ignored.
fn feed_type(text: &str) -> Result<FeedKind, String> {
    let known = FEED_TYPES
        .iter()
        .find(|name| name.eq_ignore_ascii_case(text));
    known
        .map(|name| FeedKind::from_feed_type(name))
        .ok_or_else(|| {
            format!(
                "unknown feed type; Octopus's feed types are: {}",
                FEED_TYPES.join(", ")
            )
        })
}

/// Octopus's feed types.
const FEED_TYPES: [&str; 16] = [
    "ArtifactoryGeneric",
    "AwsElasticContainerRegistry",
    "AzureContainerRegistry",
    "BuiltIn",
    "Docker",
    "GcsStorage",
    "GitHub",
    "GoogleContainerRegistry",
    "Helm",
    "Maven",
    "Npm",
    "NuGet",
    "OciRegistry",
    "OctopusProject",
    "PyPi",
    "S3",
];
