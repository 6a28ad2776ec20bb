//! Every route, in one `match` on the path's segments. Segments and the names in them are matched
//! without regard to case, except git references, which are
//! read from the path as sent.

mod absent;
mod build_information;
mod channels;
mod command;
mod create;
mod defects;
mod deployments;
mod environments;
mod events;
mod feeds;
mod git;
mod legacy;
mod lifecycles;
mod packages;
mod permission;
mod processes;
mod projects;
mod releases;
mod root;
mod scope;
mod settings;
mod spaces;
mod tasks;
mod template;
mod triggers;
mod users;

pub(crate) use scope::Credential;
use scope::RouteScope;

use crate::answer::{Answer, Refusal, Reply};
use crate::app::App;
use crate::call::Call;
use crate::features::Feature;
use crate::world::{Space, World};

/// A request within one space, with access to the world.
pub(crate) struct SpaceRequest<'a> {
    pub(crate) world: &'a mut World,
    pub(crate) call: &'a Call,
    space: usize,
}

impl<'a> SpaceRequest<'a> {
    pub(crate) fn new(world: &'a mut World, call: &'a Call, space: usize) -> Self {
        Self { world, call, space }
    }

    pub(crate) fn space(&self) -> &Space {
        &self.world.spaces[self.space]
    }

    pub(crate) fn space_mut(&mut self) -> &mut Space {
        &mut self.world.spaces[self.space]
    }

    pub(crate) fn has(&self, feature: Feature) -> bool {
        self.world.version.has(feature)
    }

    /// The path of a collection: `/all` is kept where the request has it.
    pub(crate) fn list_path(&self, collection: &str) -> String {
        let all = self
            .call
            .path
            .to_lowercase()
            .trim_end_matches('/')
            .ends_with("/all");
        self.path(collection) + if all { "/all" } else { "" }
    }

    /// The path below `/api/{space}`, as links show it.
    pub(crate) fn path(&self, below: &str) -> String {
        format!("/api/{}/{below}", self.space().id)
    }
}

/// Answers one request: authenticates, finds the space and runs the route.
pub(crate) async fn answer(app: &App, call: &mut Call, key: Option<&Credential>) -> Reply {
    let names = call.segments();
    let words: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (Some(&"api"), is_root) = (words.first(), words.len() == 1) else {
        return Err(Refusal::not_found(&call.path));
    };
    let is_read = call.method == "GET";
    call.user = match key.and_then(|key| key.holder(&app.world())) {
        Some(user) => user,
        None if is_root && is_read => 0,
        None => return Err(Refusal::unauthenticated()),
    };
    if !is_read && app.world().in_maintenance {
        return Err(Refusal::maintenance());
    }
    let scope = RouteScope::of(&app.world(), &words[1..])?;
    let (words, names) = (&words[1 + scope.depth..], &names[1 + scope.depth..]);
    let Some(space) = scope.space else {
        return shared(&app.world(), call, words);
    };
    permission::check(&app.world().users[call.user], call.method.as_str(), words)?;
    match in_space(app, call, space, words, names).await {
        Err(refusal) if refusal.is_unknown_route() && !is_read => {
            let known = in_space(app, &call.as_get(), space, words, names).await;
            Err(known.map_or(refusal, |_| Refusal::wrong_verb()))
        }
        reply => reply,
    }
}

/// Routes outside of spaces.
fn shared(world: &World, call: &Call, words: &[&str]) -> Reply {
    match (call.method.as_str(), words) {
        ("GET", []) => root::document(world),
        ("GET", ["spaces"] | ["spaces", "all"]) => spaces::list(world, call),
        ("GET", ["spaces", id]) => spaces::get(world, id),
        ("GET", ["users"] | ["users", "all"]) => users::list(world, call),
        ("GET", ["users", "me"]) => users::me(world, call),
        ("GET", ["users", id, "permissions"]) => root::permissions(world, call, id, None),
        ("GET", ["serverstatus"]) => root::status(world),
        ("GET", ["maintenanceconfiguration"]) => root::maintenance(world),
        ("GET", ["events"]) => events::list(world, call, None),
        ("GET", ["events", id]) => events::get(world, id),
        ("GET", ["tasks"]) => tasks::list(world, call, None),
        ("GET", ["tasks", id]) => tasks::get(world, id),
        ("GET", ["tasks", id, "details"]) => tasks::details(world, id),
        ("GET", _) => Err(Refusal::unknown_route(&call.path)),
        _ => Err(Refusal::wrong_verb()),
    }
}

