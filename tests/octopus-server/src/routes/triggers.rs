//! Project triggers. Filters and actions are stored as sent, so every kind is supported; a server
//! before feed filters neither shows nor accepts one.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{SpaceRequest, found, ok};
use crate::answer::{Answer, Refusal, Reply};
use crate::call::Fields;
use crate::features::Feature;
use crate::paging::{collection, text};
use crate::world::{Project, Trigger, same};

/// The known properties; others are stored as sent.
const OWN: [&str; 9] = [
    "Id",
    "SpaceId",
    "ProjectId",
    "Name",
    "Description",
    "IsDisabled",
    "Filter",
    "Action",
    "Links",
];

/// `GET /api/{s}/projects/{p}/triggers` and `/api/{s}/projecttriggers`.
pub(crate) fn list(request: &SpaceRequest<'_>, of: Option<&str>) -> Reply {
    let call = request.call;
    let path = match of {
        Some(id) => request.path(&format!(
            "projects/{}/triggers",
            found(request.space().project(id), id)?.id
        )),
        None => request.path("projecttriggers"),
    };
    let kind = call.query("triggerActionType");
    let category = call.query("triggerActionCategory");
    let query = |trigger: &&Trigger| {
        let action = text(&trigger.action, "ActionType");
        let runbook = action == "RunRunbook";
        is_known(request, trigger)
            && kind.is_none_or(|kind| same(kind, action))
            && category.is_none_or(|category| {
                same(category, if runbook { "Runbook" } else { "Deployment" })
            })
    };
    let projects = request.space().projects.iter();
    let projects = projects
        .filter(|project| of.is_none_or(|id| same(id, &project.id) || same(id, &project.slug)));
    let documents = projects
        .flat_map(|project| {
            project
                .triggers
                .iter()
                .filter(query)
                .map(|trigger| document(request, project, trigger))
        })
        .collect();
    collection(call, &path, "ProjectTrigger", documents)
}

/// `GET`, `PUT` and `DELETE` of one trigger, below its project or below `projecttriggers`.
pub(crate) fn one(request: &mut SpaceRequest<'_>, of: Option<&str>, id: &str) -> Reply {
    let (project, index) = find(request, of, id)?;
    match request.call.method.as_str() {
        "GET" => {}
        "PUT" => change(request, project, index)?,
        "DELETE" => {
            request.space_mut().projects[project].triggers.remove(index);
            return ok(json!({}));
        }
        _ => return Err(Refusal::wrong_verb()),
    }
    let project = &request.space().projects[project];
    ok(document(request, project, &project.triggers[index]))
}

/// `POST /api/{s}/projects/{p}/triggers` and `/api/{s}/projecttriggers`.
pub(crate) fn create(request: &mut SpaceRequest<'_>, of: Option<&str>) -> Reply {
    let fields = request.call.fields()?;
    let project = fields.text("ProjectId")?.ok_or_else(Fields::malformed)?;
    fields.text("SpaceId")?.ok_or_else(Fields::malformed)?;
    found(request.space().project(of.unwrap_or(&project)), &project)?;
    let mut trigger = read(request, &fields)?;
    trigger.id = request.world.ids.next("ProjectTriggers");
    let project = found(request.space_mut().project_mut(&project), &project)?;
    project.triggers.push(trigger.clone());
    let project = project.clone();
    Ok(Answer {
        status: StatusCode::CREATED,
        document: document(request, &project, &trigger),
    })
}

fn find(request: &SpaceRequest<'_>, of: Option<&str>, id: &str) -> Result<(usize, usize), Refusal> {
    let projects = request.space().projects.iter().enumerate();
    let mut projects = projects.filter(|(_, project)| {
        of.is_none_or(|of| same(of, &project.id) || same(of, &project.slug))
    });
    let place = projects.find_map(|(place, project)| {
        let index = project
            .triggers
            .iter()
            .position(|trigger| same(&trigger.id, id) && is_known(request, trigger))?;
        Some((place, index))
    });
    found(place, id)
}

/// The body of a `PUT` is the complete trigger, with its id, project and space.
fn change(request: &mut SpaceRequest<'_>, project: usize, index: usize) -> Result<(), Refusal> {
    let fields = request.call.fields()?;
    let of = &request.space().projects[project];
    for (required, own) in [
        ("Id", &of.triggers[index].id),
        ("ProjectId", &of.id),
        ("SpaceId", &request.space().id),
    ] {
        let given = fields.text(required)?.ok_or_else(Fields::malformed)?;
        if !same(&given, own) {
            return Err(Fields::malformed());
        }
    }
    let trigger = read(request, &fields)?;
    let known = &mut request.space_mut().projects[project].triggers[index];
    *known = Trigger {
        id: known.id.clone(),
        ..trigger
    };
    Ok(())
}

/// A trigger from a body; its id is not taken from there.
fn read(request: &SpaceRequest<'_>, fields: &Fields) -> Result<Trigger, Refusal> {
    let part = |name: &str, kind: &str| -> Result<Value, Refusal> {
        let part = fields.get(name).cloned().ok_or_else(Fields::malformed)?;
        if text(&part, kind).is_empty() {
            Err(Fields::malformed())
        } else {
            Ok(part)
        }
    };
    let trigger = Trigger {
        id: String::new(),
        name: fields.text("Name")?.ok_or_else(Fields::malformed)?,
        description: fields.text("Description")?.unwrap_or_default(),
        is_disabled: fields.flag("IsDisabled")?,
        filter: part("Filter", "FilterType")?,
        action: part("Action", "ActionType")?,
        others: fields.without(&OWN),
    };
    if text(&trigger.filter, "FilterType") == "FeedFilter" {
        for package in Fields::of(&trigger.filter).objects("Packages")? {
            package
                .text("DeploymentActionSlug")?
                .ok_or_else(Fields::malformed)?;
        }
    }
    if is_known(request, &trigger) {
        Ok(trigger)
    } else {
        Err(Fields::malformed())
    }
}

fn is_known(request: &SpaceRequest<'_>, trigger: &Trigger) -> bool {
    request.has(Feature::FeedFilter) || text(&trigger.filter, "FilterType") != "FeedFilter"
}

fn document(request: &SpaceRequest<'_>, project: &Project, trigger: &Trigger) -> Value {
    let mut document = json!({
        "Id": trigger.id,
        "SpaceId": request.space().id,
        "ProjectId": project.id,
        "Name": trigger.name,
        "Description": trigger.description,
        "IsDisabled": trigger.is_disabled,
        "Filter": trigger.filter,
        "Action": trigger.action,
        "Links": {
            "Self": request.path(&format!("projecttriggers/{}", trigger.id)),
            "Project": request.path(&format!("projects/{}", project.id)),
        },
    });
    if let Some(properties) = document.as_object_mut() {
        properties.extend(trigger.others.clone());
    }
    document
}
