//! Looks up the names in a command: options, packages, programs, targets.

use std::fs::read_to_string;
use std::process::Command;

use crate::book::root;

const TASKS: &str = include_str!("../../../xtask/src/main.rs");

/// The words of a command, without a comment.
fn words(command: &str) -> Vec<&str> {
    let command = command.split(" # ").next().unwrap_or(command);
    let words = command.split_whitespace().filter(|word| *word != "\\");
    words.collect()
}

/// The value of an option.
fn after<'a>(words: &[&'a str], option: &str) -> Option<&'a str> {
    let at = words.iter().position(|word| *word == option)?;
    words.get(at + 1).copied()
}

fn is_missing(command: &str, what: &str, exists: bool) -> Option<String> {
    (!exists).then(|| format!("`{command}`: there is no {what}"))
}

/// `cargo xtask TASK --OPTION`: `cargo xtask help` lists both.
pub(crate) fn of_a_task(command: &str) -> Vec<String> {
    let words = words(command);
    let task = words.get(2).copied().unwrap_or_default();
    let usages = TASKS.split("\ncargo xtask ").skip(1);
    let mut usages = usages.filter_map(|rest| rest.split("\n\n").next());
    let Some(usage) = usages.find(|usage| usage.split_whitespace().next() == Some(task)) else {
        return vec![format!("`{command}`: there is no such task")];
    };
    let options = words.iter().filter(|word| word.starts_with("--"));
    options
        .filter_map(|option| is_missing(command, option, usage.contains(option)))
        .collect()
}

/// `-p PACKAGE`: a package of the workspace.
pub(crate) fn of_a_package(command: &str) -> Vec<String> {
    let words = words(command);
    let package = after(&words, "-p").unwrap_or_default();
    let exists = folder_of(package).is_some();
    is_missing(command, package, exists).into_iter().collect()
}

/// `-p PACKAGE -- --OPTION`: a program with this option.
pub(crate) fn of_a_program(command: &str) -> Vec<String> {
    let words = words(command);
    let folder = after(&words, "-p").and_then(folder_of);
    let program = folder.and_then(|folder| read_to_string(folder.join("src/main.rs")).ok());
    let Some(program) = program else {
        return vec![format!("`{command}`: there is no such program")];
    };
    // Each program documents its options at the beginning of its source.
    let known = program.split(|other: char| !other.is_ascii_lowercase() && other != '-');
    let known: Vec<_> = known.collect();
    let own = words.iter().skip_while(|word| **word != "--").skip(1);
    own.filter(|word| word.starts_with("--"))
        .filter_map(|option| is_missing(command, option, known.contains(option)))
        .collect()
}

/// The folder of a package of the workspace.
fn folder_of(package: &str) -> Option<std::path::PathBuf> {
    let folders = ["shared", "functions", "tests", "."].into_iter();
    let mut folders = folders.flat_map(|folder| std::fs::read_dir(root().join(folder)).unwrap());
    let name = format!("name = \"{package}\"");
    folders.find_map(|folder| {
        let folder = folder.unwrap().path();
        let manifest = read_to_string(folder.join("Cargo.toml")).ok()?;
        manifest.contains(&name).then_some(folder)
    })
}

/// `rustup target add TARGET`: a target of the compiler.
pub(crate) fn of_a_target(command: &str) -> Vec<String> {
    let target = words(command).pop().unwrap_or_default();
    let known = Command::new("rustc")
        .args(["--print", "target-list"])
        .output();
    let known = String::from_utf8(known.unwrap().stdout).unwrap();
    let exists = known.lines().any(|one| one == target);
    is_missing(command, target, exists).into_iter().collect()
}

/// Whether rustup has installed the target.
pub(crate) fn is_installed(target: &str) -> bool {
    let installed = Command::new("rustup")
        .args(["target", "list", "--installed"])
        .output();
    installed.is_ok_and(|output| {
        let installed = String::from_utf8_lossy(&output.stdout);
        installed.lines().any(|one| one == target)
    })
}

#[test]
fn lookup_reports_unknown_names() {
    for (look_up, right, wrong) in [
        (
            of_a_task as fn(&str) -> Vec<String>,
            "cargo xtask fuzz index_yaml --seconds 3600  # an hour",
            ["cargo xtask nothing", "cargo xtask fuzz --hours 1"],
        ),
        (
            of_a_program,
            "cargo run -p simulation -- --seed 319",
            ["cargo run -p nothing", "cargo run -p simulation -- --sed 1"],
        ),
        (
            of_a_package,
            "cargo fmt -p engine",
            ["cargo fmt -p nothing", "cargo fmt -p"],
        ),
    ] {
        assert_eq!(look_up(right), [""; 0]);
        for wrong in wrong {
            assert_eq!(look_up(wrong).len(), 1, "{wrong}");
        }
    }
}
