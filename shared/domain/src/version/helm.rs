//! Tags of Helm charts in OCI registries.

/// A tag that is not a chart's version.
#[derive(Debug, thiserror::Error)]
#[error("the tag {tag:?} is not the version of a chart")]
pub struct HelmTagError {
    pub tag: String,
    pub source: semver::Error,
}

/// The version of a chart's tag that contains `_` for `+`. `None`: the tag is the version, or no chart's.
pub fn chart_version(tag: &str) -> Option<String> {
    let is_chart = tag.contains('_') && parse_helm_tag(tag).is_ok();
    is_chart.then(|| tag.replace('_', "+"))
}

/// The tag of a chart's version that contains `+`. `None`: the version is the tag.
pub fn chart_tag(version: &str) -> Option<String> {
    version.contains('+').then(|| version.replace('+', "_"))
}

/// The chart version of a tag. Helm writes `_` for `+`, which a tag may not contain, and accepts strict SemVer
/// only: three numbers and no `v`.
///
/// # Errors
/// For every other tag, such as `latest`, `v1.2.3` and the tags of signatures, which Helm ignores.
pub fn parse_helm_tag(tag: &str) -> Result<semver::Version, HelmTagError> {
    semver::Version::parse(&tag.replace('_', "+")).map_err(|source| HelmTagError {
        tag: tag.to_owned(),
        source,
    })
}
