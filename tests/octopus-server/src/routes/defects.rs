//! Defects: an unresolved one blocks the progression of its release.

use serde_json::{Value, json};

use super::{SpaceRequest, found, ok};
use crate::answer::{Answer, Refusal, Reply};
use crate::call::Fields;
use crate::paging::page;
use crate::world::{Defect, Release, World};

/// `GET /api/{s}/releases/{id}/defects`.
pub(crate) fn list(request: &SpaceRequest<'_>, id: &str) -> Reply {
    let (_, release) = found(request.space().release(id), id)?;
    let defects = request.world.defects.iter();
    let documents = defects
        .filter(|defect| defect.release == release.id)
        .map(document)
        .collect();
    let path = request.path(&format!("releases/{}/defects", release.id));
    ok(page(request.call, &path, "Defect", documents))
}

/// `POST /api/{s}/releases/{id}/defects`: blocks the release.
pub(crate) fn create(request: &mut SpaceRequest<'_>, id: &str) -> Reply {
    let release = found(request.space().release(id), id)?.1.clone();
    let description = request.call.fields()?.text("Description")?;
    let description = description.ok_or_else(Fields::malformed)?;
    if is_blocked(request.world, &release) {
        return Err(Refusal::invalid(
            "The release already has an unresolved defect.",
        ));
    }
    let defect = Defect {
        id: request.world.ids.next("Defects"),
        release: release.id,
        description,
        is_resolved: false,
    };
    let answer = document(&defect);
    request.world.defects.push(defect);
    Ok(Answer::created(answer))
}

/// `POST /api/{s}/releases/{id}/defects/resolve`: permits its progression again.
pub(crate) fn resolve(request: &mut SpaceRequest<'_>, id: &str) -> Reply {
    let release = found(request.space().release(id), id)?.1.id.clone();
    let mut defects = request.world.defects.iter_mut();
    let unresolved = defects.find(|defect| defect.release == release && !defect.is_resolved);
    let none = || Refusal::invalid("The release has no unresolved defect.");
    let defect = unresolved.ok_or_else(none)?;
    defect.is_resolved = true;
    ok(document(defect))
}

/// Whether the release has an unresolved defect.
pub(crate) fn is_blocked(world: &World, release: &Release) -> bool {
    let mut defects = world.defects.iter();
    defects.any(|defect| defect.release == release.id && !defect.is_resolved)
}

fn document(defect: &Defect) -> Value {
    json!({
        "Id": defect.id,
        "Description": defect.description,
        "Status": if defect.is_resolved { "Resolved" } else { "Unresolved" },
        "Links": {},
    })
}
