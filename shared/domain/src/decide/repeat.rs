//! Recognises plans whose packages were released before.

use super::decision::Decision;
use super::reason::Reason;
use super::situation::{PreviousRelease, Situation};
use crate::plan::{Plan, Repeat};
use crate::process::same_name;

/// The channel's last release of this program with the packages of the plan, if the plan repeats it.
///
/// Skips a plan with the packages of the channel's newest release, and a plan with the packages of a release that
/// a user replaced by hand: a manual release stays the channel's newest one until a version is released for the
/// first time. Packages that were released before are therefore released again only after a release of this
/// program, which a roll-back or a returning tag makes outdated.
///
/// Two triggers of a channel with opposite options would undo each other's releases for ever. A release that
/// repeats an earlier one is therefore only replaced by new packages, or by the trigger that created it.
pub(super) fn repeated(situation: &Situation<'_>, plan: &Plan) -> Result<Option<Repeat>, Decision> {
    let mut ours = situation.ours.iter();
    let (Some(newest), Some(earlier)) = (
        situation.previous,
        ours.find(|release| has_content_of(release, plan)),
    ) else {
        return Ok(None);
    };
    let is_ours = situation
        .ours
        .first()
        .is_some_and(|one| one.id == newest.id);
    let (release, version) = (earlier.id.clone(), earlier.version.clone());
    if !is_ours {
        return Err(Decision::Skip(Reason::ReplacedByHand {
            release,
            version,
            newest: newest.version.clone(),
        }));
    }
    if earlier.id == newest.id {
        return Err(Decision::Skip(Reason::AlreadyReleased { release, version }));
    }
    let trigger = &situation.trigger.id;
    match &newest.repeats {
        Some(repeat) if repeat.trigger != *trigger => {
            Err(Decision::Refuse(Reason::TriggersDisagree {
                trigger: repeat.trigger.clone(),
                newest: newest.version.clone(),
                version,
            }))
        }
        _ => Ok(Some(Repeat {
            release,
            trigger: trigger.clone(),
        })),
    }
}

/// Whether the release selects the versions and digests of the plan.
fn has_content_of(release: &PreviousRelease, plan: &Plan) -> bool {
    plan.packages.iter().all(|planned| {
        let is_place = |action: &str, reference: &str| {
            same_name(action, &planned.action_name)
                && same_name(reference, &planned.package_reference)
        };
        let has_version = release.selected.iter().any(|(action, reference, version)| {
            let is_version = *version == planned.version || Some(version) == planned.tag.as_ref();
            is_place(action, reference) && is_version
        });
        let has_digest = |digest: &String| {
            release.digests.iter().any(|one| {
                is_place(&one.action_name, &one.package_reference) && one.digest == *digest
            })
        };
        has_version && planned.digest.as_ref().is_none_or(has_digest)
    })
}
