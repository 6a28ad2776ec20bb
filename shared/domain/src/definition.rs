//! The definitions of a trigger file. They name projects, channels and actions by name, slug or id, and are
//! resolved to [`crate::trigger::Trigger`]s each time Octopus is read, so that a renamed project is found again or
//! reported.

use crate::ids::TriggerId;
use crate::options::{Options, VersionPolicy};
use crate::process::same_name;
use crate::trigger::SourceRef;

/// "All" in a file: every package of the process, or every reference of an action.
pub const ALL: &str = "*";

/// All definitions of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definitions {
    /// Triggers that are defined only in the file.
    pub triggers: Vec<Definition>,
    /// Options for Octopus's own triggers.
    pub native: Vec<NativeOptions>,
}

/// A trigger that is defined only in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The name, unique in its space.
    pub name: String,
    /// Empty for none.
    pub description: String,
    /// The space, by name, slug or id. `None`: the only space of this program.
    pub space: Option<String>,
    /// The project, by name, slug or id.
    pub project: String,
    /// The channel, by name, slug or id. `None`: the project's default channel.
    pub channel: Option<String>,
    /// Listed, but not run.
    pub is_disabled: bool,
    pub sources: Vec<SourceDefinition>,
    pub options: Options,
}

/// One or several package references that a trigger watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceDefinition {
    /// The action's slug or name; [`ALL`] for every action.
    pub action: String,
    /// The package reference's name, empty for the primary package; [`ALL`] for every reference.
    pub package_reference: String,
    /// Which of its versions are eligible.
    pub policy: VersionPolicy,
}

/// Options for one of Octopus's own triggers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NativeOptions {
    pub trigger: NativeRef,
    pub options: Options,
    /// Which versions of a source are eligible: the first entry that names the source applies.
    pub sources: Vec<SourceDefinition>,
}

/// One of Octopus's own triggers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NativeRef {
    Id(TriggerId),
    Named {
        /// The project's space. `None`: the only space of this program.
        space: Option<String>,
        /// The project, by name, slug or id.
        project: String,
        name: String,
    },
}

impl Definition {
    /// The id of the trigger: derived from its name, so that it keeps its history when other fields change.
    pub fn id(&self) -> TriggerId {
        TriggerId::new(format!("file:{}", self.name.trim().to_lowercase()))
    }
}

impl SourceDefinition {
    /// The reference that it names.
    pub fn reference(&self) -> SourceRef {
        SourceRef {
            action_slug: self.action.clone(),
            package_reference: self.package_reference.clone(),
        }
    }

    /// Whether it names every package of the process.
    pub fn is_everything(&self) -> bool {
        self.action == ALL
    }

    /// Whether it names this reference of this action, by slug or by name.
    pub fn names(&self, slug: Option<&str>, name: &str, package_reference: &str) -> bool {
        let reference = &self.package_reference;
        self.names_action(slug, name)
            && (reference == ALL || same_name(reference, package_reference))
    }

    /// Whether it names this action, by slug or by name.
    pub fn names_action(&self, slug: Option<&str>, name: &str) -> bool {
        let action = &self.action;
        action == ALL || same_name(action, name) || slug.is_some_and(|slug| same_name(action, slug))
    }
}

impl NativeOptions {
    /// The entry for a source of the trigger, whose action has this name.
    pub fn source(&self, reference: &SourceRef, action_name: &str) -> Option<&SourceDefinition> {
        let slug = Some(reference.action_slug.as_str());
        self.sources
            .iter()
            .find(|one| one.names(slug, action_name, &reference.package_reference))
    }
}

/// As in messages about a file.
impl std::fmt::Display for NativeRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => write!(f, "the trigger {id}"),
            Self::Named { project, name, .. } => {
                write!(f, "the trigger `{name}` of the project `{project}`")
            }
        }
    }
}

/// As in messages about a file.
impl std::fmt::Display for SourceDefinition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let action = &self.action;
        match self.package_reference.as_str() {
            "" => write!(f, "`{action}`"),
            reference => write!(f, "`{reference}` of `{action}`"),
        }
    }
}
