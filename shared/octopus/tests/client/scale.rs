//! The watch list of many projects within Octopus's rate limit: 200 requests a minute, 300 ms each, in paused time.

use std::time::Duration;

use domain::definition::{Definition, Definitions, SourceDefinition};
use domain::options::{Options, VersionPolicy};
use domain::time::Timestamp;
use domain::trigger::NativeTriggers;
use engine::watchlist::{FreshList, Previous, RefreshInput, read_watch_list};
use octopus::{FixedKey, OctopusClient};
use octopus_server::{Body, Fault, FaultKind, OctopusServer, RateLimit, Seed, StrictModes, seed};
use operator::names::check_names;
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
    let (name, package) = (format!("Project {number:04}"), format!("acme/app-{number}"));
    seed::Project::watching(name, package, "Images")
}

async fn start(seed: Seed) -> (OctopusServer, OctopusClient<FixedKey>) {
    let server = OctopusServer::start(seed).await.unwrap();
    let client = client_of(&server);
    (server, client)
}

async fn read(client: &OctopusClient<FixedKey>, previous: Option<&FreshList>) -> FreshList {
    read_with(client, &Definitions::default(), previous).await
}

async fn read_with(
    client: &OctopusClient<FixedKey>,
    definitions: &Definitions,
    previous: Option<&FreshList>,
) -> FreshList {
    let spaces = ["*".to_owned()];
    let input = RefreshInput {
        spaces: &spaces,
        native: NativeTriggers::Marked,
        definitions,
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

fn channel(name: &str) -> seed::Channel {
    seed::Channel {
        name: name.into(),
        ..Default::default()
    }
}

/// A trigger in the file for each project, by its name, slug or id, every third with the name of its channel.
fn in_file(count: usize) -> Definitions {
    let definition = |number: usize| Definition {
        name: format!("File {number}"),
        description: String::new(),
        space: None,
        project: match number % 3 {
            0 => format!("project {number:04}"),
            1 => format!("project-{number:04}"),
            _ => format!("Projects-{}", number + 1),
        },
        channel: number.is_multiple_of(3).then(|| "default".to_owned()),
        is_disabled: false,
        sources: vec![SourceDefinition {
            action: "Deploy".to_owned(),
            package_reference: String::new(),
            policy: VersionPolicy::default(),
        }],
        options: Options::default(),
    };
    Definitions {
        triggers: (0..count).map(definition).collect(),
        native: Vec::new(),
    }
}

/// Triggers in a file cost as few requests as native ones, when they are read and when their names
/// are checked.
#[tokio::test]
async fn names_of_a_file_are_read_in_bulk() {
    let mut seed = projects(1_000);
    for project in &mut seed.spaces[0].projects {
        project.triggers.clear();
    }
    let (server, client) = start(seed).await;
    let definitions = in_file(1_000);
    let fresh = read_with(&client, &definitions, None).await;
    let problem = fresh
        .list
        .triggers
        .iter()
        .find_map(|one| one.problem.clone());
    assert_eq!(problem, None);
    assert_eq!(fresh.list.triggers.len(), 1_000);
    let sent = server.state().requests().len();
    assert!((30..=50).contains(&sent), "{:#?}", server.state().counts());

    server.state().clear_requests();
    let spaces = ["*".to_owned()];
    let faults = check_names(&client, &spaces, &definitions, &()).await;
    assert_eq!(faults.unwrap(), []);
    let sent = server.state().requests().len();
    assert!((30..=50).contains(&sent), "{:#?}", server.state().counts());
}

/// The triggers of a file from bulk reads equal those from single calls, with the same problems.
#[tokio::test]
async fn bulk_reads_find_the_same_names_as_single_calls() {
    let mut seed = projects(12);
    let projects = &mut seed.spaces[0].projects;
    projects[1].persistence = seed::Persistence::Git(seed::Git::default());
    projects[2].is_disabled = true;
    projects[3].channels = ["Stable", "Beta"].map(channel).into();
    projects[4].name = "PROJECT 0005".into();
    projects[4].slug = Some("project-0004".into());
    let mut definitions = in_file(12);
    let triggers = &mut definitions.triggers;
    triggers[3].channel = Some("Beta".to_owned());
    triggers[5].project = "project 0005".to_owned();
    triggers[6].channel = Some("No such channel".to_owned());
    triggers[7].project = "no-such-project".to_owned();
    triggers[8].project = "No such project".to_owned();
    let (server, client) = start(seed).await;
    let bulk = read_with(&client, &definitions, None).await;
    let lists = || server.state().count("GET", "/channels?");
    assert_eq!(lists(), 1, "{:#?}", server.state().counts());
    let broken = Fault::always("ids=", FaultKind::Status(500, Body::Json));
    server.faults().push(broken);
    for list in ["Spaces-1/projects?skip", "Spaces-1/channels?skip"] {
        let broken = Fault::always(list, FaultKind::Status(500, Body::Json));
        server.faults().push(broken);
    }
    let single = read_with(&client, &definitions, None).await;
    assert_eq!(bulk, single);
    let with_problem = bulk
        .list
        .triggers
        .iter()
        .filter(|one| one.problem.is_some());
    let names: Vec<_> = with_problem.map(|one| one.name.as_str()).collect();
    let in_file: Vec<_> = names
        .into_iter()
        .filter(|one| one.starts_with("File"))
        .collect();
    assert_eq!(in_file, ["File 2", "File 5", "File 6", "File 7", "File 8"]);
}

/// A few triggers in a space of many projects cost no more than twice their single calls.
#[tokio::test]
async fn list_that_is_longer_than_single_calls_is_not_read_to_its_end() {
    let (server, client) = start(projects(1_000)).await;
    let mut definitions = in_file(4);
    definitions
        .triggers
        .iter_mut()
        .for_each(|one| one.project.push_str("-x"));
    let spaces = ["*".to_owned()];
    let input = RefreshInput {
        spaces: &spaces,
        native: NativeTriggers::None,
        definitions: &definitions,
        previous: None,
        progress: None,
        now: Timestamp::from_millis(1),
    };
    read_watch_list(&client, input).await.unwrap();
    assert_eq!(server.state().count("GET", "/projects?skip"), 4);
}
