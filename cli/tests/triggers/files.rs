//! `feedctl apply`, `diff`, `export`, `validate` and `schema`.

use serde_json::{Value, json};

use crate::world::World;

pub(crate) const WORLD: &str = r##"
spaces:
  - name: Default
    feeds:
      - { type: BuiltIn, packages: [{ id: Acme.Web, versions: [1.0.0, 1.1.0, 2.0.0] }] }
    projects:
      - name: Web Shop
        channels:
          - { name: Stable, is_default: true }
        steps:
          - { name: Deploy, actions: [{ name: Deploy web, packages: [{ package_id: Acme.Web }] }] }
        triggers:
          - name: Watch
            description: For the shop
            packages: [{ action_slug: deploy-web }]
        releases:
          - { version: 0.0.1, packages: [{ action: Deploy web, version: 1.0.0 }] }
"##;

pub(crate) const FILE: &str = "\
triggers:
  - name: New web
    project: Web Shop
    channel: Stable
    packages:
      - deploymentActionSlug: deploy-web
        versions:
          range: \"[1.0,2.0)\"
    releaseNotes: |
      Web {{ packages[0].version }}
";

#[tokio::test]
async fn apply_is_idempotent_and_export_prints_the_file() {
    let world = World::of(WORLD).await;
    world.write(FILE);
    let added = "+ trigger `New web`\n\
                 \x20   channel: Stable\n\
                 \x20   name: New web\n\
                 \x20   packages[deploy-web]: watched\n\
                 \x20   packages[deploy-web].versions.range: [1.0,2.0)\n\
                 \x20   project: Web Shop\n\
                 \x20   releaseNotes: \"Web {{ packages[0].version }}\\n\"\n";
    let counts = "1 added, 0 changed, 0 removed\n";
    assert_eq!(
        world.prints(4, &["diff", "t.yaml"]).await,
        format!("{added}{counts}")
    );
    let planned = world.prints(0, &["apply", "t.yaml", "--dry-run"]).await;
    assert_eq!(planned, format!("{added}Not applied: {counts}"));
    assert!(!world.folder.path().join("feed-triggers.sqlite").exists());

    let applied = world.prints(0, &["apply", "t.yaml"]).await;
    assert_eq!(applied, format!("{added}Applied: {counts}"));
    assert_eq!(world.prints(0, &["diff", "t.yaml"]).await, "No changes.\n");
    assert_eq!(world.prints(0, &["apply", "t.yaml"]).await, "No changes.\n");
    assert_eq!(world.prints(0, &["export"]).await, FILE);
    let exported = world.prints(0, &["export", "-f", "json"]).await;
    let document: Value = serde_json::from_str(&exported).unwrap();
    assert_eq!(document["triggers"][0]["name"], "New web");
    let again = world.with_input(&["apply", "-"], &exported).await;
    assert_eq!(again.stdout, "No changes.\n", "{}", again.stderr);

    world.write(&FILE.replace("[1.0,2.0)", "[1.0,3.0)"));
    let changed = world.json(&["apply", "t.yaml"]).await;
    let expected = json!({
        "Applied": true,
        "Changes": [{ "Subject": "trigger `New web`", "Kind": "Changed", "Fields": [{
            "Field": "packages[deploy-web].versions.range", "Before": "[1.0,2.0)", "After": "[1.0,3.0)"
        }] }],
    });
    assert_eq!(changed, expected);
    let removed = world.with_input(&["apply", "-"], "triggers: []").await;
    assert_eq!(
        removed.stdout,
        "- trigger `New web`\nApplied: 0 added, 0 changed, 1 removed\n"
    );
    assert_eq!(world.prints(0, &["export"]).await, "triggers: []\n");
}

#[tokio::test]
async fn validate_reports_faults_with_line_and_column() {
    let world = World::of(WORLD).await;
    world.write("triggers:\n  - { name: A, projekt: P, packages: [all], quietPeriod: 5 }\n");
    let faults = "t.yaml:2:5: a trigger has no `project`; add it\n\
                  t.yaml:2:16: unknown field `projekt`; did you mean `project`?\n\
                  t.yaml:2:39: unknown value `all`; the only known one is `*`\n\
                  t.yaml:2:58: a duration like 90s, 5m, 24h, 7d or 1h30m is expected, not a number\n";
    assert_eq!(world.prints(1, &["validate", "t.yaml"]).await, faults);
    let refused = world.feedctl(&["apply", "t.yaml"]).await;
    assert_eq!(
        (refused.code, refused.stdout, refused.stderr),
        (1, String::new(), faults.to_owned())
    );
    let json: Value =
        serde_json::from_str(&world.prints(1, &["validate", "t.yaml", "-f", "json"]).await)
            .unwrap();
    assert_eq!(json["Errors"][1]["Line"], 2);
    assert_eq!(json["Errors"][1]["Column"], 16);
    assert_eq!(json["Errors"][1]["File"], "t.yaml");

    let missing = world.feedctl(&["validate", "none.yaml"]).await;
    assert_eq!(missing.code, 1);
    assert!(
        missing.stderr.contains("cannot read none.yaml"),
        "{}",
        missing.stderr
    );
    let binary = world
        .with_input(&["validate", "-"], "triggers: [\u{0}]")
        .await;
    assert!(
        binary.stdout.starts_with("standard input:1:"),
        "{}",
        binary.stdout
    );
}

