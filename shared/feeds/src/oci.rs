//! Reads OCI registries: the versions of a package are the tags of its repository.
//!
//! This includes charts in OCI registries; Helm writes their `+` as `_`.
//!
//! Dates come from the provider's API and digests from the registry, only where the request asks for them, and
//! digests only of the tags that triggers follow. A list whose fingerprint is known is not parsed.

mod caches;
mod digest;
mod fingerprint;
mod first_page;
mod image;
mod manifest;
pub(crate) mod metadata;
mod ordered;
mod page;
mod pages;
mod platform;
mod reference;
mod referrers;
mod signatures;
mod tags;
mod walk;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error;

use domain::feed::Feed;
use domain::ids::PackageId;
use domain::platform::Platform;
use domain::snapshot::Listed;
use domain::trigger::PackageDetails;
use domain::version::{Version, VersionFormat, is_version_tag};
use engine::ports::{
    FeedError, FeedErrorKind, NEWEST_WITH_DIGESTS, ReadRequest, Reading, Validators,
};
use futures_util::{StreamExt, stream};

use crate::address::{self, Registry};
use crate::error::Subject;
use crate::limits::Limits;
use crate::link::Link;
use crate::meter::Meter;
use crate::provider::Provider;
use crate::provider_api;
use crate::repository::Repository;
use crate::session::{CredentialUse, Session, Shared};
pub(crate) use caches::Caches;
use first_page::FirstPage;
use reference::NameError;
use tags::{List, Tags};
use url::Url;
use walk::Walk;

/// The tags in a page, for [`crate::parsing`].
pub(crate) fn page_of_tags(body: &[u8]) -> Result<Vec<String>, Box<dyn Error>> {
    Ok(page::tags(body)?)
}

/// A walk through pages that `fetch` returns, for [`crate::parsing`].
pub(crate) fn walk_through(
    limits: &Limits,
    list: &Url,
    page_size: usize,
    mut fetch: impl FnMut(&Url) -> (Vec<String>, Option<String>),
) -> Result<Vec<String>, Box<dyn Error>> {
    let first = FirstPage::new(list.clone(), page_size);
    let mut url = first.url.clone();
    let mut walk = Walk::new(limits, first.into());
    loop {
        let (tags, link) = fetch(&url);
        match walk.add(tags, &link.map_or(Link::None, Link::Next))? {
            Some(next) => url = next.url,
            None => return Ok(walk.into_tags()),
        }
    }
}

/// Reads several packages of a registry side by side, in the order of the requests.
pub(crate) async fn read(
    shared: &Shared,
    caches: &Caches,
    limits: &Limits,
    meter: &Meter,
    feed: &Feed,
    requests: &[ReadRequest],
) -> Result<Vec<Result<Reading, FeedError>>, FeedError> {
    let registry = address::registry(feed)?;
    let provider = Provider::of(&feed.kind, &registry.base);
    let names = names(&registry, requests.iter().map(|request| &request.package));
    let session = session(shared, limits, meter, feed, &registry, &names).await?;
    let reading = async |(at, (request, name))| {
        let reading = package(&session, caches, limits, &registry, provider, request, name).await;
        (at, reading)
    };
    // Unordered, so that a slow package does not delay the others.
    let readings = stream::iter(requests.iter().zip(&names).enumerate())
        .map(reading)
        .buffer_unordered(provider.parallel(limits.parallel));
    let mut readings: Vec<(usize, _)> = readings.collect().await;
    readings.sort_unstable_by_key(|&(at, _)| at);
    Ok(readings.into_iter().map(|(_, reading)| reading).collect())
}

/// The names of the packages' repositories.
fn names<'r>(
    registry: &Registry,
    packages: impl Iterator<Item = &'r PackageId>,
) -> Vec<Result<String, NameError>> {
    packages
        .map(|package| reference::repository(registry, package.as_str()))
        .collect()
}

/// A session for the repositories with these names.
async fn session<'a>(
    shared: &'a Shared,
    limits: &Limits,
    meter: &'a Meter,
    feed: &'a Feed,
    registry: &Registry,
    names: &'a [Result<String, NameError>],
) -> Result<Session<'a>, FeedError> {
    let base = registry.base.clone();
    let session = Session::open(
        shared,
        limits,
        meter,
        feed,
        base,
        CredentialUse::OnChallenge,
    );
    let repositories = names.iter().flatten().map(String::as_str);
    Ok(session.await?.of_repositories(repositories.collect()))
}

