//! The history and the latest evaluations.

use domain::cause::EvaluationCause;
use domain::reason_code::ReasonDetails;

use super::*;

fn evaluation(trigger: &str, at: Timestamp, reason: &str) -> Evaluation {
    Evaluation {
        trigger: TriggerId::new(trigger),
        trigger_name: "New images".into(),
        space: space(),
        project_name: "Web shop".into(),
        at,
        took: Span::from_millis(5),
        cause: EvaluationCause::Hourly,
        outcome: Outcome::Skipped,
        reason: reason.into(),
        details: ReasonDetails::default(),
        release: None,
        findings: Vec::new(),
    }
}

fn reasons(evaluations: &[Evaluation]) -> Vec<&str> {
    evaluations
        .iter()
        .map(|evaluation| evaluation.reason.as_str())
        .collect()
}

#[tokio::test]
async fn history_is_newest_first_and_the_latest_evaluation_never_expires() {
    let (store, _, clock) = new_store();
    let start = clock.now();
    for (minute, reason) in [(1, "first"), (2, "second"), (2, "same time"), (3, "third")] {
        let at = start + Span::from_minutes(minute);
        store
            .record(&evaluation("T-1", at, reason))
            .await
            .expect("recorded");
    }
    let late = evaluation("T-1", start, "recorded late");
    for _ in 0..2 {
        store.record(&late).await.expect("recorded");
    }
    store
        .record(&evaluation("T-2", start, "other"))
        .await
        .expect("recorded");

    let recent = store
        .recent(&space(), &TriggerId::new("T-1"), 10)
        .await
        .expect("read");
    assert_eq!(recent.len(), 5, "an evaluation recorded twice is one row");
    assert_eq!(
        (reasons(&recent)[0], reasons(&recent)[4]),
        ("third", "recorded late")
    );
    let two = store
        .recent(&space(), &TriggerId::new("T-1"), 2)
        .await
        .expect("read");
    assert_eq!(two, recent[..2]);
    assert_eq!(
        reasons(&store.latest().await.expect("read")),
        ["third", "other"]
    );

    clock.pass(Span::from_days(91));
    assert!(
        store
            .recent(&space(), &TriggerId::new("T-1"), 10)
            .await
            .expect("read")
            .is_empty()
    );
    assert_eq!(
        reasons(&store.latest().await.expect("read")),
        ["third", "other"]
    );

    // A trigger that is gone is not evaluated any more.
    clock.pass(Span::from_days(90));
    store
        .record(&evaluation("T-2", clock.now(), "still here"))
        .await
        .expect("recorded");
    assert_eq!(
        reasons(&store.latest().await.expect("read")),
        ["still here"]
    );
}

#[tokio::test]
async fn last_success_is_kept_after_later_failures() {
    let (store, _, clock) = new_store();
    let start = clock.now();
    let at = |minute| start + Span::from_minutes(minute);
    for (minute, outcome) in [
        (1, Outcome::Failed),
        (2, Outcome::Waiting),
        (3, Outcome::Failed),
        (4, Outcome::Failed),
    ] {
        let evaluation = Evaluation {
            outcome,
            ..evaluation("T-1", at(minute), "tried")
        };
        store.record(&evaluation).await.expect("recorded");
    }
    let never = Evaluation {
        outcome: Outcome::Failed,
        ..evaluation("T-2", at(1), "tried")
    };
    store.record(&never).await.expect("recorded");
    let successes = store.last_successes().await.expect("read");
    let expected = ((space(), TriggerId::new("T-1")), at(2));
    assert_eq!(successes.into_iter().collect::<Vec<_>>(), [expected]);
}

#[tokio::test]
async fn last_release_is_kept_after_later_evaluations() {
    let (store, _, clock) = new_store();
    let start = clock.now();
    let at = |minute| start + Span::from_minutes(minute);
    let release = |number: &str| MadeRelease {
        id: ReleaseId::new(format!("Releases-{number}")),
        version: number.to_owned(),
    };
    for (minute, made) in [(1, Some("1.0")), (2, Some("1.1")), (3, None), (4, None)] {
        let evaluation = Evaluation {
            release: made.map(release),
            ..evaluation("T-1", at(minute), "tried")
        };
        store.record(&evaluation).await.expect("recorded");
    }
    let never = evaluation("T-2", at(1), "tried");
    store.record(&never).await.expect("recorded");
    let releases = store.last_releases().await.expect("read");
    let last = LastRelease {
        release: release("1.1"),
        at: at(2),
    };
    let expected = ((space(), TriggerId::new("T-1")), last);
    assert_eq!(releases.into_iter().collect::<Vec<_>>(), [expected]);
}

#[tokio::test]
async fn evaluation_of_many_sources_is_truncated_to_one_row() {
    let (store, table, clock) = new_store();
    let findings = (0..400).map(|source| Finding {
        reference: SourceRef {
            action_slug: format!("step-{source}"),
            package_reference: String::new(),
        },
        package: Some("acme/web".into()),
        previous: None,
        latest: None,
        digest: None,
        candidates: (0..25)
            .map(|n| Candidate {
                version: store_hash(source * 31 + n),
                refused: Some(store_hash(source * 77 + n).into()),
            })
            .collect(),
        considered: 900,
        blocker: None,
        blocker_code: None,
    });
    let large = Evaluation {
        findings: findings.collect(),
        ..evaluation("T-1", clock.now(), "large")
    };
    store.record(&large).await.expect("recorded");
    assert!(table.rows().iter().all(|row| row.body.len() <= 350 * 1024));
    let read = store.latest().await.expect("read");
    assert_eq!(
        (read[0].findings.len(), read[0].findings[399].considered),
        (400, 900)
    );
}
