//! The required permission by method and path. Every user has all permissions except
//! removed ones.

use crate::answer::Refusal;
use crate::world::{User, same};

/// Whether the user may send this request to a space.
///
/// # Errors
/// 403 with the missing permission.
pub(super) fn check(user: &User, verb: &str, words: &[&str]) -> Result<(), Refusal> {
    let needed = needed(verb, words);
    // Creating a release also reads the project's variables.
    let variables = needed.filter(|needed| *needed == "ReleaseCreate");
    let variables = variables.map(|_| "VariableView");
    let mut missing = needed.into_iter().chain(variables);
    match missing.find(|needed| user.lacks.iter().any(|lacks| same(lacks, needed))) {
        Some(missing) => Err(Refusal::forbidden(missing)),
        None => Ok(()),
    }
}

fn needed(verb: &str, words: &[&str]) -> Option<&'static str> {
    let subject = match words {
        [.., "defects"] => "Defect",
        [.., "defects", "resolve"] => "Resolution",
        _ if words.contains(&"releases") => "Release",
        ["deployments", ..] => "Deployment",
        _ if words.contains(&"triggers") || words.contains(&"projecttriggers") => "Trigger",
        _ if words.contains(&"channels") || words.contains(&"deploymentprocesses") => "Process",
        ["projects", ..] => "Project",
        ["feeds", ..] => "Feed",
        ["lifecycles", ..] => "Lifecycle",
        ["environments", ..] => "Environment",
        ["build-information", ..] => "BuildInformation",
        _ => return None,
    };
    Some(match (subject, verb) {
        ("Defect", "GET") | ("Release", "GET") => "ReleaseView",
        ("Defect", "POST") => "DefectReport",
        ("Resolution", "POST") => "DefectResolve",
        ("Deployment", "POST") => "DeploymentCreate",
        ("Release", "POST") => "ReleaseCreate",
        ("Release", "DELETE") => "ReleaseDelete",
        ("Trigger", "GET") => "TriggerView",
        ("Trigger", "POST") => "TriggerCreate",
        ("Trigger", "PUT") => "TriggerEdit",
        ("Trigger", "DELETE") => "TriggerDelete",
        ("Process", "GET") => "ProcessView",
        ("Project", "GET") => "ProjectView",
        ("Feed", "GET") => "FeedView",
        ("Lifecycle", "GET") => "LifecycleView",
        ("Environment", "GET") => "EnvironmentView",
        ("BuildInformation", "GET") => "BuildInformationView",
        ("BuildInformation", "POST") => "BuildInformationPush",
        _ => return None,
    })
}
