//! The path of a project's deployment process.

use engine::ports::Project;

/// By id for projects in the database, at the Git ref for projects in Git.
pub(crate) fn process_path(project: &Project) -> Vec<&str> {
    let (space, id) = (project.space.as_str(), project.id.as_str());
    match (&project.git_ref, &project.process_id) {
        (Some(git_ref), _) => vec![space, "projects", id, git_ref, "deploymentprocesses"],
        (None, Some(process)) => vec![space, "deploymentprocesses", process],
        (None, None) => vec![space, "projects", id, "deploymentprocesses"],
    }
}
