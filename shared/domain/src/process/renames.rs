//! Finds the packages of an earlier release in the current process. A release keeps the names of its actions and
//! package references, and Octopus keeps the process of each release as a snapshot.

use super::{ReleaseTemplate, same_name};

/// A package reference of a process with its identifiers, which stay the same when it is renamed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageIdentity {
    /// Empty if the server does not return it; so are the slug and the reference's id.
    pub action_id: String,
    pub action_slug: String,
    pub action_name: String,
    pub reference_id: String,
    /// Empty for the primary package.
    pub package_reference: String,
    /// The package as the process names it, which may contain variables.
    pub package: String,
}

/// The current place of a package of an earlier release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CurrentPlace {
    /// The action's name and the package reference.
    Found(String, String),
    /// The package reference has another package now. `former`: that of the release.
    Replaced {
        action_name: String,
        package_reference: String,
        former: String,
    },
    /// The process has no such package reference any more.
    Removed,
    /// Several places are possible, or the process of the release is not known.
    Unknown,
}

/// The process of an earlier release and the current one.
#[derive(Clone, Copy, Debug)]
pub struct Renames<'a> {
    /// The package references of the release's process. `None`: Octopus does not return it.
    pub then: Option<&'a [PackageIdentity]>,
    /// The current ones.
    pub now: &'a [PackageIdentity],
    pub template: &'a ReleaseTemplate,
}

impl<'a> Renames<'a> {
    /// The current place of the package that the release has under these names.
    ///
    /// An action is recognized by its id, else by its slug, else by its name; a package reference by its id, else by its
    /// name, else by its package. A package of a removed reference is recognized in a new reference, if only one has it.
    pub fn place(&self, action_name: &str, package_reference: &str) -> CurrentPlace {
        let then = self.then.unwrap_or_default().iter();
        let mut then = then.filter(|one| one.is(action_name, package_reference));
        let Some(old) = then.next() else {
            return self.place_by_name(action_name, package_reference);
        };
        match self.successor(old) {
            Some(new) => self.compare_packages(old, new),
            None => self.moved(old),
        }
    }

    fn place_by_name(&self, action_name: &str, package_reference: &str) -> CurrentPlace {
        let mut packages = self.template.packages.iter();
        match packages.find(|one| one.is(action_name, package_reference)) {
            Some(one) => {
                CurrentPlace::Found(one.action_name.clone(), one.package_reference.clone())
            }
            None => CurrentPlace::Unknown,
        }
    }

    /// The same package reference in the current process.
    fn successor(&self, old: &PackageIdentity) -> Option<&'a PackageIdentity> {
        let then = self.then.unwrap_or_default();
        let has_id = |one: &&PackageIdentity| is_same_id(&one.action_id, &old.action_id);
        let has_slug = |one: &&PackageIdentity| {
            is_same_id(&one.action_slug, &old.action_slug)
                && !then
                    .iter()
                    .any(|other| is_same_id(&other.action_id, &one.action_id))
        };
        let has_name = |one: &&PackageIdentity| {
            same_name(&one.action_name, &old.action_name)
                && !then.iter().any(|other| {
                    let has_its_slug = is_same_id(&other.action_slug, &one.action_slug);
                    is_same_id(&other.action_id, &one.action_id)
                        || (has_its_slug && !other.is_in_action_of(old))
                })
        };
        let now = || self.now.iter();
        let action = now()
            .find(has_id)
            .or_else(|| now().find(has_slug))
            .or_else(|| now().find(has_name))?;
        let in_action = || now().filter(|one| one.is_in_action_of(action));
        let has_reference_id =
            |one: &&PackageIdentity| is_same_id(&one.reference_id, &old.reference_id);
        let is_free = |one: &&PackageIdentity| {
            !then
                .iter()
                .any(|other| is_same_id(&other.reference_id, &one.reference_id))
        };
        let has_reference = |one: &&PackageIdentity| {
            same_name(&one.package_reference, &old.package_reference) && is_free(one)
        };
        in_action()
            .find(has_reference_id)
            .or_else(|| in_action().find(has_reference))
    }

    /// The place of a package whose reference was removed: the only new reference with this package.
    fn moved(&self, old: &PackageIdentity) -> CurrentPlace {
        let then = self.then.unwrap_or_default();
        let has_package = |one: &&PackageIdentity| same_name(&one.package, &old.package);
        let mut removed = then.iter().filter(has_package);
        let is_removed = |one: &&PackageIdentity| self.successor(one).is_none();
        let is_only_one = removed.by_ref().filter(is_removed).count() == 1;
        let kept: Vec<_> = then.iter().filter_map(|one| self.successor(one)).collect();
        let is_new = |one: &&PackageIdentity| !kept.contains(one);
        let added: Vec<_> = self.now.iter().filter(has_package).filter(is_new).collect();
        match added.as_slice() {
            [] => CurrentPlace::Removed,
            [only] if is_only_one => only.place(),
            _ => CurrentPlace::Unknown,
        }
    }

    fn compare_packages(&self, old: &PackageIdentity, new: &PackageIdentity) -> CurrentPlace {
        let mut packages = self.template.packages.iter();
        let resolved = packages.find(|one| one.is(&new.action_name, &new.package_reference));
        let is_resolved = resolved.is_none_or(|one| same_name(one.package.as_str(), &old.package));
        if same_name(&old.package, &new.package) || is_resolved {
            return new.place();
        }
        if old.package.contains("#{") {
            return CurrentPlace::Unknown;
        }
        CurrentPlace::Replaced {
            action_name: new.action_name.clone(),
            package_reference: new.package_reference.clone(),
            former: old.package.clone(),
        }
    }
}

impl PackageIdentity {
    fn is(&self, action_name: &str, package_reference: &str) -> bool {
        same_name(&self.action_name, action_name)
            && same_name(&self.package_reference, package_reference)
    }

    fn is_in_action_of(&self, other: &Self) -> bool {
        if self.action_id.is_empty() {
            same_name(&self.action_name, &other.action_name)
        } else {
            self.action_id == other.action_id
        }
    }

    fn place(&self) -> CurrentPlace {
        CurrentPlace::Found(self.action_name.clone(), self.package_reference.clone())
    }
}

/// Whether two identifiers are the same; an absent one is never the same.
fn is_same_id(one: &str, other: &str) -> bool {
    !one.is_empty() && same_name(one, other)
}
