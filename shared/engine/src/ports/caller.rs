//! The API key's user and its permissions. No step needs them.

use std::collections::BTreeMap;

use domain::ids::SpaceId;
use domain::time::Timestamp;

use super::octopus::OctopusError;

/// Reads facts about the server and the API key's user.
pub trait Caller {
    async fn server(&self) -> Result<ServerFacts, OctopusError>;

    async fn user(&self) -> Result<UserFacts, OctopusError>;

    /// The user's permissions in a space.
    async fn permissions(
        &self,
        user: &UserFacts,
        space: &SpaceId,
    ) -> Result<Permissions, OctopusError>;
}

/// Facts about the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerFacts {
    /// Its version, unparsed.
    pub version: String,
    /// Whether it supports external feed triggers.
    pub has_feed_triggers: bool,
    /// The time of its clock, to the second, if it returns it.
    pub time: Option<Timestamp>,
}

/// The API key's user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserFacts {
    pub id: String,
    /// The display name.
    pub name: String,
    /// Whether it is a service account.
    pub is_service: bool,
}

/// A user's permissions in a space.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// The permissions by name, each with whether it applies to the whole space.
    pub given: BTreeMap<String, bool>,
    /// Whether Octopus returned all permissions.
    pub is_complete: bool,
}
