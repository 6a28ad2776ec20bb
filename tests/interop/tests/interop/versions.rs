//! `feedctl versions` orders and selects versions as Masterminds/semver (Helm's library) and univers (NuGet) do.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::programs::{FEEDCTL, SEMVER, UNIVERS};

/// A script that uses univers.
const NUGET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/univers/nuget.py");

/// The standard output of a command with this input.
fn filtered(command: &mut Command, input: &str) -> String {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{command:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn feedctl(arguments: &[&str], versions: &[String]) -> Vec<String> {
    let mut command = FEEDCTL.command();
    command.arg("versions").args(arguments);
    lines(&filtered(&mut command, &versions.join("\n")))
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

/// Different versions: no two are equal.
fn versions(numbers: &[&str]) -> Vec<String> {
    let labels = [
        "",
        "-0",
        "-1",
        "-10",
        "-9",
        "-alpha",
        "-alpha.1",
        "-alpha.1.2",
        "-alpha.b",
        "-beta",
        "-beta.2",
        "-beta.11",
        "-rc.1",
        "-rc.1.0",
        "-rc.1-x",
        "-x.7.z.92",
        "-x-y-z",
    ];
    let labelled = numbers
        .iter()
        .flat_map(|number| labels.iter().map(move |label| format!("{number}{label}")));
    labelled.collect()
}

#[test]
#[ignore = "needs the programs of `cargo xtask interop`"]
fn chart_versions_are_ordered_as_by_masterminds_semver() {
    let versions = versions(&[
        "0.0.1", "0.1.0", "1.0.0", "1.2.3", "1.2.10", "1.10.0", "10.0.0",
    ]);
    let expected = lines(&filtered(&mut SEMVER.command(), &versions.join("\n")));
    assert_eq!(expected.len(), versions.len());
    let found = feedctl(&["sort", "--feed-type", "Helm"], &versions);
    assert_eq!(found, expected);
}

#[test]
#[ignore = "needs the programs of `cargo xtask interop`"]
fn nuget_versions_are_ordered_and_selected_as_by_univers() {
    let versions = versions(&["0.9.0", "1.0.0", "1.0.0.1", "1.2", "1.9.9", "1.10", "2.0.0"]);
    let ranges = [
        "[1.0,2.0)",
        "(1.0,1.10]",
        "[2.0.0-beta,)",
        "(,1.0.0]",
        "(,1.0.0)",
        "[1.9.9]",
        "(1.0,2.0)",
    ];
    let asked = json!({ "versions": versions, "ranges": ranges });
    let oracle = filtered(UNIVERS.command().arg(NUGET), &asked.to_string());
    let oracle: Value = serde_json::from_str(&oracle).unwrap();
    let found = feedctl(&["sort", "--feed-type", "NuGet"], &versions);
    assert_eq!(json!(found), oracle["sorted"]);
    for range in ranges {
        let arguments = ["match", "--feed-type", "NuGet", "--version-range", range];
        let found = feedctl(&arguments, &versions);
        assert_eq!(json!(found), oracle["selected"][range], "{range}");
    }
}
