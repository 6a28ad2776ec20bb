//! The watch list of many projects within Octopus's rate limit: 200 requests a minute, 300 ms each, in paused time.

use std::time::Duration;

use domain::definition::Definitions;
use domain::time::Timestamp;
use domain::trigger::{MARK, NativeTriggers};
use engine::watchlist::{FreshList, Previous, RefreshInput, read_watch_list};
use octopus::{FixedKey, OctopusClient};
use octopus_server::{Body, Fault, FaultKind, OctopusServer, RateLimit, Seed, StrictModes, seed};
use tokio::time::Instant;

use crate::support::client_of;

/// A space of `count` projects with a marked trigger each.
fn projects(count: usize) -> Seed {
    let feed = seed::Feed {
        name: "Images".into(),
        kind: "Docker".into(),
        uri: Some("http://127.0.0.1:9".into()),
        ..Default::default()
    };
    let space = seed::Space {
        name: "Default".into(),
        feeds: vec![feed],
        projects: (0..count).map(project).collect(),
        ..Default::default()
    };
    Seed {
        spaces: vec![space],
        ..Default::default()
    }
}

fn project(number: usize) -> seed::Project {
    let package = seed::PackageReference {
        package_id: format!("acme/app-{number}"),
        feed: Some("Images".into()),
        ..Default::default()
    };
    let action = seed::Action {
        name: "Deploy".into(),
        packages: vec![package],
        ..Default::default()
    };
    let trigger = seed::Trigger {
        name: "New image".into(),
        description: MARK.into(),
        is_disabled: true,
        packages: vec![seed::TriggerPackage {
            action_slug: "deploy".into(),
            package_reference: String::new(),
        }],
        ..Default::default()
    };
    seed::Project {
        name: format!("Project {number:04}"),
        steps: vec![seed::Step {
            name: "Deploy".into(),
            actions: vec![action],
            ..Default::default()
        }],
        triggers: vec![trigger],
        ..Default::default()
    }
}

async fn start(seed: Seed) -> (OctopusServer, OctopusClient<FixedKey>) {
    let server = OctopusServer::start(seed).await.unwrap();
    let client = client_of(&server);
    (server, client)
}

async fn read(client: &OctopusClient<FixedKey>, previous: Option<&FreshList>) -> FreshList {
    let spaces = ["*".to_owned()];
    let input = RefreshInput {
        spaces: &spaces,
        native: NativeTriggers::Marked,
        definitions: &Definitions::default(),
        previous: previous.map(|fresh| Previous {
            list: &fresh.list,
            has_same_file: true,
            is_unfinished: fresh.progress.is_some(),
        }),
        progress: None,
        now: Timestamp::from_millis(1),
    };
    read_watch_list(client, input).await.unwrap()
}

/// S1 and S2: at most 3 minutes, no refused request, and 0.05 requests per project.
#[tokio::test(start_paused = true)]
async fn thousand_projects_are_read_within_the_rate_limit() {
    let (server, client) = start(projects(1_000)).await;
    server.state().set_strict(StrictModes {
        rate_limit: Some(RateLimit::per_minute(200)),
        latency: Duration::from_millis(300),
        ..StrictModes::default()
    });
    let begin = Instant::now();
    let fresh = read(&client, None).await;
    let took = begin.elapsed();
    assert_eq!(fresh.list.triggers.len(), 1_000);
    let problem = fresh.list.triggers.iter().find(|one| {
        one.problem.is_some() || one.sources.iter().any(|source| source.resolution.is_err())
    });
    assert_eq!(problem, None);
    let requests = server.state().requests();
    let refused = requests
        .iter()
        .filter(|one| one.status == Some(429))
        .count();
    assert_eq!(refused, 0);
    assert!(took < Duration::from_secs(180), "{took:?}");

    server.state().clear_requests();
    assert_eq!(read(&client, Some(&fresh)).await.list, fresh.list);
    let counts = server.state().counts();
    let sent: usize = counts.values().sum();
    assert!(sent <= 50, "{sent} requests: {counts:#?}");
}

/// The list from bulk reads equals the list from single calls, also where single calls are needed.
#[tokio::test]
async fn bulk_reads_give_the_same_list_as_single_calls() {
    let mut seed = projects(12);
    let projects = &mut seed.spaces[0].projects;
    projects[1].persistence = seed::Persistence::Git(seed::Git::default());
    projects[2].steps[0].from_template = true;
    projects[2].triggers[0].packages[0].action_slug = "deploy-deploy".into();
    projects[3].steps[0].actions[0].packages[0].package_id = "#{Image}".into();
    projects[3].variables.push(seed::Variable {
        name: "Image".into(),
        value: "acme/variable".into(),
        scoped: false,
    });
    projects[4].steps[0].actions[0].disabled = true;
    projects[5].steps[0].actions[0].packages[0].version = Some("1.0.0".into());
    projects[6].versioning = seed::Versioning::Donor {
        action: "Deploy".into(),
        package: String::new(),
    };
    projects[7].is_disabled = true;
    let (server, client) = start(seed).await;
    let bulk = read(&client, None).await;
    assert_eq!(server.state().count("GET", "ids="), 3);
    server
        .faults()
        .push(Fault::always("ids=", FaultKind::Status(500, Body::Json)));
    let single = read(&client, None).await;
    assert_eq!(bulk, single);
    let usable = |list: &FreshList| {
        let triggers = list.list.triggers.iter();
        triggers
            .filter(|one| one.sources.iter().all(|source| source.resolution.is_ok()))
            .count()
    };
    assert_eq!(usable(&bulk), 9, "all but the disabled and fixed ones");
}
