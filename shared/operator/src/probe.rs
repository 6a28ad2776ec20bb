//! Reads packages of a feed now, for somebody who looks: as a check would, but nothing of what is found is
//! kept and nobody is told.
//!
//! What a registry counts is the one thing that is kept: a pause that it asks for is everybody's, and while
//! one lasts the feed is not read here either.

mod newest;

pub use newest::{Newest, Read, newest, snapshot};

use domain::feed::Feed;
use domain::ids::PackageId;
use domain::time::{Span, Timestamp};

use engine::check::{forbidden_until, update_budget};
use engine::ports::{
    Budgets, Clock, FeedAnswer, FeedReader, ReadRequest, Routes, Snapshots, StoreError,
};

/// Reads without remembering.
pub struct Probe<'a, S, R, C> {
    /// What is remembered so far; absent where there is no state yet.
    pub store: Option<&'a S>,
    /// Reads feeds.
    pub reader: &'a R,
    /// The clock.
    pub clock: &'a C,
}

/// What came of it.
#[derive(Debug)]
pub enum Probed {
    /// Nothing was asked: a pause that was asked for lasts until then.
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
    /// Reads the packages, with the times of their publishing where the feed can tell them.
    ///
    /// # Errors
    /// When the store fails. What the feed answers is in the answer.
    pub async fn run(&self, feed: &Feed, packages: &[PackageId]) -> Result<Probed, StoreError> {
        let started = self.clock.now();
        let access = self.reader.access();
        let budget = feed.budget(access);
        let opened = match self.store {
            Some(store) => Some(store.open(feed, &budget, &[]).await?),
            None => None,
        };
        let forbidden = opened
            .as_ref()
            .and_then(|opened| forbidden_until(opened, started));
        if let Some(until) = forbidden {
            return Ok(Probed::Throttled(until));
        }
        let requests: Vec<_> = packages.iter().map(request).collect();
        let answer = self.reader.read(feed, &requests).await;
        let now = self.clock.now();
        if let (Some(store), Some(opened)) = (self.store, &opened) {
            update_budget(store, access, &budget, opened.budget.as_ref(), &answer, now).await?;
        }
        Ok(Probed::Answered(answer, now.since(started)))
    }
}

fn request(package: &PackageId) -> ReadRequest {
    let mut request = ReadRequest::new(package.clone());
    request.details.dates = true;
    request
}
