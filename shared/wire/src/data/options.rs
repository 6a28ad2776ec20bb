//! The options of a trigger and the version selection of a source. Defaults are omitted.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use domain::options::{
    CatchUp, FirstSight, Options, ReleaseContext, VersionConditions, VersionOrder, VersionPolicy,
    When,
};
use domain::time::Span;
use serde::{Deserialize, Serialize};

use super::requirements::RequirementsData;
use super::window::WindowData;

#[derive(Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct OptionsData {
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<WhenData>,
    #[serde(rename = "if", skip_serializing_if = "Option::is_none")]
    condition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quiet_period_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_wait_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum_age_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    catch_up: Option<CatchUpData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_sight: Option<FirstSightData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_releases_per_hour: Option<NonZeroU32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<WindowData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    git_ref: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    release_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    release_notes: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    release_context: Vec<ReleaseContextData>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    custom_fields: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    dry_run: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum WhenData {
    All,
    SameVersion {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        extract: Option<String>,
    },
    SameLabel {
        by: String,
    },
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum ReleaseContextData {
    Commits,
    BuildInformation,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum CatchUpData {
    Every,
    NewestPerMinor,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum FirstSightData {
    Baseline,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct SelectionData {
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pre_release_tag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    include: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exclude: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<OrderData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extract: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    roll_back: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    follow: Option<String>,
    #[serde(skip_serializing_if = "RequirementsData::is_empty")]
    require: RequirementsData,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum OrderData {
    Semver,
    Published,
    Numeric,
    Alphabetical,
}

impl OptionsData {
    /// `None` if all options are defaults.
    pub(crate) fn of(options: &Options) -> Option<Self> {
        (*options != Options::default()).then(|| options.into())
    }
}

impl From<&Options> for OptionsData {
    fn from(options: &Options) -> Self {
        Self {
            when: match &options.when {
                When::Any => None,
                When::All => Some(WhenData::All),
                When::SameVersion { extract } => Some(WhenData::SameVersion {
                    extract: extract.clone(),
                }),
                When::SameLabel { by } => Some(WhenData::SameLabel { by: by.clone() }),
            },
            condition: options.condition.clone(),
            quiet_period_ms: options.quiet_period.map(Span::as_millis),
            max_wait_ms: options.max_wait.map(Span::as_millis),
            minimum_age_ms: options.minimum_age.map(Span::as_millis),
            catch_up: match options.catch_up {
                CatchUp::Newest => None,
                CatchUp::Every => Some(CatchUpData::Every),
                CatchUp::NewestPerMinor => Some(CatchUpData::NewestPerMinor),
            },
            first_sight: match options.first_sight {
                FirstSight::Compare => None,
                FirstSight::Baseline => Some(FirstSightData::Baseline),
            },
            max_releases_per_hour: options.max_releases_per_hour,
            window: options.window.as_ref().map(WindowData::from),
            git_ref: options.git_ref.clone(),
            release_version: options.release_version.clone(),
            release_notes: options.release_notes.clone(),
            release_context: options
                .release_context
                .iter()
                .map(|one| match one {
                    ReleaseContext::Commits => ReleaseContextData::Commits,
                    ReleaseContext::BuildInformation => ReleaseContextData::BuildInformation,
                })
                .collect(),
            custom_fields: options.custom_fields.clone(),
            dry_run: options.dry_run,
        }
    }
}

impl From<OptionsData> for Options {
    fn from(data: OptionsData) -> Self {
        Self {
            when: match data.when {
                None => When::Any,
                Some(WhenData::All) => When::All,
                Some(WhenData::SameVersion { extract }) => When::SameVersion { extract },
                Some(WhenData::SameLabel { by }) => When::SameLabel { by },
            },
            condition: data.condition,
            quiet_period: data.quiet_period_ms.map(Span::from_millis),
            max_wait: data.max_wait_ms.map(Span::from_millis),
            minimum_age: data.minimum_age_ms.map(Span::from_millis),
            catch_up: match data.catch_up {
                None => CatchUp::Newest,
                Some(CatchUpData::Every) => CatchUp::Every,
                Some(CatchUpData::NewestPerMinor) => CatchUp::NewestPerMinor,
            },
            first_sight: match data.first_sight {
                None => FirstSight::Compare,
                Some(FirstSightData::Baseline) => FirstSight::Baseline,
            },
            max_releases_per_hour: data.max_releases_per_hour,
            window: data.window.map(Into::into),
            git_ref: data.git_ref,
            release_version: data.release_version,
            release_notes: data.release_notes,
            release_context: data
                .release_context
                .into_iter()
                .map(|one| match one {
                    ReleaseContextData::Commits => ReleaseContext::Commits,
                    ReleaseContextData::BuildInformation => ReleaseContext::BuildInformation,
                })
                .collect(),
            custom_fields: data.custom_fields,
            dry_run: data.dry_run,
        }
    }
}

impl SelectionData {
    /// `None` for the default policy.
    pub(crate) fn of(selection: &VersionPolicy) -> Option<Self> {
        (*selection != VersionPolicy::default()).then(|| selection.into())
    }
}

impl From<&VersionPolicy> for SelectionData {
    fn from(selection: &VersionPolicy) -> Self {
        let versions = &selection.versions;
        Self {
            range: versions.range.clone(),
            pre_release_tag: versions.pre_release_tag.clone(),
            include: versions.include.clone(),
            exclude: versions.exclude.clone(),
            order: versions.order.map(|order| match order {
                VersionOrder::Semver => OrderData::Semver,
                VersionOrder::Published => OrderData::Published,
                VersionOrder::Numeric => OrderData::Numeric,
                VersionOrder::Alphabetical => OrderData::Alphabetical,
            }),
            extract: versions.extract.clone(),
            platform: versions.platform.clone(),
            roll_back: versions.roll_back,
            follow: selection.follow.clone(),
            require: (&selection.require).into(),
        }
    }
}

impl From<SelectionData> for VersionPolicy {
    fn from(data: SelectionData) -> Self {
        Self {
            versions: VersionConditions {
                range: data.range,
                pre_release_tag: data.pre_release_tag,
                include: data.include,
                exclude: data.exclude,
                order: data.order.map(|order| match order {
                    OrderData::Semver => VersionOrder::Semver,
                    OrderData::Published => VersionOrder::Published,
                    OrderData::Numeric => VersionOrder::Numeric,
                    OrderData::Alphabetical => VersionOrder::Alphabetical,
                }),
                extract: data.extract,
                platform: data.platform,
                roll_back: data.roll_back,
            },
            follow: data.follow,
            require: data.require.into(),
        }
    }
}
