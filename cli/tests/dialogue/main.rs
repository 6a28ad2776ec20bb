//! `feedctl` in a pseudo-terminal, with keys from the test. The final screen of `triggers add` is
//! `docs/images/triggers-add.svg`.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "in a test a panic is the report"
)]

mod answers;
mod picture;
mod progress;
mod terminal;
mod widths;

use std::path::Path;
use std::process::Command;

use octopus_server::{OctopusServer, Seed};
use registry_server::Registry;

use terminal::Terminal;

const WORLD: &str = r##"
version: 2025.4.1
spaces:
  - name: Default
    environments: [{ name: Development }, { name: Production }]
    lifecycles:
      - name: Usual
        phases:
          - { name: Development, automatic: [Development] }
          - { name: Production, optional: [Production] }
    feeds:
      - { name: Acme images, type: Docker, uri: "REGISTRY" }
    projects:
      - name: Billing
      - name: Web Shop
        channels:
          - name: Stable
            is_default: true
            rules: [{ range: "[1.0,2.0)", packages: [{ action: Deploy web }] }]
          - name: Preview
        steps:
          - { name: Deploy, actions: [{ name: Deploy web, packages: [{ package_id: acme/web, feed: Acme images }] }] }
          - { name: Also, actions: [{ name: Deploy cart, packages: [{ package_id: acme/cart, feed: Acme images }] }] }
"##;

const ENTER: &str = "\r";
const ESCAPE: &str = "\u{1b}";
const CONTROL_C: &str = "\u{3}";

struct World {
    octopus: OctopusServer,
    _registry: Registry,
    folder: tempfile::TempDir,
}

impl World {
    async fn start() -> Self {
        let registry = Registry::start().await.unwrap();
        for tag in ["1.0.0", "1.1.0", "2.0.0"] {
            registry.push("acme/web", tag, tag);
        }
        registry.push("acme/cart", "1.0.0", "cart");
        let seed = WORLD.replace("REGISTRY", &registry.url());
        Self {
            octopus: OctopusServer::start(Seed::from_yaml(&seed).unwrap())
                .await
                .unwrap(),
            _registry: registry,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn feedctl(&self, arguments: &[&str]) -> Terminal {
        self.feedctl_with(&[], arguments)
    }

    fn feedctl_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Terminal {
        Terminal::run(self.command(variables, arguments))
    }

    fn command(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedctl"));
        command
            .args(arguments)
            .args(["--allow-network", "127.0.0.0/8"])
            .current_dir(self.folder.path())
            .env_clear()
            .env("TERM", "xterm-256color")
            .env("OCTOPUS_URL", self.octopus.url())
            .env("OCTOPUS_API_KEY", self.octopus.api_key())
            .envs(variables.iter().copied());
        command
    }

    /// A trigger that was added and evaluated.
    async fn with_a_trigger() -> Self {
        let world = Self::start().await;
        let add = [
            "triggers",
            "add",
            "--no-prompt",
            "--name",
            "New image of the shop",
            "-p",
            "Web Shop",
            "--all-sources",
        ];
        for arguments in [&add[..], &["run", "--once", "--dry-run"]] {
            let (code, terminal) = answer(world.feedctl(arguments), &[]).await;
            assert_eq!(code, Some(0), "{}", terminal.text());
        }
        world
    }
}

type Answers = &'static [(&'static str, &'static [&'static str])];

/// Presses these keys after each prompt appears.
async fn answer(mut terminal: Terminal, answers: Answers) -> (Option<i32>, Terminal) {
    let answering = tokio::task::spawn_blocking(move || {
        for (question, keys) in answers {
            terminal.wait_for(question);
            for key in *keys {
                terminal.press(key);
            }
        }
        let code = terminal.wait_for_exit();
        (code, terminal)
    });
    answering.await.unwrap()
}

