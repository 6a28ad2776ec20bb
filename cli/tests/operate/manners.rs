//! What people know from the Octopus CLI: variables, options, formats, exit codes, and that programs are told
//! nothing but the answer.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use clap::CommandFactory;
use feedctl::args::Cli;
use rustix::process::{Pid, Signal, kill_process};
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

/// As continuous integration sets what nobody filled in.
#[tokio::test]
async fn a_variable_that_is_empty_says_nothing() {
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
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("given; use --"), "{said}");
    }
}

#[tokio::test]
async fn what_cannot_be_used_is_an_error_and_ends_with_2() {
    let world = World::start().await;
    for (arguments, why) in [
        (["triggers", "add"].as_slice(), "--project"),
        (&["run", "--stack", "shop"], "the stack shop runs by itself"),
        (
            &["evaluate", "A", "--dry-run", "--stack", "shop"],
            "--dry-run is for one machine",
        ),
        (&["status", "-f", "yaml"], "table, json, basic"),
    ] {
        let said = world.refusal(2, arguments).await;
        assert!(said.starts_with("error: ") && said.contains(why), "{said}");
    }
}

#[tokio::test]
async fn a_commands_own_options_stand_apart_from_those_of_all() {
    let world = World::start().await;
    let help = world.prints(0, &["history", "--help"]).await;
    let (own, of_all) = help.split_once("Global options:").unwrap();
    assert!(
        own.contains("--limit") && !own.contains("--space"),
        "{help}"
    );
    assert!(
        of_all.contains("--space") && of_all.contains("--output-format"),
        "{help}"
    );
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

        for (format, has_lines) in [("basic", false), ("table", true)] {
            let mut loud = world.command(&[answer, &["-f", format, "-vv"]].concat());
            loud.env("TERM", "xterm-256color");
            let output = outcome(loud).await;
            let told = String::from_utf8(output.stdout).unwrap();
            let is_for_people = |letter: char| {
                let is_line = ('\u{2500}'..='\u{257f}').contains(&letter);
                letter == ESCAPE || (is_line && !has_lines)
            };
            assert!(!told.contains(is_for_people), "{answer:?} says {told}");
            let aside = String::from_utf8(output.stderr).unwrap();
            assert!(!aside.contains(ESCAPE), "{answer:?} says {aside}");
        }
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

/// As systemd and containers ask for it.
#[tokio::test]
async fn a_supervisor_ends_it_as_ctrl_c_does() {
    let world = World::start().await;
    world.add().await;
    let mut run = world.command(&["run", "-f", "basic"]);
    let mut run = run.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(run.stdout.take().unwrap()).lines();
    // It listens from its first round on.
    let ended = tokio::task::spawn_blocking(move || {
        lines.next().unwrap().unwrap();
        kill_process(Pid::from_child(&run), Signal::TERM).unwrap();
        run.wait().unwrap()
    });
    assert_eq!(ended.await.unwrap().code(), Some(0));
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
