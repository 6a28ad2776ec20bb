//! Complete conversations with the fake Octopus Server, verified by the server's state.

use domain::feed::FeedKind;
use domain::ids::{ChannelId, FeedId, PackageId, PackageKey, ProjectId, SpaceId, TriggerId};
use domain::plan::{Plan, PlannedPackage};
use domain::rule::VersionRule;
use engine::ports::{
    Channel, FeedErrorKind, FeedReader, OctopusError, OctopusErrorKind, OctopusReader, Process,
    Project, ReadRequest, Reading, Release, ReleaseCreator,
};
use octopus::{FixedKey, OctopusClient};
use octopus_server::{Body, Fault, FaultKind, OctopusServer, Seed};

const WORLD: &str = r##"
spaces:
  - name: Default
    dotnet_patterns: { '0\Z': [1.0.0, 2.0.0] }
    feeds:
      - { name: Built-in, type: BuiltIn, packages: [
          { id: Acme.Web, versions: [1.0.0, 1.1.0, 2.0.0-beta, 2.0.0] },
          { id: Acme.Jobs, versions: [0.9.0, 1.2.0] } ] }
      - { name: Hub, type: Docker, uri: "http://127.0.0.1:9" }
    projects:
      - name: Web Shop
        channels:
          - name: Stable
            is_default: true
            rules:
              - { range: "[1.0,2.0)", packages: [{ action: Deploy web }] }
          - name: Next
        steps:
          - name: Deploy
            actions:
              - { name: Deploy web, packages: [{ package_id: Acme.Web }] }
              - { name: Run jobs, packages: [{ name: jobs, package_id: Acme.Jobs }] }
              - { name: Only next, channels: [Next], packages: [{ package_id: Acme.Jobs }] }
              - { name: Off, disabled: true, packages: [{ package_id: Acme.Jobs }] }
        releases:
          - { version: 0.0.1, packages: [{ action: Deploy web, version: 1.0.0 }] }
        triggers:
          - { name: Watch, channel: Stable, packages: [{ action_slug: deploy-web }] }
          - { name: Nightly, filter: { FilterType: CronExpressionSchedule }, action: { ActionType: DeployLatestRelease } }
      - name: Git Shop
        persistence: { git: { default_branch: trunk } }
        versioning: { donor: { action: Deploy web } }
        steps:
          - name: Deploy
            actions:
              - { name: Deploy web, packages: [{ package_id: Acme.Web }] }
  - name: Other
    projects: []
"##;

struct World {
    server: OctopusServer,
    client: OctopusClient<FixedKey>,
}

impl World {
    async fn start() -> Self {
        Self::of_version("2026.3.1001").await
    }

    async fn of_version(version: &str) -> Self {
        let seed = Seed::from_yaml(&format!("version: {version}\n{WORLD}")).unwrap();
        let server = OctopusServer::start(seed).await.unwrap();
        let client =
            OctopusClient::connect(&server.url(), FixedKey::new(server.api_key())).unwrap();
        Self { server, client }
    }

    /// The input of a release in the default channel of this project.
    async fn input(&self, project: &str, version: &str) -> Input {
        let id = ProjectId::new(project);
        let project = self
            .client
            .project(&SpaceId::new("Spaces-1"), &id)
            .await
            .unwrap();
        let channel = self.client.channel(&project, None).await.unwrap();
        let process = self.client.process(&project, &channel.id).await.unwrap();
        let plan = Plan {
            space: project.space.clone(),
            project: project.id.clone(),
            channel: channel.id.clone(),
            repeats: None,
            packages: vec![PlannedPackage {
                action_name: "Deploy web".into(),
                package_reference: String::new(),
                package: "Acme.Web".into(),
                version: version.into(),
                tag: None,
                previous: None,
                digest: None,
            }],
            release_version: None,
            git_ref: project.git_ref.clone(),
            notes: "- Acme.Web (new)".into(),
            custom_fields: std::collections::BTreeMap::new(),
        };
        Input {
            project,
            process,
            channel,
            plan,
        }
    }

    async fn create(&self, input: &Input) -> Result<Release, OctopusError> {
        self.client
            .create(&input.project, &input.process, &input.channel, &input.plan)
            .await
    }
}

struct Input {
    project: Project,
    process: Process,
    channel: Channel,
    plan: Plan,
}

