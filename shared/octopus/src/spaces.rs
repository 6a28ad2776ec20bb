//! Spaces: `/api/spaces`.

use domain::ids::SpaceId;
use engine::ports::{OctopusError, OctopusErrorKind, Space};
use serde::Deserialize;

use crate::advisory::advisory;
use crate::client::OctopusClient;
use crate::error::error;
use crate::keys::ApiKeys;

/// Selects every space.
const ALL: &str = "*";
/// Maximum number of names in an error.
const MAX_NAMES: usize = 10;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SpaceResource {
    id: String,
    #[serde(default, deserialize_with = "advisory")]
    name: String,
    #[serde(default, deserialize_with = "advisory")]
    slug: String,
}

impl<K: ApiKeys> OctopusClient<K> {
    pub(crate) async fn list_spaces(
        &self,
        requested: &[String],
    ) -> Result<Vec<Space>, OctopusError> {
        let call = self.reading(&["spaces"], "the spaces", "SpaceView");
        let visible: Vec<SpaceResource> = self.list(&call).await?;
        let visible: Vec<Space> = visible
            .into_iter()
            .map(|space| Space {
                id: SpaceId::new(space.id),
                name: space.name,
                slug: space.slug,
            })
            .collect();
        select(visible, requested).map_err(|unknown| self.no_such_space(&unknown))
    }

    fn no_such_space(&self, unknown: &UnknownSpace) -> OctopusError {
        let UnknownSpace { requested, visible } = unknown;
        let remedy = if visible.is_empty() {
            "add the user to a team of that space".to_owned()
        } else {
            format!("visible are {}", visible.join(", "))
        };
        let message = format!(
            "cannot find the space `{requested}` at {}: the API key's user cannot see it; {remedy}",
            self.address
        );
        error(OctopusErrorKind::NotFound, message)
    }
}

#[derive(Debug, PartialEq)]
struct UnknownSpace {
    requested: String,
    visible: Vec<String>,
}

/// The requested spaces without duplicates, in the order of `requested`.
fn select(visible: Vec<Space>, requested: &[String]) -> Result<Vec<Space>, UnknownSpace> {
    if requested.iter().any(|one| one.trim() == ALL) {
        return Ok(visible);
    }
    let mut selected: Vec<Space> = Vec::new();
    for one in requested {
        let is = |own: &str| own.to_lowercase() == one.trim().to_lowercase();
        let by_name = |space: &&Space| is(&space.name) || is(space.id.as_str());
        let found = visible.iter().find(by_name);
        let Some(space) = found.or_else(|| visible.iter().find(|space| is(&space.slug))) else {
            let visible = visible
                .into_iter()
                .take(MAX_NAMES)
                .map(|space| space.name)
                .collect();
            return Err(UnknownSpace {
                requested: one.clone(),
                visible,
            });
        };
        if !selected.contains(space) {
            selected.push(space.clone());
        }
    }
    Ok(selected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(requested: &[&str]) -> Result<Vec<String>, UnknownSpace> {
        let space = |id: &str, name: &str, slug: &str| Space {
            id: SpaceId::new(id),
            name: name.into(),
            slug: slug.into(),
        };
        let visible = vec![
            space("Spaces-1", "Default", "team-a"),
            space("Spaces-2", "Größe", "groesse"),
            space("Spaces-3", "Team-A", "team-a-2"),
        ];
        let requested: Vec<String> = requested.iter().map(|&one| one.into()).collect();
        let selected = select(visible, &requested)?;
        Ok(selected
            .into_iter()
            .map(|space| space.id.to_string())
            .collect())
    }

    #[test]
    fn select_finds_spaces_by_name_or_id_without_case() {
        assert_eq!(
            ids(&["GRÖSSE", "größe", "spaces-1", "Default"])
                .unwrap_err()
                .requested,
            "GRÖSSE"
        );
        assert_eq!(
            ids(&["GRÖßE", "spaces-1", "Default"]).unwrap(),
            ["Spaces-2", "Spaces-1"]
        );
        assert_eq!(ids(&["*"]).unwrap(), ["Spaces-1", "Spaces-2", "Spaces-3"]);
        assert_eq!(ids(&[]).unwrap(), [""; 0]);
    }

    #[test]
    fn select_finds_spaces_by_slug_unless_another_has_that_name() {
        assert_eq!(ids(&["Groesse"]).unwrap(), ["Spaces-2"]);
        assert_eq!(ids(&["team-a"]).unwrap(), ["Spaces-3"]);
    }

    #[test]
    fn select_reports_unknown_space_with_visible_ones() {
        let missing = UnknownSpace {
            requested: "Ops".into(),
            visible: vec!["Default".into(), "Größe".into(), "Team-A".into()],
        };
        assert_eq!(ids(&["Default", "Ops"]), Err(missing));
    }
}
