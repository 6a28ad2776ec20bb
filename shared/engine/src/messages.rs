//! The messages between the steps and to subscribers. `wire` defines their format.

use std::collections::{BTreeMap, BTreeSet};

use domain::cause::{CheckCause, EvaluationCause};
use domain::feed::Feed;
use domain::history::Evaluation;
use domain::ids::{FeedId, PackageId, PackageKey, SpaceId, TriggerId};
use domain::metadata::MetadataOf;
use domain::snapshot::Changes;
use domain::time::Timestamp;
use domain::trigger::PackageDetails;
use sha2::{Digest, Sha256};

/// Versions of each kind in an announcement. The snapshot has all; this keeps the message below the limit of
/// the bus.
pub const NAMED_VERSIONS: usize = 100;

/// A message with its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Derived from the content, so a repeated message has the same id.
    pub id: String,
    /// Shared by all messages with the same cause.
    pub correlation_id: String,
    /// The message that led to this one.
    pub causation_id: Option<String>,
    /// When it was made.
    pub time: Timestamp,
    /// The content.
    pub event: Event,
}

/// The content of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Requests a read of packages of a feed.
    FeedCheckRequested(FeedCheck),
    /// A package's versions changed.
    PackageVersionsChanged(Announcement),
    /// Requests the evaluation of a trigger.
    TriggerEvaluationRequested(EvaluationRequest),
    /// A release was created.
    ReleaseCreated(Box<Evaluation>),
    /// A trigger was evaluated, and no release was created.
    ReleaseSkipped(Box<Evaluation>),
    /// A package could not be read.
    FeedCheckFailed(CheckFailure),
    /// A trigger had no successful evaluation for too long.
    TriggerStalled(StalledTrigger),
}

/// A request to read packages of one feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedCheck {
    /// The feed, as it was when the request was made.
    pub feed: Feed,
    /// The packages.
    pub packages: Vec<PackageId>,
    /// The packages among them whose last check failed.
    pub retrying: Vec<PackageId>,
    /// The details that triggers require, by package.
    pub details: BTreeMap<PackageId, PackageDetails>,
    /// Whether the feed's last check failed.
    pub feed_retrying: bool,
    pub cause: CheckCause,
    /// When the schedule requests the next check of these packages. From then on this request is skipped. `None` for pushes
    /// and users, whose requests are always carried out.
    pub superseded_at: Option<Timestamp>,
}

/// An announcement that a package changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// The package.
    pub package: PackageKey,
    /// The feed's name.
    pub feed_name: String,
    /// The generation of the changed snapshot; each change adds one.
    pub generation: u64,
    /// The change, with at most [`NAMED_VERSIONS`] versions in each list.
    pub changes: Changes,
    /// The sizes of the complete lists.
    pub counts: ChangeCounts,
}

/// The sizes of the complete lists of a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChangeCounts {
    /// Versions added.
    pub added: usize,
    /// Versions removed.
    pub removed: usize,
    /// Versions whose digest changed.
    pub digest_changed: usize,
}

impl Announcement {
    /// An announcement of `changes`, with shortened lists.
    pub fn new(
        package: PackageKey,
        feed_name: String,
        generation: u64,
        mut changes: Changes,
    ) -> Self {
        let counts = ChangeCounts {
            added: changes.added.len(),
            removed: changes.removed.len(),
            digest_changed: changes.digest_changed.len(),
        };
        changes.added.truncate(NAMED_VERSIONS);
        changes.removed.truncate(NAMED_VERSIONS);
        changes.digest_changed.truncate(NAMED_VERSIONS);
        changes.metadata_read.truncate(NAMED_VERSIONS);
        Self {
            package,
            feed_name,
            generation,
            changes,
            counts,
        }
    }
}

/// A request to evaluate one trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluationRequest {
    /// The trigger's space.
    pub space: SpaceId,
    /// The trigger.
    pub trigger: TriggerId,
    pub cause: EvaluationCause,
    /// Whether the trigger was paused after a failure.
    pub retrying: bool,
    /// The change that many triggers watch. Each of them has a request of its own. The request is skipped if an evaluation
    /// has considered the change. `None`: it is always carried out.
    pub change: Option<PackageChange>,
}

