//! Selects and sorts the versions of a query.

use domain::feed::FeedKind;
use domain::rule::{CompiledRule, RuleStrategy, VersionRule};
use domain::version::{Version, VersionFormat};

use crate::answer::Refusal;
use crate::world::{DotNetPatterns, Rule, StoredVersion};

/// Conditions of a channel's rule or of a query.
#[derive(Clone, Debug, Default)]
pub(crate) struct Condition {
    pub(crate) range: Option<String>,
    pub(crate) pre_release_tag: Option<String>,
    pub(crate) version_tag_regex: Option<String>,
    pub(crate) strategy: Option<String>,
    /// The versions that match each pattern that only .NET evaluates.
    pub(crate) dotnet: Vec<Vec<String>>,
}

impl Condition {
    /// The conditions of a rule.
    pub(crate) fn of(rule: &Rule) -> Self {
        Self {
            range: rule.range.clone(),
            pre_release_tag: rule.pre_release_tag.clone(),
            version_tag_regex: rule.version_tag_regex.clone(),
            strategy: rule.strategy.clone(),
            dotnet: Vec::new(),
        }
    }

    /// The condition of a query's parameters.
    pub(crate) fn from_query(parameter: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            range: parameter("versionRange"),
            pre_release_tag: parameter("preReleaseTag"),
            version_tag_regex: parameter("versionTagRegex"),
            strategy: parameter("versioningStrategy"),
            dotnet: Vec::new(),
        }
    }

    /// Adds the results of the patterns that only .NET evaluates.
    pub(crate) fn with(mut self, patterns: &DotNetPatterns) -> Self {
        for pattern in [&mut self.pre_release_tag, &mut self.version_tag_regex] {
            let matched = pattern.as_ref().and_then(|text| patterns.get(text));
            if let Some(versions) = matched {
                self.dotnet.push(versions.clone());
                *pattern = None;
            }
        }
        self
    }

    fn dotnet_permits(&self, version: &str) -> bool {
        let is_one = |versions: &Vec<String>| versions.iter().any(|one| one == version);
        self.dotnet.iter().all(is_one)
    }

    /// Whether a version of a feed of this kind is permitted.
    ///
    /// # Errors
    /// If the version, the range or an expression cannot be parsed.
    pub(crate) fn permits(&self, feed_kind: &str, version: &str) -> Result<bool, String> {
        let format = format(feed_kind);
        let parsed = Version::parse(format, version).map_err(|error| error.to_string())?;
        let rule = self.compile(format).map_err(|error| error.to_string())?;
        Ok(rule.verdict(&parsed).is_permitted() && self.dotnet_permits(version))
    }

    fn compile(&self, format: VersionFormat) -> Result<CompiledRule, domain::rule::RuleError> {
        let rule = VersionRule {
            range: self.range.clone(),
            pre_release_tag: self.pre_release_tag.clone(),
            version_tag_regex: self.version_tag_regex.clone(),
            strategy: match self.by_date() {
                true => RuleStrategy::MostRecentlyPublished,
                false => RuleStrategy::SemVer,
            },
        };
        rule.compile(format)
    }

    fn by_date(&self) -> bool {
        self.strategy
            .as_deref()
            .is_some_and(|name| name.eq_ignore_ascii_case("MostRecentlyPublished"))
    }
}

/// A query for versions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    pub(crate) condition: Condition,
    pub(crate) without_pre_releases: bool,
    /// Part of the version's text.
    pub(crate) filter: Option<String>,
}

