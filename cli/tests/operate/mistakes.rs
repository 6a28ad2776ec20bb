//! Sixty mistakes of users, with the message of each: wrong invocations, and faults in trigger files.

use crate::world::World;

/// Arguments, exit code, and a part of the message.
const INVOCATIONS: [(&[&str], i32, &str); 38] = [
    (&[], 2, "Usage: feedctl"),
    (&["frobnicate"], 2, "unrecognized subcommand 'frobnicate'"),
    (&["trigers", "list"], 2, "some similar subcommands exist"),
    (&["triggers"], 2, "Usage: feedctl triggers"),
    (
        &["triggers", "lst"],
        2,
        "some similar subcommands exist: 'ls', 'list'",
    ),
    (
        &["status", "--sever", "x"],
        2,
        "unexpected argument '--sever'",
    ),
    (&["status", "extra"], 2, "unexpected argument 'extra'"),
    (
        &["status", "-f", "yaml"],
        2,
        "[possible values: table, json, basic]",
    ),
    (
        &["status", "--stack", "shop", "--state", "x"],
        2,
        "cannot use --state together with --stack",
    ),
    (&["status", "--native-triggers", "all"], 2, "marked"),
    (
        &["status", "--helm-index-max-mib", "0"],
        2,
        "`0` is not a number from 1 to 1024",
    ),
    (
        &["doctor", "--allow-network", "10.0.0.0/99"],
        2,
        "cannot use --allow-network",
    ),
    (
        &["status", "--server", "example.com"],
        2,
        "https://octopus.example.com",
    ),
    (
        &["status", "--server", "ftp://example.com"],
        2,
        "https://octopus.example.com",
    ),
    (&["status", "--space", "Nowhere"], 1, "Nowhere"),
    (&["status", "--api-key", "API-WRONG"], 1, "API key"),
    (&["run", "--check-interval", "soon"], 2, "--check-interval"),
    (
        &["run", "--check-interval", "0"],
        2,
        "at least 1s and at most 1d",
    ),
    (
        &["run", "--check-interval", "2d"],
        2,
        "at least 1s and at most 1d",
    ),
    (
        &["run", "--once", "--listen", "127.0.0.1:0"],
        2,
        "cannot be used with",
    ),
    (
        &["run", "--listen", "localhost"],
        2,
        "`localhost` is not an address with a port; write it like 127.0.0.1:9464",
    ),
    (
        &["run", "--stack", "shop"],
        2,
        "cannot run the stack shop here",
    ),
    (
        &["run", "--notify-on", "all"],
        2,
        "[possible values: created, refused, stalled, failing]",
    ),
    (&["history", "Missing"], 1, "cannot open the state file"),
    (
        &["history", "--limit", "0"],
        2,
        "`0` is not a number from 1 to 1000",
    ),
    (
        &["history", "--outcome", "Done"],
        2,
        "the outcomes are: Created",
    ),
    (&["history", "--since", "yesterday"], 2, "90s, 5m, 24h, 7d"),
    (&["explain"], 2, "<TRIGGER>"),
    (&["explain", "New web"], 1, "cannot open the state file"),
    (
        &["evaluate", "A", "--dry-run", "--stack", "shop"],
        2,
        "cannot use --dry-run with a stack",
    ),
    (
        &["simulate", "A", "--since", "1 month"],
        2,
        "90s, 5m, 24h, 7d",
    ),
    (&["feeds", "check"], 2, "<FEED>"),
    (
        &["feeds", "check", "Nothing"],
        1,
        "cannot find feed `Nothing`; the feeds are: ",
    ),
    (
        &["feeds", "check", "Images", "acme/web", "--keep"],
        2,
        "cannot be used with",
    ),
    (
        &["triggers", "adopt", "Nothing"],
        1,
        "cannot find external feed trigger `Nothing`: there is no external feed trigger; create one with",
    ),
    (
        &["triggers", "add", "--run-by", "me"],
        2,
        "[possible values: feedctl, octopus]",
    ),
    (
        &["dlq", "list"],
        2,
        "only a stack has them; name it with --stack",
    ),
    (&["dlq", "redrive", "--stack", "shop"], 2, "<IDS>"),
];

