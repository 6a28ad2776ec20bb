//! A trigger of the watch list.

use std::collections::BTreeMap;

use domain::ids::{ChannelId, ProjectId, SpaceId, TriggerId};
use domain::problem::Problem;
use domain::time::Timestamp;
use domain::trigger::{ResolvedSource, Source, SourceRef, Trigger, TriggerOrigin};
use serde::{Deserialize, Serialize};

use super::coded::{ValuesData, code, coded, values};
use super::{OptionsData, PackageData, SelectionData};
use crate::time::Time;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TriggerData {
    id: String,
    name: String,
    space_id: String,
    project_id: String,
    project_name: String,
    channel_id: String,
    sources: Vec<SourceData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// Absent in rows of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    problem_code: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    problem_values: ValuesData,
    /// Absent if the last refresh read the trigger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stale: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stale_code: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    stale_values: ValuesData,
    /// Absent for a native trigger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<OriginData>,
    /// Absent if not recorded yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    watched_since: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    options: Option<OptionsData>,
    /// Absent if the last refresh read no documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    documents: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum OriginData {
    File,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SourceData {
    action_slug: String,
    package_reference: String,
    resolution: ResolutionData,
    /// The code of the reason why the source is unresolved; absent in rows of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unresolved_code: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    unresolved_values: ValuesData,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    selection: Option<SelectionData>,
}

/// The package of the source, `{"resolved": …}`, or the reason why it has none, `{"unresolved": "…"}`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum ResolutionData {
    Resolved(ResolvedData),
    Unresolved(String),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResolvedData {
    action_name: String,
    package: PackageData,
}

fn message(problem: Option<&Problem>) -> Option<String> {
    problem.map(|one| one.message.clone())
}

fn values_of(problem: Option<&Problem>) -> ValuesData {
    problem.map(|one| values(&one.details)).unwrap_or_default()
}

impl From<&Trigger> for TriggerData {
    fn from(trigger: &Trigger) -> Self {
        Self {
            id: trigger.id.to_string(),
            name: trigger.name.clone(),
            space_id: trigger.space.to_string(),
            project_id: trigger.project.to_string(),
            project_name: trigger.project_name.clone(),
            channel_id: trigger.channel.to_string(),
            sources: trigger.sources.iter().map(SourceData::from).collect(),
            problem: message(trigger.problem.as_ref()),
            problem_code: trigger.problem.as_ref().and_then(|one| code(&one.details)),
            problem_values: values_of(trigger.problem.as_ref()),
            stale: message(trigger.stale.as_ref()),
            stale_code: trigger.stale.as_ref().and_then(|one| code(&one.details)),
            stale_values: values_of(trigger.stale.as_ref()),
            origin: match trigger.origin {
                TriggerOrigin::Octopus => None,
                TriggerOrigin::File => Some(OriginData::File),
            },
            watched_since: (trigger.since != Timestamp::default()).then_some(Time(trigger.since)),
            options: OptionsData::of(&trigger.options),
            documents: trigger.documents.clone(),
        }
    }
}

impl From<&Source> for SourceData {
    fn from(source: &Source) -> Self {
        let problem = source.resolution.as_ref().err();
        Self {
            action_slug: source.reference.action_slug.clone(),
            package_reference: source.reference.package_reference.clone(),
            resolution: match &source.resolution {
                Ok(resolved) => ResolutionData::Resolved(ResolvedData {
                    action_name: resolved.action_name.clone(),
                    package: (&resolved.package).into(),
                }),
                Err(problem) => ResolutionData::Unresolved(problem.message.clone()),
            },
            unresolved_code: problem.and_then(|one| code(&one.details)),
            unresolved_values: values_of(problem),
            selection: SelectionData::of(&source.policy),
        }
    }
}

impl From<TriggerData> for Trigger {
    fn from(data: TriggerData) -> Self {
        Self {
            id: TriggerId::new(data.id),
            name: data.name,
            space: SpaceId::new(data.space_id),
            project: ProjectId::new(data.project_id),
            project_name: data.project_name,
            channel: ChannelId::new(data.channel_id),
            sources: data.sources.into_iter().map(Source::from).collect(),
            problem: data
                .problem
                .map(|message| coded(message, data.problem_code, data.problem_values)),
            stale: data
                .stale
                .map(|message| coded(message, data.stale_code, data.stale_values)),
            origin: match data.origin {
                None => TriggerOrigin::Octopus,
                Some(OriginData::File) => TriggerOrigin::File,
            },
            since: data.watched_since.map(|since| since.0).unwrap_or_default(),
            options: data.options.unwrap_or_default().into(),
            documents: data.documents,
        }
    }
}

impl From<SourceData> for Source {
    fn from(data: SourceData) -> Self {
        Self {
            reference: SourceRef {
                action_slug: data.action_slug,
                package_reference: data.package_reference,
            },
            resolution: match data.resolution {
                ResolutionData::Resolved(resolved) => Ok(ResolvedSource {
                    action_name: resolved.action_name,
                    package: resolved.package.into(),
                }),
                ResolutionData::Unresolved(message) => {
                    Err(coded(message, data.unresolved_code, data.unresolved_values))
                }
            },
            policy: data.selection.unwrap_or_default().into(),
        }
    }
}
