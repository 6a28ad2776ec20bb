//! Snapshots: what advances them and what is announced of it.

use std::collections::BTreeMap;

use domain::snapshot::{Changes, Listed, Snapshot, advance, is_suspicious};
use domain::time::Span;
use proptest::prelude::*;

use crate::{at, check_property};

fn listed(version: &str, digest: Option<&str>) -> Listed {
    Listed {
        version: version.to_owned(),
        digest: digest.map(str::to_owned),
        published: None,
    }
}

fn snapshot(listing: &[(&str, Option<&str>)], seconds: i64) -> Snapshot {
    let listing = listing
        .iter()
        .map(|(version, digest)| listed(version, *digest));
    advance(None, listing.collect(), at(seconds)).0
}

#[test]
fn first_listing_is_announced_even_if_empty() {
    let (empty, changes) = advance(None, Vec::new(), at(1));
    assert!(empty.is_empty() && changes.first_sight && !changes.is_empty());
    let (_, again) = advance(Some(&empty), Vec::new(), at(2));
    assert_eq!(again, Changes::default());
}

#[test]
fn added_removed_and_changed_versions_are_announced_in_order() {
    let before = snapshot(&[("1", Some("a")), ("2", Some("b")), ("3", None)], 1);
    let listing = vec![
        listed("9", None),
        listed("3", Some("c")),
        listed("2", Some("x")),
        listed("4", None),
    ];
    let (after, changes) = advance(Some(&before), listing, at(2));
    let expected = Changes {
        first_sight: false,
        added: vec!["4".to_owned(), "9".to_owned()],
        removed: vec!["1".to_owned()],
        digest_changed: vec!["2".to_owned()],
        metadata_read: Vec::new(),
    };
    assert_eq!(changes, expected);
    assert_eq!(after.get("2").unwrap().first_seen, at(1));
    assert_eq!(after.get("4").unwrap().first_seen, at(2));
}

#[test]
fn times_of_a_clock_that_was_ahead_are_before_those_of_new_versions() {
    let before = snapshot(&[("1", Some("a"))], 9_000);
    let before = advance(Some(&before), vec![listed("1", Some("b"))], at(9_001)).0;
    let listing = vec![listed("1", Some("b")), listed("2", None)];
    let (after, changes) = advance(Some(&before), listing, at(100));
    assert_eq!(changes.added, ["2"]);
    let old = after.get("1").unwrap();
    let just_before = at(100) - Span::from_millis(1);
    assert_eq!((old.first_seen, old.arrived()), (just_before, just_before));
    assert_eq!(after.get("2").unwrap().first_seen, at(100));
}

#[test]
fn a_digest_that_is_not_given_is_kept_and_no_change() {
    let before = snapshot(&[("1", Some("a"))], 1);
    let (after, changes) = advance(Some(&before), vec![listed("1", None)], at(2));
    assert!(changes.is_empty());
    assert_eq!(after, before);
}

#[test]
fn what_went_and_came_back_is_new() {
    let before = snapshot(&[("1", None)], 1);
    let (without, _) = advance(Some(&before), Vec::new(), at(2));
    let (back, changes) = advance(Some(&without), vec![listed("1", None)], at(3));
    assert_eq!(changes.added, ["1"]);
    assert_eq!(back.get("1").unwrap().first_seen, at(3));
}

/// A listing: each version once, some with a digest.
fn listing() -> impl Strategy<Value = BTreeMap<u8, Option<u8>>> {
    prop::collection::btree_map(0..12_u8, prop::option::of(0..3_u8), 0..12)
}

fn to_listed(listing: &BTreeMap<u8, Option<u8>>) -> Vec<Listed> {
    let one = |(version, digest): (&u8, &Option<u8>)| {
        listed(
            &version.to_string(),
            digest.map(|it| it.to_string()).as_deref(),
        )
    };
    listing.iter().map(one).collect()
}

#[test]
fn the_old_with_its_changes_is_the_new() {
    check_property((listing(), listing()), |(old, new)| {
        let (before, _) = advance(None, to_listed(&old), at(1));
        let (after, changes) = advance(Some(&before), to_listed(&new), at(2));

        let mut applied: Vec<_> = before
            .versions()
            .map(|(version, _)| version.to_owned())
            .collect();
        applied.retain(|version| !changes.removed.contains(version));
        prop_assert!(
            changes
                .added
                .iter()
                .all(|version| !applied.contains(version))
        );
        applied.extend(changes.added.iter().cloned());
        applied.sort();
        let versions_before: Vec<_> = after
            .versions()
            .map(|(version, _)| version.to_owned())
            .collect();
        prop_assert_eq!(applied, versions_before);

        for (version, seen) in after.versions() {
            match before.get(version) {
                Some(known) => {
                    prop_assert_eq!(seen.first_seen, known.first_seen);
                    let changed = known.digest.is_some() && known.digest != seen.digest;
                    let announced = changes.digest_changed.iter().any(|one| one == version);
                    prop_assert_eq!(changed, announced);
                }
                None => prop_assert_eq!(seen.first_seen, at(2)),
            }
        }
        let is_same = before == after;
        prop_assert!(!changes.is_empty() || is_same || old != new);
        Ok(())
    });
}

#[test]
fn the_order_of_a_listing_means_nothing() {
    let shuffled = listing().prop_flat_map(|one| {
        let listed = to_listed(&one);
        (Just(listed.clone()), Just(listed).prop_shuffle())
    });
    check_property((listing(), shuffled), |(old, (sorted, shuffled))| {
        let (before, _) = advance(None, to_listed(&old), at(1));
        prop_assert_eq!(
            advance(Some(&before), sorted, at(2)),
            advance(Some(&before), shuffled, at(2))
        );
        Ok(())
    });
}

#[test]
fn the_same_listing_again_changes_nothing() {
    check_property(listing(), |listing| {
        let (before, _) = advance(None, to_listed(&listing), at(1));
        let (after, changes) = advance(Some(&before), to_listed(&listing), at(2));
        prop_assert!(changes.is_empty());
        prop_assert_eq!(before, after);
        Ok(())
    });
}

#[test]
fn listing_that_lost_most_of_many_versions_or_all_is_suspicious() {
    let numbered = |count: usize| -> Vec<Listed> {
        (0..count)
            .map(|number| listed(&number.to_string(), None))
            .collect()
    };
    let before = |count| advance(None, numbered(count), at(1)).0;
    for (versions_before, now, expected) in [
        (0, 0, false),
        (1, 0, true),
        // Few versions may all but go.
        (9, 1, false),
        (10, 4, true),
        (10, 5, false),
        (11, 5, true),
        (11, 6, false),
        (10, 40, false),
    ] {
        let suspicious = is_suspicious(&before(versions_before), &numbered(now));
        assert_eq!(
            suspicious, expected,
            "{versions_before} versions, then {now}"
        );
    }
    // Other versions do not replace the lost ones, nor does a repeated one.
    let others: Vec<_> = (100..120)
        .map(|number| listed(&number.to_string(), None))
        .collect();
    assert!(is_suspicious(&before(10), &others));
    let twice = [numbered(4), numbered(4)].concat();
    assert!(is_suspicious(&before(10), &twice));
}

#[test]
fn a_snapshot_without_digests_has_all_the_rest() {
    let full = snapshot(&[("1", Some("a")), ("2", Some("b"))], 1);
    let bare = full.without_digests();
    assert_eq!(bare, snapshot(&[("1", None), ("2", None)], 1));
    assert_eq!(bare.len(), 2);
}