#[tokio::test]
async fn triggers_add_prompts_for_each_step() {
    let world = World::start().await;
    let terminal = world.feedctl(&["triggers", "add"]);
    let (code, terminal) = answer(
        terminal,
        &[
            ("Trigger type", &[ENTER]),
            ("Name", &["New web image", ENTER]),
            ("Description", &["Releases each build of the shop", ENTER]),
            ("Project", &["web", ENTER]),
            ("Channel", &[ENTER]),
            ("Sources", &[ENTER]),
            ("Done", &[ENTER]),
            ("Run by", &[ENTER]),
            ("Add the trigger", &["y"]),
        ],
    )
    .await;
    let screen = terminal.text();
    assert_eq!(code, Some(0), "{screen}");
    for text in [
        "Development: Development automatically",
        "Production: Production manually",
        "deploy-web = acme/web",
        "1.1.0 is permitted; the newest, 2.0.0, is not",
        "A new release is deployed to Development automatically.",
        "created in Octopus as ProjectTriggers-1",
    ] {
        assert!(screen.contains(text), "{text} in\n{screen}");
    }
    let listed = world.feedctl(&["triggers", "list", "-f", "basic"]);
    let (_, listed) = answer(listed, &[]).await;
    let expected = "ProjectTriggers-1\tNew web image\tWeb Shop\tfeedctl";
    let words = |text: &str| {
        text.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(words(&listed.text()), words(expected));

    let picture = picture::svg(&terminal, "feedctl triggers add");
    check_picture("triggers-add.svg", &picture);
}

/// Compares a picture of the docs with the current screen. `UPDATE_SCREENSHOTS` updates it.
fn check_picture(name: &str, picture: &str) {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/images");
    let kept = kept.join(name);
    if std::env::var_os("UPDATE_SCREENSHOTS").is_some() {
        std::fs::write(&kept, picture).unwrap();
    }
    let before = std::fs::read_to_string(&kept).unwrap_or_default();
    assert!(
        before == picture,
        "docs/images/{name} is missing or outdated; run the test with UPDATE_SCREENSHOTS=1, review the \
         picture and commit it"
    );
}

#[tokio::test]
async fn triggers_add_declined_or_interrupted_adds_nothing() {
    let world = World::start().await;
    let arguments = [
        "triggers",
        "add",
        "--name",
        "A",
        "--description",
        "",
        "-p",
        "Web Shop",
    ];
    let arguments = [
        &arguments[..],
        &["-c", "Stable", "--all-sources", "--run-by", "octopus"],
    ];
    let (code, _) = answer(
        world.feedctl(&arguments.concat()),
        &[("Trigger type", &[ENTER]), ("Add the trigger", &["n"])],
    )
    .await;
    assert_eq!(code, Some(0));
    let interrupted = world.feedctl(&["triggers", "add"]);
    let (code, _) = answer(interrupted, &[("Trigger type", &[CONTROL_C])]).await;
    assert_ne!(code, Some(0));
    let listed = world.feedctl(&["triggers", "list", "-f", "basic"]);
    let (_, listed) = answer(listed, &[]).await;
    assert_eq!(listed.text().trim(), "");
}

#[tokio::test]
async fn triggers_add_without_prompts_names_missing_options() {
    let world = World::start().await;
    for (variables, arguments) in [
        ([].as_slice(), ["triggers", "add", "--no-prompt"].as_slice()),
        (&[("CI", "true")], &["triggers", "add"]),
    ] {
        let (code, terminal) = answer(world.feedctl_with(variables, arguments), &[]).await;
        let screen = terminal.text();
        assert_eq!(code, Some(2), "{screen}");
        assert!(screen.contains("--project"), "{screen}");
    }
}

#[tokio::test]
async fn prompts_have_no_colours_with_no_color() {
    let world = World::start().await;
    for (variables, is_coloured) in [([].as_slice(), true), (&[("NO_COLOR", "1")], false)] {
        let terminal = world.feedctl_with(variables, &["triggers", "add"]);
        let (_, terminal) = answer(terminal, &[("Trigger type", &[CONTROL_C])]).await;
        assert_eq!(terminal.has_colours(), is_coloured, "{}", terminal.text());
    }
}

#[tokio::test]
async fn triggers_add_goes_back_with_escape_and_asks_again_for_a_taken_name() {
    let world = World::with_a_trigger().await;
    let (code, terminal) = answer(
        world.feedctl(&["triggers", "add"]),
        &[
            ("Trigger type", &[ENTER]),
            ("Name", &["New image of the shop", ENTER]),
            ("Description", &[ENTER]),
            ("Project", &["web", ENTER]),
            ("choose another name", &["Another", ENTER]),
            ("? Channel", &[ESCAPE]),
            ("? Project", &["web", ENTER]),
            ("? Channel", &[ENTER]),
            ("? Sources", &["All", ENTER]),
            ("Done: 2 of 2", &[ENTER]),
            ("Run by", &[ENTER]),
            ("Add the trigger", &["y"]),
        ],
    )
    .await;
    let screen = terminal.text();
    assert_eq!(code, Some(0), "{screen}");
    let listed = world.feedctl(&["triggers", "list", "-f", "basic"]);
    let (_, listed) = answer(listed, &[]).await;
    assert!(listed.text().contains("Another"), "{}", listed.text());
}

#[tokio::test]
async fn triggers_add_adds_nothing_by_default_or_after_escape() {
    let world = World::start().await;
    let options = [
        "triggers",
        "add",
        "--name",
        "A",
        "--description",
        "",
        "-p",
        "Web Shop",
    ];
    let options = [
        &options[..],
        &["-c", "Stable", "--all-sources", "--run-by", "feedctl"],
    ]
    .concat();
    let (code, _) = answer(
        world.feedctl(&options),
        &[("Trigger type", &[ENTER]), ("Add the trigger", &[ENTER])],
    )
    .await;
    assert_eq!(code, Some(0));
    let escaped = world.feedctl(&["triggers", "add"]);
    let (code, _) = answer(escaped, &[("Trigger type", &[ESCAPE])]).await;
    assert_eq!(code, Some(0));
    let listed = world.feedctl(&["triggers", "list", "-f", "basic"]);
    let (_, listed) = answer(listed, &[]).await;
    assert_eq!(listed.text().trim(), "");
}