/// A change of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageChange {
    /// The package.
    pub package: PackageKey,
    /// The generation of its snapshot.
    pub generation: u64,
}

/// Packages of a feed that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckFailure {
    /// The feed's space.
    pub space: SpaceId,
    /// The feed.
    pub feed: FeedId,
    /// The feed's name.
    pub feed_name: String,
    /// The packages; all of the request if the feed itself failed.
    pub packages: Vec<PackageId>,
    /// The kind of failure: `FeedErrorKind::name`.
    pub kind: String,
    /// The problem and its remedy.
    pub reason: String,
    /// Number of failures in a row.
    pub failures: u32,
    /// The earliest time of the next attempt.
    pub retry_at: Timestamp,
}

/// A trigger without a successful evaluation for too long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StalledTrigger {
    /// The trigger.
    pub trigger: TriggerId,
    /// Its name.
    pub trigger_name: String,
    /// Its space.
    pub space: SpaceId,
    /// Its project's name.
    pub project_name: String,
    /// When it first appeared in the watch list.
    pub watched_since: Timestamp,
    /// Its last successful evaluation, if any.
    pub last_success: Option<Timestamp>,
    /// The first failed check of a package that could not be read since then.
    pub failing_since: Option<Timestamp>,
    /// Why it is stalled: the failure of that package, or the reason of the last evaluation.
    pub reason: Option<String>,
}

/// The origin of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The id that all messages with the same cause share.
    pub correlation_id: String,
    /// The message being handled, if one is.
    pub causation_id: Option<String>,
}

impl Origin {
    /// A new cause, identified by `parts`.
    pub fn new(parts: &[&str]) -> Self {
        Self {
            correlation_id: content_id(parts),
            causation_id: None,
        }
    }
}

impl Message {
    /// A message with this origin. `unique` identifies its content among the messages of its kind: equal parts
    /// lead to equal ids, by which repeated messages are recognised.
    pub fn new(origin: &Origin, event: Event, unique: &[&str], time: Timestamp) -> Self {
        let mut parts = vec![event.detail_type()];
        parts.extend_from_slice(unique);
        Self {
            id: content_id(&parts),
            correlation_id: origin.correlation_id.clone(),
            causation_id: origin.causation_id.clone(),
            time,
            event,
        }
    }

    /// A request to read the metadata of versions of one package. It does not wait behind checks of the schedule.
    pub(crate) fn metadata_request(
        origin: &Origin,
        feed: &Feed,
        key: &PackageKey,
        metadata_of: BTreeSet<MetadataOf>,
        now: Timestamp,
    ) -> Self {
        let details = PackageDetails {
            metadata_of,
            ..PackageDetails::default()
        };
        let check = FeedCheck {
            feed: feed.clone(),
            packages: vec![key.package.clone()],
            retrying: Vec::new(),
            details: BTreeMap::from([(key.package.clone(), details)]),
            feed_retrying: false,
            cause: CheckCause::Push,
            superseded_at: None,
        };
        let unique = [
            "metadata",
            key.space.as_str(),
            key.feed.as_str(),
            key.package.as_str(),
            &now.as_millis().to_string(),
        ];
        Self::new(origin, Event::FeedCheckRequested(check), &unique, now)
    }

    /// The origin of messages that this message causes.
    pub fn origin(&self) -> Origin {
        Origin {
            correlation_id: self.correlation_id.clone(),
            causation_id: Some(self.id.clone()),
        }
    }
}

