//! Git references of version-controlled projects.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{SpaceRequest, found, ok};
use crate::answer::{Refusal, Reply};
use crate::paging::page;
use crate::world::{Branch, Git, Project};

/// `GET .../git/branches`.
pub(crate) fn branches(request: &SpaceRequest<'_>, project: &str) -> Reply {
    let (project, git) = repository(request, project)?;
    let names = git
        .branches
        .iter()
        .map(|branch| format!("refs/heads/{}", branch.name));
    references(request, project, "branches", "GitBranch", names)
}

/// `GET .../git/branches/{name}`.
pub(crate) fn branch(request: &SpaceRequest<'_>, project: &str, name: &str) -> Reply {
    let (project, git) = repository(request, project)?;
    let short = name.strip_prefix("refs/heads/").unwrap_or(name);
    let branch = found(git.branch(short), name)?;
    ok(document(
        request,
        project,
        &format!("refs/heads/{}", branch.name),
    ))
}

/// `GET .../git/tags`.
pub(crate) fn tags(request: &SpaceRequest<'_>, project: &str) -> Reply {
    let (project, git) = repository(request, project)?;
    let names = git.tags.iter().map(|tag| format!("refs/tags/{tag}"));
    references(request, project, "tags", "GitTag", names)
}

/// `GET .../git/tags/{name}`.
pub(crate) fn tag(request: &SpaceRequest<'_>, project: &str, name: &str) -> Reply {
    let (project, git) = repository(request, project)?;
    let short = name.strip_prefix("refs/tags/").unwrap_or(name);
    let tag = found(git.tags.iter().find(|tag| *tag == short), name)?;
    ok(document(request, project, &format!("refs/tags/{tag}")))
}

/// `GET .../git/commits/{hash}` and `GET .../git/refs/{name}`.
pub(crate) fn reference(request: &SpaceRequest<'_>, project: &str, name: &str) -> Reply {
    let (project, git) = repository(request, project)?;
    let (canonical, _) = found(git.resolve(name), name)?;
    ok(document(request, project, &canonical))
}

/// Resolves a route's optional git reference: the branch to read and the canonical
/// reference. A database project has none, a version-controlled project requires one.
pub(crate) fn at<'a>(
    project: &'a Project,
    reference: Option<&str>,
) -> Result<Option<(String, &'a Branch)>, Refusal> {
    match (&project.git, reference) {
        (None, None) => Ok(None),
        (Some(git), Some(reference)) => found(git.resolve(reference), reference).map(Some),
        (None, Some(reference)) => Err(Refusal::not_found(reference)),
        (Some(_), None) => Err(Refusal::not_found(&project.process_id())),
    }
}

/// `Projects-1` or `Projects-1/refs%2fheads%2fmain`: the prefix of a process's path.
pub(crate) fn prefix(project: &Project, canonical: Option<&str>) -> String {
    match canonical {
        None => project.id.clone(),
        Some(canonical) => format!("{}/{}", project.id, encode(canonical)),
    }
}

/// As the server encodes references in its links: one segment, lower-case hex.
fn encode(reference: &str) -> String {
    const KEPT: percent_encoding::AsciiSet = NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'~');
    utf8_percent_encode(reference, &KEPT)
        .to_string()
        .replace("%2F", "%2f")
}

fn repository<'a>(
    request: &'a SpaceRequest<'_>,
    project: &str,
) -> Result<(&'a Project, &'a Git), Refusal> {
    let project = found(request.space().project(project), project)?;
    Ok((project, found(project.git.as_ref(), &project.id)?))
}

fn references(
    request: &SpaceRequest<'_>,
    project: &Project,
    kind: &str,
    item_type: &str,
    names: impl Iterator<Item = String>,
) -> Reply {
    let part = request
        .call
        .query("searchByName")
        .unwrap_or_default()
        .to_lowercase();
    let matching = names.filter(|name| name.to_lowercase().contains(&part));
    let documents = matching
        .map(|name| document(request, project, &name))
        .collect();
    let path = request.path(&format!("projects/{}/git/{kind}", project.id));
    ok(page(request.call, &path, item_type, documents))
}

fn document(request: &SpaceRequest<'_>, project: &Project, canonical: &str) -> Value {
    let short = canonical
        .trim_start_matches("refs/heads/")
        .trim_start_matches("refs/tags/");
    let below = request.path(&format!("projects/{}", prefix(project, Some(canonical))));
    json!({
        "Id": canonical,
        "Name": short,
        "CanonicalName": canonical,
        "IsProtected": false,
        "Links": {
            "DeploymentProcess": format!("{below}/deploymentprocesses"),
            "DeploymentSettings": format!("{below}/deploymentsettings"),
            "ReleaseTemplate": format!("{below}/deploymentprocesses/template{{?channel,releaseId}}"),
        },
    })
}
