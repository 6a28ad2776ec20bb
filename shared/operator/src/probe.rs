//! Reads packages of a feed now, like a check, but stores no snapshot and publishes no message.
//!
//! Only budgets are stored: a `Retry-After` of the registry also pauses the checks, and until it ends the feed is not
//! read here either.

mod newest;

pub use newest::{Newest, Read, newest, snapshot};

use domain::feed::Feed;
use domain::ids::PackageId;
use domain::time::{Span, Timestamp};

use engine::check::{throttled_until, update_budget};
use engine::ports::{
    Budgets, Clock, FeedAnswer, FeedReader, ReadRequest, Routes, Snapshots, StoreError,
};

/// Reads packages without storing snapshots.
pub struct Probe<'a, S, R, C> {
    /// The store; `None` if there is no state yet.
    pub store: Option<&'a S>,
    /// Reads feeds.
    pub reader: &'a R,
    /// The clock.
    pub clock: &'a C,
}

/// The result of a read.
#[derive(Debug)]
pub enum Probed {
    /// The feed is throttled until then; no request was sent.
    Throttled(Timestamp),
    /// The feed's answer, and how long it took.
    Answered(FeedAnswer, Span),
}

impl<S, R, C> Probe<'_, S, R, C>
where
    S: Snapshots + Budgets,
    R: FeedReader + Routes,
    C: Clock,
{
    /// Reads the packages, with their publishing dates if the feed has them.
    ///
    /// # Errors
    /// When the store fails. The feed's errors are in the answer.
    pub async fn run(&self, feed: &Feed, packages: &[PackageId]) -> Result<Probed, StoreError> {
        let started = self.clock.now();
        self.reader.prepare(std::slice::from_ref(feed)).await;
        let access = self.reader.access();
        let budget = feed.budget(&access);
        let opened = match self.store {
            Some(store) => Some(store.open(feed, &budget, &[]).await?),
            None => None,
        };
        let forbidden = opened
            .as_ref()
            .and_then(|opened| throttled_until(opened, started));
        if let Some(until) = forbidden {
            return Ok(Probed::Throttled(until));
        }
        let requests: Vec<_> = packages.iter().map(request).collect();
        let answer = self.reader.read(feed, &requests).await;
        let now = self.clock.now();
        if let (Some(store), Some(opened)) = (self.store, &opened) {
            update_budget(
                store,
                &access,
                &budget,
                opened.budget.as_ref(),
                &answer,
                now,
            )
            .await?;
        }
        Ok(Probed::Answered(answer, now.since(started)))
    }
}

fn request(package: &PackageId) -> ReadRequest {
    let mut request = ReadRequest::new(package.clone());
    request.details.dates = true;
    request
}
