//! Build information, which build servers push.

use serde_json::{Value, json};

use super::SpaceRequest;
use crate::answer::{Refusal, Reply};
use crate::paging::{TAKE, page_of};

/// `GET /api/{s}/build-information`: newest first, of one package with `packageId`.
pub(crate) fn list(request: &SpaceRequest<'_>) -> Reply {
    let package = request.call.query("packageId");
    let is_of = |build: &&Value| {
        let id = build["PackageId"].as_str().unwrap_or_default();
        package.is_none_or(|package| package.eq_ignore_ascii_case(id))
    };
    let builds = &request.space().builds;
    let found = builds.iter().rev().filter(is_of).cloned().collect();
    let path = request.path("build-information");
    super::ok(page_of(
        request.call,
        &path,
        "BuildInformation",
        found,
        TAKE,
    ))
}

/// `POST /api/{s}/build-information`: the package, its version, and `OctopusBuildInformation`.
pub(crate) fn create(request: &mut SpaceRequest<'_>) -> Reply {
    let body = request.call.fields()?;
    let text = |name: &str| body.get(name)?.as_str().filter(|text| !text.is_empty());
    let (Some(package), Some(version)) = (text("PackageId"), text("Version")) else {
        return Err(Refusal::invalid("The package ID and version are required."));
    };
    let pushed = body.get("OctopusBuildInformation").cloned();
    let pushed = pushed.unwrap_or_default();
    let number = request.space().builds.len() + 1;
    let mut build = json!({
        "Id": format!("BuildInformation-{number}"),
        "PackageId": package,
        "Version": version,
        "WorkItems": [],
    });
    for name in [
        "BuildEnvironment",
        "BuildNumber",
        "BuildUrl",
        "Branch",
        "VcsType",
        "VcsRoot",
        "VcsCommitNumber",
        "Commits",
        "WorkItems",
    ] {
        if !pushed[name].is_null() {
            build[name] = pushed[name].clone();
        }
    }
    request.space_mut().builds.push(build.clone());
    super::ok(build)
}
