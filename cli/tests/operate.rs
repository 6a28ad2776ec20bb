//! `feedctl status`, `doctor`, `tail`, `triggers add`, `completion` and `man`, the program itself, against a
//! registry and the stand-in for Octopus Server.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

use octopus_server::{OctopusServer, Seed};
use registry_server::Registry;
use serde_json::{Value, json};
use tempfile::TempDir;

const WORLD: &str = r##"
version: "VERSION"
users:
  - { username: bot, display_name: Bot, is_service: true, api_keys: [API-BOT], access_tokens: [eyJ0.eyJi.x], lacks: [LACKS] }
spaces:
  - name: Default
    environments: [{ name: Dev }, { name: Prod }]
    lifecycles:
      - name: Usual
        phases: [{ name: Dev, automatic: [Dev] }, { name: Prod, optional: [Prod] }]
    feeds:
      - { name: Images, type: Docker, uri: "REGISTRY" }
    projects:
      - name: Web Shop
        channels:
          - name: Stable
            is_default: true
            rules: [{ range: "[1.0,2.0)", packages: [{ action: Deploy web }] }]
          - { name: Beta }
        steps:
          - { name: Deploy, actions: [{ name: Deploy web, packages: [{ package_id: acme/web, feed: Images }] }] }
          - { name: Also, actions: [{ name: Deploy cart, packages: [{ package_id: acme/cart, feed: Images }] }] }
          - { name: Off, actions: [{ name: Switched off, disabled: true, packages: [{ package_id: acme/off, feed: Images }] }] }
"##;

struct World {
    registry: Registry,
    octopus: OctopusServer,
    folder: TempDir,
}

impl World {
    async fn start() -> Self {
        Self::with("2026.3.1001", "").await
    }

