//! The definitions of an applied trigger file.

use domain::definition::{Definition, Definitions, NativeOptions, NativeRef, SourceDefinition};
use domain::ids::TriggerId;
use serde::{Deserialize, Serialize};

use super::{OptionsData, SelectionData};

#[derive(Serialize, Deserialize)]
pub(crate) struct DefinitionsData {
    triggers: Vec<DefinitionData>,
    native: Vec<NativeData>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DefinitionData {
    name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    description: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    space: Option<String>,
    project: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_disabled: bool,
    sources: Vec<SourceData>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    options: Option<OptionsData>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SourceData {
    action: String,
    package_reference: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    selection: Option<SelectionData>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NativeData {
    trigger: NativeRefData,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    options: Option<OptionsData>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sources: Vec<SourceData>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum NativeRefData {
    Id(String),
    Named {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        space: Option<String>,
        project: String,
        name: String,
    },
}

impl From<&Definitions> for DefinitionsData {
    fn from(definitions: &Definitions) -> Self {
        let Definitions { triggers, native } = definitions;
        Self {
            triggers: triggers.iter().map(DefinitionData::from).collect(),
            native: native.iter().map(NativeData::from).collect(),
        }
    }
}

impl From<DefinitionsData> for Definitions {
    fn from(data: DefinitionsData) -> Self {
        Self {
            triggers: data.triggers.into_iter().map(Into::into).collect(),
            native: data.native.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<&Definition> for DefinitionData {
    fn from(definition: &Definition) -> Self {
        Self {
            name: definition.name.clone(),
            description: definition.description.clone(),
            space: definition.space.clone(),
            project: definition.project.clone(),
            channel: definition.channel.clone(),
            is_disabled: definition.is_disabled,
            sources: definition.sources.iter().map(SourceData::from).collect(),
            options: OptionsData::of(&definition.options),
        }
    }
}

impl From<DefinitionData> for Definition {
    fn from(data: DefinitionData) -> Self {
        Self {
            name: data.name,
            description: data.description,
            space: data.space,
            project: data.project,
            channel: data.channel,
            is_disabled: data.is_disabled,
            sources: data.sources.into_iter().map(Into::into).collect(),
            options: data.options.unwrap_or_default().into(),
        }
    }
}

impl From<&SourceDefinition> for SourceData {
    fn from(source: &SourceDefinition) -> Self {
        Self {
            action: source.action.clone(),
            package_reference: source.package_reference.clone(),
            selection: SelectionData::of(&source.policy),
        }
    }
}

impl From<SourceData> for SourceDefinition {
    fn from(data: SourceData) -> Self {
        Self {
            action: data.action,
            package_reference: data.package_reference,
            policy: data.selection.unwrap_or_default().into(),
        }
    }
}

impl From<&NativeOptions> for NativeData {
    fn from(native: &NativeOptions) -> Self {
        Self {
            trigger: match &native.trigger {
                NativeRef::Id(id) => NativeRefData::Id(id.to_string()),
                NativeRef::Named {
                    space,
                    project,
                    name,
                } => NativeRefData::Named {
                    space: space.clone(),
                    project: project.clone(),
                    name: name.clone(),
                },
            },
            options: OptionsData::of(&native.options),
            sources: native.sources.iter().map(SourceData::from).collect(),
        }
    }
}

impl From<NativeData> for NativeOptions {
    fn from(data: NativeData) -> Self {
        Self {
            trigger: match data.trigger {
                NativeRefData::Id(id) => NativeRef::Id(TriggerId::new(id)),
                NativeRefData::Named {
                    space,
                    project,
                    name,
                } => NativeRef::Named {
                    space,
                    project,
                    name,
                },
            },
            options: data.options.unwrap_or_default().into(),
            sources: data.sources.into_iter().map(Into::into).collect(),
        }
    }
}