impl Event {
    /// The detail type, by which rules and subscribers select messages.
    pub fn detail_type(&self) -> &'static str {
        match self {
            Self::FeedCheckRequested(_) => "FeedCheckRequested",
            Self::PackageVersionsChanged(_) => "PackageVersionsChanged",
            Self::TriggerEvaluationRequested(_) => "TriggerEvaluationRequested",
            Self::ReleaseCreated(_) => "ReleaseCreated",
            Self::ReleaseSkipped(_) => "ReleaseSkipped",
            Self::FeedCheckFailed(_) => "FeedCheckFailed",
            Self::TriggerStalled(_) => "TriggerStalled",
        }
    }

    /// A short description of the subject.
    pub fn subject(&self) -> String {
        match self {
            Self::FeedCheckRequested(check) => of_feed(&check.feed.name, &check.packages),
            Self::PackageVersionsChanged(announcement) => of_feed(
                &announcement.feed_name,
                std::slice::from_ref(&announcement.package.package),
            ),
            Self::TriggerEvaluationRequested(request) => {
                format!("trigger {} ({})", request.trigger, request.cause)
            }
            Self::ReleaseCreated(evaluation) | Self::ReleaseSkipped(evaluation) => format!(
                "trigger {} of {}",
                evaluation.trigger_name, evaluation.project_name
            ),
            Self::FeedCheckFailed(failure) => of_feed(&failure.feed_name, &failure.packages),
            Self::TriggerStalled(stalled) => format!(
                "trigger {} of {}",
                stalled.trigger_name, stalled.project_name
            ),
        }
    }
}

/// Packages that a subject names; it counts the others.
const NAMED_PACKAGES: usize = 3;

fn of_feed(feed: &str, packages: &[PackageId]) -> String {
    let named: Vec<_> = packages
        .iter()
        .take(NAMED_PACKAGES)
        .map(PackageId::as_str)
        .collect();
    let more = packages.len() - named.len();
    let more = (more > 0).then(|| format!(" and {more} more"));
    format!(
        "feed {feed}: {}{}",
        named.join(", "),
        more.unwrap_or_default()
    )
}

/// 32 hex digits derived from the parts.
fn content_id(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    base16ct::lower::encode_string(&hash.finalize()[..16])
}

#[cfg(test)]
mod tests {
    use super::{EvaluationRequest, Event, Message, Origin, content_id, of_feed};
    use domain::cause::EvaluationCause;
    use domain::ids::{PackageId, SpaceId, TriggerId};
    use domain::time::Timestamp;

    fn request(unique: &[&str]) -> Message {
        let request = EvaluationRequest {
            space: SpaceId::new("Spaces-1"),
            trigger: TriggerId::new("ProjectTriggers-1"),
            cause: EvaluationCause::Hourly,
            retrying: false,
            change: None,
        };
        let event = Event::TriggerEvaluationRequested(request);
        Message::new(
            &Origin::new(&["schedule"]),
            event,
            unique,
            Timestamp::default(),
        )
    }

    #[test]
    fn repeated_message_has_the_same_id() {
        let first = request(&["a", "b"]);
        assert_eq!(first.id, request(&["a", "b"]).id);
        for other in [&["ab", ""], &["a", "c"], &["b", "a"]] {
            assert_ne!(first.id, request(other).id, "{other:?}");
        }
        assert_eq!(first.id.len(), 32);
        assert!(first.id.bytes().all(|digit| digit.is_ascii_hexdigit()));
        assert_ne!(content_id(&["a"]), content_id(&["a", ""]));
    }

    #[test]
    fn origin_names_the_causing_message() {
        let first = request(&["a"]);
        let origin = first.origin();
        assert_eq!(origin.correlation_id, first.correlation_id);
        assert_eq!(origin.causation_id, Some(first.id));
    }

    #[test]
    fn subject_names_three_packages_and_counts_the_others() {
        let packages = ["web", "cart", "api", "db", "log"].map(PackageId::new);
        for (count, subject) in [
            (1, "feed Images: web"),
            (3, "feed Images: web, cart, api"),
            (4, "feed Images: web, cart, api and 1 more"),
            (5, "feed Images: web, cart, api and 2 more"),
        ] {
            assert_eq!(of_feed("Images", &packages[..count]), subject);
        }
        let subject = request(&["a"]).event.subject();
        assert_eq!(subject, "trigger ProjectTriggers-1 (hourly)");
    }
}
