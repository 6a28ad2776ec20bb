//! The README's table of costs is what the guide's calculator says.

use std::process::Command;

const README: &str = include_str!("../../../README.md");
const TABLE: &str = "| 50 feeds × 10 packages |";

/// The calculator's answer, as a row of the table.
fn calculated(minutes: u32) -> String {
    let script = format!(
        "const {{ costs }} = require('./docs/guide/costs.js');\
         const {{ checks, parts, sum }} = costs({{ feeds: 50, packages: 10, minutes: {minutes} }});\
         const cells = Object.values(parts).map((part) => part.toFixed(2));\
         console.log([checks.toLocaleString('en'), ...cells, `**${{sum.toFixed(2)}}**`].join(' | '));"
    );
    let node = Command::new("node")
        .args(["--eval", &script])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output();
    let output = node.unwrap(); // Node.js 18 or later runs the calculator.
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn the_table_of_costs_is_the_calculators() {
    let (_, table) = README.split_once(TABLE).unwrap();
    let rows: Vec<_> = table.lines().skip(2).take(2).collect();
    let expected = [
        format!("| every minute | {} |", calculated(1)),
        format!("| every 5 minutes | {} |", calculated(5)),
    ];
    assert_eq!(rows, expected);
}
