//! No line of any command is wider than the terminal.

use crate::terminal::Terminal;
use crate::{World, answer};

/// Commands that print tables or long lines.
const COMMANDS: [&[&str]; 11] = [
    &["status"],
    &["doctor"],
    &["triggers", "list"],
    &["feeds", "list"],
    &["feeds", "list", "--all"],
    &["feeds", "check", "Acme images"],
    &["history"],
    &["history", "-v"],
    &["explain", "New image of the shop"],
    &["simulate", "New image of the shop"],
    &["run", "--once", "--dry-run"],
];

/// Every kind of layout; the unit tests of the tables cover every width between 40 and 200.
const WIDTHS: [u16; 7] = [40, 53, 72, 80, 100, 132, 200];

/// The columns that a line takes on the screen.
fn width(line: &str) -> usize {
    let mut parts = line.split('\u{1b}');
    let first = parts.next().unwrap_or_default().chars().count();
    let coloured = parts.map(|part| match part.split_once('m') {
        Some((_, text)) => text.chars().count(),
        None => 0,
    });
    first + coloured.sum::<usize>()
}

#[tokio::test]
async fn output_of_every_command_fits_the_terminal() {
    let world = World::with_a_trigger().await;
    for columns in WIDTHS {
        for arguments in COMMANDS {
            let command = world.command(&[("TERM", "dumb")], arguments);
            let (code, terminal) = answer(Terminal::of_width(columns, command), &[]).await;
            let written = terminal.written();
            assert_eq!(code, Some(0), "{arguments:?}: {written}");
            for line in written.lines().filter(|line| !line.contains("://")) {
                let width = width(line);
                assert!(
                    width <= columns.into(),
                    "{arguments:?} at {columns} columns prints {width}: {line}"
                );
            }
        }
    }
}
