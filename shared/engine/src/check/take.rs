//! Stores the reading of a package as its snapshot, and publishes the changes.

use domain::feed::Feed;
use domain::ids::PackageKey;
use domain::snapshot::{Changes, Listed, Snapshot, advance, is_suspicious};

use super::fingerprint::fingerprint;
use super::{Check, CheckReport, Package};
use crate::StepError;
use crate::messages::{Announcement, Origin};
use crate::ports::{Bus, Clock, Head, NextHead, Reading, Snapshots, Validators};

/// A listing with its fingerprint.
struct Next {
    validators: Option<Validators>,
    fingerprint: String,
    versions: Vec<Listed>,
}

impl<S: Snapshots, R, B: Bus, C: Clock> Check<'_, S, R, B, C> {
    pub(super) async fn store_reading(
        &self,
        feed: &Feed,
        package: &mut Package,
        reading: Reading,
        origin: &Origin,
        report: &mut CheckReport,
    ) -> Result<(), StepError> {
        let known = package.known.take();
        let Reading::Listing {
            mut versions,
            validators,
        } = reading
        else {
            report.unchanged += 1;
            return self.confirm(&package.key, package.head.as_ref()).await;
        };
        if let Some(known) = &known {
            add_known_digests(&mut versions, known);
        }
        report.versions += versions.len();
        let next = Next {
            validators,
            fingerprint: fingerprint(&versions),
            versions,
        };
        let before = match (&package.head, known) {
            (Some(head), _)
                if head.fingerprint == next.fingerprint && package.is_of_same_platform(head) =>
            {
                report.unchanged += 1;
                return self.revalidate(&package.key, head, next.validators).await;
            }
            (_, Some(known)) => Some(known),
            (Some(head), None) => Some(self.stored(package, head).await?),
            (None, None) => None,
        };
        if let (Some(head), Some(before)) = (&package.head, &before)
            && head.suspected.as_ref() != Some(&next.fingerprint)
            && is_suspicious(before, &next.versions)
        {
            self.store
                .suspect(&package.key, head, next.fingerprint)
                .await?;
            report.suspected.push(package.key.clone());
            return Ok(());
        }
        self.change(feed, package, before.as_ref(), next, origin, report)
            .await
    }

    /// Stores new validators, so that the next read of the same content is conditional.
    async fn revalidate(
        &self,
        key: &PackageKey,
        head: &Head,
        validators: Option<Validators>,
    ) -> Result<(), StepError> {
        let none = Validators::default();
        let (new, known) = (validators.as_ref(), head.validators.as_ref());
        let is_news = new.unwrap_or(&none).is_news(known.unwrap_or(&none));
        if is_news || head.suspected.is_some() || head.is_retired {
            self.store.revalidate(key, head, validators).await?;
        }
        Ok(())
    }

    /// Clears a suspected listing, because the feed has its previous content again, and the expiry of a snapshot whose
    /// package is watched again.
    async fn confirm(&self, key: &PackageKey, head: Option<&Head>) -> Result<(), StepError> {
        let is_outdated = |head: &&Head| head.suspected.is_some() || head.is_retired;
        if let Some(head) = head.filter(is_outdated) {
            let validators = head.validators.clone();
            self.store.revalidate(key, head, validators).await?;
        }
        Ok(())
    }

    async fn change(
        &self,
        feed: &Feed,
        package: &Package,
        before: Option<&Snapshot>,
        next: Next,
        origin: &Origin,
        report: &mut CheckReport,
    ) -> Result<(), StepError> {
        let Package { key, head, .. } = package;
        let now = self.clock.now();
        let known = head.as_ref().and_then(|head| head.validators.as_ref());
        let validators = trusted(feed, key, known, next.validators);
        let (snapshot, mut changes) = advance(before, next.versions, now);
        if let Some(before) = before {
            add_new_digests(&mut changes, package, before, &snapshot);
        }
        let generation = head.as_ref().map_or(0, |head| head.generation) + 1;
        let pending_event: Option<Box<_>> = (!changes.is_empty())
            .then(|| Announcement::new(key.clone(), feed.name.clone(), generation, changes).into());
        let next = NextHead {
            generation,
            validators,
            fingerprint: next.fingerprint,
            platform: package.details.platform.clone(),
            changed_at: now,
            pending_event: pending_event.clone(),
        };
        let head = self.store.advance(key, head.as_ref(), next, &snapshot);
        let head = head.await?;
        if let Some(pending_event) = pending_event {
            self.announce(&pending_event, origin).await?;
            self.store.settle(key, &head).await?;
            report.changed.push(*pending_event);
        }
        Ok(())
    }
}

/// The validators to store with a changed listing. If the server sent the same ones with the previous listing, they
/// are not used again.
fn trusted(
    feed: &Feed,
    key: &PackageKey,
    known: Option<&Validators>,
    next: Option<Validators>,
) -> Option<Validators> {
    let next = next?;
    if !known.is_some_and(|known| known.is_contradicted_by(&next)) {
        return Some(next);
    }
    tracing::warn!(
        feed = %feed.name,
        package = %key.package,
        etag = next.etag,
        last_modified = next.last_modified,
        "content changed without its validator; reading the feed unconditionally"
    );
    Some(Validators {
        received_at: next.received_at,
        is_untrusted: true,
        ..Validators::default()
    })
}

/// Adds the known digests, which were not requested.
fn add_known_digests(versions: &mut [Listed], known: &Snapshot) {
    for listed in versions.iter_mut().filter(|one| one.digest.is_none()) {
        let seen = known.get(&listed.version);
        listed.digest = seen.and_then(|seen| seen.digest.clone());
    }
}

/// Adds to the changes the versions with a required digest that is known only now, because a trigger may wait
/// for it.
fn add_new_digests(changes: &mut Changes, package: &Package, before: &Snapshot, after: &Snapshot) {
    let is_new = |version: &str| {
        let digest = |snapshot: &Snapshot| snapshot.get(version)?.digest.clone();
        before.get(version).is_some() && digest(before).is_none() && digest(after).is_some()
    };
    let versions = after.versions().map(|(version, _)| version);
    let required = versions.filter(|version| package.needs_digest(version));
    let new = required.filter(|version| is_new(version));
    changes.digest_changed.extend(new.map(str::to_owned));
    changes.digest_changed.sort_unstable();
}
