//! Creating releases, to the letter of the requests.

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

/// Everything that a release is made from.
struct Order {
    project: Project,
    process: Process,
    channel: Channel,
    plan: Plan,
}

/// A release of one image, `acme/web-shop` of the action "Deploy web", whose project also has a chart.
fn order() -> Order {
    let packages = vec![
        package("Deploy web", "web", "acme/web-shop"),
        package("Upgrade chart", "", "acme-chart"),
    ];
    Order {
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
            action_names: Vec::new(),
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
        previous: None,
        digest: None,
    }
}

impl Order {
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
async fn the_request_names_what_the_plan_names() {
    let script = server("2026.2.8841").await;
    script.on(CREATE, created());
    let order = order();
    let client = script.client();
    let release = order.send(&client).await.unwrap();
    assert_eq!(
        body_of(&script, CREATE),
        json!({
            "spaceId": "Spaces-1",
            "spaceIdOrName": "Spaces-1",
            "projectName": "Projects-101",
            "channelName": "Channels-201",
            "releaseVersion": "1.4.8",
            "packages": ["Deploy web:web:2.31.0"],
            "releaseNotes": order.plan.stamped_notes(),
            "ignoreIfAlreadyExists": false,
            "ignoreChannelRules": false,
        })
    );
    assert_eq!(
        (release.id.as_str(), release.version.as_str()),
        ("Releases-7", "1.4.8")
    );
    assert_eq!(release.notes, order.plan.stamped_notes());
    assert_eq!(
        release.selected,
        [("Deploy web".into(), "web".into(), "2.31.0".into())]
    );

    order.send(&client).await.unwrap();
    assert_eq!(
        script.lines(),
        ["GET /api", CREATE, CREATE],
        "the version is asked once"
    );
}

#[tokio::test]
async fn a_project_in_git_names_its_branch_and_no_number_where_there_is_none() {
    let script = server("2026.2.8841").await;
    script.on(CREATE, created());
    let mut order = order();
    order.project.git_ref = Some("refs/heads/main".into());
    order.plan.release_version = None;
    order.send(&script.client()).await.unwrap();
    let body = body_of(&script, CREATE);
    assert_eq!(body["gitRef"], "refs/heads/main");
    assert_eq!(body.get("releaseVersion"), None);

    order.plan.git_ref = Some("refs/tags/v1".into());
    let script = server("2026.2.8841").await;
    script.on(CREATE, created());
    order.send(&script.client()).await.unwrap();
    assert_eq!(body_of(&script, CREATE)["gitRef"], "refs/tags/v1");
}

#[tokio::test]
async fn answers_are_read_in_any_case() {
    let script = server("2022.3.5512").await;
    script.on(
        CREATE,
        json!({"releaseId": "Releases-7", "releaseVersion": "1.4.8", "x": []}),
    );
    assert_eq!(
        order().send(&script.client()).await.unwrap().id.as_str(),
        "Releases-7"
    );
}

fn latest(package: &str, conditions: &str) -> String {
    format!(
        "GET /api/Spaces-1/feeds/Feeds-1/packages/versions?packageId={package}{conditions}&skip=0&take=1"
    )
}

#[tokio::test]
async fn what_an_override_would_catch_besides_is_named_too() {
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
    let mut order = order();
    order
        .process
        .template
        .packages
        .push(package("Deploy web", "", "acme/web"));
    order
        .process
        .template
        .packages
        .push(package("Deploy web", "sidecar", "envoy"));
    order
        .plan
        .packages
        .insert(0, planned("Deploy web", "", "1.0.0"));
    order.send(&script.client()).await.unwrap();
    let expected = [
        "Deploy web:1.0.0",
        "Deploy web:web:2.31.0",
        "Upgrade chart:3.0.0",
        "Deploy web:sidecar:v1.30",
    ];
    assert_eq!(body_of(&script, CREATE)["packages"], json!(expected));
}

#[tokio::test]
async fn names_with_delimiters_are_escaped_where_the_server_knows_escapes() {
    let script = server("2025.4.10680").await;
    script.on(CREATE, created());
    let mut order = order();
    order.process.template.packages[0].action_name = "Deploy: web/shop".into();
    order.plan.packages[0].action_name = "Deploy: web/shop".into();
    order.send(&script.client()).await.unwrap();
    let expected = [r"Deploy\: web\/shop:web:2.31.0"];
    assert_eq!(body_of(&script, CREATE)["packages"], json!(expected));
}

#[tokio::test]
async fn custom_fields_and_a_chosen_branch_go_along_in_either_way() {
    let mut order = order();
    order.project.git_ref = Some("refs/heads/main".into());
    order.plan.git_ref = Some("refs/heads/release/2".into());
    let field = ("Change ticket".to_owned(), "CHG001".to_owned());
    order.plan.custom_fields = BTreeMap::from([field]);
    let fields = json!({"Change ticket": "CHG001"});

    let script = server("2026.2.8841").await;
    script.on(CREATE, created());
    order.send(&script.client()).await.unwrap();
    let body = body_of(&script, CREATE);
    assert_eq!(body["customFields"], fields);
    assert_eq!(body["gitRef"], "refs/heads/release/2");

    order.process.template.packages.truncate(1);
    order.plan.packages[0].version = "main-3fa85f6".into();
    let template = "GET /api/Spaces-1/projects/Projects-101/refs%2Fheads%2Frelease%2F2/deploymentprocesses/\
                    template?channel=Channels-201";
    script
        .on(LEGACY, Reply::new(201, fixture!("release").to_string()))
        .on(template, json!({"Packages": []}));
    order.send(&script.client()).await.unwrap();
    let body = body_of(&script, LEGACY);
    assert_eq!(body["CustomFields"], fields);
    assert_eq!(
        body["VersionControlReference"],
        json!({"GitRef": "refs/heads/release/2"})
    );
}

/// What the older request holds for [`order`], with the chart's version chosen by Octopus.
fn legacy_body(order: &Order, action: &str, version: &str) -> Value {
    json!({
        "ProjectId": "Projects-101",
        "ChannelId": "Channels-201",
        "Version": "1.4.8",
        "ReleaseNotes": order.plan.stamped_notes(),
        "SelectedPackages": [
            {"ActionName": action, "PackageReferenceName": "web", "Version": version},
            {"ActionName": "Upgrade chart", "PackageReferenceName": "", "Version": "3.0.0"},
        ],
    })
}

#[tokio::test]
async fn what_the_grammar_cannot_say_goes_the_older_way() {
    for (server_version, action, version) in [
        ("2025.4.10679", "Deploy web/shop", "2.31.0"), // no escapes
        ("2026.2.8841", "Deploy web", "main-3fa85f6"), // no version to the grammar
        ("2022.3.5511", "Deploy web", "2.31.0"),       // no such call
        ("unknown", "Deploy web", "2.31.0"),
    ] {
        let script = server(server_version).await;
        script
            .on(LEGACY, Reply::new(201, fixture!("release").to_string()))
            .on(TEMPLATE, json!({"Packages": []}))
            .on(
                &latest("acme-chart", ""),
                json!({"Items": [{"Version": "3.0.0"}]}),
            );
        let mut order = order();
        order.process.template.packages[0].action_name = action.into();
        order.plan.packages[0] = planned(action, "web", version);
        let release = order.send(&script.client()).await.unwrap();
        assert_eq!(
            body_of(&script, LEGACY),
            legacy_body(&order, action, version)
        );
        assert!(!script.lines().contains(&CREATE.to_owned()));
        assert_eq!(release.id.as_str(), "Releases-1187");
        assert_eq!(release.selected.len(), 2);
    }
}

#[tokio::test]
async fn a_server_without_the_newer_call_is_asked_the_older_way() {
    for status in [404, 405] {
        let script = server("2026.2.8841").await;
        script
            .on(CREATE, Reply::new(status, ""))
            .on(LEGACY, Reply::new(201, fixture!("release").to_string()))
            .on(TEMPLATE, json!({"Packages": []}))
            .on(
                &latest("acme-chart", ""),
                json!({"Items": [{"Version": "3.0.0"}]}),
            );
        let order = order();
        order.send(&script.client()).await.unwrap();
        assert_eq!(
            body_of(&script, LEGACY),
            legacy_body(&order, "Deploy web", "2.31.0")
        );
    }
}

#[tokio::test]
async fn the_older_way_asks_by_the_rules_and_takes_what_is_in_git_from_its_tip() {
    let script = server("2021.1.1").await;
    let conditions = "&versionRange=%5B2.0%2C3.0%29&preReleaseTag=%5E%24&versionTagRegex=%5E2&versioningStrategy=MostRecentlyPublished";
    let git = "GET /api/Spaces-1/projects/Projects-101/refs%2Fheads%2Fmain/deploymentprocesses/template?channel=Channels-201";
    script
        .on(LEGACY, Reply::new(201, fixture!("release").to_string()))
        .on(git, fixture!("template"))
        .on(
            &latest("acme-chart", conditions),
            json!({"Items": [{"Version": "2.9.0"}]}),
        );
    let mut order = order();
    order.project.git_ref = Some("refs/heads/main".into());
    order.plan.release_version = None;
    order.process.template.versioning = Versioning::Donor {
        action_name: "upgrade chart".into(),
        package_reference: String::new(),
    };
    let mut fixed = package("Fixed", "", "fixed");
    fixed.fixed_version = Some("1.0".into());
    order.process.template.packages.push(fixed);
    order.channel.rules = vec![ChannelRule {
        packages: vec![("Upgrade chart".into(), String::new())],
        rule: VersionRule {
            range: Some("[2.0,3.0)".into()),
            pre_release_tag: Some("^$".into()),
            version_tag_regex: Some("^2".into()),
            strategy: RuleStrategy::MostRecentlyPublished,
        },
    }];
    order.send(&script.client()).await.unwrap();
    let body = body_of(&script, LEGACY);
    assert_eq!(body["Version"], "2.9.0", "the number is the donor's");
    assert_eq!(body["SelectedPackages"].as_array().unwrap().len(), 2);
    assert_eq!(
        body["VersionControlReference"],
        json!({"GitRef": "refs/heads/main"})
    );
    assert_eq!(
        body["SelectedGitResources"],
        json!([{
            "ActionName": "Apply manifests",
            "GitResourceReferenceName": "",
            "GitReferenceResource": {"GitRef": "refs/heads/main"},
        }])
    );
}

#[tokio::test]
async fn a_package_that_cannot_be_chosen_stops_the_older_way_before_it_writes() {
    let script = server("2021.1.1").await;
    script.on(&latest("acme-chart", ""), json!({"Items": []}));
    let error = order().send(&script.client()).await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Invalid);
    for part in [
        "acme-chart",
        "Upgrade chart",
        "Web Shop",
        "Default",
        "no version",
    ] {
        assert!(error.message.contains(part), "{error}");
    }

