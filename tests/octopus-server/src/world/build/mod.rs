//! Builds the world from a seed: assigns ids and resolves names. An unknown
//! name is an error with its location.

mod process;
mod project;
mod space;

pub(crate) use project::{release, rules};

use secrecy::SecretString;

use super::{Ids, User, World};
use crate::features::ServerVersion;
use crate::seed::{self, Seed};

const NEWEST_VERSION: &str = "2026.3.1001";
const DEFAULT_KEY: &str = "API-TESTKEY0000000000000000000000";

/// The world that `seed` describes.
///
/// # Errors
/// An unknown name in the seed.
pub(crate) fn build(seed: Seed) -> anyhow::Result<World> {
    let mut ids = Ids::default();
    let users = users(seed.users, seed.api_keys, &mut ids);
    let mut world = World {
        version: ServerVersion::new(seed.version.as_deref().unwrap_or(NEWEST_VERSION)),
        users,
        spaces: Vec::new(),
        events: Vec::new(),
        tasks: Vec::new(),
        defects: Vec::new(),
        ids,
        in_maintenance: false,
        clock: None,
    };
    let mut spaces = seed.spaces;
    if spaces.is_empty() {
        spaces.push(seed::Space {
            name: "Default".to_owned(),
            ..seed::Space::default()
        });
    }
    if !spaces.iter().any(|space| space.is_default) {
        spaces[0].is_default = true;
    }
    for space in spaces {
        space::add(&mut world, space)?;
    }
    Ok(world)
}

/// The users; the first has the seed's keys, and at least one.
fn users(mut users: Vec<seed::User>, keys: Vec<SecretString>, ids: &mut Ids) -> Vec<User> {
    if users.is_empty() {
        users.push(seed::User {
            username: "release-bot".to_owned(),
            display_name: Some("Release Bot".to_owned()),
            is_service: true,
            ..seed::User::default()
        });
    }
    users[0].api_keys.splice(0..0, keys);
    if users[0].api_keys.is_empty() {
        users[0].api_keys.push(DEFAULT_KEY.into());
    }
    let user = |user: seed::User| User {
        id: ids.next("Users"),
        display_name: user.display_name.unwrap_or_else(|| user.username.clone()),
        username: user.username,
        is_service: user.is_service,
        api_keys: user.api_keys,
        access_tokens: user.access_tokens,
        lacks: user.lacks,
    };
    users.into_iter().map(user).collect()
}
