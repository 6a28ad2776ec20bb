//! The README's table of costs and the console's estimate match the guide's calculator.

use std::process::Command;

use domain::time::{Span, Timestamp};
use domain::usage::Usage;
use operator::cost::Cost;

const PAGE: &str = include_str!("../../../docs/guide/costs.md");
const TABLE: &str = "| 50 feeds × 10 packages |";

/// The calculator's result, as a row of the table.
fn calculated(minutes: u32) -> String {
    evaluated(&format!(
        "const {{ checks, parts, sum }} = costs({{ feeds: 50, packages: 10, minutes: {minutes} }});\
         const cells = Object.values(parts).map((part) => part.toFixed(2));\
         console.log([checks.toLocaleString('en'), ...cells, `**${{sum.toFixed(2)}}**`].join(' | '));"
    ))
}

/// The output of a script that can call the calculator's function.
fn evaluated(script: &str) -> String {
    let script = format!("const {{ costs }} = require('./docs/guide/costs.js'); {script}");
    let node = Command::new("node")
        .args(["--eval", &script])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output();
    let output = node.unwrap(); // Node.js 18 or later runs the calculator.
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn readme_costs_match_the_calculator() {
    let (_, table) = PAGE.split_once(TABLE).unwrap();
    let rows: Vec<_> = table.lines().skip(2).take(2).collect();
    let expected = [
        format!("| every minute | {} |", calculated(1)),
        format!("| every 5 minutes | {} |", calculated(5)),
    ];
    assert_eq!(rows, expected);
}

#[test]
fn console_costs_match_the_calculator() {
    for (feeds, packages, minutes) in [(50, 10, 1), (1, 1, 60), (1_000, 3, 5)] {
        let expected = evaluated(&format!(
            "const {{ parts }} = costs({{ feeds: {feeds}, packages: {packages}, minutes: {minutes}, alarms: false }});\
             console.log(Object.entries(parts).map(([name, part]) => `${{name}} ${{part.toFixed(6)}}`).join('\\n'));"
        ));
        let checks = feeds * 43_800 / minutes;
        let since = Timestamp::from_millis(0);
        let month = Usage {
            since,
            runs: 43_800,
            checks,
            packages: checks * packages,
            evaluations: 8_760,
        };
        let cost = Cost::of(&month, since + Span::from_minutes(43_800));
        let parts = cost.parts.iter();
        let mut actual: Vec<_> = parts
            .map(|(name, part)| format!("{name} {part:.6}"))
            .collect();
        actual.push("alarms 0.000000".to_owned());
        assert_eq!(expected, actual.join("\n"), "{feeds} feeds");
    }
}