#[tokio::test]
async fn create_makes_the_newest_release() {
    let world = World::start().await;
    let input = world.input("Projects-1", "1.1.0").await;
    let created = world.create(&input).await.unwrap();
    assert_eq!(created.version, "0.0.2");

    let stored = world.server.state().releases("Web Shop").unwrap().remove(0);
    assert_eq!(stored.id, created.id.as_str());
    assert_eq!(stored.package("Deploy web", ""), Some("1.1.0"));
    assert_eq!(
        stored.package("Run jobs", "jobs"),
        Some("1.2.0"),
        "selected by the server"
    );
    assert_eq!(stored.package("Only next", ""), None);

    let releases = world
        .client
        .releases(&input.project, &input.channel.id, 10)
        .await
        .unwrap();
    assert_eq!(releases.len(), 2);
    assert_eq!(
        (&releases[0].id, &releases[0].notes),
        (&created.id, &input.plan.stamped_notes())
    );
    assert_eq!(releases[1].version, "0.0.1");
}

#[tokio::test]
async fn create_on_old_servers_selects_the_same_packages() {
    for version in ["2020.6.1", "2022.3.5511"] {
        let world = World::of_version(version).await;
        let mut input = world.input("Projects-1", "1.1.0").await;
        input.plan.release_version = Some("0.0.2".into());
        let created = world.create(&input).await.unwrap();
        let stored = world.server.state().releases("Web Shop").unwrap().remove(0);
        assert_eq!(stored.id, created.id.as_str());
        assert_eq!(stored.package("Deploy web", ""), Some("1.1.0"), "{version}");
        assert_eq!(
            stored.package("Run jobs", "jobs"),
            Some("1.2.0"),
            "{version}"
        );
        assert_eq!(world.server.state().count("POST", "create/v1"), 0);
    }
}

#[tokio::test]
async fn create_in_git_uses_the_default_branch() {
    let world = World::start().await;
    let input = world.input("Projects-2", "2.0.0").await;
    assert_eq!(input.project.git_ref.as_deref(), Some("refs/heads/trunk"));
    let created = world.create(&input).await.unwrap();
    assert_eq!(
        created.version, "2.0.0",
        "the number comes from the package"
    );
    let stored = world.server.state().releases("Git Shop").unwrap().remove(0);
    assert_eq!(stored.git.unwrap().git_ref, "refs/heads/trunk");

    let error = world.create(&input).await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::AlreadyExists);
}

#[tokio::test]
async fn create_reports_refusals_of_octopus() {
    let world = World::start().await;
    let error = world
        .create(&world.input("Projects-1", "2.0.0").await)
        .await
        .unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Invalid);
    assert!(
        error.message.contains("violate the channel version rules"),
        "{error}"
    );

    let input = world.input("Projects-1", "1.1.0").await;
    world
        .server
        .state()
        .set_project_disabled("Web Shop", true)
        .unwrap();
    let error = world.create(&input).await.unwrap_err();
    assert!(error.message.contains("The project is disabled"), "{error}");
}

#[tokio::test]
async fn rules_that_name_an_action_by_slug_are_enforced() {
    let world = World::start().await;
    let rule = octopus_server::seed::Rule {
        packages: vec![octopus_server::seed::RulePackage {
            action: "deploy-web".into(),
            package: String::new(),
        }],
        range: Some("[1.0,1.1)".into()),
        ..Default::default()
    };
    let state = world.server.state();
    state.set_rules("Web Shop", "Stable", vec![rule]).unwrap();
    let error = world
        .create(&world.input("Projects-1", "1.1.0").await)
        .await
        .unwrap_err();
    assert!(
        error.message.contains("violate the channel version rules"),
        "{error}"
    );
}

#[tokio::test]
async fn feed_trigger_is_read_by_id() {
    let world = World::start().await;
    let space = SpaceId::new("Spaces-1");
    let listed = world.client.feed_triggers(&space).await.unwrap().remove(0);
    let state = world.server.state();
    state.clear_requests();
    let read = world.client.feed_trigger(&space, &listed.id).await.unwrap();
    assert_eq!((read, state.count("GET", "")), (Some(listed), 1));
    for other in ["ProjectTriggers-2", "ProjectTriggers-99"] {
        let read = world
            .client
            .feed_trigger(&space, &TriggerId::new(other))
            .await;
        assert_eq!(read.unwrap(), None, "{other}");
    }
}

