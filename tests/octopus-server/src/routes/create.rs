//! `POST /api/{s}/releases/create/v1`: the server selects every version that the caller
//! does not name, by querying the feeds.

use axum::http::StatusCode;
use serde_json::json;

use super::command::Command;
use super::packages::refused;
use super::{SpaceRequest, found};
use crate::answer::{Answer, Refusal, Reply};
use crate::app::App;
use crate::call::Call;
use crate::packages::{Condition, Query, Source};
use crate::releases::overrides::resolve;
use crate::releases::{
    Draft, TemplatePackage, check_chart_tags, check_packages, packages, save, version_control,
};
use crate::world::{Branch, Channel, Project, SelectedPackage, VersionControlReference, same};

/// A possible channel of the release, and its packages with the conditions for their versions.
struct Candidate {
    project: String,
    channel: String,
    channel_name: String,
    git: Option<VersionControlReference>,
    choices: Vec<Choice>,
}

struct Choice {
    package: TemplatePackage,
    named: Option<String>,
    condition: Condition,
    kind: String,
    source: Option<Source>,
}

/// Creates a release: 201 with its id and number.
pub(crate) async fn create(app: &App, call: &Call, space: usize) -> Reply {
    let command = Command::read(&SpaceRequest::new(&mut app.world(), call, space))?;
    let candidates = candidates(&SpaceRequest::new(&mut app.world(), call, space), &command)?;
    let mut first_refusal = None;
    for candidate in candidates {
        match choose(app, space, &command, &candidate).await {
            Err(refusal) => first_refusal = first_refusal.or(Some(refusal)),
            Ok(packages) => return store(app, call, space, command, candidate, packages),
        }
    }
    Err(first_refusal.unwrap_or_else(|| Refusal::not_found("channel")))
}

/// The named channel, otherwise the default channel followed by the other channels.
fn candidates(request: &SpaceRequest<'_>, command: &Command) -> Result<Vec<Candidate>, Refusal> {
    // Like the real server, only by name: ids and slugs are refused.
    let projects = &request.space().projects;
    let by_name = projects
        .iter()
        .find(|one| same(&one.name, &command.project));
    let project = by_name.ok_or_else(|| {
        let text = format!("Project named '{}' was not found.", command.project);
        Refusal::with(StatusCode::NOT_FOUND, text)
    })?;
    if project.is_disabled {
        return Err(Refusal::invalid(
            "The project is disabled, so releases cannot be created",
        ));
    }
    let git = version_control(
        project,
        command.git_ref.as_deref(),
        command.git_commit.as_deref(),
    )?;
    let channels: Vec<&Channel> = match &command.channel {
        Some(name) => {
            let by_name = project.channels.iter().find(|one| same(&one.name, name));
            let unknown = || {
                let text = format!(
                    "Channel named '{name}' within project '{}' was not found.",
                    project.name
                );
                Refusal::with(StatusCode::NOT_FOUND, text)
            };
            vec![by_name.ok_or_else(unknown)?]
        }
        None => {
            let default = project.default_channel();
            let others = project
                .channels
                .iter()
                .filter(|channel| default.is_none_or(|default| default.id != channel.id));
            default.into_iter().chain(others).collect()
        }
    };
    let (reference, branch) = git.unzip();
    Ok(channels
        .into_iter()
        .map(|channel| {
            candidate(
                request,
                command,
                project,
                channel,
                branch,
                reference.clone(),
            )
        })
        .collect())
}

