//! What people know from the Octopus CLI: variables, options, formats, exit codes, and that programs are told
//! nothing but the answer.

use std::collections::BTreeSet;
use std::process::Command;

use clap::CommandFactory;
use feedctl::args::Cli;
use serde_json::Value;

use crate::world::{World, outcome, printed};

const REFERENCE: &str = include_str!("../../../docs/CONFIGURATION.md");

/// Everything that answers in the format that is asked for, once a trigger was added and run.
const ANSWERS: [&[&str]; 12] = [
    &["status"],
    &["doctor"],
    &["triggers", "list"],
    &["triggers", "adopt", "New web"],
    &["feeds", "list"],
    &["feeds", "check", "Images"],
    &["history"],
    &["explain", "New web"],
    &["evaluate", "New web", "--dry-run"],
    &["simulate", "New web"],
    &["run", "--once"],
    &["validate", "triggers.yaml"],
];

/// What colours and the moving of a cursor begin with.
const ESCAPE: char = '\u{1b}';

#[tokio::test]
async fn the_octopus_clis_variables_are_heeded() {
    let world = World::start().await;
    let without = |name: &str| {
        let mut command = world.command(&["triggers", "list"]);
        command.env_remove(name);
        command
    };
    for name in ["OCTOPUS_URL", "OCTOPUS_API_KEY"] {
        let output = outcome(without(name)).await;
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1));
        assert!(said.contains(name), "{said}");
    }
    let mut token = without("OCTOPUS_API_KEY");
    token.env("OCTOPUS_ACCESS_TOKEN", "eyJ0.eyJi.x");
    printed(0, token).await;

    let space = |arguments: &[&str]| {
        let mut command = world.command(arguments);
        command.env("OCTOPUS_SPACE", "Nowhere");
        command
    };
    let output = outcome(space(&["triggers", "list"])).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("Nowhere"), "{said}");
    printed(0, space(&["triggers", "list", "-s", "Default"])).await;
}

#[tokio::test]
async fn options_have_the_octopus_clis_names() {
    let world = World::start().await;
    let help = world.prints(0, &["triggers", "add", "--help"]).await;
    for option in [
        "-s, --space",
        "-p, --project",
        "-c, --channel",
        "-f, --output-format",
        "--no-prompt",
    ] {
        assert!(help.contains(option), "{option} in {help}");
    }
    assert!(help.contains("table") && help.contains("json") && help.contains("basic"));
}

#[tokio::test]
async fn programs_are_told_the_answer_and_nothing_else() {
    let world = World::start().await;
    world.add().await;
    let file = "triggers:\n  - { name: A, project: Web Shop, packages: [{ deploymentActionSlug: deploy-web }] }\n";
    std::fs::write(world.folder.path().join("triggers.yaml"), file).unwrap();
    world.prints(0, &["run", "--once"]).await;
    for answer in ANSWERS {
        let told = world.prints(0, &[answer, &["-f", "json"]].concat()).await;
        let document: Result<Value, _> = serde_json::from_str(&told);
        assert!(document.is_ok(), "{answer:?} says {told}");

        let mut loud = world.command(&[answer, &["-f", "basic", "-vv"]].concat());
        loud.env("TERM", "xterm-256color");
        let output = outcome(loud).await;
        let told = String::from_utf8(output.stdout).unwrap();
        let drawn = |letter: char| letter == ESCAPE || ('\u{2500}'..='\u{257f}').contains(&letter);
        assert!(!told.contains(drawn), "{answer:?} says {told}");
        let aside = String::from_utf8(output.stderr).unwrap();
        assert!(!aside.contains(ESCAPE), "{answer:?} says {aside}");
    }
}

/// The codes in a text's lines that begin with `start`, a code and `end`.
fn codes(text: &str, start: &str, end: &str) -> BTreeSet<u8> {
    let lines = text.lines().filter_map(|line| line.strip_prefix(start));
    let codes = lines.filter_map(|line| line.split_once(end));
    codes.filter_map(|(code, _)| code.parse().ok()).collect()
}

#[tokio::test]
async fn exit_codes_are_documented_in_help_and_reference_alike() {
    let world = World::start().await;
    let help = world.prints(0, &["--help"]).await;
    let (_, said) = help.split_once("Exit codes:").unwrap();
    let (_, documented) = REFERENCE.split_once("Exit codes:").unwrap();
    let (documented, _) = documented.split_once("###").unwrap();
    assert_eq!(codes(said, "  ", "  "), (0..=4).collect());
    assert_eq!(codes(documented, "| ", " |"), (0..=4).collect());
}

#[tokio::test]
async fn shells_are_told_of_every_command() {
    let world = World::start().await;
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = world.prints(0, &["completion", shell]).await;
        for word in ["triggers", "doctor", "redrive", "output-format"] {
            assert!(script.contains(word), "{word} for {shell}");
        }
    }
}

#[tokio::test]
async fn every_command_has_a_manual_page() {
    let world = World::start().await;
    world.prints(0, &["man", "--out", "man"]).await;
    let folder = world.folder.path().join("man");
    let page = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    for name in pages(&Cli::command(), "feedctl") {
        assert!(page(&name).contains(".SH NAME"), "{name}");
    }
    assert!(page("feedctl.1").contains("Exit codes"));
    assert!(page("feedctl-triggers-add.1").contains("all\\-sources"));
}

/// The names of the pages of a command and of those below it.
fn pages(command: &clap::Command, name: &str) -> Vec<String> {
    let below = command.get_subcommands();
    let below = below.flat_map(|one| pages(one, &format!("{name}-{}", one.get_name())));
    std::iter::once(format!("{name}.1")).chain(below).collect()
}

#[tokio::test]
async fn whoever_stops_reading_is_no_failure() {
    let world = World::start().await;
    world.add().await;
    let feedctl = env!("CARGO_BIN_EXE_feedctl");
    let mut shell = Command::new("bash");
    shell
        .args([
            "-c",
            "set -o pipefail; \"$FEEDCTL\" completion bash | head -n 1",
        ])
        .env("FEEDCTL", feedctl);
    printed(0, shell).await;
}
