//! Tags of Helm charts in OCI registries.

/// A tag that no chart was pushed under.
#[derive(Debug, thiserror::Error)]
#[error("the tag {tag:?} is not the version of a chart")]
pub struct HelmTagError {
    /// The tag.
    pub tag: String,
    /// Why it is not strict SemVer.
    pub source: semver::Error,
}

/// The chart version that a tag stands for. Helm writes `_` for the `+` that no tag may hold, and takes
/// strict SemVer only: three numbers and no `v`.
///
/// # Errors
/// For every other tag, such as `latest`, `v1.2.3` and those of signatures; Helm ignores them.
pub fn parse_helm_tag(tag: &str) -> Result<semver::Version, HelmTagError> {
    semver::Version::parse(&tag.replace('_', "+")).map_err(|source| HelmTagError {
        tag: tag.to_owned(),
        source,
    })
}
