//! Server tasks, newest first: deployments, which succeed at once.

use serde_json::{Value, json};

use super::{found, ok};
use crate::answer::Reply;
use crate::call::Call;
use crate::paging::page;
use crate::world::{Task, World, same, wire_time};

/// `GET /api/tasks` and `/api/{s}/tasks`.
pub(crate) fn list(world: &World, call: &Call, space: Option<usize>) -> Reply {
    let ids = call.query_list("ids");
    let states = call.query_list("states");
    let query = |task: &&Task| {
        space.is_none_or(|space| world.spaces[space].id == task.space)
            && call.query("name").is_none_or(|name| same(name, "Deploy"))
            && call
                .query("project")
                .is_none_or(|project| same(project, &task.project))
            && call
                .query("environment")
                .is_none_or(|environment| same(environment, &task.environment))
            && ids
                .as_ref()
                .is_none_or(|ids| ids.iter().any(|id| same(id, &task.id)))
            && states
                .as_ref()
                .is_none_or(|states| states.iter().any(|state| same(state, "Success")))
    };
    let documents: Vec<Value> = world
        .tasks
        .iter()
        .rev()
        .filter(query)
        .map(document)
        .collect();
    let total = documents.len();
    let path = space.map_or("/api/tasks".to_owned(), |space| {
        format!("/api/{}/tasks", world.spaces[space].id)
    });
    let mut answer = page(call, &path, "Task", documents);
    answer["TotalCounts"] = json!({"Success": total});
    answer["TotalCountsInOtherSpaces"] = json!({});
    ok(answer)
}

/// `GET .../tasks/{id}`.
pub(crate) fn get(world: &World, id: &str) -> Reply {
    ok(document(found(
        world.tasks.iter().find(|task| same(&task.id, id)),
        id,
    )?))
}

/// `GET .../tasks/{id}/details`: without a log.
pub(crate) fn details(world: &World, id: &str) -> Reply {
    let task = found(world.tasks.iter().find(|task| same(&task.id, id)), id)?;
    ok(json!({
        "Id": task.id,
        "Task": document(task),
        "ActivityLogs": [],
        "PhysicalLogSize": 0,
        "Progress": {"ProgressPercentage": 100, "EstimatedTimeRemaining": ""},
        "Links": {"Self": format!("/api/tasks/{}/details", task.id)},
    }))
}

fn document(task: &Task) -> Value {
    let time = wire_time(task.queued);
    json!({
        "Id": task.id,
        "SpaceId": task.space,
        "Name": "Deploy",
        "Description": task.description,
        "Arguments": {"ReleaseId": task.release, "EnvironmentId": task.environment},
        "State": "Success",
        "Completed": "just now",
        "QueueTime": time,
        "QueueTimeExpiry": null,
        "StartTime": time,
        "LastUpdatedTime": time,
        "CompletedTime": time,
        "ServerNode": "node-1",
        "Duration": "less than a second",
        "ErrorMessage": "",
        "HasBeenPickedUpByProcessor": true,
        "IsCompleted": true,
        "FinishedSuccessfully": true,
        "HasPendingInterruptions": false,
        "HasWarningsOrErrors": false,
        "CanRerun": false,
        "ProjectId": task.project,
        "Links": {"Self": format!("/api/tasks/{}", task.id)},
    })
}
