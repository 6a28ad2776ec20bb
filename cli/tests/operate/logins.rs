//! Registry logins of this machine: feeds whose password only Octopus stores are read directly.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::world::{World, outcome};

const WORLD: &str = r##"
spaces:
  - name: Default
    feeds:
      - { name: Images, type: Docker, uri: "REGISTRY", username: octopus, password: of-octopus }
    projects:
      - name: Web Shop
        channels: [{ name: Stable, rules: [{ range: "[1.0,2.0)", packages: [{ action: Deploy web }] }] }]
        steps:
          - { name: Deploy, actions: [{ name: Deploy web, packages: [{ package_id: acme/web, feed: Images }] }] }
        triggers:
          - { name: Watch, description: "#feed-triggers", is_disabled: true, packages: [{ action_slug: deploy-web }] }
"##;

/// `octopus:of-octopus` in Base64. The registry has one user, so the machine's login is the same one.
const AUTH: &str = "b2N0b3B1czpvZi1vY3RvcHVz";

/// The password, which nothing may print.
const PASSWORD: &str = "of-octopus";

/// A registry that requires the password, and a folder for the files of logins.
struct Machine {
    world: World,
}

impl Machine {
    async fn new() -> Self {
        let world = World::of(WORLD).await;
        world.registry.require_basic("octopus", PASSWORD);
        Self { world }
    }

    /// The host of the registry, as the tools store it.
    fn host(&self) -> String {
        self.world.registry.url().replace("http://", "")
    }

    /// Writes `config.json` of Docker, with HOST replaced; returns its path.
    fn configure(&self, content: &str) -> String {
        let folder = self.world.folder.path().join("docker");
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("config.json");
        std::fs::write(&file, content.replace("HOST", &self.host())).unwrap();
        file.display().to_string()
    }

