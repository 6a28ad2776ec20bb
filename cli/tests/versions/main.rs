//! `feedctl versions`, the real program, with tables of Octopus's behaviour.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "in a test a panic is the report"
)]

mod input;
mod matching;
mod sorting;
#[path = "../../../shared/domain/tests/versions/tables.rs"]
mod tables;

use std::io::Write;
use std::process::{Child, Command, Stdio};

/// The result of the program.
struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Ran {
    fn lines(&self) -> Vec<&str> {
        self.stdout.lines().collect()
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

fn start(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_feedctl"))
        .arg("versions")
        .args(arguments)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Runs `feedctl versions` with these bytes on standard input.
fn feed(arguments: &[&str], input: impl Into<Vec<u8>>) -> Ran {
    let mut child = start(arguments);
    let mut stdin = child.stdin.take().unwrap();
    let input = input.into();
    // A program that refuses its command line closes the pipe without reading.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The same with versions, one a line.
fn versions(arguments: &[&str], versions: &[&str]) -> Ran {
    feed(arguments, versions.join("\n"))
}
