//! Finds the watched spaces.

use domain::ids::SpaceId;

use super::Refresh;
use crate::ports::{OctopusError, OctopusErrorKind, OctopusReader, Space};

impl Refresh<'_> {
    /// Finds the watched spaces. Returns all of them by name, including those that cannot be found now.
    pub(super) async fn find_spaces<O: OctopusReader>(
        &mut self,
        octopus: &O,
    ) -> Result<Vec<Space>, OctopusError> {
        let requested = self.input.spaces;
        let error = match octopus.spaces(requested).await {
            Ok(spaces) => {
                self.spaces.clone_from(&spaces);
                return Ok(spaces);
            }
            Err(error) => error,
        };
        let is_first = self.input.previous.is_none();
        if error.kind != OctopusErrorKind::NotFound || is_first || requested.len() < 2 {
            return Err(error);
        }
        let mut named = Vec::new();
        for name in requested {
            match octopus.spaces(std::slice::from_ref(name)).await {
                Ok(found) => {
                    named.extend(found.iter().cloned());
                    self.spaces.extend(found);
                }
                Err(error) if error.kind == OctopusErrorKind::NotFound => {
                    named.push(Space {
                        id: SpaceId::new(name.as_str()),
                        name: name.clone(),
                        slug: String::new(),
                    });
                    self.failed(name, &error);
                }
                Err(error) => return Err(error),
            }
        }
        if self.spaces.is_empty() {
            return Err(error);
        }
        Ok(named)
    }
}