    let mut order = order();
    order.process.template.packages[1].is_resolvable = false;
    let error = order.send(&script.client()).await.unwrap_err();
    assert!(error.message.contains("variables"), "{error}");

    order.process.template.packages.pop();
    order.plan.release_version = None;
    order.process.template.versioning = Versioning::Template { next: None };
    let error = order.send(&script.client()).await.unwrap_err();
    assert!(
        error.message.contains("how its next release is numbered"),
        "{error}"
    );
    assert!(!script.lines().iter().any(|line| line.starts_with("POST")));
}

async fn refused(reply: Reply) -> (OctopusError, Script) {
    let script = server("2026.2.8841").await;
    script.on(CREATE, reply);
    let error = order().send(&script.client()).await.unwrap_err();
    (error, script)
}

#[tokio::test]
async fn a_release_of_that_number_is_told_by_the_text() {
    let text = "Release '1.4.8' already exists for this project. Please use a different version, or look at using a mask to auto-increment the number.";
    let (error, _) = refused(Reply::new(400, json!({"Errors": [text]}).to_string())).await;
    assert_eq!(error.kind, OctopusErrorKind::AlreadyExists);
    assert!(
        error
            .message
            .contains("Web Shop has a release 1.4.8 already"),
        "{error}"
    );
}

