//! Release numbers from templates, packages and masks, and custom fields, for both create calls.

use std::collections::BTreeMap;

use domain::ids::SpaceId;
use domain::plan::{Plan, PlannedPackage};
use engine::ports::{OctopusError, OctopusErrorKind, OctopusReader, Release, ReleaseCreator};
use octopus::{FixedKey, OctopusClient};
use octopus_server::OctopusServer;

use crate::support::fake_server;

const WORLD: &str = r##"
spaces:
  - name: Default
    feeds: [{ name: Built-in, type: BuiltIn, packages: [{ id: Acme.Web, versions: [1.0.0, 1.1.0] }] }]
    projects:
      - name: Shop
        channels: [{ name: Stable, is_default: true }, { name: Ticketed, custom_fields: [Ticket, Why not] }]
        steps: &steps
          - { name: Deploy, actions: [{ name: Deploy, packages: [{ package_id: Acme.Web }] }] }
        releases: [{ version: 1.2.3 }, { version: 1.1.9 }]
      - { name: By package, versioning: { donor: { action: Deploy } }, steps: *steps }
      - name: Older way
        channels: [{ name: Ticketed, custom_fields: [Ticket, Why not] }]
        steps:
          - { name: Deploy, actions: [{ name: "Deploy: all", packages: [{ package_id: Acme.Web }] }] }
      - { name: By mask, versioning: { template: 3.1.i }, steps: *steps }
"##;

/// A server with `create/v1` and one without.
const SERVERS: [&str; 2] = ["2026.3.1001", "2022.3.5511"];

struct World {
    server: OctopusServer,
    client: OctopusClient<FixedKey>,
}

/// Optional settings of a release.
#[derive(Clone, Copy, Default)]
struct Settings<'a> {
    channel: Option<&'a str>,
    number: Option<&'a str>,
    fields: &'a [(&'a str, &'a str)],
}

impl World {
    async fn of_version(version: &str) -> Self {
        let (server, client) = fake_server(&format!("version: {version}\n{WORLD}")).await;
        Self { server, client }
    }

    async fn create(&self, project: &str, settings: Settings<'_>) -> Result<Release, OctopusError> {
        let space = SpaceId::new("Spaces-1");
        let project = self.client.find_project(&space, project).await?;
        let channel = match settings.channel {
            Some(name) => self.client.find_channel(&project, name).await?,
            None => self.client.channel(&project, None).await?,
        };
        let process = self.client.process(&project, &channel.id).await?;
        let package = PlannedPackage {
            action_name: process.actions[0].name.clone(),
            package_reference: String::new(),
            package: "Acme.Web".into(),
            version: "1.1.0".into(),
            tag: None,
            previous: None,
            digest: None,
        };
        let fields = settings.fields.iter();
        let plan = Plan {
            space,
            project: project.id.clone(),
            channel: channel.id.clone(),
            repeats: None,
            packages: vec![package],
            release_version: settings.number.map(str::to_owned),
            git_ref: None,
            notes: "New.".into(),
            custom_fields: fields
                .map(|&(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        };
        self.client
            .create(&project, &process, &channel, &plan)
            .await
    }

    async fn number(&self, project: &str, number: Option<&str>) -> Result<String, OctopusError> {
        let settings = Settings {
            number,
            ..Settings::default()
        };
        Ok(self.create(project, settings).await?.version)
    }
}

#[tokio::test]
async fn mask_continues_from_existing_releases() {
    for version in SERVERS {
        let world = World::of_version(version).await;
        for (mask, number) in [
            ("1.2.i", "1.2.4"),
            ("1.2.i", "1.2.5"),
            ("1.i.i", "1.3.0"),
            ("2.0.i", "2.0.0"),
            ("2.0.i-rc.i", "2.0.1-rc.1"),
            ("4.5.6", "4.5.6"),
        ] {
            let made = world.number("Shop", Some(mask)).await.unwrap();
            assert_eq!(made, number, "{mask} on {version}");
        }
        let made = world.number("By mask", None).await.unwrap();
        assert_eq!(made, "3.1.0", "{version}");
        assert_eq!(world.number("By mask", None).await.unwrap(), "3.1.1");
    }
}

#[tokio::test]
async fn existing_number_is_reported_for_every_strategy() {
    for version in SERVERS {
        let world = World::of_version(version).await;
        world.number("By package", None).await.unwrap();
        for (project, number, taken) in [
            ("Shop", Some("1.2.3"), "1.2.3"),
            ("Shop", Some("1.1.c"), "1.1.9"),
            ("By package", None, "1.1.0"),
        ] {
            let error = world.number(project, number).await.unwrap_err();
            assert_eq!(error.kind, OctopusErrorKind::AlreadyExists);
            let message =
                format!("project {project} already has a release {taken}; nothing was created");
            assert_eq!(error.message, message, "{version}");
        }
    }
}

#[tokio::test]
async fn custom_fields_are_stored() {
    // Without escapes, the override grammar cannot express the action's name.
    for (version, project, newer) in [
        ("2026.3.1001", "Shop", 2),
        ("2025.3.1", "Shop", 2),
        ("2025.3.1", "Older way", 0),
    ] {
        let world = World::of_version(version).await;
        let mut settings = Settings {
            channel: Some("Ticketed"),
            fields: &[("Ticket", "CHG001"), ("Why not", "It's ready: \"go\"")],
            ..Settings::default()
        };
        world.create(project, settings).await.unwrap();
        let stored = world.server.state().releases(project).unwrap().remove(0);
        let expected = BTreeMap::from([
            ("Ticket".to_owned(), "CHG001".to_owned()),
            ("Why not".to_owned(), "It's ready: \"go\"".to_owned()),
        ]);
        assert_eq!(stored.custom_fields, expected);

        settings.fields = &[("Ticket", "CHG001")];
        let error = world.create(project, settings).await.unwrap_err();
        assert_eq!(error.kind, OctopusErrorKind::Invalid);
        assert!(error.message.contains("'Why not' is required"), "{error}");
        assert_eq!(world.server.state().count("POST", "create/v1"), newer);
    }
}

#[tokio::test]
async fn channel_lists_its_custom_fields_where_supported() {
    let world = World::of_version("2026.3.1001").await;
    let fields = async |world: &World| {
        let space = SpaceId::new("Spaces-1");
        let project = world.client.find_project(&space, "Shop").await.unwrap();
        let channel = world.client.find_channel(&project, "Ticketed").await;
        channel.unwrap().custom_fields
    };
    assert_eq!(fields(&world).await, ["Ticket", "Why not"]);
    let old = World::of_version("2025.2.9999").await;
    assert_eq!(fields(&old).await, <[&str; 0]>::default());
    let settings = Settings {
        channel: Some("Ticketed"),
        fields: &[("Ticket", "CHG001")],
        ..Settings::default()
    };
    old.create("Shop", settings).await.unwrap();
    let stored = old.server.state().releases("Shop").unwrap().remove(0);
    assert_eq!(stored.custom_fields, BTreeMap::new());
}
