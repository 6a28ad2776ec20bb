//! Converts Octopus's feed resources.

#[cfg(test)]
mod tests;

use domain::feed::{Feed, FeedKind};
use domain::ids::{FeedId, SpaceId};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::advisory::advisory;
use crate::ecr_account;
use crate::tolerant::{filled, item, or_default};

/// The id of the built-in feed in processes and templates. In all but the first space its own id differs.
pub(crate) const BUILT_IN: &str = "feeds-builtin";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FeedResource {
    id: String,
    #[serde(default, deserialize_with = "advisory")]
    name: String,
    #[serde(default, deserialize_with = "or_default")]
    feed_type: String,
    feed_uri: Option<String>,
    registry_path: Option<String>,
    region: Option<String>,
    username: Option<String>,
    #[serde(default)]
    password: Value,
    access_key: Option<String>,
    #[serde(default)]
    secret_key: Value,
    #[serde(default)]
    service_account_json_key: Value,
    #[serde(default)]
    use_machine_credentials: Value,
    #[serde(default)]
    oidc_authentication: Value,
}

/// The properties of every kind of feed.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NamedFeed {
    pub(super) id: String,
    #[serde(default, deserialize_with = "advisory")]
    name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) feed_type: String,
}

/// Converts a list of feeds.
///
/// # Errors
/// If an item is not a feed. An omitted feed would count as deleted.
pub(crate) fn all_known(space: &SpaceId, feeds: &[Value]) -> Result<Vec<Feed>, serde_json::Error> {
    let mut known = Vec::new();
    for feed in feeds {
        known.extend(with_alias(one(space, feed)?));
    }
    Ok(known)
}

/// Converts a feed. If its settings do not parse, only its name and kind are known, which is enough to read it
/// through Octopus.
fn one(space: &SpaceId, feed: &Value) -> Result<Feed, serde_json::Error> {
    item(feed).map(|feed| known(space, feed)).or_else(|error| {
        let NamedFeed {
            id,
            name,
            feed_type,
        } = item(feed)?;
        tracing::warn!(
            feed = name,
            %error,
            "feed settings cannot be parsed; reading the feed through Octopus"
        );
        Ok(Feed {
            id: FeedId::new(id),
            space: space.clone(),
            name,
            kind: FeedKind::from_feed_type(&feed_type),
            uri: None,
            registry_path: None,
            region: None,
            account: None,
            has_credentials: true,
        })
    })
}

/// The feed; the built-in feed also under the id that processes use.
fn with_alias(feed: Feed) -> Vec<Feed> {
    if feed.kind == FeedKind::BuiltIn && feed.id.as_str() != BUILT_IN {
        let alias = Feed {
            id: FeedId::new(BUILT_IN),
            ..feed.clone()
        };
        vec![alias, feed]
    } else {
        vec![feed]
    }
}

fn known(space: &SpaceId, feed: FeedResource) -> Feed {
    let kind = FeedKind::from_feed_type(&feed.feed_type);
    let (uri, has_user) = filled(feed.feed_uri.clone()).map_or((None, false), without_secret);
    Feed {
        has_credentials: has_user || has_credentials(&feed),
        account: (kind == FeedKind::AwsElasticContainerRegistry)
            .then(|| account(&feed))
            .flatten(),
        id: FeedId::new(feed.id),
        space: space.clone(),
        name: feed.name,
        kind,
        uri,
        registry_path: filled(feed.registry_path),
        region: filled(feed.region),
    }
}

/// The URI without user name, password and query, and whether it had any. A query may be a signature, which is
/// a secret too.
fn without_secret(uri: String) -> (Option<String>, bool) {
    // Users also enter registries without a scheme.
    let whole = match uri.contains("://") {
        true => Url::parse(&uri),
        false => Url::parse(&format!("https://{uri}")),
    };
    let Ok(mut url) = whole else {
        let may_have_user = uri.contains('@');
        return ((!may_have_user).then_some(uri), may_have_user);
    };
    if url.username().is_empty() && url.password().is_none() && url.query().is_none() {
        return (Some(uri), false);
    }
    url.set_query(None);
    let stripped = url.set_username("").and_then(|()| url.set_password(None));
    (stripped.is_ok().then(|| url.into()), true)
}

fn has_credentials(feed: &FeedResource) -> bool {
    let is_filled =
        |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
    let is_set = |secret: &Value| secret.get("HasValue").and_then(Value::as_bool) == Some(true);
    is_filled(&feed.username)
        || is_filled(&feed.access_key)
        || is_set(&feed.password)
        || is_set(&feed.secret_key)
        || is_set(&feed.service_account_json_key)
        || feed.use_machine_credentials.as_bool() == Some(true)
        || is_federated(&feed.oidc_authentication)
}

/// Whether the feed logs in with Octopus's own OIDC token: any of the settings is set.
fn is_federated(oidc: &Value) -> bool {
    let is_set = |name| {
        oidc.get(name)
            .and_then(Value::as_str)
            .is_some_and(|text| !text.is_empty())
    };
    ["RoleArn", "ClientId", "TenantId", "Audience"]
        .into_iter()
        .any(is_set)
}

fn account(feed: &FeedResource) -> Option<String> {
    let role = feed
        .oidc_authentication
        .get("RoleArn")
        .and_then(Value::as_str);
    role.and_then(ecr_account::of_role).or_else(|| {
        feed.access_key
            .as_deref()
            .and_then(ecr_account::of_access_key)
    })
}
