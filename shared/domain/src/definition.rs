//! What people ask for in a file of triggers: definitions that name projects, channels and actions by
//! name, slug or id. They become [`crate::trigger::Trigger`]s each time Octopus is read, so that a
//! project that is renamed or a step that moves is found again or reported.

use crate::ids::TriggerId;
use crate::options::{Options, VersionPolicy};
use crate::process::same_name;
use crate::trigger::SourceRef;

/// What stands in a file for "all": every package of the process, or every reference of an action.
pub const ALL: &str = "*";

/// Everything that a file asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definitions {
    /// Triggers that exist here alone.
    pub triggers: Vec<Definition>,
    /// Options for Octopus's own triggers.
    pub native: Vec<NativeOptions>,
}

/// A trigger that exists here alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Its name, unique in its space.
    pub name: String,
    /// What it is for; empty if nothing is said.
    pub description: String,
    /// The space, by name, slug or id. Absent: the only space that this program looks at.
    pub space: Option<String>,
    /// The project, by name, slug or id.
    pub project: String,
    /// The channel, by name, slug or id. Absent: the project's default channel.
    pub channel: Option<String>,
    /// Switched off: it is kept and shown, and does nothing.
    pub is_disabled: bool,
    /// What it watches, in order.
    pub sources: Vec<SourceDefinition>,
    /// Its options.
    pub options: Options,
}

/// A package reference, or several, that a trigger watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceDefinition {
    /// The action's slug or name; [`ALL`] for every action.
    pub action: String,
    /// The package reference's name, empty for the primary package; [`ALL`] for every reference.
    pub package_reference: String,
    /// Which of its versions count.
    pub selection: VersionPolicy,
}

/// Options for one of Octopus's own triggers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NativeOptions {
    /// Which.
    pub trigger: NativeRef,
    /// Its options.
    pub options: Options,
    /// Which versions of a source count: the first that names the source.
    pub sources: Vec<SourceDefinition>,
}

/// One of Octopus's own triggers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NativeRef {
    /// By its id.
    Id(TriggerId),
    /// By its project and name.
    Named {
        /// The project's space. Absent: the only space that this program looks at.
        space: Option<String>,
        /// The project, by name, slug or id.
        project: String,
        /// The trigger's name.
        name: String,
    },
}

impl Definition {
    /// The id of the trigger that it becomes: made of its name, so that its history stays with it when
    /// anything else is changed.
    pub fn id(&self) -> TriggerId {
        TriggerId::new(format!("file:{}", self.name.trim().to_lowercase()))
    }
}

impl SourceDefinition {
    /// The reference that it is, as far as it names one.
    pub fn reference(&self) -> SourceRef {
        SourceRef {
            action_slug: self.action.clone(),
            package_reference: self.package_reference.clone(),
        }
    }

    /// Whether it means every package of the process.
    pub fn is_everything(&self) -> bool {
        self.action == ALL
    }

    /// Whether it names this reference of this action, which is called by slug or by name.
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
    /// What is said of a source of the trigger, whose action is called so.
    pub fn source(&self, reference: &SourceRef, action_name: &str) -> Option<&SourceDefinition> {
        let slug = Some(reference.action_slug.as_str());
        self.sources
            .iter()
            .find(|one| one.names(slug, action_name, &reference.package_reference))
    }
}

/// As people call the trigger in a file.
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

/// As people call the source in a file.
impl std::fmt::Display for SourceDefinition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let action = &self.action;
        match self.package_reference.as_str() {
            "" => write!(f, "`{action}`"),
            reference => write!(f, "`{reference}` of `{action}`"),
        }
    }
}
