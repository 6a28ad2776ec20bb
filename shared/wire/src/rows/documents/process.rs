//! A project's process as one channel uses it.

use domain::ids::{FeedId, PackageId};
use domain::process::{
    Action, PackageIdentity, ReleaseTemplate, RuleNames, TemplatePackage, Versioning,
};
use engine::ports::Process;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProcessData {
    actions: Vec<ActionData>,
    /// Pairs of an action's id or slug and its name.
    action_names: Vec<(String, String)>,
    /// Pairs of a package reference's id and its name.
    package_names: Vec<(String, String)>,
    identities: Vec<IdentityData>,
    packages: Vec<PackageData>,
    versioning: VersioningData,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ActionData {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    slug: Option<String>,
    name: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_disabled: bool,
    package_references: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct IdentityData {
    action_id: String,
    action_slug: String,
    action_name: String,
    reference_id: String,
    package_reference: String,
    package: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PackageData {
    action_name: String,
    package_reference: String,
    feed_id: String,
    package_id: String,
    is_resolvable: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fixed_version: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
enum VersioningData {
    Template {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<String>,
    },
    Donor {
        action_name: String,
        package_reference: String,
    },
}

impl From<&Process> for ProcessData {
    fn from(process: &Process) -> Self {
        let ReleaseTemplate {
            packages,
            versioning,
        } = &process.template;
        Self {
            actions: process.actions.iter().map(ActionData::from).collect(),
            action_names: process.rule_names.actions.clone(),
            package_names: process.rule_names.packages.clone(),
            identities: process.identities.iter().map(IdentityData::from).collect(),
            packages: packages.iter().map(PackageData::from).collect(),
            versioning: versioning.into(),
        }
    }
}

impl From<ProcessData> for Process {
    fn from(data: ProcessData) -> Self {
        let identities = data.identities.into_iter();
        let packages = data.packages.into_iter();
        Self {
            actions: data.actions.into_iter().map(Action::from).collect(),
            rule_names: RuleNames {
                actions: data.action_names,
                packages: data.package_names,
            },
            identities: identities.map(PackageIdentity::from).collect(),
            template: ReleaseTemplate {
                packages: packages.map(TemplatePackage::from).collect(),
                versioning: data.versioning.into(),
            },
        }
    }
}

impl From<&Action> for ActionData {
    fn from(action: &Action) -> Self {
        Self {
            slug: action.slug.clone(),
            name: action.name.clone(),
            is_disabled: action.is_disabled,
            package_references: action.package_references.clone(),
        }
    }
}

impl From<ActionData> for Action {
    fn from(data: ActionData) -> Self {
        Self {
            slug: data.slug,
            name: data.name,
            is_disabled: data.is_disabled,
            package_references: data.package_references,
        }
    }
}

impl From<&PackageIdentity> for IdentityData {
    fn from(identity: &PackageIdentity) -> Self {
        Self {
            action_id: identity.action_id.clone(),
            action_slug: identity.action_slug.clone(),
            action_name: identity.action_name.clone(),
            reference_id: identity.reference_id.clone(),
            package_reference: identity.package_reference.clone(),
            package: identity.package.clone(),
        }
    }
}

impl From<IdentityData> for PackageIdentity {
    fn from(data: IdentityData) -> Self {
        Self {
            action_id: data.action_id,
            action_slug: data.action_slug,
            action_name: data.action_name,
            reference_id: data.reference_id,
            package_reference: data.package_reference,
            package: data.package,
        }
    }
}

impl From<&TemplatePackage> for PackageData {
    fn from(package: &TemplatePackage) -> Self {
        Self {
            action_name: package.action_name.clone(),
            package_reference: package.package_reference.clone(),
            feed_id: package.feed.to_string(),
            package_id: package.package.to_string(),
            is_resolvable: package.is_resolvable,
            fixed_version: package.fixed_version.clone(),
        }
    }
}

impl From<PackageData> for TemplatePackage {
    fn from(data: PackageData) -> Self {
        Self {
            action_name: data.action_name,
            package_reference: data.package_reference,
            feed: FeedId::new(data.feed_id),
            package: PackageId::new(data.package_id),
            is_resolvable: data.is_resolvable,
            fixed_version: data.fixed_version,
        }
    }
}

impl From<&Versioning> for VersioningData {
    fn from(versioning: &Versioning) -> Self {
        match versioning {
            Versioning::Template { next } => Self::Template { next: next.clone() },
            Versioning::Donor {
                action_name,
                package_reference,
            } => Self::Donor {
                action_name: action_name.clone(),
                package_reference: package_reference.clone(),
            },
        }
    }
}

impl From<VersioningData> for Versioning {
    fn from(data: VersioningData) -> Self {
        match data {
            VersioningData::Template { next } => Self::Template { next },
            VersioningData::Donor {
                action_name,
                package_reference,
            } => Self::Donor {
                action_name,
                package_reference,
            },
        }
    }
}
