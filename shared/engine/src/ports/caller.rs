//! Whom Octopus takes this program for, and what it lets it do. No step needs it.

use std::collections::BTreeMap;

use domain::ids::SpaceId;
use domain::time::Timestamp;

use super::octopus::OctopusError;

/// Tells of the server and of the API key's user.
pub trait Caller {
    /// The server.
    async fn server(&self) -> Result<ServerFacts, OctopusError>;

    /// The API key's user.
    async fn user(&self) -> Result<UserFacts, OctopusError>;

    /// What the user is permitted in a space.
    async fn permissions(
        &self,
        user: &UserFacts,
        space: &SpaceId,
    ) -> Result<Permissions, OctopusError>;
}

/// What the server says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerFacts {
    /// Its version, as it writes it.
    pub version: String,
    /// Whether it knows external feed triggers.
    pub has_feed_triggers: bool,
    /// What its clock said, to the second, where it says so.
    pub time: Option<Timestamp>,
}

/// The API key's user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserFacts {
    /// The id.
    pub id: String,
    /// The name to show.
    pub name: String,
    /// A service account, not a person's.
    pub is_service: bool,
}

/// What a user is permitted in a space.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// The permissions by name, each with whether it is given everywhere in the space.
    pub given: BTreeMap<String, bool>,
    /// Octopus says that this is all.
    pub is_complete: bool,
}