impl Query {
    /// The versions that match the query, highest or newest first. Text that is not a version is dropped.
    ///
    /// # Errors
    /// 400 for a range or an expression that cannot be parsed.
    pub(crate) fn apply(
        &self,
        feed_kind: &str,
        stored: Vec<StoredVersion>,
    ) -> Result<Vec<StoredVersion>, Refusal> {
        let format = format(feed_kind);
        if let Some(range) = self
            .condition
            .range
            .as_deref()
            .filter(|range| !range.trim().is_empty())
        {
            domain::range::VersionRange::parse(format, range).map_err(|_| {
                Refusal::invalid(
                    "The 'versionRange' parameter was not a valid NuGet version-range (see http://g.octopushq.com/NuGetVersioning)",
                )
            })?;
        }
        let rule = self
            .condition
            .compile(format)
            .map_err(|error| Refusal::invalid(error.to_string()))?;
        let filter = self.filter.as_deref().unwrap_or_default().to_lowercase();
        let mut permitted: Vec<(Version, StoredVersion)> = stored
            .into_iter()
            .filter_map(|stored| Some((Version::parse(format, &stored.version).ok()?, stored)))
            .filter(|(version, stored)| {
                !(self.without_pre_releases && version.is_prerelease())
                    && stored.version.to_lowercase().contains(&filter)
                    && rule.verdict(version).is_permitted()
                    && self.condition.dotnet_permits(&stored.version)
            })
            .collect();
        let by_date = self.condition.by_date();
        permitted.sort_by(|(a, stored_a), (b, stored_b)| {
            let date = if by_date {
                stored_b.published.cmp(&stored_a.published)
            } else {
                std::cmp::Ordering::Equal
            };
            date.then_with(|| b.cmp(a))
        });
        Ok(permitted.into_iter().map(|(_, stored)| stored).collect())
    }
}

fn format(feed_kind: &str) -> VersionFormat {
    FeedKind::from_feed_type(feed_kind).version_format()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(kind: &str, query: &Query) -> Vec<String> {
        let stored = [
            "1.0.0",
            "latest",
            "2.0.0-rc.1",
            "10.0.0",
            "not a version",
            "2.0.0",
        ];
        let stored = stored
            .iter()
            .enumerate()
            .map(|(day, version)| StoredVersion {
                version: (*version).to_owned(),
                published: jiff::Timestamp::from_second(i64::try_from(day).unwrap_or_default())
                    .ok(),
            });
        query
            .apply(kind, stored.collect())
            .unwrap()
            .into_iter()
            .map(|stored| stored.version)
            .collect()
    }

    #[test]
    fn apply_sorts_highest_first_and_drops_other_text() {
        assert_eq!(
            versions("NuGet", &Query::default()),
            ["10.0.0", "2.0.0", "2.0.0-rc.1", "1.0.0"]
        );
        assert_eq!(
            versions("Docker", &Query::default()),
            ["10.0.0", "2.0.0", "2.0.0-rc.1", "1.0.0", "latest"]
        );
    }

    #[test]
    fn apply_filters_by_condition_and_sorts_by_strategy() {
        let stable = Query {
            without_pre_releases: true,
            ..Query::default()
        };
        assert_eq!(versions("NuGet", &stable), ["10.0.0", "2.0.0", "1.0.0"]);
        let condition = Condition {
            range: Some("[2.0,3.0)".to_owned()),
            ..Condition::default()
        };
        assert_eq!(
            versions(
                "NuGet",
                &Query {
                    condition,
                    ..Query::default()
                }
            ),
            ["2.0.0"]
        );
        let condition = Condition {
            pre_release_tag: Some("^rc".to_owned()),
            ..Condition::default()
        };
        assert_eq!(
            versions(
                "NuGet",
                &Query {
                    condition,
                    ..Query::default()
                }
            ),
            ["2.0.0-rc.1"]
        );
        let condition = Condition {
            strategy: Some("MostRecentlyPublished".to_owned()),
            ..Condition::default()
        };
        let newest = Query {
            condition,
            filter: Some("0.0".to_owned()),
            ..Query::default()
        };
        assert_eq!(
            versions("NuGet", &newest),
            ["2.0.0", "10.0.0", "2.0.0-rc.1", "1.0.0"]
        );
    }
}
