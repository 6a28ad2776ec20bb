//! The packages of a feed: search, and the version query on which everything rests.

use serde_json::{Value, json};

use super::{Visit, found, ok};
use crate::answer::{Refusal, Reply};
use crate::app::App;
use crate::call::Call;
use crate::features::Feature;
use crate::packages::{Condition, FeedError, Query, Source};
use crate::paging::{TAKE_PACKAGES, page_of};
use crate::world::{DotNetPatterns, Held};

/// A feed, taken from the world so that it can be asked without holding the lock.
struct Asked {
    feed: String,
    kind: String,
    path: String,
    source: Source,
    dotnet: DotNetPatterns,
}

/// `GET .../feeds/{id}/packages/versions`.
pub(crate) async fn versions(app: &App, call: &Call, space: usize, id: &str) -> Reply {
    let asked = asked(app, call, space, id)?;
    let package = call
        .query("packageId")
        .ok_or_else(|| Refusal::invalid("No packageId parameter was provided."))?;
    let versions = permitted(app, call, &asked, package).await?;
    let documents = versions
        .into_iter()
        .map(|held| version(&asked.feed, package, &held))
        .collect();
    ok(page_of(
        call,
        &format!("{}/versions", asked.path),
        "PackageVersion",
        documents,
        TAKE_PACKAGES,
    ))
}

/// `GET .../feeds/{id}/packages/search`.
pub(crate) async fn search(app: &App, call: &Call, space: usize, id: &str) -> Reply {
    let asked = asked(app, call, space, id)?;
    let ids = asked
        .source
        .search(&app.http, call.query("term").unwrap_or_default())
        .await
        .map_err(|error| refused(&error))?;
    let describe = |id: String| {
        let encoded: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
        json!({
            "Id": id,
            "Name": id,
            "Description": "",
            "LatestVersion": null,
            "Links": {"SearchPackageVersionsTemplate": format!(
                "{}/versions?packageId={encoded}{{&take,skip,includePreRelease,versionRange,preReleaseTag,filter,includeReleaseNotes}}",
                asked.path
            )},
        })
    };
    let documents = ids.into_iter().map(describe).collect();
    ok(page_of(
        call,
        &format!("{}/search", asked.path),
        "PackageDescription",
        documents,
        TAKE_PACKAGES,
    ))
}

/// `GET .../feeds/{id}/packages`, the older form: a bare array, of the newest version alone unless
/// several are asked for.
pub(crate) async fn list(app: &App, call: &Call, space: usize, id: &str) -> Reply {
    let asked = asked(app, call, space, id)?;
    let take = match call.query_flag("includeMultipleVersions") {
        Some(true) => call.query_number("take", usize::MAX),
        _ => 1,
    };
    let mut documents = Vec::new();
    for package in call
        .query_list("packageId")
        .or_else(|| call.query_list("packageIds"))
        .unwrap_or_default()
    {
        let versions = permitted(app, call, &asked, package).await?;
        documents.extend(versions.into_iter().take(take).map(|held| {
            let mut document = version(&asked.feed, package, &held);
            document["NuGetPackageId"] = json!(package);
            document["NuGetFeedId"] = json!(asked.feed);
            document
        }));
    }
    ok(Value::Array(documents))
}

/// A feed that gave no answer is reported as a bad request, with what the feed said.
pub(crate) fn refused(error: &FeedError) -> Refusal {
    let mut message = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        message = format!("{message} {cause}");
        source = cause.source();
    }
    Refusal::invalid(message)
}

fn asked(app: &App, call: &Call, space: usize, id: &str) -> Result<Asked, Refusal> {
    let mut world = app.world();
    let visit = Visit::new(&mut world, call, space);
    let feed = found(visit.space().feed(id), id)?;
    Ok(Asked {
        feed: feed.id.clone(),
        kind: feed.kind.clone(),
        path: visit.path(&format!("feeds/{}/packages", feed.id)),
        source: Source::of(visit.space(), feed),
        dotnet: visit.space().dotnet.clone(),
    })
}

async fn permitted(
    app: &App,
    call: &Call,
    asked: &Asked,
    package: &str,
) -> Result<Vec<Held>, Refusal> {
    let text = |name: &str| call.query(name).map(str::to_owned);
    let mut condition = Condition::from_query(text);
    // Older servers do not know these parameters, and say nothing about it.
    if !app.world().version.has(Feature::RuleStrategies) {
        condition.version_tag_regex = None;
        condition.strategy = None;
    }
    let query = Query {
        condition: condition.with(&asked.dotnet),
        without_pre_releases: call.query_flag("includePreRelease") == Some(false),
        filter: text("filter"),
    };
    let held = asked
        .source
        .versions(&app.http, package)
        .await
        .map_err(|error| refused(&error))?;
    query.apply(&asked.kind, held)
}

fn version(feed: &str, package: &str, held: &Held) -> Value {
    json!({
        "Id": format!("packages-{package}.{}", held.version),
        "FeedId": feed,
        "PackageId": package,
        "Version": held.version,
        "Title": package,
        "ReleaseNotes": null,
        "Published": held.published.map(crate::world::wire_time),
        "SizeBytes": 0,
        "Links": {},
    })
}
