//! Feeds: `/api/{space}/feeds`. Secrets never come along; Octopus only says whether there is one.

use domain::feed::{Feed, FeedKind};
use domain::ids::{FeedId, SpaceId};
use engine::ports::{OctopusError, OctopusErrorKind};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::client::{Call, OctopusClient};
use crate::ecr_account;
use crate::error::malformed;
use crate::keys::ApiKeys;
use crate::paging::Page;
use crate::tolerant::{filled, item, or_default};

/// By this id processes and templates call the built-in feed, although in all but the first space its own
/// id is another.
pub(crate) const BUILT_IN: &str = "feeds-builtin";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FeedResource {
    id: String,
    #[serde(default, deserialize_with = "or_default")]
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

/// What every feed says of itself.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NamedFeed {
    id: String,
    #[serde(default, deserialize_with = "or_default")]
    name: String,
    #[serde(default, deserialize_with = "or_default")]
    feed_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribedFeed {
    #[serde(default, deserialize_with = "or_default")]
    links: FeedLinks,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FeedLinks {
    #[serde(rename = "SearchPackageVersionsTemplate")]
    versions: Option<String>,
}

impl<K: ApiKeys> OctopusClient<K> {
    pub(crate) async fn list_feeds(&self, space: &SpaceId) -> Result<Vec<Feed>, OctopusError> {
        let call = self.feeds_call(space);
        let feeds: Vec<Value> = self.list(&call).await?;
        all_known(space, &feeds)
            .map_err(|source| malformed(&self.address, &call, "no list of feeds", source))
    }

    /// The built-in feed's own id.
    pub(crate) async fn built_in_feed(
        &self,
        space: &SpaceId,
    ) -> Result<Option<String>, OctopusError> {
        let call = self
            .feeds_call(space)
            .with("feedType", "BuiltIn")
            .page(0, 1);
        let page: Page<FeedResource> = self.get(&call).await?;
        // Servers that do not know the parameter answer with any feed.
        Ok(page
            .items
            .into_iter()
            .find(|feed| feed.feed_type == "BuiltIn")
            .map(|feed| feed.id))
    }

    /// The link by which a feed describes the query for versions, with the parameters that it takes.
    pub(crate) async fn versions_template(
        &self,
        space: &SpaceId,
        feed: &FeedId,
    ) -> Result<Option<String>, OctopusError> {
        let of = |id: &str| {
            let what = format!("feed {feed}");
            self.reading(&[space.as_str(), "feeds", id], what, "FeedView")
        };
        let described: DescribedFeed = match self.get(&of(feed.as_str())).await {
            Err(error) if error.kind == OctopusErrorKind::NotFound && feed.as_str() == BUILT_IN => {
                let own = self.built_in_feed(space).await?.ok_or(error)?;
                self.get(&of(&own)).await?
            }
            described => described?,
        };
        Ok(described.links.versions)
    }

    fn feeds_call(&self, space: &SpaceId) -> Call {
        self.reading(
            &[space.as_str(), "feeds"],
            format!("the feeds of {space}"),
            "FeedView",
        )
    }
}

/// All feeds.
///
/// # Errors
/// Where something is no feed: what is left out would be taken for deleted.
pub(crate) fn all_known(space: &SpaceId, feeds: &[Value]) -> Result<Vec<Feed>, serde_json::Error> {
    let mut known = Vec::new();
    for feed in feeds {
        known.extend(with_alias(one(space, feed)?));
    }
    Ok(known)
}

/// A feed. Of one whose settings cannot be read it is known that it exists and of which kind it is, which is
/// enough for reading it through Octopus.
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
            "the settings of a feed cannot be read, so it is read through Octopus"
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

/// The feed, and the built-in one also under the id that processes use.
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

/// The URI without user name, password and query, and whether it had any: a query may be a signature, which
/// is as good as a password.
fn without_secret(uri: String) -> (Option<String>, bool) {
    // Registries are entered without a scheme too.
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
    let is_held = |secret: &Value| secret.get("HasValue").and_then(Value::as_bool) == Some(true);
    is_filled(&feed.username)
        || is_filled(&feed.access_key)
        || is_held(&feed.password)
        || is_held(&feed.secret_key)
        || is_held(&feed.service_account_json_key)
        || feed.use_machine_credentials.as_bool() == Some(true)
        || is_federated(&feed.oidc_authentication)
}

/// Whether the feed logs in with a token of Octopus itself: any of the settings says something.
fn is_federated(oidc: &Value) -> bool {
    let says = |name| {
        oidc.get(name)
            .and_then(Value::as_str)
            .is_some_and(|text| !text.is_empty())
    };
    ["RoleArn", "ClientId", "TenantId", "Audience"]
        .into_iter()
        .any(says)
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

#[cfg(test)]
mod tests {
    use domain::feed::{Access, Route};
    use serde_json::json;

    use super::*;

    fn feed(json: Value) -> Feed {
        known(
            &SpaceId::new("Spaces-1"),
            serde_json::from_value(json).unwrap(),
        )
    }

    #[test]
    fn an_ecr_feed_knows_its_region_and_account() {
        let ecr = feed(json!({
            "Id": "Feeds-1001", "Name": "ECR prod", "FeedType": "AwsElasticContainerRegistry",
            "Region": "eu-west-1", "AccessKey": "AKIARZPUZDIKFIAQF7TX",
            "SecretKey": {"HasValue": true, "NewValue": null, "Hint": null},
            "UseMachineCredentials": false, "OidcAuthentication": null, "Links": {}
        }));
        assert_eq!(ecr.kind, FeedKind::AwsElasticContainerRegistry);
        assert_eq!(ecr.region.as_deref(), Some("eu-west-1"));
        assert_eq!(ecr.account.as_deref(), Some("123456789012"));
        assert!(ecr.has_credentials);

        let by_role = feed(json!({
            "Id": "Feeds-2", "FeedType": "AwsElasticContainerRegistry", "AccessKey": null,
            "OidcAuthentication": {"RoleArn": "arn:aws:iam::210987654321:role/o", "Audience": null}
        }));
        assert_eq!(by_role.account.as_deref(), Some("210987654321"));
        assert!(by_role.has_credentials);
    }

    #[test]
    fn credentials_are_noticed_and_never_kept() {
        for (fields, has) in [
            (
                json!({"Username": "", "Password": {"HasValue": false}}),
                false,
            ),
            (
                json!({"Username": null, "Password": null, "OidcAuthentication": {"Audience": ""}}),
                false,
            ),
            (json!({"Username": "me"}), true),
            (json!({"Password": {"HasValue": true}}), true),
            (json!({"UseMachineCredentials": true}), true),
            (json!({"OidcAuthentication": {"ClientId": "x"}}), true),
            (
                json!({"FeedUri": "https://me:secret@registry.example/v2"}),
                true,
            ),
            (json!({"FeedUri": "me:secret@registry.example:5000"}), true),
            (json!({"FeedUri": "oci://me:secret@registry.example"}), true),
            (json!({"FeedUri": "https://me:secret@regi stry/"}), true),
            (
                json!({"FeedUri": "https://charts.example/?sig=secret"}),
                true,
            ),
        ] {
            let mut document = fields.clone();
            document["Id"] = "Feeds-1".into();
            document["FeedType"] = "Docker".into();
            let feed = feed(document);
            assert_eq!(feed.has_credentials, has, "{fields}");
            assert!(!format!("{feed:?}").contains("secret"), "{feed:?}");
        }
    }

    #[test]
    fn the_uri_stays_as_it_is_but_for_the_user() {
        let uri = |uri: &str| feed(json!({"Id": "Feeds-1", "FeedUri": uri})).uri;
        assert_eq!(
            uri("https://registry.example").as_deref(),
            Some("https://registry.example")
        );
        assert_eq!(
            uri("https://a@r.example/v2").as_deref(),
            Some("https://r.example/v2")
        );
        assert_eq!(uri("not a url").as_deref(), Some("not a url"));
        assert_eq!(uri("docker.io").as_deref(), Some("docker.io"));
        assert_eq!(uri("r.example:5000").as_deref(), Some("r.example:5000"));
        assert_eq!(uri(""), None);
    }

    #[test]
    fn a_feed_with_settings_that_cannot_be_read_is_read_through_octopus() {
        let list = json!([
            {"Id": "Feeds-1", "Name": "Odd", "FeedType": "Docker", "Username": {"Value": "me"}},
            {"Id": "Feeds-2", "FeedType": "Docker", "FeedUri": "https://registry.example"}
        ]);
        let feeds = all_known(&SpaceId::new("Spaces-1"), list.as_array().unwrap()).unwrap();
        let routes: Vec<_> = feeds
            .iter()
            .map(|feed| feed.route(&Access::default()).0)
            .collect();
        assert_eq!(feeds[0].name, "Odd");
        assert_eq!(routes, [Route::Octopus, Route::Direct]);
    }

    #[test]
    fn what_is_no_feed_is_not_left_out() {
        let space = SpaceId::new("Spaces-1");
        for odd in [
            json!(7),
            json!({}),
            json!({"Id": 7}),
            json!({"Id": "Feeds-1", "FeedType": 7}),
        ] {
            let list = [json!({"Id": "Feeds-2", "FeedType": "Docker"}), odd];
            assert!(all_known(&space, &list).is_err(), "{list:?}");
        }
    }

    #[test]
    fn the_built_in_feed_goes_by_both_of_its_ids() {
        let ids = |id: &str, kind: &str| -> Vec<String> {
            let feed = feed(json!({"Id": id, "FeedType": kind}));
            with_alias(feed)
                .into_iter()
                .map(|feed| feed.id.to_string())
                .collect()
        };
        assert_eq!(ids("Feeds-7", "BuiltIn"), ["feeds-builtin", "Feeds-7"]);
        assert_eq!(ids("feeds-builtin", "BuiltIn"), ["feeds-builtin"]);
        assert_eq!(ids("Feeds-8", "Docker"), ["Feeds-8"]);
    }
}
