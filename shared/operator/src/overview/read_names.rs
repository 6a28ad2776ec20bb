//! Reads Octopus's own triggers, and the names of projects and channels.

use std::collections::BTreeMap;

use engine::ports::{Catalogue, Clock, OctopusError, OctopusReader};

use super::names::{OctopusNames, ProjectNames};
use super::{Current, Look, Memory};

impl<S: Memory, O: OctopusReader + Catalogue, C: Clock> Look<'_, S, O, C> {
    /// Reads them; empty if Octopus did not answer before. A space that cannot be read has no names: the refresh reports it.
    pub(super) async fn names(&self, current: &Current) -> Result<OctopusNames, OctopusError> {
        if current.octopus_error.is_some() {
            return Ok(OctopusNames::default());
        }
        let mut natives = BTreeMap::new();
        let mut names = ProjectNames::default();
        for space in &current.fresh.spaces {
            let own = match self.octopus.feed_triggers(&space.id).await {
                Err(error) if !error.kind.concerns_key() => continue,
                own => own?,
            };
            let triggers = &current.fresh.list.triggers;
            let is_used = triggers.iter().any(|one| one.space == space.id);
            if !own.is_empty() || is_used {
                match names.read(self.octopus, &space.id).await {
                    Err(error) if !error.kind.concerns_key() => {}
                    read => read?,
                }
            }
            natives.insert(space.id.clone(), own);
        }
        Ok(OctopusNames { natives, names })
    }
}