    /// A server of this version, whose user lacks this permission.
    async fn with(version: &str, lacks: &str) -> Self {
        let registry = Registry::start().await.unwrap();
        for tag in ["1.0.0", "1.1.0", "2.0.0", "latest"] {
            registry.push("acme/web", tag, tag);
        }
        registry.push("acme/cart", "1.0.0", "cart");
        let seed = WORLD
            .replace("REGISTRY", &registry.url())
            .replace("VERSION", version)
            .replace("LACKS", lacks);
        Self {
            registry,
            octopus: OctopusServer::start(Seed::from_yaml(&seed).unwrap())
                .await
                .unwrap(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedctl"));
        command
            .args(arguments)
            .args(["--allow-network", "127.0.0.0/8"])
            .current_dir(self.folder.path())
            .env_clear()
            .env("OCTOPUS_URL", self.octopus.url())
            .env("OCTOPUS_API_KEY", "API-BOT")
            .stdin(Stdio::null());
        command
    }

    async fn feedctl(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        let run = tokio::task::spawn_blocking(move || command.output().unwrap());
        run.await.unwrap()
    }

    /// What it prints, after it ended with this code.
    async fn prints(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.feedctl(arguments).await;
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{stderr}");
        String::from_utf8(output.stdout).unwrap()
    }

    async fn json(&self, code: i32, arguments: &[&str]) -> Value {
        let arguments = [arguments, &["-f", "json"]].concat();
        serde_json::from_str(&self.prints(code, &arguments).await).unwrap()
    }

    /// A trigger on the image, run here.
    async fn add(&self) {
        let arguments = ["triggers", "add", "--name", "New web", "-p", "Web Shop"];
        let arguments = [&arguments[..], &["--source", "deploy-web"]].concat();
        self.prints(0, &arguments).await;
    }
}

#[tokio::test]
async fn a_trigger_is_added_by_options_alone_and_run_here() {
    let world = World::start().await;
    let options = ["--name", "New web", "--project", "web shop", "--source"];
    let arguments = [&["triggers", "add"], &options[..], &["deploy-web"]].concat();
    let planned = world
        .json(0, &[&arguments[..], &["--dry-run"]].concat())
        .await;
    assert_eq!(planned["TriggerId"], Value::Null);
    let source = &planned["Sources"][0];
    assert_eq!(
        (&source["Newest"], &source["Permitted"]),
        (&json!("2.0.0"), &json!("1.1.0"))
    );
    let listed = world.json(0, &["triggers", "list"]).await;
    assert_eq!(listed, json!([]));

    let added = world.json(0, &arguments).await;
    assert_eq!(
        (&added["Origin"], &added["RunBy"]),
        (&json!("Octopus"), &json!("feedctl"))
    );
    assert_eq!(
        added["Summary"],
        json!([
            "When acme/web (from Images) has a newer permitted version, a release of Web Shop is created in \
             the channel Stable.",
            "A new release is deployed to Dev at once.",
            "It is created in Octopus switched off and marked #feed-triggers, so that this program alone \
             runs it.",
        ])
    );
    let listed = world.json(0, &["triggers", "list"]).await;
    assert_eq!(listed[0]["Id"], added["TriggerId"]);
    assert_eq!(listed[0]["RunBy"], "feedctl");
    assert_eq!(listed[0]["Channel"], "Stable");

    let again = world.feedctl(&arguments).await;
    assert_eq!(again.status.code(), Some(1));
    let said = String::from_utf8_lossy(&again.stderr);
    assert!(said.contains("choose another name"), "{said}");
}

#[tokio::test]
async fn octopus_runs_a_trigger_where_that_is_asked_for() {
    let world = World::start().await;
    let arguments = [
        "triggers", "add", "--name", "All", "-p", "Web Shop", "-c", "Beta",
    ];
    let arguments = [&arguments[..], &["--all-sources", "--run-by", "octopus"]].concat();
    let basic = [&arguments[..], &["-f", "basic"]].concat();
    let line = world.prints(0, &basic).await;
    assert!(line.ends_with("\tAll\tOctopus\tOctopus\n"), "{line}");
    let listed = world.json(0, &["triggers", "list"]).await;
    assert_eq!(listed[0]["RunBy"], "Octopus");
    assert_eq!(listed[0]["Project"], "Web Shop");
    assert_eq!(listed[0]["Sources"], json!(["deploy-web", "deploy-cart"]));
}

#[tokio::test]
async fn a_trigger_is_put_into_a_file_below_the_others() {
    let world = World::with("2023.1.1", "").await;
    let file = world.folder.path().join("t.yaml");
    std::fs::write(&file, "# Ours.\ntriggers: []\n").unwrap();
    let arguments = ["triggers", "add", "--name", "New web", "-p", "Web Shop"];
    let arguments = [&arguments[..], &["--source", "deploy-web"]].concat();
    let refused = world.feedctl(&arguments).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--file"));

    world
        .prints(0, &[&arguments[..], &["--file", "t.yaml"]].concat())
        .await;
    let written = std::fs::read_to_string(&file).unwrap();
    let expected = "\
# Ours.
triggers:
  - name: New web
    space: Default
    project: Web Shop
    channel: Stable
    packages:
      - deploymentActionSlug: deploy-web
";
    assert_eq!(written, expected);
    world.prints(0, &["apply", "t.yaml"]).await;
    let listed = world.json(0, &["triggers", "list"]).await;
    assert_eq!(listed[0]["Origin"], "file");
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_named() {
    let world = World::start().await;
    let refused = world
        .feedctl(&["triggers", "add", "-s", "Default,Other"])
        .await;
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr);
    for option in ["--name", "--project", "--source", "--space"] {
        assert!(said.contains(option), "{option} in {said}");
    }
    let arguments = [
        "triggers", "add", "--name", "A", "-p", "Web Shop", "--source",
    ];
    for (source, why) in [
        ("deploy-api", "there are: deploy-web, deploy-cart"),
        ("switched-off", "is disabled"),
    ] {
        let refused = world.feedctl(&[&arguments[..], &[source]].concat()).await;
        assert_eq!(refused.status.code(), Some(1));
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(said.contains(why), "{why} in {said}");
    }
}

#[tokio::test]
async fn the_status_tells_triggers_feeds_and_the_last_round() {
    let world = World::start().await;
    world.add().await;
    let before = world.json(0, &["status"]).await;
    assert_eq!(before["LastTick"], Value::Null);
    assert_eq!(before["Triggers"][0]["LastOutcome"], Value::Null);
    world.prints(0, &["run", "--once"]).await;
    world.prints(0, &["run", "--once"]).await;
    let after = world.json(0, &["status"]).await;
    assert!(after["LastTick"].is_string(), "{after:#}");
    let trigger = &after["Triggers"][0];
    assert_eq!(trigger["LastOutcome"], "Skipped");
    let release = world
        .octopus
        .state()
        .releases("Web Shop")
        .unwrap()
        .remove(0);
    assert_eq!(trigger["LastRelease"]["Version"], json!(release.version));
    let link = format!(
        "{}/app#/Spaces-1/releases/{}",
        world.octopus.url(),
        release.id
    );
    assert_eq!(trigger["LastRelease"]["Link"], json!(link));
    assert_eq!(after["Feeds"][0]["Name"], "Images");

    let table = world.prints(0, &["status"]).await;
    for text in ["New web", "Stable", "Images", &link] {
        assert!(table.contains(text), "{text} in {table}");
    }
    let lines = world.prints(0, &["status", "-f", "basic"]).await;
    let kinds: Vec<_> = lines
        .lines()
        .map(|line| line.split('\t').next().unwrap())
        .collect();
    assert_eq!(kinds, ["tick", "trigger", "feed"]);
}

fn verdict<'a>(findings: &'a Value, subject: &str) -> &'a Value {
    let mut findings = findings.as_array().unwrap().iter();
    findings.find(|one| one["Subject"] == subject).unwrap()
}

