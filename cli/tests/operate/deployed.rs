//! Defaults from the parameters of a stack.

use std::collections::BTreeMap;

use domain::deployed_settings::DeployedSettings;
use engine::ports::{Clock, SettingsRecord};
use host::SystemClock;
use local::SqliteTable;
use serde_json::{Value, json};
use store::Store;

use crate::cloud::Cloud;
use crate::doctor::verdict;
use crate::world::{World, outcome, printed};

/// A registry of the stack's account, and a trigger that Octopus also runs.
const WORLD: &str = r##"
spaces:
  - name: Default
  - name: Platform
    feeds:
      - name: Our images
        type: AwsElasticContainerRegistry
        region: us-east-1
        packages: [{ id: acme/web, versions: ["1.0.0", "1.1.0"] }]
      - { name: Public images, type: Docker, uri: "REGISTRY" }
      - { name: Team images, type: Docker, uri: "REGISTRY", username: team, password: secret }
    projects:
      - name: Web Shop
        channels: [{ name: Stable, is_default: true }]
        steps:
          - { name: Deploy, actions: [{ name: Deploy web, packages: [{ package_id: acme/web, feed: Our images }] }] }
        triggers:
          - { name: Watch, packages: [{ action_slug: deploy-web }] }
"##;

struct Deployed {
    world: World,
    cloud: Cloud,
}

impl Deployed {
    async fn start() -> Self {
        Self::with("").await
    }

    /// A stack with these feed secrets.
    async fn with(secrets: &str) -> Self {
        let world = World::of(WORLD).await;
        let url = world.octopus.url();
        let parameters = [
            ("OctopusUrl", url.as_str()),
            ("Spaces", "Platform"),
            ("NativeTriggers", "enabled"),
            ("FeedSecretArns", secrets),
        ];
        let cloud = Cloud::start(&parameters, None).await;
        Self { world, cloud }
    }

    /// The result of a command that gets only the key and the stack.
    async fn json(&self, code: i32, arguments: &[&str]) -> Value {
        let mut command = self.world.command(&[arguments, &["-f", "json"]].concat());
        command.env_remove("OCTOPUS_URL");
        self.cloud.configure(&mut command);
        serde_json::from_str(&printed(code, command).await).unwrap()
    }
}

#[tokio::test]
async fn stack_parameters_are_defaults_of_the_options() {
    let deployed = Deployed::start().await;
    let triggers = deployed.json(0, &["triggers", "list"]).await;
    assert_eq!(triggers[0]["Name"], "Watch");
    assert_eq!(triggers[0]["RunBy"], "feedctl and Octopus");
    let source = &triggers[0]["Sources"][0];
    for (name, expected) in [
        ("Name", "deploy-web"),
        ("PackageId", "acme/web"),
        ("FeedName", "Our images"),
    ] {
        assert_eq!(source[name], expected, "{source}");
    }

    let arguments = ["triggers", "list", "--native-triggers", "marked"];
    assert_eq!(deployed.json(0, &arguments).await[0]["RunBy"], "Octopus");
    let arguments = ["triggers", "list", "-s", "Default"];
    assert_eq!(deployed.json(0, &arguments).await, json!([]));
}

#[tokio::test]
async fn ecr_feed_of_the_stacks_account_uses_its_role() {
    let deployed = Deployed::start().await;
    let feeds = deployed.json(0, &["feeds", "list"]).await;
    assert_eq!(feeds[0]["Route"], "direct");
    assert_eq!(feeds[0]["Credential"], "this program's AWS role");
    let status = deployed.json(0, &["status"]).await;
    assert_eq!(status["Feeds"][0]["Route"], "direct");

    let read_from_here = deployed.json(0, &["feeds", "check", "Our images"]).await;
    assert_eq!(read_from_here["Route"], "octopus");
    let in_stack = json!({
        "Route": "direct",
        "RouteReason": "ECR is read with this program's own AWS role",
        "Credential": "this program's AWS role",
    });
    assert_eq!(read_from_here["InStack"], in_stack);
    let findings = deployed.json(3, &["doctor"]).await;
    let seen = &verdict(&findings, "Our images")["Result"]["Message"];
    let expected = "answers; read octopus from here, direct in the stack: ECR is read with this \
                    program's own AWS role";
    assert_eq!(seen, expected);
}

