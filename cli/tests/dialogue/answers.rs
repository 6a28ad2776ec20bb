//! Output at a terminal: colours, and tables that fit its width.

use std::process::Command;

use vt100::Color;

use crate::terminal::Terminal;
use crate::{World, answer};

const GREEN: Color = Color::Idx(2);
const RED: Color = Color::Idx(1);

#[tokio::test]
async fn output_states_have_colours() {
    let world = World::with_a_trigger().await;
    for (arguments, word, colour) in [
        (
            ["explain", "New image of the shop"].as_slice(),
            "1.1.0: permitted",
            GREEN,
        ),
        (&["feeds", "list"], "read 20", GREEN),
        (&["feeds", "check", "Acme images"], "1.1.0", GREEN),
        (
            &["feeds", "check", "Acme images", "none"],
            "404 Not Found",
            RED,
        ),
        (&["doctor"], "ok", GREEN),
        (&["doctor", "--api-key", "API-WRONG"], "ERROR", RED),
    ] {
        let (_, terminal) = answer(world.feedctl(arguments), &[]).await;
        let colours = terminal.colours();
        let is_there = |(text, own): &(String, Color)| text.contains(word) && *own == colour;
        assert!(
            colours.iter().any(is_there),
            "{arguments:?}: {colours:?}\n{}",
            terminal.text()
        );
    }
}

#[tokio::test]
async fn output_colours_follow_terminal_format_and_no_color() {
    let world = World::with_a_trigger().await;
    for (variables, arguments, is_coloured) in [
        ([].as_slice(), ["feeds", "list"].as_slice(), true),
        (&[("NO_COLOR", "")], &["feeds", "list"], true),
        (&[("NO_COLOR", "1")], &["feeds", "list"], false),
        (&[("TERM", "dumb")], &["feeds", "list"], false),
        (&[], &["feeds", "list", "-f", "basic"], false),
        (&[], &["feeds", "list", "-f", "json"], false),
        (&[], &["history", "New image of the shop", "-v"], true),
        (
            &[("NO_COLOR", "1")],
            &["history", "New image of the shop", "-v"],
            false,
        ),
        (
            &[],
            &["explain", "New image of the shop", "-f", "basic"],
            false,
        ),
    ] {
        let (_, terminal) = answer(world.feedctl_with(variables, arguments), &[]).await;
        let screen = terminal.text();
        assert_eq!(
            terminal.has_colours(),
            is_coloured,
            "{variables:?} {arguments:?}: {screen}"
        );
    }
}

#[tokio::test]
async fn output_colours_do_not_change_the_text() {
    let world = World::with_a_trigger().await;
    for arguments in [
        ["feeds", "list"].as_slice(),
        &["history"],
        &["feeds", "list", "--all"],
    ] {
        let (_, coloured) = answer(world.feedctl(arguments), &[]).await;
        let plain = world.feedctl_with(&[("NO_COLOR", "1")], arguments);
        let (_, plain) = answer(plain, &[]).await;
        assert_eq!(coloured.text(), plain.text());
    }
}

#[tokio::test]
async fn table_ids_stay_whole_at_every_width() {
    let world = World::with_a_trigger().await;
    for columns in [40, 60, 80, 100, 140] {
        for arguments in [
            ["triggers", "list"].as_slice(),
            &["feeds", "list"],
            &["history"],
        ] {
            let command = world.command(&[], arguments);
            let terminal = Terminal::of_width(columns, command);
            let (code, terminal) = answer(terminal, &[]).await;
            let screen = terminal.text();
            assert_eq!(code, Some(0), "{screen}");
            let id = match arguments {
                ["triggers", ..] => "ProjectTriggers-1",
                ["feeds", ..] => "Feeds-",
                _ => "Observed",
            };
            assert!(
                screen.contains(id),
                "{arguments:?} on {columns} columns:\n{screen}"
            );
            for word in ["Trigger", "Project"]
                .iter()
                .filter(|_| arguments[0] == "triggers")
            {
                assert!(
                    screen.contains(word),
                    "{word} on {columns} columns:\n{screen}"
                );
            }
        }
    }
}

/// A table in a file does not depend on the terminal.
#[tokio::test]
async fn table_in_a_file_ignores_the_terminal_width() {
    let world = World::with_a_trigger().await;
    let feedctl = world.command(&[], &["triggers", "list"]);
    let variables = feedctl.get_envs();
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", "exec \"$@\" > table", "sh"])
        .arg(feedctl.get_program())
        .args(feedctl.get_args())
        .current_dir(world.folder.path())
        .env_clear()
        .envs(variables.filter_map(|(name, value)| Some((name, value?))));
    let (code, terminal) = answer(Terminal::of_width(40, shell), &[]).await;
    assert_eq!(code, Some(0), "{}", terminal.text());
    let table = std::fs::read_to_string(world.folder.path().join("table")).unwrap();
    let is_header = |line: &str| line.contains("Trigger") && line.contains("Origin");
    assert!(table.lines().any(is_header), "{table}");
}
