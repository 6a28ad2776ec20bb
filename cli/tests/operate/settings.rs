//! Settings: the configuration file, variables, the networks in the state file, and backups of that file.

use std::process::Command;

use serde_json::json;

use crate::world::{ADD, World, outcome, printed};

/// The program with nothing but a home directory in its environment.
fn bare(world: &World, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedctl"));
    command
        .args(arguments)
        .current_dir(world.folder.path())
        .env_clear()
        .env("HOME", world.folder.path());
    command
}

async fn prints(world: &World, arguments: &[&str]) -> String {
    printed(0, bare(world, arguments)).await
}

async fn fails(command: Command, code: i32, expected: &str) {
    let output = outcome(command).await;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    assert!(stderr.contains(expected), "{expected} in {stderr}");
}

#[tokio::test]
async fn config_provides_defaults_that_variables_and_options_override() {
    let world = World::start().await;
    world.add().await;
    let (url, key) = (world.octopus.url(), world.octopus.api_key().to_owned());
    for (name, value) in [
        ("server", url.as_str()),
        ("api-key", key.as_str()),
        ("output-format", "basic"),
        ("allow-network", "127.0.0.0/8"),
    ] {
        prints(&world, &["config", "set", name, value]).await;
    }
    let listed = prints(&world, &["triggers", "list"]).await;
    assert!(listed.contains("\tNew web\t"), "{listed}");
    let json = prints(&world, &["triggers", "list", "-f", "json"]).await;
    assert!(json.starts_with('['), "{json}");
    let mut other = bare(&world, &["triggers", "list"]);
    other.env("OCTOPUS_SPACE", "Nowhere");
    fails(other, 1, "Nowhere").await;

    let shown = prints(&world, &["config", "list", "-f", "json"]).await;
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["Settings"]["api-key"], "(set)");
    assert_eq!(shown["Settings"]["server"], json!(url));
    assert_eq!(
        prints(&world, &["config", "get", "server"]).await,
        format!("{url}\n")
    );
    prints(&world, &["config", "unset", "server"]).await;
    fails(
        bare(&world, &["triggers", "list"]),
        2,
        "no server is configured",
    )
    .await;
}