/// Records that the last deployment changed the mode from create to observe, as the stack's scheduler does.
async fn observe(state: std::path::PathBuf) {
    let handle = tokio::runtime::Handle::current();
    // `SqliteTable` is not `Send`.
    let record = tokio::task::spawn_blocking(move || {
        let store = Store::with_clock(SqliteTable::open(&state).unwrap(), SystemClock);
        let now = SystemClock.now();
        let values = |mode: &str| BTreeMap::from([("Mode".to_owned(), mode.to_owned())]);
        let before = DeployedSettings::after(None, &values("create"), now).unwrap();
        let after = DeployedSettings::after(Some(&before), &values("observe"), now).unwrap();
        handle.block_on(store.record_settings(&after)).unwrap();
    });
    record.await.unwrap();
}

#[tokio::test]
async fn mode_of_a_stack_and_its_changed_parameters_are_displayed() {
    let world = World::of(WORLD).await;
    let state = world.folder.path().join("feedctl.sqlite");
    observe(state.clone()).await;
    let url = world.octopus.url();
    let parameters = [("OctopusUrl", url.as_str()), ("Spaces", "Platform")];
    let cloud = Cloud::start(&parameters, Some(&state)).await;
    let deployed = Deployed { world, cloud };

    let status = deployed.json(0, &["status"]).await;
    assert_eq!(status["Settings"]["Mode"], "observe");
    let change = json!([{ "Parameter": "Mode", "Before": "create", "After": "observe" }]);
    assert_eq!(status["Settings"]["Changes"], change);
    let mut command = deployed.world.command(&["status"]);
    deployed.cloud.configure(&mut command);
    let table = printed(0, command).await;
    for text in [
        "Mode: observe; the stack creates no releases",
        "Mode from create to observe",
    ] {
        assert!(table.contains(text), "{text} in {table}");
    }
    let findings = deployed.json(3, &["doctor"]).await;
    let mode = verdict(&findings, "mode");
    assert_eq!(mode["Verdict"], "warning", "{mode}");
    let remedy = mode["Remedy"].as_str().unwrap();
    assert!(remedy.contains("Mode=create"), "{remedy}");
    let changed = verdict(&findings, "parameters")["Result"]["Message"]
        .as_str()
        .unwrap();
    assert!(
        changed.ends_with("Mode from create to observe"),
        "{changed}"
    );
}

/// Only the secrets name their feeds, and feedctl does not read them.
#[tokio::test]
async fn feed_secrets_of_a_stack_make_credentials_unknown() {
    let arn = "arn:aws:secretsmanager:us-east-1:111111111111:secret:feed-AbCdEf";
    let deployed = Deployed::with(arn).await;
    let feeds = deployed.json(0, &["feeds", "list", "--all"]).await;
    let credential = |name: &str| {
        let mut feeds = feeds.as_array().unwrap().iter();
        let feed = feeds.find(|feed| feed["Name"] == name).unwrap();
        feed["Credential"].clone()
    };
    let unless = "unless a secret in FeedSecretArns is for this feed";
    assert_eq!(
        credential("Our images"),
        format!("this program's AWS role, {unless}")
    );
    assert_eq!(credential("Public images"), format!("none, {unless}"));
    assert_eq!(credential("Team images"), format!("Octopus's, {unless}"));
    let built_in = "Octopus Server Releases (built-in)";
    assert_eq!(credential(built_in), "Octopus's", "only Octopus reads it");

    let read = deployed.json(0, &["feeds", "check", "Our images"]).await;
    let expected = format!("this program's AWS role, {unless}");
    assert_eq!(read["InStack"]["Credential"], expected);
    assert_eq!(
        read["Credential"], "Octopus's",
        "the credential of this request"
    );
    let findings = deployed.json(3, &["doctor"]).await;
    let seen = verdict(&findings, "Our images")["Result"]["Message"]
        .as_str()
        .unwrap();
    assert!(seen.ends_with(unless), "{seen}");
}

#[tokio::test]
async fn stack_lookup_failure_names_the_remedy() {
    let deployed = Deployed::start().await;
    let mut command = deployed.world.command(&["status"]);
    deployed.cloud.configure(&mut command);
    command
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env_remove("AWS_ACCESS_KEY_ID");
    let output = outcome(command).await;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr.contains("aws sts get-caller-identity"), "{stderr}");
    assert!(
        stderr.starts_with("error: "),
        "the error is the first line: {stderr}"
    );
}