#[tokio::test]
async fn validate_reports_names_unknown_to_octopus() {
    let world = World::of(WORLD).await;
    world.write(
        "triggers:
  - { name: A, project: Shop, packages: ['*'] }
  - { name: B, project: web-shop, channel: Beta, packages: ['*'] }
  - { name: C, project: Web Shop, packages: [{ deploymentActionSlug: deploy-api }] }
  - { name: D, project: Web Shop, packages: [{ deploymentActionSlug: deploy web, packageReference: x }] }
  - { name: E, project: Web Shop, gitRef: main, packages: ['*'] }
  - { name: F, space: Other, project: Web Shop, packages: ['*'] }
  - { name: G, project: Web Shop, packages: [{ deploymentActionSlug: Deploy Web }] }
native:
  - { id: ProjectTriggers-999 }
  - { project: Web Shop, name: Look }
  - { project: Web Shop, name: watch }
",
    );
    let output = world.prints(1, &["validate", "t.yaml"]).await;
    let places: Vec<_> = output
        .lines()
        .map(|line| line.split(": ").next().unwrap())
        .collect();
    let expected = [
        "2:25", "3:44", "4:70", "5:100", "6:43", "7:23", "10:11", "11:32",
    ];
    let expected = expected.map(|place| format!("t.yaml:{place}"));
    assert_eq!(places, expected, "{output}");
    for text in [
        "the process has no action `deploy-api`; actions with packages: deploy-web",
        "the action `deploy web` has no package reference `x`; package references: (primary)",
        "the space `Other` is not watched, only Default",
        "the project `Web Shop` has no external feed trigger `Look`; external feed triggers: Watch",
    ] {
        assert!(output.contains(text), "{text} in {output}");
    }
    let offline = world.prints(0, &["validate", "t.yaml", "--offline"]).await;
    assert_eq!(offline, "The file is valid.\n");
}

#[tokio::test]
async fn validate_checks_ranges_with_the_format_of_the_feed() {
    let world = World::of(WORLD).await;
    let with_range = |range: &str| {
        world.write(&format!(
            "triggers:
  - name: A
    project: Web Shop
    packages:
      - deploymentActionSlug: deploy-web
        versions: {{ range: '{range}' }}
native:
  - project: Web Shop
    name: Watch
    packages:
      - deploymentActionSlug: deploy-web
        versions: {{ range: '{range}' }}
"
        ));
    };
    // Valid for a Maven feed only.
    with_range("[1.0,2.0),[3.0,4.0)");
    let offline = world.prints(0, &["validate", "t.yaml", "--offline"]).await;
    assert_eq!(offline, "The file is valid.\n");
    let output = world.prints(1, &["validate", "t.yaml"]).await;
    let problem = "versions.range: there is text after the closing bracket";
    for place in ["t.yaml:6:28", "t.yaml:12:28"] {
        assert!(output.contains(&format!("{place}: {problem}")), "{output}");
    }
    let refused = world.feedctl(&["apply", "t.yaml"]).await;
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains(problem), "{}", refused.stderr);

    with_range("1.2");
    for command in ["validate", "apply"] {
        let warned = world.feedctl(&[command, "t.yaml"]).await;
        assert_eq!(warned.code, 0, "{}", warned.stderr);
        let warning =
            "t.yaml:6:28: warning: versions.range: `1.2` permits 1.2 and every later version";
        assert!(warned.stderr.contains(warning), "{}", warned.stderr);
    }
}

#[tokio::test]
async fn validate_checks_requirements_with_the_feed() {
    let world = World::of(WORLD).await;
    world.write(
        "triggers:
  - name: A
    project: Web Shop
    packages:
      - deploymentActionSlug: deploy-web
        require:
          platforms: [linux/amd64]
          scan: { allow: medium }
native:
  - project: Web Shop
    name: Watch
    packages:
      - deploymentActionSlug: deploy-web
        require: { scan: { allow: medium } }
",
    );
    let offline = world.prints(0, &["validate", "t.yaml", "--offline"]).await;
    assert_eq!(offline, "The file is valid.\n");
    let output = world.prints(1, &["validate", "t.yaml"]).await;
    let problem = "require: the feed \"Octopus Server (built-in)\" has no images; set `require` for the packages that are images";
    for place in ["t.yaml:7:11", "t.yaml:14:18"] {
        assert!(output.contains(&format!("{place}: {problem}")), "{output}");
    }
}

#[tokio::test]
async fn schema_is_the_documented_one() {
    let world = World::of(WORLD).await;
    assert_eq!(
        world.prints(0, &["schema"]).await,
        include_str!("../../../docs/triggers.schema.json")
    );
}

#[tokio::test]
async fn apply_requires_octopus_unless_offline() {
    let world = World::of(WORLD).await;
    world.write(FILE);
    let without = ["apply", "t.yaml", "--server", "http://127.0.0.1:9"];
    let refused = world.feedctl(&without).await;
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("--offline"), "{}", refused.stderr);
    let validated = ["validate", "t.yaml", "--server", "http://127.0.0.1:9"];
    let validated = world.feedctl(&validated).await;
    assert_eq!(
        (validated.code, validated.stdout.as_str()),
        (0, "The file is valid.\n")
    );
    assert!(
        validated.stderr.contains("were not looked up"),
        "{}",
        validated.stderr
    );
    let both = world
        .feedctl(&["export", "--stack", "a", "--state", "b"])
        .await;
    assert_eq!(both.code, 2);
}
