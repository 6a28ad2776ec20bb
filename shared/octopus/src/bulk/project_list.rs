//! The visible projects of a space, by their names.

use std::collections::BTreeMap;

use domain::ids::SpaceId;
use engine::ports::{OctopusError, Project};

use crate::names::{Named, pick};
use crate::projects::{ProjectResource, is_slug_or_id, no_project, project};

pub(super) struct ProjectList {
    space: SpaceId,
    resources: Vec<ProjectResource>,
    /// The resources with each name, slug or id, in lower case.
    named: BTreeMap<String, Vec<usize>>,
}

impl ProjectList {
    pub(super) fn new(space: &SpaceId, resources: Vec<ProjectResource>) -> Self {
        let mut named: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, one) in resources.iter().enumerate() {
            for name in [one.name(), one.slug(), one.id()] {
                let same = named.entry(name.to_lowercase()).or_default();
                if same.last() != Some(&index) {
                    same.push(index);
                }
            }
        }
        Self {
            space: space.clone(),
            resources,
            named,
        }
    }

    pub(super) fn resources(&self) -> &[ProjectResource] {
        &self.resources
    }

    /// Finds a project as [`find_project`](engine::ports::OctopusReader::find_project) does. `None` if the list does not
    /// decide: servers without slugs in lists may find a project by its slug.
    pub(super) fn find(&self, name: &str) -> Option<Result<Project, OctopusError>> {
        match self.pick(name) {
            Ok(Some(found)) => Some(project(&self.space, found.clone())),
            Ok(None) if self.has_slugs() || !is_slug_or_id(name) => {
                Some(Err(no_project(&self.space, name)))
            }
            Ok(None) => None,
            Err(error) => Some(Err(error)),
        }
    }

    /// The project with this name, slug or id.
    pub(super) fn pick(&self, name: &str) -> Result<Option<&ProjectResource>, OctopusError> {
        let indexes = self.named.get(&name.to_lowercase()).into_iter().flatten();
        let candidates = indexes.filter_map(|index| self.resources.get(*index));
        pick(candidates.collect(), name, "projects")
    }

    fn has_slugs(&self) -> bool {
        self.resources.iter().any(|one| !one.slug().is_empty())
    }
}
