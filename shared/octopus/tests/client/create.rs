//! The exact requests that create releases.

mod older_way;
mod refused;

use std::collections::BTreeMap;

use std::time::Duration;

use domain::ids::{ChannelId, FeedId, PackageId, ProjectId, SpaceId};
use domain::plan::{Plan, PlannedPackage};
use domain::process::{ChannelRule, ReleaseTemplate, TemplatePackage, Versioning};
use domain::rule::{RuleStrategy, VersionRule};
use engine::ports::{
    Channel, OctopusError, OctopusErrorKind, Process, Project, Release, ReleaseCreator,
};
use octopus::Timeouts;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use crate::support::{Reply, Script, client, fixture, receive};

const CREATE: &str = "POST /api/Spaces-1/releases/create/v1";

const LEGACY: &str = "POST /api/Spaces-1/releases";

const TEMPLATE: &str =
    "GET /api/Spaces-1/projects/Projects-101/deploymentprocesses/template?channel=Channels-201";

/// The input of a release.
struct Input {
    project: Project,
    process: Process,
    channel: Channel,
    plan: Plan,
}

/// A release of one image, `acme/web-shop` of the action "Deploy web", whose project also has a chart.
fn input() -> Input {
    let packages = vec![
        package("Deploy web", "web", "acme/web-shop"),
        package("Upgrade chart", "", "acme-chart"),
    ];
    Input {
        project: Project {
            id: ProjectId::new("Projects-101"),
            space: SpaceId::new("Spaces-1"),
            name: "Web Shop".into(),
            is_disabled: false,
            process_id: None,
            git_ref: None,
        },
        process: Process {
            actions: Vec::new(),
            rule_names: Default::default(),
            identities: Vec::new(),
            template: ReleaseTemplate {
                packages,
                versioning: Versioning::Template {
                    next: Some("1.4.8".into()),
                },
            },
        },
        channel: Channel {
            id: ChannelId::new("Channels-201"),
            name: "Default".into(),
            rules: Vec::new(),
            custom_fields: Vec::new(),
        },
        plan: Plan {
            space: SpaceId::new("Spaces-1"),
            project: ProjectId::new("Projects-101"),
            channel: ChannelId::new("Channels-201"),
            repeats: None,
            packages: vec![planned("Deploy web", "web", "2.31.0")],
            release_version: Some("1.4.8".into()),
            git_ref: None,
            notes: "- acme/web-shop 2.31.0 (new)".into(),
            custom_fields: BTreeMap::new(),
        },
    }
}

fn package(action: &str, reference: &str, id: &str) -> TemplatePackage {
    TemplatePackage {
        action_name: action.into(),
        package_reference: reference.into(),
        feed: FeedId::new("Feeds-1"),
        package: PackageId::new(id),
        is_resolvable: true,
        fixed_version: None,
    }
}

fn planned(action: &str, reference: &str, version: &str) -> PlannedPackage {
    PlannedPackage {
        action_name: action.into(),
        package_reference: reference.into(),
        package: "acme/web-shop".into(),
        version: version.into(),
        tag: None,
        previous: None,
        digest: None,
    }
}

impl Input {
    async fn send(&self, to: &impl ReleaseCreator) -> Result<Release, OctopusError> {
        to.create(&self.project, &self.process, &self.channel, &self.plan)
            .await
    }
}

async fn server(version: &str) -> Script {
    let script = Script::start().await;
    script.on("GET /api", json!({"Version": version}));
    script
}

fn created() -> Reply {
    Reply::new(
        201,
        json!({"ReleaseId": "Releases-7", "ReleaseVersion": "1.4.8"}).to_string(),
    )
}

fn body_of(script: &Script, line: &str) -> Value {
    script
        .requests()
        .into_iter()
        .find(|request| request.line == line)
        .unwrap()
        .json()
}

#[tokio::test]
async fn create_sends_the_plan() {
    let script = server("2026.2.8841").await;
    script.on(CREATE, created());
    let input = input();
    let client = script.client();
    let release = input.send(&client).await.unwrap();
    assert_eq!(
        body_of(&script, CREATE),
        json!({
            "spaceId": "Spaces-1",
            "spaceIdOrName": "Spaces-1",
            "projectName": "Web Shop",
            "channelName": "Default",
            "releaseVersion": "1.4.8",
            "packages": ["Deploy web:web:2.31.0"],
            "releaseNotes": input.plan.stamped_notes(),
            "ignoreIfAlreadyExists": false,
            "ignoreChannelRules": false,
        })
    );
    assert_eq!(
        (release.id.as_str(), release.version.as_str()),
        ("Releases-7", "1.4.8")
    );
    assert_eq!(release.notes, input.plan.stamped_notes());
    assert_eq!(
        release.selected,
        [("Deploy web".into(), "web".into(), "2.31.0".into())]
    );

    input.send(&client).await.unwrap();
    assert_eq!(
        script.lines(),
        ["GET /api", CREATE, CREATE],
        "the version is read once"
    );
}

