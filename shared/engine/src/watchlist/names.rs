//! Names of actions, package references and native triggers in a trigger file, compared with those that
//! Octopus has. The watch list and the check of a file report an unknown name with the same words.

use domain::definition::{ALL, SourceDefinition};
use domain::ids::TriggerId;
use domain::problem::{Problem, ProblemCode};
use domain::process::{Action, same_name};

use crate::ports::NativeTrigger;

/// The part of a source that Octopus does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnknownName {
    /// The action does not exist. The text has the problem and the known names.
    Action(String),
    /// The action has no such package reference. The text has the problem and the known names.
    PackageReference(String),
}

impl UnknownName {
    /// The problem, with the known names.
    pub fn into_problem(self) -> Problem {
        match self {
            Self::Action(problem) => Problem::new(ProblemCode::ActionNotFound, problem),
            Self::PackageReference(problem) => {
                Problem::new(ProblemCode::PackageReferenceNotFound, problem)
            }
        }
    }
}

/// Finds a name in the source that the process does not have. A source that means every action or every
/// reference names nothing that could be unknown.
pub fn unknown_name(source: &SourceDefinition, actions: &[Action]) -> Option<UnknownName> {
    let mut named = actions
        .iter()
        .filter(|action| names(source, action))
        .peekable();
    if named.peek().is_none() {
        if source.is_everything() {
            return None;
        }
        let known = actions
            .iter()
            .filter(|action| !action.package_references.is_empty());
        let known: Vec<_> = known.map(Action::handle).collect();
        return Some(UnknownName::Action(format!(
            "the process has no action `{}`; actions with packages: {}",
            source.action,
            known.join(", ")
        )));
    }
    let references: Vec<_> = named
        .flat_map(|action| &action.package_references)
        .collect();
    let name = &source.package_reference;
    if name == ALL || references.iter().any(|one| same_name(one, name)) {
        return None;
    }
    let known: Vec<_> = references.iter().map(|name| quoted(name)).collect();
    Some(UnknownName::PackageReference(format!(
        "the action `{}` has no package reference {}; package references: {}",
        source.action,
        quoted(name),
        known.join(", ")
    )))
}

/// Whether the source means the action.
pub(super) fn names(source: &SourceDefinition, action: &Action) -> bool {
    source.names_action(action.slug.as_deref(), &action.name)
}

/// The name of the primary package reference is empty.
fn quoted(reference: &str) -> String {
    match reference {
        "" => "(primary)".to_owned(),
        name => format!("`{name}`"),
    }
}

/// Finds a native trigger by its id.
///
/// # Errors
/// The problem, with the known ids.
pub fn native_by_id<'a>(
    id: &TriggerId,
    natives: &'a [NativeTrigger],
) -> Result<&'a NativeTrigger, String> {
    natives.iter().find(|one| one.id == *id).ok_or_else(|| {
        let known: Vec<_> = natives.iter().map(|one| one.id.as_str()).collect();
        format!(
            "there is no external feed trigger `{id}`; external feed triggers: {}",
            known.join(", ")
        )
    })
}

/// Finds a native trigger by its name among those of one project.
///
/// # Errors
/// The problem, with the known names.
pub fn native_by_name<'a>(
    name: &str,
    project: &str,
    of_project: &[&'a NativeTrigger],
) -> Result<&'a NativeTrigger, String> {
    let mut candidates = of_project.iter();
    let found = candidates.find(|one| same_name(&one.name, name));
    found.copied().ok_or_else(|| {
        let known: Vec<_> = of_project.iter().map(|one| one.name.as_str()).collect();
        format!(
            "the project `{project}` has no external feed trigger `{name}`; external feed triggers: {}",
            known.join(", ")
        )
    })
}
