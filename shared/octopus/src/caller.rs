//! The server, the API key's user and the user's permissions: `/api`, `/api/users/me`,
//! `/api/{space}/users/{id}/permissions`.

use std::collections::BTreeMap;

use domain::ids::SpaceId;
use domain::time::Timestamp;
use engine::ports::{OctopusError, OctopusErrorKind, Permissions, ServerFacts, UserFacts};
use http_client::from_json;
use reqwest::header::DATE;
use serde::Deserialize;

use crate::advisory::advisory;
use crate::client::OctopusClient;
use crate::error;
use crate::keys::ApiKeys;
use crate::refusal::refusal;
use crate::server_version::ServerVersion;
use crate::tolerant::or_default;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RootResource {
    version: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UserResource {
    id: String,
    #[serde(default, deserialize_with = "advisory")]
    username: String,
    #[serde(default, deserialize_with = "advisory")]
    display_name: String,
    #[serde(default, deserialize_with = "advisory")]
    is_service: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PermissionsResource {
    #[serde(default, deserialize_with = "or_default")]
    space_permissions: BTreeMap<String, Vec<RestrictionResource>>,
    #[serde(default, deserialize_with = "advisory")]
    is_permissions_complete: bool,
}

/// Scope of a permission; the whole space if all lists are empty.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RestrictionResource {
    #[serde(default, deserialize_with = "or_default")]
    space_id: String,
    #[serde(default, deserialize_with = "or_default")]
    restricted_to_project_ids: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    restricted_to_environment_ids: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    restricted_to_tenant_ids: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    restricted_to_project_group_ids: Vec<String>,
}

impl<K: ApiKeys> OctopusClient<K> {
    /// The server's version, read once.
    pub(crate) async fn server_version(&self) -> Result<ServerVersion, OctopusError> {
        let read = async {
            let call = self.reading(&[], "the server's version", "a login");
            let root: RootResource = self.get(&call).await?;
            Ok(ServerVersion::parse(&root.version))
        };
        self.version.get_or_try_init(|| read).await.copied()
    }

    pub(crate) async fn read_server(&self) -> Result<ServerFacts, OctopusError> {
        let call = self.reading(&[], "the server's version", "a login");
        let answer = self.get_answer(&call).await?;
        if !answer.status.is_success() {
            return Err(refusal(&self.address, &call, &answer));
        }
        let root: RootResource = from_json(&answer.body).map_err(|source| {
            error::malformed(&self.address, &call, "not the expected JSON", source)
        })?;
        let time = answer.headers.get(DATE).and_then(|text| text.to_str().ok());
        let time = time.and_then(|text| jiff::fmt::rfc2822::parse(text).ok());
        Ok(ServerFacts {
            has_feed_triggers: ServerVersion::parse(&root.version) >= ServerVersion::FEED_TRIGGERS,
            version: root.version,
            time: time.map(|time| Timestamp::from_millis(time.timestamp().as_millisecond())),
        })
    }

    pub(crate) async fn read_user(&self) -> Result<UserFacts, OctopusError> {
        let call = self.reading(&["users", "me"], "the API key's user", "a login");
        let user: UserResource = self.get(&call).await?;
        Ok(UserFacts {
            name: if user.display_name.is_empty() {
                user.username
            } else {
                user.display_name
            },
            id: user.id,
            is_service: user.is_service,
        })
    }

    pub(crate) async fn read_permissions(
        &self,
        user: &UserFacts,
        space: &SpaceId,
    ) -> Result<Permissions, OctopusError> {
        let what = "the permissions of the API key's user";
        let path = [space.as_str(), "users", user.id.as_str(), "permissions"];
        let read = self.get(&self.reading(&path, what, "a login")).await;
        let resource: PermissionsResource = match read {
            Err(error) if error.kind == OctopusErrorKind::NotFound => {
                // Servers without the route of the space have one for all spaces.
                let call = self.reading(&path[1..], what, "a login");
                self.get(&call.with("spaces", space.as_str())).await?
            }
            read => read?,
        };
        let mut given = BTreeMap::new();
        for (name, restrictions) in resource.space_permissions {
            let here = restrictions
                .iter()
                .filter(|one| one.space_id.is_empty() || one.space_id == space.as_str());
            let everywhere: Vec<_> = here.map(RestrictionResource::is_everywhere).collect();
            if !everywhere.is_empty() {
                given.insert(name, everywhere.contains(&true));
            }
        }
        Ok(Permissions {
            given,
            is_complete: resource.is_permissions_complete,
        })
    }
}

impl RestrictionResource {
    fn is_everywhere(&self) -> bool {
        [
            &self.restricted_to_project_ids,
            &self.restricted_to_environment_ids,
            &self.restricted_to_tenant_ids,
            &self.restricted_to_project_group_ids,
        ]
        .into_iter()
        .all(Vec::is_empty)
    }
}