#[tokio::test]
async fn create_in_git_sends_the_ref_and_omits_a_missing_number() {
    let script = server("2026.2.8841").await;
    script.on(CREATE, created());
    let mut input = input();
    input.project.git_ref = Some("refs/heads/main".into());
    input.plan.release_version = None;
    input.send(&script.client()).await.unwrap();
    let body = body_of(&script, CREATE);
    assert_eq!(body["gitRef"], "refs/heads/main");
    assert_eq!(body.get("releaseVersion"), None);

    input.plan.git_ref = Some("refs/tags/v1".into());
    let script = server("2026.2.8841").await;
    script.on(CREATE, created());
    input.send(&script.client()).await.unwrap();
    assert_eq!(body_of(&script, CREATE)["gitRef"], "refs/tags/v1");
}

#[tokio::test]
async fn create_reads_answers_in_any_case() {
    let script = server("2022.3.5512").await;
    script.on(
        CREATE,
        json!({"releaseId": "Releases-7", "releaseVersion": "1.4.8", "x": []}),
    );
    assert_eq!(
        input().send(&script.client()).await.unwrap().id.as_str(),
        "Releases-7"
    );
}

fn latest(package: &str, conditions: &str) -> String {
    format!(
        "GET /api/Spaces-1/feeds/Feeds-1/packages/versions?packageId={package}{conditions}&skip=0&take=1"
    )
}

#[tokio::test]
async fn create_names_packages_that_an_override_would_match_too() {
    let script = server("2026.2.8841").await;
    script
        .on(CREATE, created())
        .on(
            &latest("acme-chart", ""),
            json!({"Items": [{"Version": "3.0.0"}]}),
        )
        .on(
            &latest("envoy", ""),
            json!({"Items": [{"Version": "v1.30"}]}),
        );
    let mut input = input();
    input
        .process
        .template
        .packages
        .push(package("Deploy web", "", "acme/web"));
    input
        .process
        .template
        .packages
        .push(package("Deploy web", "sidecar", "envoy"));
    input
        .plan
        .packages
        .insert(0, planned("Deploy web", "", "1.0.0"));
    input.send(&script.client()).await.unwrap();
    let expected = [
        "Deploy web:1.0.0",
        "Deploy web:web:2.31.0",
        "Upgrade chart:3.0.0",
        "Deploy web:sidecar:v1.30",
    ];
    assert_eq!(body_of(&script, CREATE)["packages"], json!(expected));
}

#[tokio::test]
async fn create_escapes_delimiters_where_supported() {
    let script = server("2025.4.10680").await;
    script.on(CREATE, created());
    let mut input = input();
    input.process.template.packages[0].action_name = "Deploy: web/shop".into();
    input.plan.packages[0].action_name = "Deploy: web/shop".into();
    input.send(&script.client()).await.unwrap();
    let expected = [r"Deploy\: web\/shop:web:2.31.0"];
    assert_eq!(body_of(&script, CREATE)["packages"], json!(expected));
}

#[tokio::test]
async fn custom_fields_and_git_ref_are_sent_by_both_calls() {
    let mut input = input();
    input.project.git_ref = Some("refs/heads/main".into());
    input.plan.git_ref = Some("refs/heads/release/2".into());
    let field = ("Change ticket".to_owned(), "CHG001".to_owned());
    input.plan.custom_fields = BTreeMap::from([field]);
    let fields = json!({"Change ticket": "CHG001"});

    let script = server("2026.2.8841").await;
    script.on(CREATE, created());
    input.send(&script.client()).await.unwrap();
    let body = body_of(&script, CREATE);
    assert_eq!(body["customFields"], fields);
    assert_eq!(body["gitRef"], "refs/heads/release/2");

    input.process.template.packages.truncate(1);
    input.plan.packages[0].version = "main-3fa85f6".into();
    let template = "GET /api/Spaces-1/projects/Projects-101/refs%2Fheads%2Frelease%2F2/deploymentprocesses/\
                    template?channel=Channels-201";
    script
        .on(LEGACY, Reply::new(201, fixture!("release").to_string()))
        .on(template, json!({"Packages": []}));
    input.send(&script.client()).await.unwrap();
    let body = body_of(&script, LEGACY);
    assert_eq!(body["CustomFields"], fields);
    assert_eq!(
        body["VersionControlReference"],
        json!({"GitRef": "refs/heads/release/2"})
    );
}
