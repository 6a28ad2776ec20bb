//! Conventions of all commands, most of them from the Octopus CLI: variables, options, formats, exit codes, and
//! standard output with nothing but the result.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use clap::CommandFactory;
use feedctl::args::Cli;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::world::{World, outcome, printed};

const REFERENCE: &str = include_str!("../../../docs/CONFIGURATION.md");

/// Commands that print in every format, after a trigger was added and evaluated.
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

/// The first character of colour and cursor sequences.
const ESCAPE: char = '\u{1b}';

#[tokio::test]
async fn octopus_cli_variables_are_supported() {
    let world = World::start().await;
    let without = |name: &str| {
        let mut command = world.command(&["triggers", "list"]);
        command.env_remove(name);
        command
    };
    for name in ["OCTOPUS_URL", "OCTOPUS_API_KEY"] {
        let output = outcome(without(name)).await;
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr.contains(name), "{stderr}");
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
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("Nowhere"), "{stderr}");
    printed(0, space(&["triggers", "list", "-s", "Default"])).await;
}

/// CI systems set variables without a value to an empty text.
#[tokio::test]
async fn empty_variables_count_as_absent() {
    let world = World::start().await;
    let with_empty = |name: &str| {
        let mut command = world.command(&["triggers", "list"]);
        command.env(name, "");
        command
    };
    for name in [
        "OCTOPUS_SPACE",
        "OCTOPUS_ACCESS_TOKEN",
        "FEEDCTL_STACK",
        "CI",
    ] {
        printed(0, with_empty(name)).await;
    }
    for name in ["OCTOPUS_URL", "OCTOPUS_API_KEY"] {
        let output = outcome(with_empty(name)).await;
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains("configured; use --"), "{stderr}");
    }
}

#[tokio::test]
async fn invalid_command_lines_exit_with_2() {
    let world = World::start().await;
    for (arguments, why) in [
        (["triggers", "add"].as_slice(), "--project"),
        (
            &["run", "--stack", "shop"],
            "cannot run the stack shop here",
        ),
        (
            &["evaluate", "A", "--dry-run", "--stack", "shop"],
            "cannot use --dry-run with a stack",
        ),
        (&["status", "-f", "yaml"], "table, json, basic"),
    ] {
        let stderr = world.refusal(2, arguments).await;
        assert!(
            stderr.starts_with("error: ") && stderr.contains(why),
            "{stderr}"
        );
    }
}

#[tokio::test]
async fn help_separates_global_options() {
    let world = World::start().await;
    let help = world.prints(0, &["history", "--help"]).await;
    let (own, global) = help.split_once("Global options:").unwrap();
    assert!(
        own.contains("--limit") && !own.contains("--space"),
        "{help}"
    );
    assert!(
        global.contains("--space") && global.contains("--output-format"),
        "{help}"
    );
}

#[tokio::test]
async fn options_have_the_names_of_the_octopus_cli() {
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
async fn stdout_contains_only_the_result() {
    let world = World::start().await;
    world.add().await;
    let file = "triggers:\n  - { name: A, project: Web Shop, packages: [{ deploymentActionSlug: deploy-web }] }\n";
    std::fs::write(world.folder.path().join("triggers.yaml"), file).unwrap();
    world.prints(0, &["run", "--once"]).await;
    for answer in ANSWERS {
        let stdout = world.prints(0, &[answer, &["-f", "json"]].concat()).await;
        let document: Result<Value, _> = serde_json::from_str(&stdout);
        assert!(document.is_ok(), "{answer:?} prints {stdout}");

        for format in ["basic", "table"] {
            let mut loud = world.command(&[answer, &["-f", format, "-vv"]].concat());
            loud.env("TERM", "xterm-256color");
            let output = outcome(loud).await;
            let stdout = String::from_utf8(output.stdout).unwrap();
            let is_for_people =
                |letter: char| letter == ESCAPE || ('\u{2500}'..='\u{257f}').contains(&letter);
            assert!(
                !stdout.contains(is_for_people),
                "{answer:?} prints {stdout}"
            );
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert!(!stderr.contains(ESCAPE), "{answer:?} logs {stderr}");
        }
    }
}

/// The codes between `start` and `end` at the beginnings of lines.
fn codes(text: &str, start: &str, end: &str) -> BTreeSet<u8> {
    let lines = text.lines().filter_map(|line| line.strip_prefix(start));
    let codes = lines.filter_map(|line| line.split_once(end));
    codes.filter_map(|(code, _)| code.parse().ok()).collect()
}

#[tokio::test]
async fn exit_codes_are_the_same_in_help_and_reference() {
    let world = World::start().await;
    let help = world.prints(0, &["--help"]).await;
    let (_, printed) = help.split_once("Exit codes:").unwrap();
    let (_, documented) = REFERENCE.split_once("Exit codes:").unwrap();
    let (documented, _) = documented.split_once("###").unwrap();
    assert_eq!(codes(printed, "  ", "  "), (0..=4).collect());
    assert_eq!(codes(documented, "| ", " |"), (0..=4).collect());
}

#[tokio::test]
async fn completion_scripts_contain_every_command() {
    let world = World::start().await;
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = world.prints(0, &["completion", shell]).await;
        for word in ["triggers", "doctor", "redrive", "output-format"] {
            assert!(script.contains(word), "{word} for {shell}");
        }
    }
}

#[tokio::test]
async fn man_writes_a_page_for_every_command() {
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

/// systemd and container runtimes send SIGTERM.
#[tokio::test]
async fn run_exits_cleanly_on_sigterm() {
    let world = World::start().await;
    world.add().await;
    let mut run = world.command(&["run", "-f", "basic"]);
    let mut run = run.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(run.stdout.take().unwrap()).lines();
    // The process handles signals from its first scheduler run on.
    let ended = tokio::task::spawn_blocking(move || {
        lines.next().unwrap().unwrap();
        kill_process(Pid::from_child(&run), Signal::TERM).unwrap();
        run.wait().unwrap()
    });
    assert_eq!(ended.await.unwrap().code(), Some(0));
}

#[tokio::test]
async fn closed_stdout_is_no_failure() {
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
