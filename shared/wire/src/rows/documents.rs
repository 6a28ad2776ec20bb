//! A copy of the documents of a trigger's project.

mod process;

use domain::ids::{ChannelId, ProjectId, SpaceId};
use domain::process::ChannelRule;
use domain::rule::{RuleStrategy, VersionRule};
use engine::ports::{Channel, Documents, Project};
use serde::{Deserialize, Serialize};

use super::{inflate, read, write_compressed};
use crate::WireError;
use process::ProcessData;

const KIND: &str = "the row of a project's documents";

#[derive(Serialize, Deserialize)]
struct DocumentsData {
    fingerprint: String,
    project: ProjectData,
    channel: ChannelData,
    process: ProcessData,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProjectData {
    id: String,
    space_id: String,
    name: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_disabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    process_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    git_ref: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChannelData {
    id: String,
    name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rules: Vec<RuleData>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    custom_fields: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RuleData {
    /// Pairs of an action's name and a package reference.
    packages: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    range: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pre_release_tag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version_tag_regex: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    by_date: bool,
}

/// Encodes the row.
///
/// # Errors
/// [`WireError::Compression`] without memory.
pub fn encode(fingerprint: &str, documents: &Documents) -> Result<Vec<u8>, WireError> {
    let Documents {
        project,
        channel,
        process,
    } = documents;
    write_compressed(
        KIND,
        DocumentsData {
            fingerprint: fingerprint.to_owned(),
            project: project.into(),
            channel: channel.into(),
            process: process.into(),
        },
    )
}

/// Decodes the row into the fingerprint and the documents.
///
/// # Errors
/// Those of every row, and [`WireError::Compression`].
pub fn decode(bytes: &[u8]) -> Result<(String, Documents), WireError> {
    let data: DocumentsData = read(KIND, &inflate(KIND, bytes)?)?;
    let documents = Documents {
        project: data.project.into(),
        channel: data.channel.into(),
        process: data.process.into(),
    };
    Ok((data.fingerprint, documents))
}

impl From<&Project> for ProjectData {
    fn from(project: &Project) -> Self {
        Self {
            id: project.id.to_string(),
            space_id: project.space.to_string(),
            name: project.name.clone(),
            is_disabled: project.is_disabled,
            process_id: project.process_id.clone(),
            git_ref: project.git_ref.clone(),
        }
    }
}

impl From<ProjectData> for Project {
    fn from(data: ProjectData) -> Self {
        Self {
            id: ProjectId::new(data.id),
            space: SpaceId::new(data.space_id),
            name: data.name,
            is_disabled: data.is_disabled,
            process_id: data.process_id,
            git_ref: data.git_ref,
        }
    }
}

impl From<&Channel> for ChannelData {
    fn from(channel: &Channel) -> Self {
        Self {
            id: channel.id.to_string(),
            name: channel.name.clone(),
            rules: channel.rules.iter().map(RuleData::from).collect(),
            custom_fields: channel.custom_fields.clone(),
        }
    }
}

impl From<ChannelData> for Channel {
    fn from(data: ChannelData) -> Self {
        Self {
            id: ChannelId::new(data.id),
            name: data.name,
            rules: data.rules.into_iter().map(ChannelRule::from).collect(),
            custom_fields: data.custom_fields,
        }
    }
}

impl From<&ChannelRule> for RuleData {
    fn from(rule: &ChannelRule) -> Self {
        let ChannelRule { packages, rule } = rule;
        Self {
            packages: packages.clone(),
            range: rule.range.clone(),
            pre_release_tag: rule.pre_release_tag.clone(),
            version_tag_regex: rule.version_tag_regex.clone(),
            by_date: rule.strategy == RuleStrategy::MostRecentlyPublished,
        }
    }
}

impl From<RuleData> for ChannelRule {
    fn from(data: RuleData) -> Self {
        Self {
            packages: data.packages,
            rule: VersionRule {
                range: data.range,
                pre_release_tag: data.pre_release_tag,
                version_tag_regex: data.version_tag_regex,
                strategy: match data.by_date {
                    true => RuleStrategy::MostRecentlyPublished,
                    false => RuleStrategy::SemVer,
                },
            },
        }
    }
}