#[tokio::test]
async fn a_refusal_names_the_project_and_what_octopus_says() {
    let rules = "The requested package versions for the following steps violate the channel version rules: Deploy web.";
    for (status, kind) in [
        (400, OctopusErrorKind::Invalid),
        (401, OctopusErrorKind::Unauthorized),
        (403, OctopusErrorKind::Forbidden),
        (429, OctopusErrorKind::Throttled(None)),
        (503, OctopusErrorKind::Unavailable),
        (500, OctopusErrorKind::Unknown),
        (502, OctopusErrorKind::Unknown),
        (504, OctopusErrorKind::Unknown),
    ] {
        let (error, script) =
            refused(Reply::new(status, json!({"Errors": [rules]}).to_string())).await;
        assert_eq!(error.kind, kind, "{error}");
        let subject = "creating a release of project Web Shop in channel Default";
        assert!(error.message.contains(subject), "{error}");
        assert!(
            status == 429 || error.message.contains("violate"),
            "{error}"
        );
        let sent = script
            .lines()
            .into_iter()
            .filter(|line| line == CREATE)
            .count();
        assert_eq!(sent, 1, "a request that creates is sent once");
    }
}

#[tokio::test]
async fn maintenance_is_told_apart_from_a_missing_permission() {
    const MODE: &str = "GET /api/maintenanceconfiguration";
    for (status, is_on, kind) in [
        (403, true, OctopusErrorKind::Unavailable),
        (503, true, OctopusErrorKind::Unavailable),
        (403, false, OctopusErrorKind::Forbidden),
    ] {
        let script = server("2026.2.8841").await;
        script
            .on(CREATE, Reply::new(status, "{}"))
            .on(MODE, json!({"IsInMaintenanceMode": is_on}));
        let error = order().send(&script.client()).await.unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert_eq!(
            error.message.contains("is in maintenance mode"),
            is_on,
            "{error}"
        );
    }
}

