//! One more trigger in a file that people wrote.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use domain::definition::Definition;
use trigger_file::{InsertError, insert, read};

const NEW: &str = "\
triggers:
  - name: New web
    project: Web Shop
    packages:
      - deploymentActionSlug: deploy-web
    releaseNotes: |
      Line one

      # no comment
";

fn new() -> Definition {
    read("new", NEW).unwrap().definitions.triggers.remove(0)
}

#[track_caller]
fn check(before: &str, after: &str) {
    assert_eq!(insert("t.yaml", before, &new()).unwrap(), after);
}

#[test]
fn an_empty_file_becomes_one_with_the_trigger() {
    check("", NEW);
    check("\n", NEW);
    check("triggers: []\n", NEW);
    check(
        "# Ours.\ntriggers: []\nnative:\n  - { id: ProjectTriggers-1 }\n",
        &format!("# Ours.\n{NEW}native:\n  - {{ id: ProjectTriggers-1 }}\n"),
    );
}

#[test]
fn comments_order_and_style_stay() {
    let above = "\
# The watched packages.
triggers:
- project: Web Shop   # the shop
  name: Old
  packages: ['*']
  releaseNotes: |
    Hello
    # no comment either
  # still of Old
";
    let below = "
# The others.
native:
  - { id: ProjectTriggers-1, packages: [{ deploymentActionSlug: a }] } # theirs
";
    // As far to the left as the trigger above it.
    let (_, new) = NEW.split_once('\n').unwrap();
    let lines = new
        .lines()
        .map(|line| line.strip_prefix("  ").unwrap_or(line));
    let new: String = lines.map(|line| format!("{line}\n")).collect();
    check(&format!("{above}{below}"), &format!("{above}{new}{below}"));
}

#[test]
fn what_cannot_take_it_is_left_alone() {
    let flow = "triggers: [{ name: A, project: P, packages: ['*'] }]\n";
    let refused = insert("t.yaml", flow, &new()).unwrap_err();
    assert!(matches!(refused, InsertError::Form(_)), "{refused}");
    let refused = insert("t.yaml", NEW, &new()).unwrap_err();
    assert!(matches!(refused, InsertError::Taken { .. }), "{refused}");
    let refused = insert("t.yaml", "triggers: {", &new()).unwrap_err();
    assert!(matches!(refused, InsertError::FileErrors(_)), "{refused}");
}
