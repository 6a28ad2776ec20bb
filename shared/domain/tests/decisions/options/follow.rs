//! `follow`: a mutable tag by its digest.

use domain::decide::Decision;
use domain::options::VersionPolicy;
use domain::plan::SelectedDigest;

use super::{table, with_packages};
use crate::at;
use crate::case::{Case, action, range};

fn following(package: &str) -> Case {
    with_packages(&[package]).select(&VersionPolicy {
        follow: Some("latest".to_owned()),
        ..VersionPolicy::default()
    })
}

/// The previous release has `latest` with this digest, if its notes contain one, and was made at `seconds`.
fn released(case: Case, digest: Option<&str>, seconds: i64) -> Case {
    let mut case = case.released("web latest");
    if let Some(previous) = &mut case.previous {
        previous.assembled = Some(at(seconds));
        previous.digests.extend(digest.map(|digest| SelectedDigest {
            action_name: action("web"),
            package_reference: "web".to_owned(),
            digest: format!("sha256:{digest}"),
        }));
    }
    case
}

#[test]
fn another_version_is_a_change_even_if_it_is_the_same_image() {
    let mut case = following("web latest@0!aa").released("web 1.0");
    assert_eq!(case.decided(), "create web latest@aa");
    if let Some(previous) = &mut case.previous {
        previous.digests = vec![SelectedDigest {
            action_name: action("web"),
            package_reference: "web".to_owned(),
            digest: "sha256:aa".to_owned(),
        }];
    }
    assert_eq!(case.decided(), "create web latest@aa");
}

#[test]
fn a_re_push_is_a_change() {
    let same = "skip: no source is newer than in the previous release 0.0.7";
    table([
        (following("web latest@0!aa 9.0@0"), "create web latest@aa"),
        (released(following("web latest@0!aa"), Some("aa"), 10), same),
        (
            released(following("web latest@0!bb@20"), Some("aa"), 10),
            "create web latest@bb",
        ),
        // Pushed back to what was released: no change.
        (
            released(following("web latest@0!aa@20"), Some("aa"), 10),
            same,
        ),
        // A user made the release, without a digest in its notes: later pushes are new.
        (released(following("web latest@0!aa"), None, 10), same),
        (released(following("web latest@0!bb@5"), None, 10), same),
        (
            released(following("web latest@0!bb@20"), None, 10),
            "create web latest@bb",
        ),
        // The previous release has a version.
        (
            following("web latest@0!aa 9.0@0").released("web 9.0"),
            "create web latest@aa",
        ),
    ]);
}

#[test]
fn tag_that_cannot_be_followed_has_a_reason() {
    table([
        (
            following("web 1.0@0"),
            "wait: the feed has no acme/web latest, which the trigger follows",
        ),
        (
            following("web latest@0"),
            "wait: the digest of acme/web latest is not known yet; Octopus reports no digests, so a feed that \
             is read through Octopus needs a credential here (`FeedSecretArns`)",
        ),
        (
            following("web latest@0!aa").rule("web", range("[1.0,2.0)")),
            "skip: the channel's rules permit no version of acme/web",
        ),
    ]);
}

#[test]
fn the_digest_is_in_the_notes_and_makes_the_plan_another_one() {
    let first = released(following("web latest@0!bb@20"), Some("aa"), 10).plan();
    let again = released(following("web latest@0!cc@30"), Some("bb"), 25).plan();
    assert_ne!(first.key(), again.key());
    let notes = first.stamped_notes();
    assert!(
        notes.contains("| acme/web | latest | latest | `bb`, was `aa` |"),
        "{notes}"
    );
    let stamped = SelectedDigest::stamped_in(&notes);
    assert_eq!(stamped[0].digest, "sha256:bb");
}

#[test]
fn reason_distinguishes_a_repeated_push_from_a_newer_version() {
    let reason = |case: Case| match case.judge().decision {
        Decision::Create(_, reason) => reason.to_string(),
        other => panic!("{other}"),
    };
    let again = reason(released(following("web latest@0!bb@20"), Some("aa"), 10));
    assert!(again.contains("was pushed again"), "{again}");
    let other = reason(following("web latest@0!aa 9.0@0").released("web 9.0"));
    assert!(!other.contains("was pushed again"), "{other}");
    assert!(other.contains("latest") && other.contains("9.0"), "{other}");
}
