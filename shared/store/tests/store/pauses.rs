//! Pauses and budgets.

use super::*;

#[tokio::test]
async fn pauses_are_listed_until_resumed_or_expired() {
    let (store, _, clock) = new_store();
    let state = BackOff {
        failures: 2,
        since: Some(clock.now()),
        until: clock.now() + Span::from_minutes(2),
        reason: "503".into(),
        throttled: false,
    };
    let keys = [
        PauseKey::Feed(space(), feed().id),
        PauseKey::Package(package("acme/web#1")),
        PauseKey::Trigger(space(), TriggerId::new("ProjectTriggers-31")),
    ];
    for key in &keys {
        store.pause(key, &state).await.expect("paused");
    }
    clock.pass(Span::from_hours(1));
    let listed = store.pauses().await.expect("listed");
    assert_eq!(
        listed,
        keys.clone().map(|key| (key, state.clone())),
        "listed after its end"
    );

    store.resume(&keys[0]).await.expect("resumed");
    store.resume(&keys[0]).await.expect("nothing to do");
    assert_eq!(store.pauses().await.expect("listed").len(), 2);

    let before_its_end = state.until - Span::from_seconds(1);
    for (by, left) in [(before_its_end, 2), (state.until, 1), (state.until, 1)] {
        let resumed = store.resume_if_over(&keys[1], by).await;
        resumed.expect("resumed, or unchanged before its end");
        assert_eq!(store.pauses().await.expect("listed").len(), left, "{by:?}");
    }
    clock.pass(Span::from_days(8));
    assert!(store.pauses().await.expect("listed").is_empty());
}

#[tokio::test]
async fn budget_is_read_with_the_pauses_until_it_expires() {
    let key = budget();
    let (store, table, clock) = new_store();
    let pause = PauseKey::Feed(space(), feed().id);
    let state = stopped(None, 30, &clock);
    let back_off = state.pause.clone().expect("a pause");
    store.pause(&pause, &back_off).await.expect("paused");
    let change = store.change_budget(&key, |_| Some(state.clone()));
    change.await.expect("changed");
    let opened = store.open(&feed(), &key, &[]).await.expect("opened");
    assert_eq!(opened.budget.as_ref(), Some(&state));

    table.take_calls();
    let restraints = store.restraints().await.expect("read");
    let calls = table.take_calls();
    assert_eq!((calls.queries, calls.gets), (1, 0));
    assert_eq!(restraints.pauses.get(&pause), Some(&back_off));
    assert_eq!(restraints.budget(&feed()), Some((&key, &state)));
    assert_eq!(store.pauses().await.expect("listed").len(), 1);

    clock.pass(Span::from_days(8));
    let restraints = store.restraints().await.expect("read");
    assert!(restraints.budgets.is_empty(), "{restraints:?}");
    // The expired row still exists in the table.
    let later = stopped(None, 1, &clock);
    let change = store.change_budget(&key, |before| {
        assert_eq!(before, None);
        Some(later.clone())
    });
    change.await.expect("changed");
    let opened = store.open(&feed(), &key, &[]).await.expect("opened");
    assert_eq!(opened.budget, Some(later));
}

#[tokio::test]
async fn quota_expires_with_its_window() {
    let key = budget();
    let (store, _, clock) = new_store();
    let low = QuotaReading {
        quota: Quota {
            limit: Some(100),
            remaining: 3,
            resets_at: Some(clock.now() + Span::from_minutes(10)),
        },
        at: clock.now(),
        requests: 1,
        packages: 1,
    };
    let state = BudgetState::after_read(None, &Access::default(), Some(low), None, clock.now());
    let change = store.change_budget(&key, |_| state.clone());
    change.await.expect("changed");
    clock.pass(Span::from_minutes(9));
    assert_eq!(store.restraints().await.expect("read").budgets.len(), 1);
    clock.pass(Span::from_minutes(1));
    assert_eq!(store.restraints().await.expect("read").budgets.len(), 0);
}

#[tokio::test]
async fn concurrent_budget_changes_lose_no_update() {
    let key = budget();
    let (store, table, clock) = new_store();
    let first = stopped(None, 30, &clock);
    let change = store.change_budget(&key, |_| Some(first.clone()));
    change.await.expect("changed");

    // Another invocation is throttled for longer while this one ends the pause.
    let longer = stopped(None, 60, &clock);
    let raced = Cell::new(false);
    let change = store.change_budget(&key, |before| {
        if !raced.replace(true) {
            let other = store.change_budget(&key, |_| Some(longer.clone()));
            let mut context = Context::from_waker(Waker::noop());
            assert!(matches!(
                pin!(other).poll(&mut context),
                Poll::Ready(Ok(()))
            ));
            return None;
        }
        BudgetState::after_read(before, &Access::default(), None, None, clock.now())
    });
    change.await.expect("changed");
    let opened = store.open(&feed(), &key, &[]).await.expect("opened");
    assert_eq!(opened.budget.as_ref(), Some(&longer));

    table.take_calls();
    let change = store.change_budget(&key, |before| before);
    change.await.expect("nothing to do");
    assert_eq!(table.take_calls().puts, 0);
    clock.pass(Span::from_hours(1));
    let change = store.change_budget(&key, |_| None);
    change.await.expect("changed");
    assert!(table.rows().is_empty());
}

#[tokio::test]
async fn rate_limiter_is_shared_until_it_is_forgotten() {
    let (store, table, clock) = new_store();
    let refused = |before: Option<LimiterState>| {
        let mut limiter = before.unwrap_or_default();
        limiter.refuse(Some(Span::from_seconds(5)), None, clock.now());
        Some(limiter)
    };
    let change = store.change_rate_limiter(|before| before);
    assert_eq!(change.await.expect("nothing to do"), None);
    assert!(table.rows().is_empty());

    let stored = store.change_rate_limiter(refused).await.expect("changed");
    let restraints = store.restraints().await.expect("read");
    assert_eq!(
        (restraints.limiter, restraints.pauses.len()),
        (stored.clone(), 0)
    );
    assert!(store.pauses().await.expect("listed").is_empty());

    // Another invocation reserves a slot at the same time; each gets one of its own.
    let reserve = |before: Option<LimiterState>| {
        let mut limiter = before?;
        limiter.reserve(
            Precedence::First,
            clock.now() + Span::from_minutes(1),
            clock.now(),
        );
        Some(limiter)
    };
    let raced = Cell::new(false);
    let change = store.change_rate_limiter(|before| {
        if !raced.replace(true) {
            let mut context = Context::from_waker(Waker::noop());
            let other = store.change_rate_limiter(reserve);
            assert!(pin!(other).poll(&mut context).is_ready());
        }
        reserve(before)
    });
    let next = change
        .await
        .expect("changed")
        .and_then(|limiter| limiter.next);
    let pause_ends = clock.now() + Span::from_seconds(5);
    assert_eq!(next, Some(pause_ends + Span::from_millis(2 * 375)));

    clock.pass(Span::from_hours(24));
    assert_eq!(store.restraints().await.expect("read").limiter, None);
    let stored = store.change_rate_limiter(refused).await.expect("changed");
    assert_eq!(stored.expect("a new state").refusals, 1);
}