#[tokio::test]
async fn the_doctor_finds_everything_well() {
    let world = World::start().await;
    world.add().await;
    world.prints(0, &["run", "--once"]).await;
    let findings = world.json(0, &["doctor"]).await;
    for subject in [
        "server",
        "clock",
        "user",
        "ReleaseCreate in Default",
        "TriggerCreate in Default",
        "Images",
        "New web",
        "rounds",
    ] {
        let finding = verdict(&findings, subject);
        assert_eq!(finding["Verdict"], "well", "{finding}");
        assert_eq!(finding["Remedy"], Value::Null);
    }
    let table = world.prints(0, &["doctor"]).await;
    assert!(table.contains("0 wrong, 0 doubtful"), "{table}");
}

#[tokio::test]
async fn the_doctor_names_what_is_wrong_and_the_remedy() {
    let world = World::with("2025.4.1", "ReleaseCreate").await;
    world.add().await;
    let fault = registry_server::FaultKind::Status(503, Vec::new(), String::new());
    world
        .registry
        .fault(registry_server::Fault::new("", 100, fault));
    let findings = world.json(3, &["doctor"]).await;
    let permission = verdict(&findings, "ReleaseCreate in Default");
    assert_eq!(permission["Verdict"], "wrong");
    let remedy = permission["Remedy"].as_str().unwrap();
    assert!(
        remedy.contains("give the API key's user ReleaseCreate"),
        "{remedy}"
    );
    assert_eq!(verdict(&findings, "Images")["Verdict"], "wrong");
    assert_eq!(verdict(&findings, "rounds")["Verdict"], "doubtful");

    let down = world
        .json(3, &["doctor", "--server", "http://127.0.0.1:9"])
        .await;
    assert_eq!(down.as_array().unwrap().len(), 1);
    assert_eq!(down[0]["Subject"], "server");
    let key = world.json(3, &["doctor", "--api-key", "API-WRONG"]).await;
    assert_eq!(verdict(&key, "user")["Verdict"], "wrong");
}

#[tokio::test]
async fn evaluations_are_told_as_they_happen() {
    let world = World::start().await;
    world.add().await;
    world.prints(0, &["run", "--once"]).await;
    let mut tail = world.command(&["tail", "-f", "json", "-v"]);
    tail.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut tail = tail.spawn().unwrap();
    let mut told = BufReader::new(tail.stderr.take().unwrap()).lines();
    let stdout = tail.stdout.take().unwrap();
    // It follows from when it says so.
    let ready = tokio::task::spawn_blocking(move || told.next().unwrap().unwrap());
    let ready = ready.await.unwrap();
    assert!(ready.contains("following"), "{ready}");
    world.prints(0, &["run", "--once"]).await;
    let line = tokio::task::spawn_blocking(move || BufReader::new(stdout).lines().next());
    let line = line.await.unwrap().unwrap().unwrap();
    tail.kill().unwrap();
    tail.wait().unwrap();
    let told: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(told["TriggerName"], "New web");
    assert_eq!(told["Outcome"], "Skipped");
}

#[tokio::test]
async fn shells_and_manuals_are_told_of_every_command() {
    let world = World::start().await;
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = world.prints(0, &["completion", shell]).await;
        for word in ["triggers", "doctor", "output-format"] {
            assert!(script.contains(word), "{word} for {shell}");
        }
    }
    world.prints(0, &["man", "--out", "man"]).await;
    let page =
        |name: &str| std::fs::read_to_string(world.folder.path().join("man").join(name)).unwrap();
    assert!(page("feedctl.1").contains("Exit codes"));
    assert!(page("feedctl-triggers-add.1").contains("all\\-sources"));
}

#[tokio::test]
async fn an_access_token_is_sent_as_one() {
    let world = World::start().await;
    let mut command = world.command(&["triggers", "list"]);
    command
        .env_remove("OCTOPUS_API_KEY")
        .env("OCTOPUS_ACCESS_TOKEN", "eyJ0.eyJi.x");
    let run = tokio::task::spawn_blocking(move || command.output().unwrap());
    let listed = run.await.unwrap();
    let said = String::from_utf8_lossy(&listed.stderr);
    assert_eq!(listed.status.code(), Some(0), "{said}");
}
