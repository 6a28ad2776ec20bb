//! Plans whose packages the channel had before.

use domain::decide::{Decision, PreviousRelease};
use domain::ids::{ReleaseId, TriggerId};
use domain::plan::Repeat;

use crate::case::{Case, action};

/// A release of `web` in this version; its number contains its id.
fn release(id: u32, version: &str, repeated_by: Option<&str>) -> PreviousRelease {
    PreviousRelease {
        id: ReleaseId::new(format!("Releases-{id}")),
        version: format!("0.0.{id}"),
        assembled: None,
        selected: vec![(action("web"), "web".to_owned(), version.to_owned())],
        digests: Vec::new(),
        repeats: repeated_by.map(|trigger| Repeat {
            release: ReleaseId::new("Releases-1"),
            trigger: TriggerId::new(trigger),
        }),
        replaced: Vec::new(),
        unidentified: Vec::new(),
    }
}

/// The decision of `ProjectTriggers-1`, whose latest version is 1.2, after these releases, newest first.
fn after(newest: &PreviousRelease, ours: &[&PreviousRelease]) -> Decision {
    let mut case = Case::new().image("web", "1.1 1.2");
    case.previous = Some(newest.clone());
    case.ours = ours.iter().map(|&release| release.clone()).collect();
    case.judge().decision
}

fn repeated(decision: Decision) -> Option<Repeat> {
    match decision {
        Decision::Create(plan, _) => plan.repeats,
        other => panic!("{other}"),
    }
}

#[test]
fn packages_after_another_release_repeat_the_last_one_with_them() {
    let (one, two) = (release(1, "1.2", None), release(2, "1.1", None));
    assert_eq!(repeated(after(&two, &[&two])), None);
    let repeat = Repeat {
        release: ReleaseId::new("Releases-1"),
        trigger: TriggerId::new("ProjectTriggers-1"),
    };
    assert_eq!(repeated(after(&two, &[&two, &one])), Some(repeat));
    let (three, four) = (release(3, "1.2", None), release(4, "1.1", None));
    let last = repeated(after(&four, &[&four, &three, &two, &one]));
    assert_eq!(last.map(|repeat| repeat.release), Some(three.id));
}

#[test]
fn manual_release_is_not_replaced_by_packages_that_were_released_before() {
    let (ours, by_hand) = (release(1, "1.2", None), release(2, "1.1", None));
    assert_eq!(
        after(&by_hand, &[&ours]).to_string(),
        "skip: the same packages were released as 0.0.1 already; the newer release 0.0.2 was created by hand \
         and stays until there is a newer version"
    );
    // A version that was never released replaces it.
    let older = release(1, "1.0", None);
    assert_eq!(repeated(after(&by_hand, &[&older])), None);
}

#[test]
fn triggers_that_would_undo_each_other_stop() {
    let first = release(1, "1.2", None);
    let returned = |trigger| release(2, "1.1", Some(trigger));
    let own = returned("ProjectTriggers-1");
    assert!(repeated(after(&own, &[&own, &first])).is_some());
    let other = returned("ProjectTriggers-2");
    assert_eq!(
        after(&other, &[&other, &first]).to_string(),
        "refuse: 0.0.2 repeats the packages of an earlier release and was created by another trigger of this \
         channel (ProjectTriggers-2); this trigger would create 0.0.1 again, and the two would undo each \
         other's releases for ever; set the same `versions` and `rollBack` in both"
    );
    // New packages are released whatever the other trigger did.
    assert_eq!(repeated(after(&other, &[&other])), None);
}
