//! What is wrong with a file is said with its place, all at once.

use trigger_file::{MAX_FILE_BYTES, read};

/// What is said of a file, a line for each fault.
fn said(text: &str) -> String {
    match read("t.yaml", text) {
        Ok(_) => String::new(),
        Err(faults) => faults.to_string(),
    }
}

/// A trigger that is in order, with these fields besides.
fn with(fields: &str) -> String {
    format!("triggers:\n  - name: A\n    project: P\n    packages: [\"*\"]\n{fields}\n")
}

#[test]
fn every_fault_is_named_at_its_place() {
    let mut wrong = Vec::new();
    for (text, expected) in [
        (
            "",
            "t.yaml:1:1: the file is empty; a file without triggers holds `triggers: []`",
        ),
        (
            "{}",
            "t.yaml:1:1: the file has neither `triggers` nor `native`; one without any holds `triggers: []`",
        ),
        (
            "- a",
            "t.yaml:1:1: the file with its fields is expected, not a list",
        ),
        (
            "triggers: 1",
            "t.yaml:1:11: a list is expected, not a number",
        ),
        (
            "triggers:",
            "t.yaml:1:1: a list is expected; leave the field out for none",
        ),
        (
            "triggers: []\n---\ntriggers: []",
            "t.yaml:2:1: a second document begins here; put all triggers into one",
        ),
        (
            "trigers: []",
            "t.yaml:1:1: unknown field `trigers`; did you mean `triggers`?",
        ),
        (
            "triggers:\n  - name: A\n    project_id: P\n    packages: [\"*\"]",
            "t.yaml:2:5: a trigger has no `project`\n\
             t.yaml:3:5: unknown field `project_id`; did you mean `project`?",
        ),
        (
            &with("    zzz: 1"),
            "t.yaml:5:5: unknown field `zzz`; there are name, description, space, project, channel, \
             isDisabled, packages, versions, follow, when, quietPeriod, maxWait, minimumAge, catchUp, \
             firstSight, maxReleasesPerHour, gitRef, releaseVersion, releaseNotes, customFields, dryRun",
        ),
        (
            &with("    channel: 2024"),
            "t.yaml:5:14: text is expected, not a number; write it in quotes: \"2024\"",
        ),
        (
            &with("    channel: true"),
            "t.yaml:5:14: text is expected; write it in quotes: \"true\"",
        ),
        (
            &with("    channel: \"\""),
            "t.yaml:5:14: it is empty; give a value, or leave the field out",
        ),
        (
            &with("    channel:"),
            "t.yaml:5:5: text is expected; leave the field out for none",
        ),
        (
            &with("    isDisabled: yes"),
            "t.yaml:5:17: true or false is expected, not text",
        ),
        (
            &with("    name: B"),
            "t.yaml:5:5: `name` stands here a second time, first in line 2",
        ),
        (
            &with("    quietPeriod: 5 minutes"),
            "t.yaml:5:18: `5 minutes` is no duration; write it like 90s, 5m, 24h, 7d or 1h30m",
        ),
        (
            &with("    minimumAge: 100d"),
            "t.yaml:5:17: 100d is longer than the longest, 90d",
        ),
        (
            &with("    minimumAge: PT0S"),
            "t.yaml:5:17: it must be longer than nothing; leave the field out for none",
        ),
        (
            &with("    maxReleasesPerHour: 0"),
            "t.yaml:5:25: 0 is no whole number from 1 to 100",
        ),
        (
            &with("    catchUp: newestPerMajor"),
            "t.yaml:5:14: unknown value `newestPerMajor`; did you mean `newestPerMinor`?",
        ),
        (
            &with("    when: never"),
            "t.yaml:5:11: unknown value `never`; there are any, all, sameVersion",
        ),
        (
            &with("    when: { sameVersion: { extract: \"(\" } }"),
            "t.yaml:5:37: when.sameVersion.extract: it is not a regular expression: \
             a ( is never closed (byte 0)",
        ),
        (
            &with("    maxWait: 5m"),
            "t.yaml:5:14: maxWait: it bounds quietPeriod, which is not set; set both or none",
        ),
        (
            &with("    quietPeriod: 10m\n    maxWait: 5m"),
            "t.yaml:6:14: maxWait: 5 min is shorter than quietPeriod, 10 min",
        ),
        (
            &with("    releaseVersion: \"{{ packages[0 }}\""),
            "t.yaml:5:21: releaseVersion: line 1: syntax error: unexpected `}`, expected `]`",
        ),
        (
            &with("    customFields:\n      Some.field: \"{% if %}\""),
            "t.yaml:6:19: customFields.Some.field: line 1: syntax error: unexpected end of block",
        ),
        (
            &with("    versions: { range: \"[2,1\", preReleaseTag: \"[\" }"),
            "t.yaml:5:24: versions.range: a bracket is never closed (byte 0)\n\
             t.yaml:5:47: versions.preReleaseTag: it is not a regular expression: a [ is never closed (byte 0)",
        ),
        (
            &with("    follow: latest\n    versions: { range: \"[1,2)\", platform: linux/arm64 }"),
            "t.yaml:6:15: versions: with `follow` only `platform` has a meaning, because a tag is \
             followed whatever its version; take out `follow` or the other conditions",
        ),
        (
            &with("    follow: latest\n    when: sameVersion\n    catchUp: every"),
            "t.yaml:6:11: when: sameVersion compares versions, and every package here follows a tag; \
             take out `follow` or choose any or all\n\
             t.yaml:7:14: catchUp: a tag that is followed has no versions to catch up with; take out \
             `catchUp` or `follow`",
        ),
        (
            &with("    follow: not a tag"),
            "t.yaml:5:13: `not a tag` is not a tag: letters, digits, `_`, `.` and `-`",
        ),
        (
            &with("    versions: { platform: arm64 }"),
            "t.yaml:5:27: `arm64` is not a platform like linux/arm64",
        ),
        (
            "triggers:\n  - { name: A, project: P, packages: [] }",
            "t.yaml:2:38: it has 0 items; 1 to 200 can be",
        ),
        (
            "triggers:\n  - { name: A, project: P, packages: [{ deploymentActionSlug: a }, { deploymentActionSlug: A, packageReference: \"\" }, all] }",
            "t.yaml:2:68: this package is listed already, in line 2\n\
             t.yaml:2:119: unknown value `all`; there are *",
        ),
        (
            "triggers:\n  - { name: A, project: P, packages: [\"*\"] }\n  - { name: \" a\", space: S, project: P, packages: [\"*\"] }",
            "t.yaml:3:13: name: a trigger of this name stands in line 2 already",
        ),
        (
            "native:\n  - dryRun: true\n  - { id: X, name: N }\n  - { project: P }\n  - { id: X }\n  - { id: x }",
            "t.yaml:2:5: a native trigger is named by `id`, or by `project` and `name`\n\
             t.yaml:3:5: a native trigger is named by `id`, or by `project` and `name`\n\
             t.yaml:4:5: a native trigger is named by `id`, or by `project` and `name`\n\
             t.yaml:5:11: id: a trigger of this name stands in line 3 already\n\
             t.yaml:6:11: id: a trigger of this name stands in line 3 already",
        ),
        (
            &with("    description: !secret x"),
            "t.yaml:5:18: the tag `!secret` has no meaning here; take it out",
        ),
        (
            "triggers:\n  - name: A\n   project: P",
            "t.yaml:3:4: this is no YAML: while parsing a block collection, did not find expected '-' indicator",
        ),
        (
            "triggers: [}",
            "t.yaml:1:12: this is no YAML: while parsing a node, did not find expected node content",
        ),
        (
            "triggers: *nothing",
            "t.yaml:1:11: this is no YAML: while parsing node, found unknown anchor",
        ),
    ] {
        let said = said(text);
        if said != expected {
            wrong.push(format!("{text}\n=> {said}\nbut expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n\n"));
}

#[test]
fn names_may_stand_in_several_spaces() {
    let text = "triggers:\n\
                \x20 - { name: A, space: S, project: P, packages: [\"*\"] }\n\
                \x20 - { name: A, space: T, project: P, packages: [\"*\"] }\n";
    assert_eq!(said(text), "");
}

#[test]
fn small_files_cannot_become_large() {
    let mut bomb = String::from("triggers:\n  - &a [x, x, x, x, x, x, x, x, x, x]\n");
    for (one, next) in "abcdefg".chars().zip("bcdefgh".chars()) {
        bomb.push_str(&format!(
            "  - &{next} [{}]\n",
            vec![format!("*{one}"); 10].join(", ")
        ));
    }
    let deep = format!("triggers: {}", "[".repeat(20));
    let deepest = format!("triggers: {}", "[".repeat(MAX_FILE_BYTES - 100));
    let long = "#".repeat(MAX_FILE_BYTES + 1);
    let many = format!("triggers: [{}]", "{},".repeat(MAX_FILE_BYTES / 4));
    for (text, expected) in [
        (&bomb, "the file has more than 200000 values; split it"),
        (&deep, "it goes deeper than 16 levels here; nothing does"),
        (&deepest, "recursion limit exceeded"),
        (&long, "the file has more than 1048576 bytes; split it"),
        (&many, "the file has more than 200000 values; split it"),
    ] {
        let said = said(text);
        assert!(
            said.contains(expected),
            "{}",
            said.lines().next().expect("a line")
        );
    }
    let triggers = "{name: a, project: p, packages: ['*']},".repeat(1_001);
    let said = said(&format!("triggers: [{triggers}]"));
    assert!(
        said.contains("it has 1001 items; 0 to 1000 can be"),
        "{said}"
    );
    assert!(said.ends_with("more"), "{said}");
}
