//! Requests the metadata that a decision waits for.
//!
//! Only the check can reach registries. It stores the metadata with the snapshot and publishes a change of the package, which
//! evaluates the trigger again. If the request or the change is lost, the pause of the trigger repeats the evaluation.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::PackageKey;
use domain::metadata::{MetadataOf, UnreadMetadata};

use super::Evaluate;
use super::situation::Gathered;
use crate::StepError;
use crate::messages::{Message, Origin};
use crate::ports::{Bus, Clock};

impl<S, O, B: Bus, C: Clock> Evaluate<'_, S, O, B, C> {
    /// Publishes one request for each package.
    pub(super) async fn request_metadata(
        &self,
        gathered: &Gathered,
        unread: &[UnreadMetadata],
        origin: &Origin,
    ) -> Result<(), StepError> {
        let mut packages: BTreeMap<&PackageKey, BTreeSet<MetadataOf>> = BTreeMap::new();
        for UnreadMetadata { package, content } in unread {
            let contents = packages.entry(package).or_default();
            contents.insert(content.clone());
        }
        let now = self.clock.now();
        let requests = packages.into_iter().filter_map(|(key, contents)| {
            let feed = gathered.feed_of(key)?;
            Some(Message::metadata_request(origin, feed, key, contents, now))
        });
        let requests: Vec<_> = requests.collect();
        if !requests.is_empty() {
            self.bus.publish(&requests).await?;
        }
        Ok(())
    }
}