/// A trigger file, and a part of the message of `validate`.
const FILES: [(&str, &str); 22] = [
    ("", "the file is empty"),
    (
        "triggers:\n  - name: A\n   project: P\n",
        "; check indentation",
    ),
    ("triggers: [*]\n", "quote it"),
    (
        "triggers:\n  - { name: A, project: P, packages: [*] }\n",
        "quote it",
    ),
    (
        "triggers: [{ name: A, project: P, packages: ['*'], versions: { range: [1.0,2.0) } }]\n",
        "quote it",
    ),
    (
        "triggers: [{ name: A, project: P, packages: ['*'], versions: { range: 1.0 } }]\n",
        "write it in quotes: \"1.0\"",
    ),
    ("trigger: []\n", "did you mean `triggers`?"),
    ("triggers: {}\n", "a list is expected, not fields"),
    (
        "triggers: [A]\n",
        "a trigger with its fields is expected, not text",
    ),
    (
        "triggers: [{ project: P, packages: ['*'] }]\n",
        "has no `name`; add it",
    ),
    (
        "triggers: [{ name: A, packages: ['*'] }]\n",
        "has no `project`; add it",
    ),
    ("triggers: [{ name: A, project: P }]\n", "packages"),
    (
        "triggers: [{ name: A, project: P, packages: [] }]\n",
        "the list has 0 items; it must have 1 to 200 of them",
    ),
    (
        "triggers: [{ name: A, project: P, packages: [all] }]\n",
        "unknown value `all`; the only known one is `*`",
    ),
    (
        "triggers: [{ name: A, projekt: P, packages: ['*'] }]\n",
        "did you mean `project`?",
    ),
    (
        "triggers: [{ name: A, name: B, project: P, packages: ['*'] }]\n",
        "`name` is repeated; remove it here or in line 1",
    ),
    (
        "triggers: [{ name: A, project: P, packages: ['*'], quietPeriod: 5 }]\n",
        "a duration like 90s",
    ),
    (
        "triggers: [{ name: A, project: P, packages: ['*'], when: never }]\n",
        "unknown value `never`; the known ones are any",
    ),
    (
        "triggers: [{ name: A, project: P, packages: ['*'], versions: { range: '[1.0' } }]\n",
        "a closing bracket is missing; end the range with",
    ),
    (
        "triggers: [{ name: A, project: P, packages: ['*'], versions: { preReleaseTag: '(' } }]\n",
        "a ( is never closed",
    ),
    (
        "triggers:\n  - { name: A, project: P, packages: ['*'] }\n  - { name: a, project: P, packages: ['*'] }\n",
        "line 2 already defines a trigger of this name; rename or remove one of them",
    ),
    ("triggers: []\n---\ntriggers: []\n", "a second document"),
];

/// Words of an error that a user cannot act on.
const INTERNAL: [&str; 4] = ["panicked", "RUST_BACKTRACE", "unwrap", "Os {"];

fn is_clear(message: &str) -> bool {
    !INTERNAL.iter().any(|word| message.contains(word))
}

#[tokio::test]
async fn wrong_invocations_are_explained() {
    let world = World::start().await;
    let mut faults = Vec::new();
    for (arguments, code, expected) in INVOCATIONS {
        let output = world.feedctl(arguments).await;
        let stderr = String::from_utf8(output.stderr).unwrap();
        let is_explained = stderr.contains(expected) && is_clear(&stderr);
        if output.status.code() != Some(code) || !is_explained || !output.stdout.is_empty() {
            let code = output.status.code();
            faults.push(format!("{arguments:?} ({code:?}): {expected} in {stderr}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn mistakes_in_trigger_files_are_explained_with_their_place() {
    let world = World::start().await;
    let mut faults = Vec::new();
    for (text, expected) in FILES {
        std::fs::write(world.folder.path().join("t.yaml"), text).unwrap();
        let output = world.feedctl(&["validate", "t.yaml", "--offline"]).await;
        let shown = String::from_utf8(output.stdout).unwrap();
        let is_explained = shown.contains(expected) && is_clear(&shown);
        if output.status.code() != Some(1) || !is_explained || !shown.starts_with("t.yaml:") {
            faults.push(format!("{text}: {expected} in {shown}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
