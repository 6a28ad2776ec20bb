//! Reads Octopus's own triggers, and the names of projects and channels.

use engine::ports::{Catalogue, Clock, OctopusError, OctopusReader};

use super::names::{OctopusNames, ProjectNames};
use super::{Current, Look, Memory};

impl<S: Memory, O: OctopusReader + Catalogue, C: Clock> Look<'_, S, O, C> {
    /// Reads them; empty if Octopus did not answer before.
    pub(super) async fn names(&self, current: &Current) -> Result<OctopusNames, OctopusError> {
        if current.octopus_error.is_some() {
            return Ok(OctopusNames::default());
        }
        let mut natives = Vec::new();
        let mut names = ProjectNames::default();
        for space in &current.fresh.spaces {
            let own = self.octopus.feed_triggers(&space.id).await?;
            let triggers = &current.fresh.list.triggers;
            let is_used = triggers.iter().any(|one| one.space == space.id);
            if !own.is_empty() || is_used {
                names.read(self.octopus, &space.id).await?;
            }
            natives.extend(own.into_iter().map(|native| (space.id.clone(), native)));
        }
        Ok(OctopusNames {
            natives: Some(natives),
            names,
        })
    }
}
