//! The packages of a feed: search and version queries.

use serde_json::{Value, json};

use super::{SpaceRequest, found, ok};
use crate::answer::{Refusal, Reply};
use crate::app::App;
use crate::call::Call;
use crate::features::Feature;
use crate::packages::{Condition, FeedError, Query, Source};
use crate::paging::{TAKE_PACKAGES, page, page_of};
use crate::world::{DotNetPatterns, StoredVersion, same};

/// A feed copied from the world, so that it can be read without the lock.
struct FeedQuery {
    feed: String,
    kind: String,
    path: String,
    source: Source,
    dotnet: DotNetPatterns,
}

/// `GET .../feeds/{id}/packages/versions`.
pub(crate) async fn versions(app: &App, call: &Call, space: usize, id: &str) -> Reply {
    let feed = feed_query(app, call, space, id)?;
    let package = call
        .query("packageId")
        .ok_or_else(|| Refusal::invalid("No packageId parameter was provided."))?;
    let mut versions = permitted(app, call, &feed, package).await?;
    if app.strict.modes().chart_tags && feed.kind == "OciRegistry" {
        for stored in &mut versions {
            stored.version = stored.version.replace('+', "_");
        }
    }
    let documents = versions
        .into_iter()
        .map(|stored| version(&feed.feed, package, &stored))
        .collect();
    let mut page = page_of(
        call,
        &format!("{}/versions", feed.path),
        "PackageVersion",
        documents,
        TAKE_PACKAGES,
    );
    if app.strict.modes().page_sized_totals {
        let size = page["Items"].as_array().map_or(0, Vec::len);
        page["TotalResults"] = json!(size);
        page["NumberOfPages"] = json!(1);
        page["LastPageNumber"] = json!(0);
        page["Links"] = json!({});
    }
    ok(page)
}

/// `GET .../feeds/{id}/packages/search`.
pub(crate) async fn search(app: &App, call: &Call, space: usize, id: &str) -> Reply {
    let feed = feed_query(app, call, space, id)?;
    let ids = feed
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
                feed.path
            )},
        })
    };
    let documents = ids.into_iter().map(describe).collect();
    ok(page_of(
        call,
        &format!("{}/search", feed.path),
        "PackageDescription",
        documents,
        TAKE_PACKAGES,
    ))
}

/// `GET .../feeds/{id}/packages`, the legacy form: a bare array with only the newest version unless
/// several are requested.
pub(crate) async fn list(app: &App, call: &Call, space: usize, id: &str) -> Reply {
    let feed = feed_query(app, call, space, id)?;
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
        let versions = permitted(app, call, &feed, package).await?;
        documents.extend(versions.into_iter().take(take).map(|stored| {
            let mut document = version(&feed.feed, package, &stored);
            document["NuGetPackageId"] = json!(package);
            document["NuGetFeedId"] = json!(feed.feed);
            document
        }));
    }
    ok(Value::Array(documents))
}

/// `GET /api/{s}/packages`: the packages of the built-in feed with their newest versions; with `nuGetPackageId`, all
/// versions of that one.
pub(crate) fn built_in(request: &SpaceRequest<'_>) -> Reply {
    let call = request.call;
    let feed = found(request.space().feed("feeds-builtin"), "feeds-builtin")?;
    let part = call.query("filter").unwrap_or_default().to_lowercase();
    let one = call.query("nuGetPackageId");
    let mut documents = Vec::new();
    for package in &feed.stock {
        let is_asked = match one {
            Some(one) => same(one, &package.id),
            None => package.id.to_lowercase().contains(&part),
        };
        if !is_asked {
            continue;
        }
        let query = Query {
            condition: Condition::from_query(|_| None),
            without_pre_releases: false,
            filter: None,
        };
        let versions = query.apply(&feed.kind, package.versions.clone())?;
        let take = if one.is_some() && call.query_flag("latest") != Some(true) {
            usize::MAX
        } else {
            1
        };
        documents.extend(versions.into_iter().take(take).map(|stored| {
            let mut document = version(&feed.id, &package.id, &stored);
            document["NuGetPackageId"] = json!(package.id);
            document["NuGetFeedId"] = json!(feed.id);
            document["Description"] = json!("");
            document["FileExtension"] = json!(".zip");
            document
        }));
    }
    ok(page(call, &request.path("packages"), "Package", documents))
}

/// A failed feed is reported as a bad request with the feed's error.
pub(crate) fn refused(error: &FeedError) -> Refusal {
    let mut message = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        message = format!("{message} {cause}");
        source = cause.source();
    }
    Refusal::invalid(message)
}

fn feed_query(app: &App, call: &Call, space: usize, id: &str) -> Result<FeedQuery, Refusal> {
    let mut world = app.world();
    let request = SpaceRequest::new(&mut world, call, space);
    let feed = found(request.space().feed(id), id)?;
    Ok(FeedQuery {
        feed: feed.id.clone(),
        kind: feed.kind.clone(),
        path: request.path(&format!("feeds/{}/packages", feed.id)),
        source: Source::of(request.space(), feed),
        dotnet: request.space().dotnet.clone(),
    })
}

async fn permitted(
    app: &App,
    call: &Call,
    feed: &FeedQuery,
    package: &str,
) -> Result<Vec<StoredVersion>, Refusal> {
    let text = |name: &str| call.query(name).map(str::to_owned);
    let mut condition = Condition::from_query(text);
    // Older servers ignore these parameters silently.
    if !app.world().version.has(Feature::RuleStrategies) {
        condition.version_tag_regex = None;
        condition.strategy = None;
    }
    let query = Query {
        condition: condition.with(&feed.dotnet),
        without_pre_releases: call.query_flag("includePreRelease") == Some(false),
        filter: text("filter"),
    };
    let stored = feed
        .source
        .versions(&app.http, package)
        .await
        .map_err(|error| refused(&error))?;
    query.apply(&feed.kind, stored)
}

fn version(feed: &str, package: &str, stored: &StoredVersion) -> Value {
    json!({
        "Id": format!("packages-{package}.{}", stored.version),
        "FeedId": feed,
        "PackageId": package,
        "Version": stored.version,
        "Title": package,
        "ReleaseNotes": null,
        "Published": stored.published.map(crate::world::wire_time),
        "SizeBytes": 0,
        "Links": {},
    })
}
