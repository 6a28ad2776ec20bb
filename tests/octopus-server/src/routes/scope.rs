//! Authentication, and the scope of a path: one space, or the routes that all spaces share.

use crate::answer::Refusal;
use crate::world::{World, same};

/// A caller's credential.
pub(crate) enum Credential {
    ApiKey(String),
    Token(String),
}

impl Credential {
    /// The index of its user.
    pub(crate) fn holder(&self, world: &World) -> Option<usize> {
        match self {
            Self::ApiKey(key) => world.user_by_key(key),
            Self::Token(token) => world.user_by_token(token),
        }
    }
}

/// Scope of a path.
pub(super) struct RouteScope {
    /// The space; `None` for shared routes.
    pub(super) space: Option<usize>,
    /// Number of segments between `api` and the resource.
    pub(super) depth: usize,
}

impl RouteScope {
    /// The three forms of a space's paths: `/api/{id}/...`, `/api/spaces/{id or slug}/...`, and `/api/...`
    /// for the default space.
    ///
    /// # Errors
    /// 404 for an unknown space.
    pub(super) fn of(world: &World, words: &[&str]) -> Result<Self, Refusal> {
        let is_space = |id: &str| world.spaces.iter().any(|space| same(&space.id, id));
        match words {
            [] | ["spaces"] | ["spaces", _] => Ok(Self::SHARED),
            [
                "users" | "serverstatus" | "maintenanceconfiguration" | "events" | "tasks",
                ..,
            ] => Ok(Self::SHARED),
            ["spaces", id, ..] => Self::within(world.space(id), 2, id),
            [id, ..] if id.starts_with("spaces-") || is_space(id) => {
                Self::within(world.space(id), 1, id)
            }
            _ => Self::within(world.default_space(), 0, "default space"),
        }
    }

    const SHARED: Self = Self {
        space: None,
        depth: 0,
    };

    fn within(space: Option<usize>, depth: usize, query: &str) -> Result<Self, Refusal> {
        match space {
            Some(space) => Ok(Self {
                space: Some(space),
                depth,
            }),
            None => Err(Refusal::not_found(query)),
        }
    }
}
