//! Progress bars: on standard error, at a terminal, until the result is printed.

use std::process::{Command, Stdio};

use crate::terminal::Terminal;
use crate::{World, answer};

/// Commands with a bar, and a text of that bar.
const COUNTED: [(&[&str], &str); 5] = [
    (
        &["run", "--once", "-f", "json"],
        "reading triggers and feeds [",
    ),
    (
        &["doctor", "-f", "json"],
        "checking Octopus and one package of each feed [==============================] 1/1",
    ),
    (
        &["validate", "triggers.yaml", "-f", "json"],
        "looking up projects, channels and packages [",
    ),
    (
        &["diff", "triggers.yaml", "-f", "json"],
        "looking up projects, channels and packages [",
    ),
    (
        &["export", "--native", "-f", "json"],
        "reading Octopus's own triggers [",
    ),
];

const FILE: &str = "triggers:\n  - { name: A, project: Web Shop, packages: [{ deploymentActionSlug: deploy-web }] }\n";

async fn world() -> World {
    let world = World::with_a_trigger().await;
    std::fs::write(world.folder.path().join("triggers.yaml"), FILE).unwrap();
    world
}

/// The same command with its standard output in a file.
fn into_a_file(command: &Command) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", "exec \"$0\" \"$@\" >answer"])
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(command.get_current_dir().unwrap())
        .env_clear();
    for (name, value) in command.get_envs() {
        shell.env(name, value.unwrap());
    }
    shell
}

#[tokio::test]
async fn progress_bar_counts_steps_and_disappears() {
    let world = world().await;
    for (arguments, text) in COUNTED {
        let command = into_a_file(&world.command(&[], arguments));
        let (_, terminal) = answer(Terminal::run(command), &[]).await;
        let written = terminal.written();
        assert!(written.contains(text), "{arguments:?}: {written:?}");
        assert_eq!(terminal.text(), "", "{arguments:?}");
        assert_eq!(terminal.screen.screen().cursor_position(), (0, 0));
        let answer = std::fs::read_to_string(world.folder.path().join("answer")).unwrap();
        let document: Result<serde_json::Value, _> = serde_json::from_str(&answer);
        assert!(document.is_ok(), "{arguments:?}: {answer}");
    }
}

#[tokio::test]
async fn dumb_terminal_shows_one_progress_line() {
    let world = world().await;
    let command = world.command(&[("TERM", "dumb")], &["doctor", "-f", "json"]);
    let (_, terminal) = answer(Terminal::run(into_a_file(&command)), &[]).await;
    let expected = "checking Octopus and one package of each feed...\r\n";
    assert_eq!(terminal.written(), expected);
}

#[tokio::test]
async fn log_lines_do_not_break_the_bar() {
    let world = world().await;
    let command = world.command(&[], &["run", "--once", "-vv", "-f", "json"]);
    let (_, terminal) = answer(Terminal::run(into_a_file(&command)), &[]).await;
    let (screen, written) = (terminal.text(), terminal.written());
    assert!(
        written.contains("reading triggers and feeds ["),
        "{written:?}"
    );
    assert!(screen.contains("DEBUG"), "{screen}");
    assert!(!screen.contains("reading triggers and feeds"), "{screen}");
}

#[tokio::test]
async fn progress_is_silent_without_a_terminal() {
    let world = world().await;
    for (arguments, _) in COUNTED {
        let mut command = world.command(&[], arguments);
        command.stdin(Stdio::null());
        let output = tokio::task::spawn_blocking(move || command.output().unwrap());
        let output = output.await.unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(stderr, "", "{arguments:?}");
    }
}
