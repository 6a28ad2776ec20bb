//! Changes of a project's process, as a user makes them.

use anyhow::Context;

use super::{StateHandle, find_project};
use crate::world::{Action, PackageReference, Project, RulePackage, Versioning, same};

impl StateHandle {
    /// Renames an action. Its id and slug are kept, and version rules and the donor of numbers follow it.
    ///
    /// # Errors
    /// There is no such project or action.
    pub fn rename_action(&self, project: &str, action: &str, name: &str) -> anyhow::Result<()> {
        let mut world = self.0.world();
        let project = find_project(&mut world, project)?;
        let found = find_action(project, action)?;
        let before = std::mem::replace(&mut found.name, name.to_owned());
        for rule in rule_packages(project) {
            if same(&rule.action, &before) {
                name.clone_into(&mut rule.action);
            }
        }
        if let Versioning::Donor { action, .. } = &mut project.versioning
            && same(action, &before)
        {
            name.clone_into(action);
        }
        Ok(())
    }

    /// Renames a package reference. Its id is kept, and version rules and the donor of numbers follow it; triggers keep
    /// the former name.
    ///
    /// # Errors
    /// There is no such project, action or package reference.
    pub fn rename_reference(
        &self,
        project: &str,
        action: &str,
        reference: &str,
        name: &str,
    ) -> anyhow::Result<()> {
        let mut world = self.0.world();
        let project = find_project(&mut world, project)?;
        name.clone_into(&mut find_reference(project, action, reference)?.name);
        for rule in rule_packages(project) {
            if same(&rule.action, action) && same(&rule.package, reference) {
                name.clone_into(&mut rule.package);
            }
        }
        if let Versioning::Donor {
            action: donor,
            package,
        } = &mut project.versioning
            && same(donor, action)
            && same(package, reference)
        {
            name.clone_into(package);
        }
        Ok(())
    }

    /// Sets the package of a package reference.
    ///
    /// # Errors
    /// There is no such project, action or package reference.
    pub fn set_package(
        &self,
        project: &str,
        action: &str,
        reference: &str,
        package: &str,
    ) -> anyhow::Result<()> {
        let mut world = self.0.world();
        let project = find_project(&mut world, project)?;
        package.clone_into(&mut find_reference(project, action, reference)?.package_id);
        Ok(())
    }

    /// Forgets the processes of a project's releases.
    ///
    /// # Errors
    /// There is no such project.
    pub fn forget_snapshots(&self, project: &str) -> anyhow::Result<()> {
        find_project(&mut self.0.world(), project)?
            .snapshots
            .clear();
        Ok(())
    }
}

fn find_action<'a>(project: &'a mut Project, name: &str) -> anyhow::Result<&'a mut Action> {
    let mut actions = project.steps.iter_mut().flat_map(|step| &mut step.actions);
    actions
        .find(|action| same(&action.name, name))
        .with_context(|| format!("there is no action '{name}'"))
}

fn find_reference<'a>(
    project: &'a mut Project,
    action: &str,
    name: &str,
) -> anyhow::Result<&'a mut PackageReference> {
    let mut packages = find_action(project, action)?.packages.iter_mut();
    packages
        .find(|package| same(&package.name, name))
        .with_context(|| format!("there is no package reference '{name}'"))
}

fn rule_packages(project: &mut Project) -> impl Iterator<Item = &mut RulePackage> {
    let rules = project.channels.iter_mut().flat_map(|one| &mut one.rules);
    rules.flat_map(|rule| &mut rule.packages)
}