#[cfg(unix)]
#[tokio::test]
async fn config_file_is_private() {
    use std::os::unix::fs::PermissionsExt;

    let world = World::start().await;
    prints(&world, &["config", "set", "api-key", "API-X"]).await;
    let file = world.folder.path().join(".config/feedctl/config.json");
    let mode = std::fs::metadata(file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn config_refuses_unknown_settings_and_values() {
    let world = World::start().await;
    for (arguments, expected) in [
        (
            ["config", "set", "sever", "x"].as_slice(),
            "it is no setting",
        ),
        (
            &["config", "get", "sever"],
            "the settings are: allow-network",
        ),
        (
            &["config", "set", "output-format", "yaml"],
            "invalid value 'yaml'",
        ),
        (
            &["config", "set", "no-prompt", "maybe"],
            "use true or false",
        ),
    ] {
        fails(bare(&world, arguments), 2, expected).await;
    }
    fails(
        bare(&world, &["config", "get", "space"]),
        1,
        "it is not set",
    )
    .await;
    let file = world.folder.path().join("own.json");
    for (text, expected) in [
        ("{", "write a JSON object"),
        (r#"{ "sever": "x" }"#, "unknown setting `sever`"),
        (r#"{ "output-format": "yaml" }"#, "invalid value 'yaml'"),
    ] {
        std::fs::write(&file, text).unwrap();
        let mut command = bare(&world, &["status"]);
        command.env("FEEDCTL_CONFIG", &file);
        fails(command, 2, expected).await;
    }
}

#[tokio::test]
async fn variables_set_global_options() {
    let world = World::start().await;
    world.add().await;
    let mut command = bare(&world, &["run", "--once", "--dry-run"]);
    command
        .env(
            "OCTOPUS_URL",
            format!("{}/app#/Spaces-1/projects", world.octopus.url()),
        )
        .env("OCTOPUS_API_KEY", world.octopus.api_key())
        .env("FEEDCTL_STATE", "own.sqlite")
        .env("FEEDCTL_ALLOW_NETWORK", "127.0.0.0/8")
        .env("FEEDCTL_HELM_INDEX_MAX_MIB", "")
        .env("FEEDCTL_OUTPUT_FORMAT", "json");
    let report = printed(0, command).await;
    assert!(report.starts_with('{'), "{report}");
    assert!(world.folder.path().join("own.sqlite").exists());
    let mut command = bare(&world, &["history", "--state", "own.sqlite"]);
    command.env("FEEDCTL_STACK", "shop");
    let history = printed(0, command).await;
    assert!(history.contains("New web"), "{history}");
}

#[tokio::test]
async fn state_file_remembers_the_networks_of_the_last_run() {
    let world = World::start().await;
    world.add().await;
    let check = || {
        let mut command = bare(&world, &["feeds", "check", "Images"]);
        command
            .env("OCTOPUS_URL", world.octopus.url())
            .env("OCTOPUS_API_KEY", world.octopus.api_key());
        command
    };
    let refused = outcome(check()).await;
    assert_eq!(refused.status.code(), Some(3), "loopback is not allowed");
    world.prints(0, &["run", "--once", "--dry-run"]).await;
    printed(0, check()).await;
}

#[tokio::test]
async fn state_backup_is_restored() {
    let world = World::start().await;
    world.add().await;
    world.prints(0, &["run", "--once", "--dry-run"]).await;
    world.prints(0, &["state", "backup", "copy.sqlite"]).await;
    let again = world.refusal(1, &["state", "backup", "copy.sqlite"]).await;
    assert!(again.contains("it exists"), "{again}");
    let before = world.json(0, &["history"]).await;
    world.prints(0, &["run", "--once", "--dry-run"]).await;
    let kept = world.refusal(1, &["state", "restore", "copy.sqlite"]).await;
    assert!(kept.contains("--replace"), "{kept}");
    world
        .prints(0, &["state", "restore", "copy.sqlite", "--replace"])
        .await;
    assert_eq!(world.json(0, &["history"]).await, before);
    std::fs::write(world.folder.path().join("text"), "no database").unwrap();
    let other = world
        .refusal(1, &["state", "restore", "text", "--replace"])
        .await;
    assert!(other.contains("it is no state file"), "{other}");
    let stack = world
        .refusal(2, &["state", "backup", "x", "--stack", "shop"])
        .await;
    assert!(stack.contains("point-in-time recovery"), "{stack}");
}

#[tokio::test]
async fn history_and_triggers_list_filter_by_project_outcome_state_and_time() {
    let world = World::start().await;
    world.add().await;
    let other = ADD.map(|word| if word == "New web" { "Other" } else { word });
    world.prints(0, &other).await;
    world.prints(0, &["run", "--once", "--dry-run"]).await;
    for (arguments, expected) in [
        (["history", "--outcome", "observed"].as_slice(), 2),
        (&["history", "--outcome", "Created,Failed"], 0),
        (&["history", "--project", "web shop"], 2),
        (&["history", "--project", "Other"], 0),
        (&["history", "Other", "--since", "1h", "--limit", "1"], 1),
        (&["trigger", "ls", "-p", "Web Shop"], 2),
        (&["trigger", "ls", "-p", "Web"], 0),
        (&["triggers", "list", "--status", "ok"], 2),
        (&["triggers", "list", "--status", "stalled,disabled"], 0),
        (
            &["triggers", "list", "--outcome", "Observed", "--since", "1h"],
            2,
        ),
    ] {
        let shown = world.json(0, arguments).await;
        assert_eq!(
            shown.as_array().unwrap().len(),
            expected,
            "{arguments:?}: {shown}"
        );
    }
    let empty = world
        .prints(0, &["triggers", "list", "--status", "stalled"])
        .await;
    assert_eq!(empty, "No trigger matches the filters.\n");
}

#[tokio::test]
async fn feeds_check_keep_stores_while_run_has_the_lock() {
    let world = World::start().await;
    world.add().await;
    world.prints(0, &["run", "--once"]).await;
    world.registry.push("acme/web", "1.2.0", "1.2.0");
    let lock = local::RunLock::acquire(&world.folder.path().join("feed-triggers.sqlite")).unwrap();
    let kept = world.json(0, &["feeds", "check", "Images", "--keep"]).await;
    assert_eq!(
        (&kept["PackagesRead"], &kept["EvaluatedByRun"]),
        (&json!(1), &json!(true))
    );
    drop(lock);
    let releases = world.octopus.state().releases("Web Shop").unwrap().len();
    let kept = world.json(0, &["feeds", "check", "Images", "--keep"]).await;
    assert_eq!(kept["EvaluatedByRun"], json!(false), "{kept}");
    assert_eq!(
        kept["Evaluations"][0]["Outcome"], "Created",
        "the event was pending: {kept}"
    );
    let now = world.octopus.state().releases("Web Shop").unwrap().len();
    assert_eq!(now, releases + 1);
}

#[tokio::test]
async fn run_once_prints_each_result_once() {
    let world = World::start().await;
    world.add().await;
    let report = world.json(0, &["run", "--once"]).await;
    let evaluations = report["Evaluations"].as_array().unwrap();
    assert_eq!(evaluations.len(), 1, "{report:#}");
}

#[tokio::test]
async fn empty_lists_name_the_commands_that_fill_them() {
    let world = World::start().await;
    world.prints(0, &["run", "--once"]).await;
    for (arguments, expected) in [
        (["triggers", "list"].as_slice(), "`feedctl triggers add`"),
        (&["feeds", "list"], "`feedctl feeds list --all`"),
        (&["history"], "`feedctl run` evaluates triggers"),
        (&["run", "--once"], "`feedctl triggers adopt`"),
    ] {
        let shown = world.prints(0, arguments).await;
        assert!(shown.contains(expected), "{expected} in {shown}");
    }
}
