//! Names from Octopus and registries cannot control the terminal: no command prints their control characters.

use serde_json::Value;

use crate::world::{World, outcome};

/// Clears the screen, sets the window title, moves the cursor, and reverses text: C0, C1, DEL and bidirectional
/// controls, as a YAML string.
const HOSTILE: &str = r"\e[2J\e]0;owned\a\e[1;1H\u009b31m\u007f\b\r\u202e";

/// Every command that prints names, with its arguments; `NAME` is the trigger's name.
const COMMANDS: [&[&str]; 16] = [
    &["run", "--once"],
    &["status"],
    &["doctor"],
    &["triggers", "list"],
    &["triggers", "adopt", "NAME"],
    &["triggers", "return", "NAME"],
    &["feeds", "list"],
    &["feeds", "check", "Feeds-1001"],
    &["history"],
    &["history", "NAME"],
    &["explain", "NAME"],
    &["evaluate", "NAME", "--dry-run"],
    &["simulate", "NAME"],
    &["export"],
    &["explain", "no such trigger"],
    &["feeds", "check", "no such feed"],
];

#[tokio::test]
async fn no_command_prints_control_characters_of_names() {
    let world = World::of(&SHOP.replace("HOSTILE", HOSTILE)).await;
    let name = "New\u{1b}[2J\u{1b}]0;owned\u{7}\u{1b}[1;1H\u{9b}31m\u{7f}\u{8}\r\u{202e} web";
    let mut printed = 0;
    for format in ["table", "basic", "json"] {
        for command in COMMANDS {
            let arguments: Vec<_> = command
                .iter()
                .map(|argument| if *argument == "NAME" { name } else { argument })
                .collect();
            let command = world.command(&[&arguments, &["-f", format][..]].concat());
            let output = outcome(command).await;
            for bytes in [&output.stdout, &output.stderr] {
                let text = String::from_utf8(bytes.clone()).unwrap();
                let harmful = |char: char| {
                    (char.is_control() && !matches!(char, '\n' | '\t')) || char == '\u{202e}'
                };
                assert!(
                    !text.contains(harmful),
                    "{arguments:?} as {format}: {text:?}"
                );
                printed += usize::from(text.contains("\\u001b"));
            }
            let text = String::from_utf8(output.stdout).unwrap();
            if format == "json" && !text.trim().is_empty() && arguments[0] != "export" {
                let lines = text.lines().map(serde_json::from_str::<Value>);
                let is_json = serde_json::from_str::<Value>(&text).is_ok()
                    || lines.into_iter().all(|line| line.is_ok());
                assert!(is_json, "{arguments:?}: {text}");
            }
        }
    }
    assert!(printed > 20, "{printed} outputs contain the names");
}

const SHOP: &str = r##"
version: "2026.3.1001"
users:
  - { username: bot, display_name: "HOSTILE", is_service: true, api_keys: [API-BOT] }
spaces:
  - name: "Default HOSTILE"
    environments: [{ name: "Dev HOSTILE" }]
    lifecycles:
      - name: "Usual HOSTILE"
        phases: [{ name: "Dev HOSTILE", automatic: ["Dev HOSTILE"] }]
    feeds:
      - { name: "Images HOSTILE", type: Docker, uri: "REGISTRY" }
      - { name: "Broken HOSTILE", type: Docker, uri: "http://127.0.0.1:1/HOSTILE" }
    projects:
      - name: "Shop HOSTILE"
        channels:
          - { name: "Stable HOSTILE", is_default: true }
        steps:
          - { name: "Deploy HOSTILE", actions: [{ name: "Deploy web HOSTILE", slug: deploy-web, packages: [{ package_id: acme/web, feed: "Images HOSTILE" }] }] }
          - { name: "Other HOSTILE", actions: [{ name: "Deploy gone HOSTILE", slug: deploy-gone, packages: [{ package_id: "acme/gone", feed: "Broken HOSTILE" }] }] }
        triggers:
          - { name: "NewHOSTILE web", description: "#feed-triggers HOSTILE", is_disabled: true, packages: [{ action_slug: deploy-web }, { action_slug: deploy-gone }] }
"##;
