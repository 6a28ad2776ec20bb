//! A file with every field, its written form, and the names of changes.

#![expect(clippy::panic, reason = "in a test a panic is the report")]

use trigger_file::{ChangeKind, Difference, read, write};

const EVERYTHING: &str = include_str!("everything.yaml");

fn definitions(text: &str) -> domain::definition::Definitions {
    read("t.yaml", text)
        .unwrap_or_else(|faults| panic!("{faults}"))
        .definitions
}

#[test]
fn a_file_is_written_in_one_way() {
    assert_eq!(write(&definitions(EVERYTHING)).unwrap(), EVERYTHING);
}

#[test]
fn an_empty_file_is_written_as_such() {
    assert_eq!(
        write(&definitions("triggers: []")).unwrap(),
        "triggers: []\n"
    );
}

#[test]
fn short_forms_mean_what_is_written_out() {
    let short = "
triggers:
  - name: A
    project: P
    packages: [{ deploymentActionSlug: web }, { deploymentActionSlug: cart, follow: stable }, '*']
    versions: { range: '[1,2)' }
    when: any
    firstSight: compare
    isDisabled: false
native:
  - { id: ProjectTriggers-1, versions: { range: '[1,2)' }, packages: [{ deploymentActionSlug: web }] }
";
    let long = "
triggers:
  - name: A
    project: P
    packages:
      - { deploymentActionSlug: web, packageReference: '', versions: { range: '[1,2)' } }
      - { deploymentActionSlug: cart, follow: stable }
      - { deploymentActionSlug: '*', packageReference: '*', versions: { range: '[1,2)' } }
native:
  - id: ProjectTriggers-1
    packages:
      - { deploymentActionSlug: web, versions: { range: '[1,2)' } }
      - { deploymentActionSlug: '*', packageReference: '*', versions: { range: '[1,2)' } }
";
    assert_eq!(definitions(short), definitions(long));
}

#[test]
fn difference_lists_changed_fields() {
    let before = definitions(
        "
triggers:
  - { name: A, project: P, packages: [{ deploymentActionSlug: web, versions: { range: '[1,2)' } }], quietPeriod: 5m }
  - { name: B, project: P, packages: ['*'] }
  - { name: C, project: P, packages: [{ deploymentActionSlug: a }, { deploymentActionSlug: b }] }
native: [{ id: ProjectTriggers-1, dryRun: true }]
",
    );
    let after = definitions(
        "
triggers:
  - { name: D, project: P, packages: ['*'], dryRun: true }
  - { name: a, space: S, project: P, packages: [{ deploymentActionSlug: web, versions: { range: '[1,3)' } }, '*'] }
  - { name: C, project: P, packages: [{ deploymentActionSlug: b }, { deploymentActionSlug: a }] }
native: [{ id: ProjectTriggers-1 }]
",
    );
    let shown: Vec<String> = Difference::between(&before, &after)
        .changes
        .into_iter()
        .map(|change| {
            let edits = change.edits.into_iter().map(|edit| {
                let side = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
                format!(
                    "{} {} > {}",
                    edit.field,
                    side(edit.before),
                    side(edit.after)
                )
            });
            let edits: Vec<_> = edits.collect();
            let sign = match change.kind {
                ChangeKind::Added => '+',
                ChangeKind::Removed => '-',
                ChangeKind::Changed => '~',
            };
            format!("{sign} {}: {}", change.subject, edits.join("; "))
        })
        .collect();
    assert_eq!(
        shown,
        [
            "+ trigger `D`: dryRun - > true; name - > D; packages[*] - > watched; project - > P",
            "~ trigger `a`: name A > a; packages[*] - > watched; packages[web].versions.range [1,2) > [1,3); \
             quietPeriod 5m > -; space - > S",
            "~ trigger `C`: packages a, b > b, a",
            "- trigger `B`: ",
            "~ native trigger `ProjectTriggers-1`: dryRun true > -",
        ]
    );
}
