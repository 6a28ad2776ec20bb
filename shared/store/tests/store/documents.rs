//! Copies of projects' documents: read by their fingerprint, replaced as a whole, and never too large for a row.

use domain::process::{Action, ReleaseTemplate, RuleNames, Versioning};
use engine::ports::{Channel, DocumentCache, Documents, Process, Project};

use super::*;

fn documents(actions: usize) -> Documents {
    let action = |number: usize| Action {
        slug: None,
        name: store_hash(number as u64),
        is_disabled: false,
        package_references: Vec::new(),
    };
    Documents {
        project: Project {
            id: ProjectId::new("Projects-1"),
            space: space(),
            name: "Shop".into(),
            is_disabled: false,
            process_id: None,
            git_ref: None,
        },
        channel: Channel {
            id: ChannelId::new("Channels-1"),
            name: "Stable".into(),
            rules: Vec::new(),
            custom_fields: Vec::new(),
        },
        process: Process {
            actions: (0..actions).map(action).collect(),
            rule_names: RuleNames::default(),
            identities: Vec::new(),
            template: ReleaseTemplate {
                packages: Vec::new(),
                versioning: Versioning::Template { next: None },
            },
        },
    }
}

#[tokio::test]
async fn copy_is_returned_for_its_fingerprint_until_it_expires() {
    let (store, _, clock) = new_store();
    let trigger = TriggerId::new("ProjectTriggers-1");
    let read = async |fingerprint| {
        let read = store.documents(&space(), &trigger, fingerprint).await;
        read.expect("read").map(|copy| copy.process.actions.len())
    };
    assert_eq!(read("a").await, None);
    for (fingerprint, actions) in [("a", 1), ("b", 2)] {
        let (space, copy) = (space(), documents(actions));
        let kept = store.keep_documents(&space, &trigger, fingerprint, &copy);
        kept.await.expect("kept");
        assert_eq!(read(fingerprint).await, Some(actions));
    }
    assert_eq!(read("a").await, None, "replaced");
    clock.pass(Span::from_days(31));
    assert_eq!(read("b").await, None, "expired");
}

#[tokio::test]
async fn copy_that_is_too_large_for_a_row_is_not_kept() {
    let (store, table, _) = new_store();
    let trigger = TriggerId::new("ProjectTriggers-1");
    let (space, copy) = (space(), documents(40_000));
    let kept = store.keep_documents(&space, &trigger, "a", &copy);
    kept.await.expect("left out");
    assert!(table.rows().is_empty());
}