async fn package(
    session: &Session<'_>,
    caches: &Caches,
    limits: &Limits,
    registry: &Registry,
    provider: Provider,
    request: &ReadRequest,
    name: &Result<String, NameError>,
) -> Result<Reading, FeedError> {
    let subject = Subject::package(session.feed(), &request.package);
    let name = name.as_ref();
    let name = name.map_err(|error| subject.error(FeedErrorKind::Misconfigured, error))?;
    let repository = Repository {
        session,
        limits,
        registry,
        subject,
        name,
    };
    // Boxed, because the future is large and is moved several times.
    let reading = Box::pin(reading(&repository, caches, provider, request));
    session.within(limits.deadline, subject, reading).await
}

/// Reads the tags of a repository, with the requested details.
async fn reading(
    repository: &Repository<'_, '_>,
    caches: &Caches,
    provider: Provider,
    request: &ReadRequest,
) -> Result<Reading, FeedError> {
    // Details can change while the list does not.
    let needs_list_only = request.details == PackageDetails::default();
    let known = request.validators.as_ref().filter(|_| needs_list_only);
    let known = known.and_then(|known| known.content.as_deref());
    let mut tags = match tags::list(caches, repository, provider, known).await? {
        List::Unchanged => return Ok(Reading::Unchanged),
        List::Tags(tags) => tags,
    };
    // No registry sends HTTP validators for a list of tags.
    let fingerprint = tags.fingerprint.take();
    let fingerprint = fingerprint.filter(|_| needs_list_only);
    let validators = fingerprint.map(|fingerprint| Validators {
        content: Some(fingerprint),
        ..Validators::default()
    });
    // Boxed, because the future is large and most lists are unchanged.
    let versions = Box::pin(versions(repository, caches, request, tags)).await?;
    Ok(Reading::Listing {
        versions,
        validators,
    })
}

/// The versions of the tags, with the requested details.
async fn versions(
    repository: &Repository<'_, '_>,
    caches: &Caches,
    request: &ReadRequest,
    tags: Tags,
) -> Result<Vec<Listed>, FeedError> {
    let details = &request.details;
    let mut facts = tags.facts;
    if details.dates {
        facts.extend(provider_api::facts(tags.provider, repository).await?);
    }
    let kind = &repository.session.feed().kind;
    let mut names = tags.names;
    names.retain(|tag| is_version_tag(tag));
    admit(repository, names.len())?;
    let texts = names.iter();
    let texts = texts.map(|tag| {
        kind.chart_version(tag)
            .map_or(Cow::Borrowed(&**tag), Cow::Owned)
    });
    let followed = followed(request, texts, kind.version_format());
    let platform = details.platform.as_deref().map(Platform::parse);
    let mut versions = Vec::with_capacity(names.len());
    for tag in names {
        let version = kind.chart_version(&tag);
        let fact = facts.of(&tag);
        let digest = match followed.get(version.as_deref().unwrap_or(&tag)) {
            Some(&known) => {
                let platform = platform.as_ref();
                digest::of(caches, repository, &tag, fact.digest, known, platform).await?
            }
            None => None,
        };
        versions.push(Listed {
            version: version.unwrap_or(tag),
            digest,
            published: fact.published.filter(|_| details.dates),
        });
    }
    Ok(versions)
}

/// An error if the versions do not fit into memory together with those of the packages before.
fn admit(repository: &Repository<'_, '_>, versions: usize) -> Result<(), FeedError> {
    let most = repository.limits.read_tags;
    if repository.session.meter().admits(versions, most) {
        return Ok(());
    }
    let what = format!(
        "has {versions} tags, and one read of the feed may have {most} tags of all packages together; it is read first \
         in its next check; delete tags that are not needed if this repeats"
    );
    Err(repository.subject.error(FeedErrorKind::Incomplete, what))
}

/// The versions whose digests are requested, each with the digest that is known.
fn followed<'r, 'v>(
    request: &'r ReadRequest,
    versions: impl Iterator<Item = Cow<'v, str>>,
    format: VersionFormat,
) -> BTreeMap<String, Option<&'r str>> {
    let mut followed = BTreeMap::new();
    let known = &request.known_digests;
    if request.details.platform.is_some() {
        let parsed = |text: Cow<'v, str>| Some((Version::parse(format, &text).ok()?, text));
        let mut versions: Vec<_> = versions.filter_map(parsed).collect();
        versions.sort_by(|one, other| other.cmp(one));
        let newest = versions.into_iter().take(NEWEST_WITH_DIGESTS);
        let unknown = newest.filter(|(_, text)| !known.contains_key(&**text));
        followed.extend(unknown.map(|(_, text)| (text.into_owned(), None)));
    }
    let tags = request.details.digests_of.iter();
    followed.extend(tags.map(|tag| (tag.clone(), known.get(tag).map(String::as_str))));
    followed
}
