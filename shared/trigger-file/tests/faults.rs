//! All errors of a file are reported at once, each with its place.

use trigger_file::{MAX_FILE_BYTES, read};

/// The errors of a file, one per line.
fn errors_of(text: &str) -> String {
    match read("t.yaml", text) {
        Ok(_) => String::new(),
        Err(faults) => faults.to_string(),
    }
}

/// A valid trigger with additional fields.
fn with(fields: &str) -> String {
    format!("triggers:\n  - name: A\n    project: P\n    packages: [\"*\"]\n{fields}\n")
}

#[test]
fn every_fault_is_named_at_its_place() {
    let mut wrong = Vec::new();
    for (text, expected) in [
        (
            "",
            "t.yaml:1:1: the file is empty; write `triggers: []` for a file without triggers",
        ),
        (
            "{}",
            "t.yaml:1:1: the file has neither `triggers` nor `native`; write `triggers: []` for a file without triggers",
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
            "t.yaml:1:1: a list is expected; remove the field for none",
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
            "t.yaml:2:5: a trigger has no `project`; add it\n\
             t.yaml:3:5: unknown field `project_id`; did you mean `project`?",
        ),
        (
            &with("    zzz: 1"),
            "t.yaml:5:5: unknown field `zzz`; the known ones are name, description, space, project, channel, \
             isDisabled, packages, versions, follow, require, when, if, quietPeriod, maxWait, minimumAge, catchUp, \
             firstSight, maxReleasesPerHour, window, gitRef, releaseVersion, releaseNotes, releaseContext, customFields, \
             dryRun",
        ),
        (
            &with("    releaseContext: [commit]"),
            "t.yaml:5:22: unknown value `commit`; did you mean `commits`?",
        ),
        (
            &with("    when: { sameVersion: { by: a, extract: b } }"),
            "t.yaml:5:32: when.sameVersion: `by` compares a label and `extract` a part of the version; remove one of them",
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
            "t.yaml:5:14: it is empty; write a value, or remove the field",
        ),
        (
            &with("    channel:"),
            "t.yaml:5:5: text is expected; remove the field for none",
        ),
        (
            &with("    isDisabled: yes"),
            "t.yaml:5:17: true or false is expected, not text",
        ),
        (
            &with("    name: B"),
            "t.yaml:5:5: `name` is repeated; remove it here or in line 2",
        ),
        (
            &with("    quietPeriod: 5 minutes"),
            "t.yaml:5:18: `5 minutes` is not a duration; write it like 90s, 5m, 24h, 7d or 1h30m",
        ),
        (
            &with("    minimumAge: 100d"),
            "t.yaml:5:17: 100d is longer than the longest, 90d",
        ),
        (
            &with("    minimumAge: PT0S"),
            "t.yaml:5:17: it must be longer than zero; remove the field for none",
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
            "t.yaml:5:11: unknown value `never`; the known ones are any, all, sameVersion",
        ),
        (
            &with("    when: { sameVersion: { extract: \"(\" } }"),
            "t.yaml:5:37: when.sameVersion.extract: it is not a regular expression: \
             a ( is never closed (byte 0)",
        ),
        (
            &with("    maxWait: 5m"),
            "t.yaml:5:14: maxWait: it limits quietPeriod, which is not set; set both or neither",
        ),
        (
            &with("    quietPeriod: 10m\n    maxWait: 5m"),
            "t.yaml:6:14: maxWait: 5 min is shorter than quietPeriod, 10 min",
        ),
        (
            &with(
                "    window: { timeZone: Europe/Wien, freezes: [{ from: 2027-01-02, to: 2027-01-01 }] }",
            ),
            "t.yaml:5:25: window.timeZone: unknown time zone `Europe/Wien`; did you mean `Europe/Kiev`?\n\
             t.yaml:5:72: window.freezes.0.to: 2027-01-01 is before `from`, 2027-01-02",
        ),
        (
            &with(
                "    window: { open: [{ days: [mondy], from: 9:00, to: \"24:30\" }, { from: \"09:00\", to: \"09:00\" }] }",
            ),
            "t.yaml:5:31: unknown value `mondy`; did you mean `monday`?\n\
             t.yaml:5:45: `9:00` is not a time of day; write it like 09:30, from 00:00 to 24:00\n\
             t.yaml:5:55: `24:30` is not a time of day; write it like 09:30, from 00:00 to 24:00\n\
             t.yaml:5:87: window.open.1.to: it equals `from`; write another time, or remove both for the whole day",
        ),
        (
            &with("    window: { timezone: UTC, freezes: [{ from: 2026-02-30, to: 20270101 }] }"),
            "t.yaml:5:15: unknown field `timezone`; did you mean `timeZone`?\n\
             t.yaml:5:48: `2026-02-30` is not a date; write it like 2026-12-24\n\
             t.yaml:5:64: a date like 2026-12-24 is expected, not a number",
        ),
        (
            &with("    window: { timeZone: UTC }"),
            "t.yaml:5:13: window: it is always open; add `open` or `freezes`, or remove the window",
        ),
        (
            &with("    if: packages.web.chnage != 'major' and chanel == 'Stable'"),
            "t.yaml:5:9: if: unknown name `chanel`; did you mean `channel`?\n\
             t.yaml:5:9: if: unknown name of a package `chnage`; did you mean `change`?",
        ),
        (
            &with("    if: packages.web.version ="),
            "t.yaml:5:9: if: syntax error: unexpected input after expression",
        ),
        (
            &with("    if: packages.web.version"),
            "t.yaml:5:9: if: it results in a string, not in true or false; write a comparison",
        ),
        (
            &with("    if: true"),
            "t.yaml:5:9: text is expected; write it in quotes: \"true\"",
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
            "t.yaml:5:24: versions.range: a closing bracket is missing; end the range with `]` or `)` (byte 0)\n\
             t.yaml:5:47: versions.preReleaseTag: it is not a regular expression: a [ is never closed (byte 0)",
        ),
        (
            &with("    follow: latest\n    versions: { range: \"[1,2)\", platform: linux/arm64 }"),
            "t.yaml:6:15: versions: with `follow` only `platform` has a meaning, because a tag is \
             followed whatever its version; remove `follow` or the other conditions",
        ),
        (
            &with("    follow: latest\n    when: sameVersion\n    catchUp: every"),
            "t.yaml:6:11: when: sameVersion compares versions, and every package here follows a tag; \
             remove `follow` or choose any or all\n\
             t.yaml:7:14: catchUp: a tag that is followed has no versions to catch up with; remove \
             `catchUp` or `follow`",
        ),
        (
            &with("    follow: not a tag"),
            "t.yaml:5:13: `not a tag` is not a tag: letters, digits, `_`, `.` and `-`",
        ),
        (
            &with("    require: { signed: {} }"),
            "t.yaml:5:24: the signer is named by `keys`, or by `profile`",
        ),
        (
            &with("    require: { signed: { profile: release } }"),
            "t.yaml:5:35: `release` is not the ARN of a signing profile: \
             arn:aws:signer:REGION:ACCOUNT:/signing-profiles/NAME",
        ),
        (
            &with("    require: { scan: { allow: severe } }"),
            "t.yaml:5:31: unknown value `severe`; the known ones are none, undefined, informational, low, medium, high, critical",
        ),
        (
            &with("    require: { scan: {} }"),
            "t.yaml:5:22: `scan` has no `allow`; add it",
        ),
        (
            &with("    require: { signed: { keys: [cosign.pub], within: soon } }"),
            "t.yaml:5:33: require.signed.keys.0: the text has no PEM block `PUBLIC KEY`; enter the content of \
             cosign.pub, or of `cosign public-key`\n\
             t.yaml:5:54: `soon` is not a duration; write it like 90s, 5m, 24h, 7d or 1h30m",
        ),
        (
            &with("    require: { platforms: [arm64], labels: { team: \"(\" } }"),
            "t.yaml:5:28: `arm64` is not a platform like linux/arm64\n\
             t.yaml:5:52: require.labels.team: it is not a regular expression: a ( is never closed (byte 0)",
        ),
        (
            &with("    versions: { platform: arm64 }"),
            "t.yaml:5:27: `arm64` is not a platform like linux/arm64",
        ),
        (
            "triggers:\n  - { name: A, project: P, packages: [] }",
            "t.yaml:2:38: the list has 0 items; it must have 1 to 200 of them",
        ),
        (
            "triggers:\n  - { name: A, project: P, packages: [{ deploymentActionSlug: a }, { deploymentActionSlug: A, packageReference: \"\" }, all] }",
            "t.yaml:2:68: this package is listed already, in line 2\n\
             t.yaml:2:119: unknown value `all`; the only known one is `*`",
        ),
        (
            "triggers:\n  - { name: A, project: P, packages: [\"*\"] }\n  - { name: \" a\", space: S, project: P, packages: [\"*\"] }",
            "t.yaml:3:13: name: line 2 already defines a trigger of this name; rename or remove one of them",
        ),
        (
            "native:\n  - dryRun: true\n  - { id: X, name: N }\n  - { project: P }\n  - { id: X }\n  - { id: x }",
            "t.yaml:2:5: a native trigger is named by `id`, or by `project` and `name`\n\
             t.yaml:3:5: a native trigger is named by `id`, or by `project` and `name`\n\
             t.yaml:4:5: a native trigger is named by `id`, or by `project` and `name`\n\
             t.yaml:5:11: id: line 3 already defines a trigger of this name; rename or remove one of them\n\
             t.yaml:6:11: id: line 3 already defines a trigger of this name; rename or remove one of them",
        ),
        (
            &with("    description: !secret x"),
            "t.yaml:5:18: the tag `!secret` has no meaning here; remove it",
        ),
        (
            "triggers:\n  - name: A\n   project: P",
            "t.yaml:3:4: this is not valid YAML: while parsing a block collection, did not find expected '-' indicator; check indentation, brackets and quotes up to this place",
        ),
        (
            "triggers: [}",
            "t.yaml:1:12: this is not valid YAML: while parsing a node, did not find expected node content; check indentation, brackets and quotes up to this place",
        ),
        (
            "triggers: *nothing",
            "t.yaml:1:11: this is not valid YAML: while parsing node, found unknown anchor; check indentation, brackets and quotes up to this place",
        ),
    ] {
        let errors = errors_of(text);
        if errors != expected {
            wrong.push(format!("{text}\n=> {errors}\nbut expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n\n"));
}

#[test]
fn duplicate_names_in_different_spaces_are_allowed() {
    let text = "triggers:\n\
                \x20 - { name: A, space: S, project: P, packages: [\"*\"] }\n\
                \x20 - { name: A, space: T, project: P, packages: [\"*\"] }\n";
    assert_eq!(errors_of(text), "");
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
        (
            &deep,
            "the nesting is deeper than 16 levels; no field is nested so deep",
        ),
        (&deepest, "recursion limit exceeded"),
        (&long, "the file has more than 1048576 bytes; split it"),
        (&many, "the file has more than 200000 values; split it"),
    ] {
        let errors = errors_of(text);
        assert!(
            errors.contains(expected),
            "{}",
            errors.lines().next().expect("a line")
        );
    }
    let triggers = "{name: a, project: p, packages: ['*']},".repeat(1_001);
    let errors = errors_of(&format!("triggers: [{triggers}]"));
    assert!(
        errors.contains("the list has 1001 items; it must have 0 to 1000 of them"),
        "{errors}"
    );
    assert!(errors.ends_with("more"), "{errors}");
}

#[test]
fn range_in_another_notation_is_an_error_with_the_octopus_spelling() {
    for (range, expected) in [
        ("^1.2", "[1.2,2)"),
        (">=1.2 <2", "[1.2,2)"),
        ("~1.2", "[1.2,1.3)"),
        ("1.x", "[1,2)"),
    ] {
        let text = with(&format!("    versions: {{ range: '{range}' }}"));
        assert_eq!(
            errors_of(&text),
            format!(
                "t.yaml:5:24: versions.range: `{range}` is not in the notation of Octopus; write {expected}"
            )
        );
    }
}

#[test]
fn range_without_upper_bound_and_brackets_is_a_warning() {
    for (range, expected) in [
        (
            "1.2",
            "t.yaml:5:24: warning: versions.range: `1.2` permits 1.2 and every later version",
        ),
        ("[1.2,)", ""),
        ("[1.2]", ""),
        ("[1.2,2.0)", ""),
    ] {
        let text = with(&format!("    versions: {{ range: '{range}' }}"));
        let warnings = read("t.yaml", &text).unwrap().warnings().join("\n");
        assert!(warnings.starts_with(expected), "{range}: {warnings}");
        assert_eq!(
            warnings.is_empty(),
            expected.is_empty(),
            "{range}: {warnings}"
        );
    }
}

#[test]
fn template_with_an_unknown_name_is_an_error_with_the_nearest_name() {
    for (field, expected) in [
        (
            "releaseNotes: '{{ chanel }}'",
            "t.yaml:5:19: releaseNotes: unknown name `chanel`; did you mean `channel`?",
        ),
        (
            "releaseVersion: '{{ changed[0].verison }}'",
            "t.yaml:5:21: releaseVersion: unknown name of a package `verison`; did you mean `version`?",
        ),
        (
            "customFields: { A: '{{ reson }}' }",
            "t.yaml:5:24: customFields.A: unknown name `reson`; did you mean `reason`?",
        ),
    ] {
        assert_eq!(errors_of(&with(&format!("    {field}"))), expected);
    }
}
