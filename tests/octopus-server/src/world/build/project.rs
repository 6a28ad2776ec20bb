//! Projects, in the order in which their parts refer to each other: channels, process, triggers, releases.

use anyhow::Context;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::process::{Parts, channel, versioning};
use crate::seed::{self, Persistence};
use crate::world::{
    Channel, Ids, Project, Release, Rule, RulePackage, SelectedPackage, Space, Trigger, Variable,
    VersionControlReference, guid, same, slug,
};

/// A project of `space`.
pub(super) fn build(
    seed: seed::Project,
    space: &Space,
    ids: &mut Ids,
    now: Timestamp,
) -> anyhow::Result<Project> {
    let id = seed.id.unwrap_or_else(|| ids.next("Projects"));
    let lifecycle = |name: &str| -> anyhow::Result<String> {
        let found = space
            .lifecycles
            .iter()
            .find(|lifecycle| same(&lifecycle.name, name));
        Ok(found
            .with_context(|| format!("there is no lifecycle '{name}'"))?
            .id
            .clone())
    };
    let mut project = Project {
        slug: seed.slug.unwrap_or_else(|| slug(&seed.name)),
        name: seed.name,
        is_disabled: seed.is_disabled,
        versioning: versioning(seed.versioning),
        git: None,
        lifecycle: match &seed.lifecycle {
            Some(name) => lifecycle(name)?,
            None => space.lifecycles[0].id.clone(),
        },
        channels: Vec::new(),
        variables: seed.variables.into_iter().map(variable).collect(),
        steps: Vec::new(),
        triggers: Vec::new(),
        releases: Vec::new(),
        snapshots: Vec::new(),
        id,
    };
    project.channels = channels(seed.channels, ids, &lifecycle)?;
    let parts = Parts {
        space,
        project: &project,
    };
    let steps = parts.steps(seed.steps, &project.id)?;
    let git = match seed.persistence {
        Persistence::Database => None,
        Persistence::Git(git) => Some(parts.git(git)?),
    };
    project.steps = steps;
    project.git = git;
    for trigger in seed.triggers {
        let trigger = self::trigger(trigger, &project, ids)?;
        project.triggers.push(trigger);
    }
    for release in seed.releases {
        let release = self::release(release, &mut project, ids, now)?;
        project.releases.push(release);
    }
    Ok(project)
}

fn variable(seed: seed::Variable) -> Variable {
    Variable {
        name: seed.name,
        value: seed.value,
        scoped: seed.scoped,
    }
}

fn channels(
    mut seeds: Vec<seed::Channel>,
    ids: &mut Ids,
    lifecycle: &dyn Fn(&str) -> anyhow::Result<String>,
) -> anyhow::Result<Vec<Channel>> {
    if seeds.is_empty() {
        seeds.push(seed::Channel {
            name: "Default".to_owned(),
            ..seed::Channel::default()
        });
    }
    let only = seeds.len() == 1;
    let mut channel = |seed: seed::Channel| -> anyhow::Result<Channel> {
        let id = seed.id.unwrap_or_else(|| ids.next("Channels"));
        Ok(Channel {
            rules: rules(seed.rules, &id),
            slug: seed.slug.unwrap_or_else(|| slug(&seed.name)),
            name: seed.name,
            is_default: seed.is_default || only,
            lifecycle: seed.lifecycle.as_deref().map(lifecycle).transpose()?,
            git_reference_rules: seed.git_reference_rules,
            custom_fields: seed.custom_fields,
            id,
        })
    };
    seeds.into_iter().map(&mut channel).collect()
}

/// The rules of a channel.
pub(crate) fn rules(seeds: Vec<seed::Rule>, channel: &str) -> Vec<Rule> {
    seeds
        .into_iter()
        .enumerate()
        .map(|(index, seed)| rule(seed, &format!("{channel}/{index}")))
        .collect()
}

fn rule(seed: seed::Rule, path: &str) -> Rule {
    let package = |of: seed::RulePackage| RulePackage {
        action: of.action,
        package: of.package,
    };
    Rule {
        id: guid(path),
        packages: seed.packages.into_iter().map(package).collect(),
        range: seed.range,
        pre_release_tag: seed.pre_release_tag,
        version_tag_regex: seed.version_tag_regex,
        strategy: seed.strategy,
    }
}

fn trigger(seed: seed::Trigger, project: &Project, ids: &mut Ids) -> anyhow::Result<Trigger> {
    let filter = seed.filter.unwrap_or_else(|| {
        let package = |of: &seed::TriggerPackage| {
            json!({"DeploymentActionSlug": of.action_slug, "PackageReference": of.package_reference})
        };
        json!({
            "FilterType": "FeedFilter",
            "Packages": seed.packages.iter().map(package).collect::<Vec<_>>(),
            "Id": null, "LastModifiedOn": null, "LastModifiedBy": null, "Links": {},
        })
    });
    let action = match (seed.action, &seed.channel) {
        (Some(action), _) => action,
        (None, name) => {
            let channel = match name {
                Some(name) => Value::String(channel(project, name)?),
                None => json!(project.default_channel().map(|channel| &channel.id)),
            };
            json!({"ActionType": "CreateRelease", "ChannelId": channel, "Id": null, "Links": {}})
        }
    };
    Ok(Trigger {
        id: seed.id.unwrap_or_else(|| ids.next("ProjectTriggers")),
        name: seed.name,
        description: seed.description,
        is_disabled: seed.is_disabled,
        filter,
        action,
        others: seed.others.into_iter().collect(),
    })
}

/// A release that the seed or a running test adds to a project.
pub(crate) fn release(
    seed: seed::Release,
    project: &mut Project,
    ids: &mut Ids,
    now: Timestamp,
) -> anyhow::Result<Release> {
    let channel = match &seed.channel {
        Some(name) => channel(project, name)?,
        None => {
            let channel = project.default_channel();
            channel
                .with_context(|| {
                    format!(
                        "release {} names no channel and there is no default one",
                        seed.version
                    )
                })?
                .id
                .clone()
        }
    };
    let git = match &project.git {
        None => None,
        Some(git) => {
            let reference = seed.git_ref.as_deref().unwrap_or(&git.default_branch);
            let resolved = git.resolve(reference);
            let (git_ref, branch) =
                resolved.with_context(|| format!("there is no git reference '{reference}'"))?;
            Some(VersionControlReference {
                git_ref,
                git_commit: branch.commit.clone(),
            })
        }
    };
    let package = |of: seed::ReleasePackage| SelectedPackage {
        action: of.action,
        reference: of.package,
        version: of.version,
    };
    let git_ref = git.as_ref().map(|git| git.git_ref.clone());
    Ok(Release {
        process_snapshot: project.snapshot(git_ref.as_deref()),
        id: ids.next("Releases"),
        project: project.id.clone(),
        channel,
        version: seed.version,
        notes: seed.notes,
        packages: seed.packages.into_iter().map(package).collect(),
        assembled: seed.assembled.unwrap_or(now),
        created_by: "seed".to_owned(),
        ignored_channel_rules: false,
        custom_fields: seed.custom_fields,
        git,
    })
}