#[tokio::test]
async fn success_without_a_release_is_unknown() {
    for body in ["", "<html>", "{}", r#"{"ReleaseId": null}"#] {
        let (error, _) = refused(Reply::new(200, body)).await;
        assert_eq!(error.kind, OctopusErrorKind::Unknown, "{error}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_when_writing() {
    let (error, script) = refused(Reply::new(307, "").header("Location", "/elsewhere")).await;
    assert_eq!(error.kind, OctopusErrorKind::Invalid);
    assert_eq!(script.lines(), ["GET /api", CREATE]);
}

/// A server that says its version, and then does with the request to create what it likes.
async fn raw_server<F: Future<Output = ()> + Send + 'static>(
    then: impl FnOnce(TcpListener) -> F + Send + 'static,
) -> String {
    use tokio::io::AsyncWriteExt;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        receive(&mut connection).await;
        let root = r#"{"Version":"2026.1.1"}"#;
        let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ";
        let answer = format!("{head}{}\r\n\r\n{root}", root.len());
        connection.write_all(answer.as_bytes()).await.unwrap();
        drop(connection);
        then(listener).await;
    });
    url
}

#[tokio::test]
async fn no_answer_after_sending_is_unknown() {
    let url = raw_server(async |listener| {
        let (mut connection, _) = listener.accept().await.unwrap();
        receive(&mut connection).await;
    })
    .await;
    let error = order().send(&client(&url)).await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Unknown);
    assert!(error.message.contains("the release may exist"), "{error}");
}

#[tokio::test]
async fn a_timeout_after_sending_is_unknown() {
    let url = raw_server(async |listener| {
        let (mut connection, _) = listener.accept().await.unwrap();
        // Read until the client has gone, and answer nothing.
        while connection
            .read(&mut [0; 4096])
            .await
            .is_ok_and(|read| read > 0)
        {}
    })
    .await;
    let timeouts = Timeouts {
        create: Duration::from_millis(100),
        ..Timeouts::default()
    };
    let error = order()
        .send(&client(&url).with_timeouts(timeouts))
        .await
        .unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Unknown);
    assert!(
        error.message.contains("did not answer within 0.1 s"),
        "{error}"
    );
}

#[tokio::test]
async fn no_connection_is_unavailable_for_nothing_was_sent() {
    let url = raw_server(async |listener| drop(listener)).await;
    let client = client(&url);
    let error = order().send(&client).await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Unavailable);
    assert!(error.message.contains("could not be reached"), "{error}");
}
