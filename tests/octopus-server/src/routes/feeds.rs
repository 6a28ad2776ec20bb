//! Feeds. Secrets are shown only as present or absent.

use secrecy::SecretString;
use serde_json::{Map, Value, json};

use super::{SpaceRequest, found, ok};
use crate::answer::Reply;
use crate::features::Feature;
use crate::paging::collection;
use crate::world::{Feed, same};

/// `GET /api/{s}/feeds` and `/feeds/all`.
pub(crate) fn list(request: &SpaceRequest<'_>) -> Reply {
    let kinds = request.call.query_list("feedType");
    let query = |feed: &&Feed| {
        kinds
            .as_ref()
            .is_none_or(|kinds| kinds.iter().any(|kind| same(kind, &feed.kind)))
    };
    let documents = request
        .space()
        .feeds
        .iter()
        .filter(query)
        .map(|feed| document(request, feed))
        .collect();
    collection(request.call, &request.list_path("feeds"), "Feed", documents)
}

/// `GET /api/{s}/feeds/{id}`.
pub(crate) fn get(request: &SpaceRequest<'_>, id: &str) -> Reply {
    ok(document(request, found(request.space().feed(id), id)?))
}

/// `GET /api/{s}/feeds/stats`.
pub(crate) fn stats(request: &SpaceRequest<'_>) -> Reply {
    let built_in = request
        .space()
        .feeds
        .iter()
        .filter(|feed| feed.is_built_in());
    let packages: usize = built_in
        .flat_map(|feed| &feed.stock)
        .map(|stock| stock.versions.len())
        .sum();
    ok(json!({"TotalPackages": packages, "Links": {}}))
}

fn document(request: &SpaceRequest<'_>, feed: &Feed) -> Value {
    let own = request.path(&format!("feeds/{}", feed.id));
    let mut versions = "packageId,take,skip,includePreRelease,versionRange,preReleaseTag,filter,includeReleaseNotes".to_owned();
    if request.has(Feature::RuleStrategies) {
        versions.push_str(",versionTagRegex,versioningStrategy");
    }
    let mut document = json!({
        "Id": feed.id,
        "SpaceId": request.space().id,
        "Name": feed.name,
        "Slug": feed.slug,
        "FeedType": feed.kind,
        "PackageAcquisitionLocationOptions": ["Server", "ExecutionTarget", "NotAcquired"],
        "Links": {
            "Self": own,
            "SearchPackagesTemplate": format!("{own}/packages/search{{?term,take,skip,packageType}}"),
            "SearchPackageVersionsTemplate": format!("{own}/packages/versions{{?{versions}}}"),
            "PackagesTemplate": format!("{own}/packages{{?packageId,partialMatch,includeMultipleVersions,includeNotes,includePreRelease,versionRange,preReleaseTag,take}}"),
        },
    });
    if let Some(fields) = document.as_object_mut() {
        fields.append(&mut particulars(feed));
    }
    document
}

/// The fields of this kind of feed.
fn particulars(feed: &Feed) -> Map<String, Value> {
    let mut document = match feed.kind.as_str() {
        "BuiltIn" => json!({
            "DeleteUnreleasedPackagesAfterDays": null,
            "DeletePackagesAssociatedWithReleases": false,
            "IsBuiltInRepoSyncEnabled": false,
        }),
        "OctopusProject" => json!({}),
        "AwsElasticContainerRegistry" | "S3" => json!({
            "Region": feed.region,
            "AccessKey": feed.access_key,
            "SecretKey": sensitive(feed.secret_key.as_ref()),
            "UseMachineCredentials": feed.use_machine_credentials,
        }),
        _ => json!({
            "FeedUri": feed.uri,
            "Username": feed.username,
            "Password": sensitive(feed.password.as_ref()),
        }),
    };
    let more = match feed.kind.as_str() {
        "Docker" | "AzureContainerRegistry" | "GoogleContainerRegistry" => {
            json!({"ApiVersion": "v2", "RegistryPath": feed.registry_path})
        }
        "AwsElasticContainerRegistry" => json!({"OidcAuthentication": null}),
        "NuGet" => {
            json!({"EnhancedMode": true, "DownloadAttempts": 5, "DownloadRetryBackoffSeconds": 10})
        }
        "Maven" | "GitHub" | "Npm" | "PyPi" => {
            json!({"DownloadAttempts": 5, "DownloadRetryBackoffSeconds": 10})
        }
        _ => json!({}),
    };
    let mut fields = Map::new();
    for part in [document.take(), more] {
        if let Value::Object(mut map) = part {
            fields.append(&mut map);
        }
    }
    fields
}

fn sensitive(secret: Option<&SecretString>) -> Value {
    json!({"HasValue": secret.is_some(), "NewValue": null, "Hint": null})
}