#[tokio::test]
async fn create_without_answer_is_unknown() {
    for (kind, exists) in [
        (FaultKind::ResetBefore, false),
        (FaultKind::ResetAfter, true),
        (FaultKind::Truncated, true),
    ] {
        let world = World::start().await;
        let input = world.input("Projects-1", "1.1.0").await;
        world
            .server
            .faults()
            .push(Fault::once("create/v1", kind.clone()));
        let error = world.create(&input).await.unwrap_err();
        assert_eq!(error.kind, OctopusErrorKind::Unknown, "{kind:?}: {error}");
        let stored = world.server.state().releases("Web Shop").unwrap();
        assert_eq!(stored.len() == 2, exists, "{kind:?}");
        assert_eq!(
            world.server.state().count("POST", "create/v1"),
            1,
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn create_in_maintenance_is_unavailable() {
    let world = World::start().await;
    world.server.state().set_maintenance(true);
    let input = world.input("Projects-1", "1.1.0").await;
    let error = world.create(&input).await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Unavailable);
    assert!(error.message.contains("is in maintenance mode"), "{error}");
}

#[tokio::test]
async fn read_retries_transient_faults_and_reports_others() {
    let world = World::start().await;
    let space = SpaceId::new("Spaces-1");
    let faults = world.server.faults();
    for kind in [
        FaultKind::Unavailable,
        FaultKind::ResetBefore,
        FaultKind::ResetAfter,
        FaultKind::Truncated,
        FaultKind::Status(502, Body::Html),
        FaultKind::NullsAbsent,
    ] {
        faults.push(Fault::once("/feeds", kind.clone()));
        assert!(world.client.feeds(&space).await.is_ok(), "{kind:?}");
        assert!(faults.is_spent());
    }
    for (kind, expected) in [
        (
            FaultKind::Status(500, Body::Empty),
            OctopusErrorKind::Unavailable,
        ),
        (
            FaultKind::Status(403, Body::Html),
            OctopusErrorKind::Forbidden,
        ),
        (
            FaultKind::TooManyRequests { retry_after: None },
            OctopusErrorKind::Throttled(None),
        ),
    ] {
        faults.push(Fault::always("/feeds", kind));
        assert_eq!(world.client.feeds(&space).await.unwrap_err().kind, expected);
        faults.clear();
    }
}

#[tokio::test]
async fn create_reads_camel_case_answers() {
    let world = World::start().await;
    let input = world.input("Projects-1", "1.1.0").await;
    world
        .server
        .faults()
        .push(Fault::once("create/v1", FaultKind::CamelCase));
    assert_eq!(world.create(&input).await.unwrap().version, "0.0.2");
}

#[tokio::test]
async fn spaces_triggers_feeds_and_channels_are_read() {
    let world = World::start().await;
    let spaces = world
        .client
        .spaces(&["other".into(), "Spaces-1".into()])
        .await
        .unwrap();
    let names: Vec<_> = spaces.iter().map(|space| space.name.as_str()).collect();
    assert_eq!(names, ["Other", "Default"]);

    let space = SpaceId::new("Spaces-1");
    let triggers = world.client.feed_triggers(&space).await.unwrap();
    assert_eq!(triggers.len(), 1);
    assert_eq!(triggers[0].sources[0].action_slug, "deploy-web");
    assert!(triggers[0].channel.is_some());

    let feeds = world.client.feeds(&space).await.unwrap();
    assert!(
        feeds
            .iter()
            .any(|feed| feed.name == "Hub" && feed.kind == FeedKind::Docker)
    );
    let of_other = world.client.feeds(&spaces[0].id).await.unwrap();
    let built_in: Vec<_> = of_other
        .iter()
        .filter(|feed| feed.kind == FeedKind::BuiltIn)
        .collect();
    assert_eq!(
        built_in.len(),
        2,
        "under its own id and under the id in processes"
    );

    let input = world.input("Projects-1", "1").await;
    let missing = ChannelId::new("Channels-99");
    let error = world
        .client
        .channel(&input.project, Some(&missing))
        .await
        .unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::NotFound);
}

#[tokio::test]
async fn process_contains_the_packages_of_the_channel() {
    let world = World::start().await;
    let input = world.input("Projects-1", "1").await;
    assert_eq!(input.process.actions.len(), 4);
    let names: Vec<_> = input
        .process
        .template
        .packages
        .iter()
        .map(|one| one.action_name.as_str())
        .collect();
    assert_eq!(names, ["Deploy web", "Run jobs"]);
    assert_eq!(
        input.channel.rules[0].rule.range.as_deref(),
        Some("[1.0,2.0)")
    );
}

#[tokio::test]
async fn versions_are_read_through_octopus() {
    let world = World::start().await;
    let feeds = world.client.feeds(&SpaceId::new("Spaces-1")).await.unwrap();
    let feed = |id: &str| {
        feeds
            .iter()
            .find(|feed| feed.id.as_str() == id || feed.name == id)
            .unwrap()
    };
    let request = |id: &str| ReadRequest::new(PackageId::new(id));
    let readings = world
        .client
        .read(
            feed("feeds-builtin"),
            &[request("Acme.Web"), request("None")],
        )
        .await
        .readings;
    let Ok(Reading::Listing { versions, .. }) = &readings[0] else {
        panic!("{readings:?}")
    };
    assert_eq!(versions.len(), 4);
    assert_eq!(
        readings[1].as_ref().unwrap_err().kind,
        FeedErrorKind::NotFound
    );

    let readings = world
        .client
        .read(feed("Hub"), &[request("nginx")])
        .await
        .readings;
    assert_eq!(
        readings[0].as_ref().unwrap_err().kind,
        FeedErrorKind::Unavailable
    );
}

#[tokio::test]
async fn versions_of_a_large_package_need_few_requests() {
    let versions: Vec<_> = (0..10_000).map(|patch| format!("1.0.{patch}")).collect();
    let seed = format!(
        "spaces: [{{ name: Default, feeds: [{{ name: Packages, type: NuGet, packages: [{{ id: Acme, \
         versions: [{}] }}] }}] }}]",
        versions.join(", ")
    );
    let server = OctopusServer::start(Seed::from_yaml(&seed).unwrap())
        .await
        .unwrap();
    let client = OctopusClient::connect(&server.url(), FixedKey::new(server.api_key())).unwrap();
    let feeds = client.feeds(&SpaceId::new("Spaces-1")).await.unwrap();
    let feed = feeds.iter().find(|feed| feed.name == "Packages").unwrap();
    let request = ReadRequest::new(PackageId::new("Acme"));
    let answer = client.read(feed, &[request]).await;
    let Ok(Reading::Listing { versions, .. }) = &answer.readings[0] else {
        panic!("{answer:?}")
    };
    assert_eq!(
        answer.requests, 3,
        "after a full page the next is requested"
    );
    assert_eq!(versions.len(), 10_000);
    assert_eq!(versions[0].version, "1.0.9999", "newest first");
    assert_eq!(server.state().count("GET", "/packages/versions"), 3);
}

/// The server evaluates rules that only .NET supports.
#[tokio::test]
async fn permitted_applies_dotnet_patterns_on_the_server() {
    let key = PackageKey {
        space: SpaceId::new("Spaces-1"),
        feed: FeedId::new("feeds-builtin"),
        package: PackageId::new("Acme.Web"),
    };
    let rule = |range: Option<&str>, regex: &str| VersionRule {
        range: range.map(str::to_owned),
        version_tag_regex: Some(regex.to_owned()),
        ..VersionRule::default()
    };
    let world = World::start().await;
    let permitted = async |rule| world.client.permitted(&key, &rule).await.unwrap();
    assert_eq!(permitted(rule(None, r"0\Z")).await, ["2.0.0", "1.0.0"]);
    assert_eq!(permitted(rule(Some("[1.0,2.0)"), r"0\Z")).await, ["1.0.0"]);
    assert_eq!(permitted(rule(None, "^1")).await, ["1.1.0", "1.0.0"]);

    let error = world.client.permitted(&key, &rule(None, r"\GX")).await;
    assert_eq!(error.unwrap_err().kind, OctopusErrorKind::Invalid);

    let old = World::of_version("2025.4.1").await;
    let error = old.client.permitted(&key, &rule(None, r"0\Z")).await;
    assert_eq!(error.unwrap_err().kind, OctopusErrorKind::Unsupported);
}

#[tokio::test]
async fn revoked_key_is_unauthorized() {
    let world = World::start().await;
    world.server.state().rotate_api_key("API-ANOTHER");
    let error = world.client.spaces(&["*".into()]).await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Unauthorized);
    assert!(error.message.contains("set OCTOPUS_API_KEY"), "{error}");
}
