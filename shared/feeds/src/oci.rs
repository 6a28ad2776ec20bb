//! OCI registries: the versions of a package are the tags of its repository.
//!
//! Charts in OCI registries are such packages too; Helm writes their `+` as `_`.

mod link;
mod page;
mod reference;
mod tags;
mod walk;

use domain::feed::{Feed, FeedKind};
use domain::snapshot::Listed;
use domain::version::{is_version_tag, parse_helm_tag};
use engine::ports::{FeedError, FeedErrorKind, ReadRequest, Reading};
use futures_util::{StreamExt, stream};

use crate::address::{self, Registry};
use crate::credentials::Credentials;
use crate::error::Subject;
use crate::limits::Limits;
use crate::session::{Send, Session, Shared};

/// Reads several packages of a registry side by side, in the order of the requests.
pub(crate) async fn read<C: Credentials>(
    shared: &Shared<C>,
    limits: &Limits,
    feed: &Feed,
    requests: &[ReadRequest],
) -> Result<Vec<Result<Reading, FeedError>>, FeedError> {
    let registry = address::registry(feed)?;
    let session = Session::open(shared, feed, registry.base.clone(), Send::WhenAsked).await?;
    let readings = requests
        .iter()
        .map(|request| package(&session, limits, &registry, request));
    Ok(stream::iter(readings)
        .buffered(limits.parallel.max(1))
        .collect()
        .await)
}

async fn package<C: Credentials>(
    session: &Session<'_, C>,
    limits: &Limits,
    registry: &Registry,
    request: &ReadRequest,
) -> Result<Reading, FeedError> {
    let subject = Subject::package(session.feed(), &request.package);
    let repository = reference::repository(registry, request.package.as_str())
        .map_err(|error| subject.error(FeedErrorKind::Misconfigured, error))?;
    let tags = tags::list(session, limits, registry, subject, &repository);
    let tags = session.within(limits.deadline, subject, tags).await?;
    let kind = &session.feed().kind;
    let versions = tags
        .into_iter()
        .filter(|tag| is_version_tag(tag))
        .map(|tag| listed(kind, tag));
    // No registry is known to give validators for a list of tags.
    Ok(Reading::Listing {
        versions: versions.collect(),
        validators: None,
    })
}

/// The version that a tag stands for.
fn listed(kind: &FeedKind, tag: String) -> Listed {
    let is_chart =
        *kind == FeedKind::OciRegistry && tag.contains('_') && parse_helm_tag(&tag).is_ok();
    let version = if is_chart { tag.replace('_', "+") } else { tag };
    Listed {
        version,
        digest: None,
        published: None,
    }
}