    /// Adds the helper `docker-credential-fake`, and configures it for all hosts.
    fn help(&self, script: &str) {
        let folder = self.world.folder.path().join("bin");
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("docker-credential-fake");
        std::fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        self.configure(r#"{"credsStore": "fake"}"#);
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.world.command(arguments);
        let folder = self.world.folder.path();
        let path = format!("{}:/usr/bin:/bin", folder.join("bin").display());
        command
            .env("PATH", path)
            .env("DOCKER_CONFIG", folder.join("docker"));
        command
    }

    /// Runs a command that succeeds, and checks that it prints no password.
    async fn run(&self, arguments: &[&str]) -> (Value, String) {
        let output = outcome(self.command(&[arguments, &["-f", "json"]].concat())).await;
        let (stdout, stderr) = texts(&output);
        assert!(output.status.success(), "{stdout}{stderr}");
        for text in [&stdout, &stderr] {
            assert!(!text.contains(PASSWORD) && !text.contains(AUTH), "{text}");
        }
        (serde_json::from_str(&stdout).unwrap_or_default(), stderr)
    }

    async fn check(&self) -> (Value, String) {
        self.run(&["feeds", "check", "Images"]).await
    }
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// The lines about logins.
fn warnings(stderr: &str) -> Vec<&str> {
    let lines = stderr.lines();
    lines.filter(|line| line.contains("login")).collect()
}

#[tokio::test]
async fn login_of_the_feeds_host_replaces_octopus() {
    let machine = Machine::new().await;
    let (found, stderr) = machine.check().await;
    assert_eq!(found["Route"], "octopus", "without a login");
    assert_eq!(warnings(&stderr), [""; 0]);

    let file = machine.configure(&format!(r#"{{"auths": {{"HOST": {{"auth": "{AUTH}"}}}}}}"#));
    let (found, stderr) = machine.check().await;
    assert_eq!(found["Route"], "direct", "{stderr}");
    assert_eq!(found["Credential"], format!("the login from {file}"));
    assert_eq!(found["Packages"][0]["Versions"], 4);
    assert_eq!(warnings(&stderr), [""; 0]);

    let (report, stderr) = machine.run(&["run", "--once"]).await;
    assert_eq!(
        report["Evaluations"][0]["Outcome"], "Created",
        "{report} {stderr}"
    );
    let (list, _) = machine.run(&["feeds", "list"]).await;
    assert_eq!(list[0]["Route"], "direct");
    assert_eq!(list[0]["Credential"], format!("the login from {file}"));
    let (status, _) = machine.run(&["status"]).await;
    assert_eq!(status["Feeds"][0]["Credential"], list[0]["Credential"]);

    let off = ["--registry-logins", "off"];
    let (found, _) = machine
        .run(&[&["feeds", "check", "Images"][..], &off].concat())
        .await;
    assert_eq!(
        (&found["Route"], &found["Credential"]),
        (&"octopus".into(), &"Octopus's".into())
    );
    let (list, _) = machine.run(&[&["feeds", "list"][..], &off].concat()).await;
    assert_eq!(list[0]["Route"], "octopus");
}

#[tokio::test]
async fn login_of_another_host_is_never_sent() {
    let machine = Machine::new().await;
    let auth = format!(r#"{{"auth": "{AUTH}"}}"#);
    let port = machine.host().replace("127.0.0.1:", "");
    machine.configure(&format!(
        r#"{{"auths": {{"127.0.0.1": {auth}, "localhost:{port}": {auth}, "127.0.0.1:1": {auth}, "HOST/team": {auth}}}}}"#
    ));
    let (found, stderr) = machine.check().await;
    assert_eq!(found["Route"], "octopus", "{stderr}");
    assert_eq!(warnings(&stderr), [""; 0]);
}

#[tokio::test]
async fn refused_login_leads_back_to_octopus() {
    let machine = Machine::new().await;
    // joe:wrong
    let file = machine.configure(r#"{"auths": {"HOST": {"auth": "am9lOndyb25n"}}}"#);
    let (found, stderr) = machine.check().await;
    assert_eq!(found["Route"], "octopus", "{stderr}");
    assert_eq!(found["Packages"][0]["Error"], Value::Null);
    let [warning] = warnings(&stderr)[..] else {
        panic!("one line is expected: {stderr}");
    };
    assert!(
        warning.contains("cannot read the feed with the login") && warning.contains(&file),
        "{warning}"
    );
}

#[tokio::test]
async fn helper_returns_the_login() {
    let machine = Machine::new().await;
    machine.help(&format!(
        r#"read server; [ "$1 $server" = "get {}" ] || exit 1
echo '{{"ServerURL": "x", "Username": "octopus", "Secret": "{PASSWORD}"}}'"#,
        machine.host()
    ));
    let (found, stderr) = machine.check().await;
    assert_eq!(found["Route"], "direct", "{stderr}");
    assert_eq!(found["Credential"], "the login from docker-credential-fake");
    assert_eq!(warnings(&stderr), [""; 0]);
}

#[tokio::test]
async fn helper_without_a_login_is_no_problem() {
    let machine = Machine::new().await;
    machine.help("echo credentials not found in native keychain; exit 1");
    let (found, stderr) = machine.check().await;
    assert_eq!(found["Route"], "octopus");
    assert_eq!(warnings(&stderr), [""; 0]);
}

#[tokio::test]
async fn broken_helper_is_reported_once_and_leads_back_to_octopus() {
    let machine = Machine::new().await;
    for (script, cause) in [
        (
            format!("echo {PASSWORD}; echo {PASSWORD} >&2; exit 3"),
            "it failed with exit status: 3",
        ),
        ("exec sleep 60".to_owned(), "it did not answer within 10s"),
        (
            "exec cat /dev/zero".to_owned(),
            "its output has more than 65536 bytes",
        ),
        (
            format!("echo {PASSWORD}"),
            "its output is not the JSON of a login",
        ),
    ] {
        machine.help(&script);
        let started = Instant::now();
        let (found, stderr) = machine.check().await;
        assert!(started.elapsed() < Duration::from_secs(30), "{script}");
        assert_eq!(found["Route"], "octopus", "{stderr}");
        assert_eq!(found["Packages"][0]["Error"], Value::Null);
        let [warning] = warnings(&stderr)[..] else {
            panic!("one line is expected: {stderr}");
        };
        assert!(warning.contains(cause), "{warning}");
    }
    machine.configure(r#"{"credsStore": "../bin/fake"}"#);
    let (found, stderr) = machine.check().await;
    assert_eq!(found["Route"], "octopus");
    assert!(
        warnings(&stderr)[0].contains("its name contains other characters"),
        "{stderr}"
    );
}