/// Routes of a space.
async fn in_space(app: &App, call: &Call, space: usize, words: &[&str], names: &[String]) -> Reply {
    let has = |feature| app.world().version.has(feature);
    let ask = |route: &dyn Fn(&mut SpaceRequest<'_>) -> Reply| {
        route(&mut SpaceRequest::new(&mut app.world(), call, space))
    };
    match (call.method.as_str(), words) {
        ("GET", []) => ask(&|v| root::space_document(v)),
        ("GET", ["users", id, "permissions"]) => {
            root::permissions(&app.world(), call, id, Some(space))
        }

        ("GET", ["projects"] | ["projects", "all"]) => ask(&|v| projects::list(v)),
        ("GET", ["projects", p]) => ask(&|v| projects::get(v, p)),
        ("GET", ["projects", p, "git", "branches"]) if has(Feature::ConfigAsCode) => {
            ask(&|v| git::branches(v, p))
        }
        ("GET", ["projects", p, "git", "branches", _]) if has(Feature::ConfigAsCode) => {
            ask(&|v| git::branch(v, p, &names[4]))
        }
        ("GET", ["projects", p, "git", "tags"]) if has(Feature::ConfigAsCode) => {
            ask(&|v| git::tags(v, p))
        }
        ("GET", ["projects", p, "git", "tags", _]) if has(Feature::ConfigAsCode) => {
            ask(&|v| git::tag(v, p, &names[4]))
        }
        ("GET", ["projects", p, "git", "commits" | "refs", _]) if has(Feature::ConfigAsCode) => {
            ask(&|v| git::reference(v, p, &names[4]))
        }

        ("GET", ["deploymentprocesses"]) => ask(&|v| processes::list(v)),
        ("GET", ["deploymentprocesses", id]) => ask(&|v| processes::by_id(v, id)),
        ("GET", ["deploymentprocesses", id, "template"]) => ask(&|v| template::by_process(v, id)),
        ("GET", ["projects", p, "deploymentprocesses"]) if has(Feature::ProjectScopedProcess) => {
            ask(&|v| processes::of_project(v, p, None, false))
        }
        ("GET", ["projects", p, "deploymentprocesses", "template"])
            if has(Feature::ProjectScopedProcess) =>
        {
            ask(&|v| template::of_project(v, p, None))
        }
        ("GET", ["projects", p, "deploymentprocesses", "resolved"])
            if has(Feature::ProcessTemplates) =>
        {
            ask(&|v| processes::of_project(v, p, None, true))
        }
        ("GET", ["projects", p, "deploymentsettings"]) if has(Feature::ProjectScopedProcess) => {
            ask(&|v| settings::of_project(v, p, None))
        }

        ("GET", ["channels"] | ["channels", "all"]) => ask(&|v| channels::list(v)),
        ("GET" | "POST", ["channels", "rule-test"]) => ask(&|v| channels::rule_test(v)),
        ("GET", ["channels", id]) => ask(&|v| channels::get(v, None, id)),
        ("GET", ["channels", id, "releases"]) => ask(&|v| releases::of_channel(v, id)),
        ("GET", ["projects", p, "channels"]) => ask(&|v| channels::of_project(v, p)),
        ("GET", ["projects", p, "channels", id]) => ask(&|v| channels::get(v, Some(p), id)),
        ("GET", ["projects", _, "channels", id, "releases"]) => {
            ask(&|v| releases::of_channel(v, id))
        }

        ("GET", ["lifecycles"] | ["lifecycles", "all"]) => ask(&|v| lifecycles::list(v)),
        ("GET", ["lifecycles", "previews"]) if has(Feature::LifecyclePreviews) => {
            ask(&|v| lifecycles::previews(v))
        }
        ("GET", ["lifecycles", id]) => ask(&|v| lifecycles::get(v, id)),
        ("GET", ["lifecycles", id, "preview"]) if !has(Feature::LifecyclePreviews) => {
            ask(&|v| lifecycles::preview(v, id))
        }
        ("GET", ["lifecycles", id, "projects"]) if !has(Feature::LifecyclePreviews) => {
            ask(&|v| lifecycles::projects(v, id))
        }
        ("GET", ["environments"] | ["environments", "all"]) => ask(&|v| environments::list(v)),
        ("GET", ["environments", id]) => ask(&|v| environments::get(v, id)),

        ("GET", ["feeds"] | ["feeds", "all"]) => ask(&|v| feeds::list(v)),
        ("GET", ["feeds", "stats"]) => ask(&|v| feeds::stats(v)),
        ("GET", ["feeds", id]) => ask(&|v| feeds::get(v, id)),
        ("GET", ["feeds", id, "packages", "versions"]) => {
            packages::versions(app, call, space, id).await
        }
        ("GET", ["feeds", id, "packages", "search"]) => {
            packages::search(app, call, space, id).await
        }
        ("GET", ["feeds", id, "packages"]) => packages::list(app, call, space, id).await,
        ("GET", ["packages"]) => ask(&|v| packages::built_in(v)),
        ("GET", ["build-information"]) => ask(&|v| build_information::list(v)),
        ("POST", ["build-information"]) => ask(&|v| build_information::create(v)),

        ("GET", ["projecttriggers"]) => ask(&|v| triggers::list(v, None)),
        ("POST", ["projecttriggers"]) => ask(&|v| triggers::create(v, None)),
        (_, ["projecttriggers", id]) => ask(&|v| triggers::one(v, None, id)),
        ("GET", ["projects", p, "triggers"]) => ask(&|v| triggers::list(v, Some(p))),
        ("POST", ["projects", p, "triggers"]) => ask(&|v| triggers::create(v, Some(p))),
        (_, ["projects", p, "triggers", id]) => ask(&|v| triggers::one(v, Some(p), id)),

        ("POST", ["releases", "create", "v1"]) if has(Feature::ExecutionsApi) => {
            create::create(app, call, space).await
        }
        ("POST", ["deployments", "create", "untenanted", "v1"]) if has(Feature::ExecutionsApi) => {
            ask(&|v| deployments::create(v))
        }
        ("POST", ["releases"]) => ask(&|v| legacy::create(v, app.strict.modes().chart_tags)),
        ("GET", ["releases"]) => ask(&|v| releases::list(v)),
        ("GET", ["releases", id]) => ask(&|v| releases::get(v, id)),
        ("DELETE", ["releases", id]) => ask(&|v| releases::delete(v, id)),
        ("GET", ["releases", id, "progression"]) => ask(&|v| releases::progression(v, id)),
        ("GET", ["releases", id, "deployments"]) => ask(&|v| releases::deployments(v, id)),
        ("GET", ["releases", id, "defects"]) => ask(&|v| defects::list(v, id)),
        ("POST", ["releases", id, "defects"]) => ask(&|v| defects::create(v, id)),
        ("POST", ["releases", id, "defects", "resolve"]) => ask(&|v| defects::resolve(v, id)),
        ("GET", ["projects", p, "releases"]) => ask(&|v| releases::of_project(v, p)),
        ("GET", ["projects", p, "releases", version]) => {
            ask(&|v| releases::by_version(v, p, version))
        }

        ("GET", ["events"]) => events::list(&app.world(), call, Some(space)),
        ("GET", ["events", id]) => events::get(&app.world(), id),
        ("GET", ["tasks"]) => tasks::list(&app.world(), call, Some(space)),
        ("GET", ["tasks", id]) => tasks::get(&app.world(), id),
        ("GET", ["tasks", id, "details"]) => tasks::details(&app.world(), id),

        (
            "GET",
            [name @ ("machines" | "projectgroups" | "runbooks" | "tenants" | "workerpools")]
            | [
                name @ ("machines" | "projectgroups" | "runbooks" | "tenants" | "workerpools"),
                "all",
            ],
        ) => ask(&|v| absent::list(v, name)),
        ("GET", ["projects", p, "runbooks"]) => ask(&|v| absent::runbooks(v, p)),

        ("GET", ["projects", p, _, "deploymentprocesses"]) if has(Feature::ConfigAsCode) => {
            ask(&|v| processes::of_project(v, p, Some(&names[2]), false))
        }
        ("GET", ["projects", p, _, "deploymentprocesses", "template"])
            if has(Feature::ConfigAsCode) =>
        {
            ask(&|v| template::of_project(v, p, Some(&names[2])))
        }
        ("GET", ["projects", p, _, "deploymentprocesses", "resolved"])
            if has(Feature::ProcessTemplates) =>
        {
            ask(&|v| processes::of_project(v, p, Some(&names[2]), true))
        }
        ("GET", ["projects", p, _, "deploymentsettings"]) if has(Feature::ConfigAsCode) => {
            ask(&|v| settings::of_project(v, p, Some(&names[2])))
        }
        _ => Err(Refusal::unknown_route(&call.path)),
    }
}

/// The result of a lookup, or 404.
pub(crate) fn found<T>(thing: Option<T>, query: &str) -> Result<T, Refusal> {
    thing.ok_or_else(|| Refusal::not_found(query))
}

/// 200 with a document.
pub(crate) fn ok(document: serde_json::Value) -> Reply {
    Ok(Answer::ok(document))
}