fn candidate(
    request: &SpaceRequest<'_>,
    command: &Command,
    project: &Project,
    channel: &Channel,
    branch: Option<&Branch>,
    git: Option<VersionControlReference>,
) -> Candidate {
    let choice = |package: TemplatePackage| {
        let named = resolve(&command.overrides, &package).map(str::to_owned);
        let rule = channel
            .rule_for(&package.action_names(), &package.reference_names())
            .filter(|_| !command.ignore_rules);
        let mut condition = rule.map(Condition::of).unwrap_or_default();
        if command.pre_release.is_some() {
            condition.pre_release_tag = command.pre_release.clone();
        }
        let condition = condition.with(&request.space().dotnet);
        let feed = request
            .space()
            .feed(&package.feed)
            .filter(|_| package.is_resolvable);
        Choice {
            named: named.or_else(|| command.package_version.clone()),
            condition,
            kind: feed.map(|feed| feed.kind.clone()).unwrap_or_default(),
            source: feed.map(|feed| Source::of(request.space(), feed)),
            package,
        }
    };
    let template = packages(request.space(), project, channel, branch);
    Candidate {
        project: project.id.clone(),
        channel: channel.id.clone(),
        channel_name: channel.name.clone(),
        git,
        choices: template
            .into_iter()
            .filter(|package| package.fixed_version.is_none())
            .map(choice)
            .collect(),
    }
}

/// A version for every package, or the reason why the release cannot be in the channel.
async fn choose(
    app: &App,
    space: usize,
    command: &Command,
    candidate: &Candidate,
) -> Result<Vec<SelectedPackage>, Refusal> {
    let mut selected = Vec::new();
    for choice in &candidate.choices {
        let version = match &choice.named {
            Some(version) => version.clone(),
            None => latest(app, choice, &candidate.channel_name).await?,
        };
        selected.push(SelectedPackage {
            action: choice.package.action.clone(),
            reference: choice.package.reference.clone(),
            version,
        });
    }
    let world = app.world();
    let space = &world.spaces[space];
    if app.strict.modes().chart_tags {
        let choices = candidate.choices.iter();
        let packages: Vec<_> = choices.map(|choice| choice.package.clone()).collect();
        check_chart_tags(space, &packages, &selected)?;
    }
    if !command.ignore_rules {
        let (_, channel) = found(space.channel(&candidate.channel), &candidate.channel)?;
        let template: Vec<_> = candidate
            .choices
            .iter()
            .map(|choice| choice.package.clone())
            .collect();
        check_packages(space, channel, &template, &selected)?;
    }
    Ok(selected)
}

/// The first version that the channel's rule permits, in the rule's order.
async fn latest(app: &App, choice: &Choice, channel: &str) -> Result<String, Refusal> {
    let TemplatePackage {
        action, package_id, ..
    } = &choice.package;
    let Some(source) = &choice.source else {
        return Err(Refusal::invalid(format!(
            "The version of package '{package_id}' of step '{action}' must be specified, because the package or its feed cannot be resolved before deployment."
        )));
    };
    let stored = source
        .versions(&app.http, package_id)
        .await
        .map_err(|error| refused(&error))?;
    if stored.is_empty() && choice.kind == "BuiltIn" {
        // Like the real server.
        return Err(Refusal::with(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Object reference not set to an instance of an object.",
        ));
    }
    let query = Query {
        condition: choice.condition.clone(),
        ..Query::default()
    };
    let permitted = query.apply(&choice.kind, stored)?;
    permitted.into_iter().next().map(|stored| stored.version).ok_or_else(|| {
        Refusal::invalid(format!(
            "No version of package '{package_id}' of step '{action}' satisfies the rules of channel '{channel}'."
        ))
    })
}

/// Stores the release.
fn store(
    app: &App,
    call: &Call,
    space: usize,
    command: Command,
    candidate: Candidate,
    packages: Vec<SelectedPackage>,
) -> Reply {
    let draft = Draft {
        project: candidate.project,
        channel: candidate.channel,
        version: command.version,
        packages,
        notes: command.notes,
        custom_fields: command.custom_fields.into_iter().collect(),
        ignore_rules: command.ignore_rules,
        git: candidate.git,
    };
    let release = save(&mut app.world(), space, call, draft, command.duplicate)?;
    Ok(Answer::created(
        json!({"ReleaseId": release.id, "ReleaseVersion": release.version}),
    ))
}
