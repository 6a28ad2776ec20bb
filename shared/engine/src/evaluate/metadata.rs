//! Requests the metadata that a decision waits for.
//!
//! Only the check can reach registries. It stores the metadata with the snapshot and publishes a change of the package, which
//! evaluates the trigger again. If the request or the change is lost, the pause of the trigger repeats the evaluation.

use std::collections::BTreeMap;

use domain::cause::CheckCause;
use domain::ids::PackageKey;
use domain::metadata::UnreadMetadata;
use domain::trigger::PackageDetails;

use super::Evaluate;
use super::situation::Gathered;
use crate::StepError;
use crate::messages::{Event, FeedCheck, Message, Origin};
use crate::ports::{Bus, Clock};

impl<S, O, B: Bus, C: Clock> Evaluate<'_, S, O, B, C> {
    /// Publishes one request for each package.
    pub(super) async fn request_metadata(
        &self,
        gathered: &Gathered,
        unread: &[UnreadMetadata],
        origin: &Origin,
    ) -> Result<(), StepError> {
        let mut packages: BTreeMap<&PackageKey, PackageDetails> = BTreeMap::new();
        for UnreadMetadata { package, content } in unread {
            let details = packages.entry(package).or_default();
            details.metadata_of.insert(content.clone());
        }
        let now = self.clock.now();
        let at = now.as_millis().to_string();
        let requests = packages.into_iter().filter_map(|(key, details)| {
            let check = FeedCheck {
                feed: gathered.feed_of(key)?.clone(),
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
                &at,
            ];
            let event = Event::FeedCheckRequested(check);
            Some(Message::new(origin, event, &unique, now))
        });
        let requests: Vec<_> = requests.collect();
        if !requests.is_empty() {
            self.bus.publish(&requests).await?;
        }
        Ok(())
    }
}
