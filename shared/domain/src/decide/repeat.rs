//! Recognises plans whose packages were released before.

use super::decision::Decision;
use super::reason::Reason;
use super::situation::{PreviousRelease, Situation};
use crate::plan::Plan;
use crate::process::same_name;

/// Skips a plan that would repeat the channel's newest release, or a release that a user replaced manually.
///
/// Packages that were released before are released again only after a release of this program: then a
/// roll-back or a returning tag selects them. A manual release stays the channel's newest one until a version is
/// released for the first time.
pub(super) fn refuse_repeat(situation: &Situation<'_>, plan: &Plan) -> Result<(), Decision> {
    let Some(previous) = situation.previous else {
        return Ok(());
    };
    let is_ours = |release: &PreviousRelease| release.id == previous.id;
    let reason = match situation.ours {
        [newest, ..] if is_ours(newest) => {
            let newest = Some(newest).filter(|newest| has_content_of(newest, plan));
            newest.map(|newest| Reason::AlreadyReleased {
                release: newest.id.clone(),
                version: newest.version.clone(),
            })
        }
        ours => {
            let mut ours = ours.iter();
            let replaced = ours.find(|release| has_content_of(release, plan));
            replaced.map(|replaced| Reason::ReplacedByHand {
                release: replaced.id.clone(),
                version: replaced.version.clone(),
                newest: previous.version.clone(),
            })
        }
    };
    reason.map_or(Ok(()), |reason| Err(Decision::Skip(reason)))
}

/// Whether the release selects the versions and digests of the plan.
fn has_content_of(release: &PreviousRelease, plan: &Plan) -> bool {
    plan.packages.iter().all(|planned| {
        let is_place = |action: &str, reference: &str| {
            same_name(action, &planned.action_name)
                && same_name(reference, &planned.package_reference)
        };
        let has_version = release.selected.iter().any(|(action, reference, version)| {
            is_place(action, reference) && *version == planned.version
        });
        let has_digest = |digest: &String| {
            release.digests.iter().any(|one| {
                is_place(&one.action_name, &one.package_reference) && one.digest == *digest
            })
        };
        has_version && planned.digest.as_ref().is_none_or(has_digest)
    })
}
