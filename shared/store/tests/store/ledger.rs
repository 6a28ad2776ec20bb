//! Leases of plans and channels.

use super::*;

fn claimed(owner: &str) -> Entry {
    Entry::Claimed {
        owner: Owner(owner.into()),
        until: Timestamp::from_millis(5),
        unsettled: None,
        plan: None,
        number: None,
    }
}

#[tokio::test]
async fn plan_is_leased_once_and_finished_by_its_owner() {
    let (store, _, clock) = new_store();
    let (plan, expires) = (
        LedgerId::Plan(PlanKey::new("ab")),
        clock.now() + Span::from_days(15),
    );
    assert_eq!(
        store.entry(&plan).await.expect("read"),
        LedgerRow::default()
    );
    let revision = store
        .put(&plan, &claimed("me"), None, expires)
        .await
        .expect("claimed");
    assert!(is_conflict(
        &store.put(&plan, &claimed("you"), None, expires).await
    ));
    assert_eq!(
        store.entry(&plan).await.expect("read"),
        LedgerRow {
            entry: Some(claimed("me")),
            revision: Some(revision)
        }
    );

    let done = Entry::Done {
        release: ReleaseId::new("Releases-1"),
        version: "1".into(),
    };
    let finished = store
        .put(&plan, &done, Some(revision), expires)
        .await
        .expect("finished");
    assert!(is_conflict(
        &store
            .put(&plan, &claimed("you"), Some(revision), expires)
            .await
    ));
    clock.pass(Span::from_days(14));
    assert_eq!(
        store.entry(&plan).await.expect("read"),
        LedgerRow {
            entry: Some(done),
            revision: Some(finished)
        }
    );
    clock.pass(Span::from_days(2));
    assert_eq!(
        store.entry(&plan).await.expect("read"),
        LedgerRow {
            entry: None,
            revision: Some(finished)
        },
        "expired, although the row exists"
    );
    store
        .put(&plan, &claimed("you"), Some(finished), expires)
        .await
        .expect("free again");
}

#[tokio::test]
async fn revision_of_a_released_channel_lock_is_never_reused() {
    let (store, table, clock) = new_store();
    let channel_lock = LedgerId::ChannelLock(
        space(),
        ProjectId::new("Projects-1"),
        ChannelId::new("Channels-1"),
    );
    let expires = clock.now() + Span::from_minutes(2);
    let mine = store
        .put(&channel_lock, &claimed("me"), None, expires)
        .await
        .expect("claimed");
    store.release(&channel_lock, mine).await.expect("released");
    let released = store.entry(&channel_lock).await.expect("read");
    assert_eq!(released.entry, None);
    assert!(
        is_conflict(&store.release(&channel_lock, mine).await),
        "released already"
    );

    // In the same millisecond, by another owner.
    let yours = store
        .put(&channel_lock, &claimed("you"), released.revision, expires)
        .await
        .expect("claimed");
    assert!(
        is_conflict(&store.release(&channel_lock, mine).await),
        "the lease has another owner"
    );
    assert!(is_conflict(
        &store
            .put(&channel_lock, &claimed("me"), Some(mine), expires)
            .await
    ));
    assert_eq!(
        store.entry(&channel_lock).await.expect("read"),
        LedgerRow {
            entry: Some(claimed("you")),
            revision: Some(yours)
        }
    );

    // Deleted by the table after its expiry, and created again.
    clock.pass(Span::from_days(2));
    let key = Key {
        partition: "lock#Spaces-1#Projects-1#Channels-1".into(),
        sort: "entry".into(),
    };
    table
        .delete(&key, Condition::Revision(yours))
        .await
        .expect("the row's key");
    let third = store
        .put(
            &channel_lock,
            &claimed("third"),
            None,
            clock.now() + Span::from_minutes(2),
        )
        .await;
    assert!(third.expect("claimed") > yours);
}
