//! Processes and git branches, which refer to channels, feeds and other projects by name.

use anyhow::{Context, ensure};

use crate::seed;
use crate::world::ids::commit;
use crate::world::{
    Action, Branch, Git, PackageReference, Project, Space, Step, Versioning, guid, same, slug,
};

/// The resources that a process may refer to.
pub(super) struct Parts<'a> {
    pub(super) space: &'a Space,
    pub(super) project: &'a Project,
}

impl Parts<'_> {
    pub(super) fn steps(&self, seeds: Vec<seed::Step>, path: &str) -> anyhow::Result<Vec<Step>> {
        let step = |seed: seed::Step| -> anyhow::Result<Step> {
            let id = guid(&format!("{path}/steps/{}", seed.name));
            let own_slug = seed.slug.unwrap_or_else(|| slug(&seed.name));
            let action = |action| -> anyhow::Result<Action> {
                let mut action = self.action(action, &id)?;
                if seed.from_template {
                    action.slug = format!("{own_slug}-{}", action.slug);
                }
                Ok(action)
            };
            Ok(Step {
                actions: seed
                    .actions
                    .into_iter()
                    .map(action)
                    .collect::<anyhow::Result<_>>()?,
                from_template: seed.from_template,
                placeholder: seed.placeholder,
                slug: own_slug,
                name: seed.name,
                id,
            })
        };
        seeds.into_iter().map(step).collect()
    }

    fn action(&self, seed: seed::Action, path: &str) -> anyhow::Result<Action> {
        let id = guid(&format!("{path}/actions/{}", seed.name));
        let channel = |name: &String| channel(self.project, name);
        let package = |package| self.package(package, &id);
        Ok(Action {
            channels: seed
                .channels
                .iter()
                .map(channel)
                .collect::<anyhow::Result<_>>()?,
            packages: seed
                .packages
                .into_iter()
                .map(package)
                .collect::<anyhow::Result<_>>()?,
            slug: seed.slug.unwrap_or_else(|| slug(&seed.name)),
            name: seed.name,
            kind: seed.kind.unwrap_or_else(|| "Octopus.Script".to_owned()),
            disabled: seed.disabled,
            id,
        })
    }

    fn package(
        &self,
        seed: seed::PackageReference,
        path: &str,
    ) -> anyhow::Result<PackageReference> {
        let name = seed.feed.unwrap_or_else(|| "feeds-builtin".to_owned());
        let feed = self.space.feed(&name);
        ensure!(
            feed.is_some() || name.contains("#{"),
            "there is no feed '{name}'"
        );
        let mut package_id = seed.package_id;
        if feed.is_some_and(|feed| feed.contains_releases()) {
            let child = self
                .space
                .projects
                .iter()
                .find(|project| same(&project.name, &package_id));
            package_id = child
                .with_context(|| format!("there is no project '{package_id}' before this one"))?
                .id
                .clone();
        }
        Ok(PackageReference {
            id: guid(&format!("{path}/packages/{}", seed.name)),
            name: seed.name,
            package_id,
            feed: feed.map_or(name, |feed| feed.id.clone()),
            fixed_version: seed.version,
        })
    }

    pub(super) fn git(&self, seed: seed::Git) -> anyhow::Result<Git> {
        let default_branch = seed.default_branch.unwrap_or_else(|| "main".to_owned());
        let mut branches = seed.branches;
        if !branches.iter().any(|branch| branch.name == default_branch) {
            branches.insert(0, default_branch.as_str().into());
        }
        let branch = |seed: seed::Branch| -> anyhow::Result<Branch> {
            let path = format!("{}/{}", self.project.id, seed.name);
            Ok(Branch {
                steps: seed
                    .steps
                    .map(|steps| self.steps(steps, &path))
                    .transpose()?,
                versioning: seed.versioning.map(versioning),
                commit: seed.commit.unwrap_or_else(|| commit(&path)),
                name: seed.name,
            })
        };
        Ok(Git {
            branches: branches
                .into_iter()
                .map(branch)
                .collect::<anyhow::Result<_>>()?,
            tags: seed.tags,
            by_slug: seed.by_slug,
            default_branch,
        })
    }
}

pub(super) fn versioning(seed: seed::Versioning) -> Versioning {
    match seed {
        seed::Versioning::Template(template) => Versioning::Template(template),
        seed::Versioning::Donor { action, package } => Versioning::Donor { action, package },
    }
}

pub(super) fn channel(project: &Project, name: &str) -> anyhow::Result<String> {
    let found = project.channel(name);
    Ok(found
        .with_context(|| format!("there is no channel '{name}'"))?
        .id
        .clone())
}
