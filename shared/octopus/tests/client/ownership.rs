//! Adoption and return of native triggers, verified by the state of the fake Octopus Server.

use domain::ids::{SpaceId, TriggerId};
use domain::trigger::MARK;
use engine::ports::{OctopusError, OctopusErrorKind};
use octopus::{DisabledTrigger, FixedKey, OctopusClient, OwnershipChange};
use octopus_server::{Fault, FaultKind, OctopusServer};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Script, client, fake_server};

const WORLD: &str = r##"
spaces:
  - name: Default
    projects:
      - name: Shop
        triggers:
          - { name: On, description: New images., others: { Priority: 7, Nested: { Tags: [a, null] } } }
          - { name: Off, description: Off for the holidays., is_disabled: true }
          - { name: Marked, description: "#feed-triggers", is_disabled: true }
          - { name: Marked and on, description: "Runs. #feed-triggers Here." }
          - { name: Nightly, filter: { FilterType: CronExpressionSchedule }, action: { ActionType: DeployLatestRelease } }
"##;

const ON: &str = "ProjectTriggers-1";
const OFF: &str = "ProjectTriggers-2";
const MARKED: &str = "ProjectTriggers-3";
const MARKED_AND_ON: &str = "ProjectTriggers-4";
const NIGHTLY: &str = "ProjectTriggers-5";

struct World {
    server: OctopusServer,
    client: OctopusClient<FixedKey>,
}

impl World {
    async fn start() -> Self {
        let (server, client) = fake_server(WORLD).await;
        Self { server, client }
    }

    async fn adopt(&self, trigger: &str) -> Result<OwnershipChange, OctopusError> {
        self.adopt_if(trigger, DisabledTrigger::Refuse).await
    }

    async fn adopt_if(
        &self,
        trigger: &str,
        disabled: DisabledTrigger,
    ) -> Result<OwnershipChange, OctopusError> {
        let (space, trigger) = (SpaceId::new("Spaces-1"), TriggerId::new(trigger));
        self.client.adopt_trigger(&space, &trigger, disabled).await
    }

    async fn return_to_octopus(&self, trigger: &str) -> Result<OwnershipChange, OctopusError> {
        let (space, trigger) = (SpaceId::new("Spaces-1"), TriggerId::new(trigger));
        self.client.return_trigger(&space, &trigger).await
    }

    /// The description and whether the trigger is disabled.
    fn state(&self, trigger: &str) -> (String, bool) {
        self.server.state().trigger(trigger).unwrap()
    }

    async fn document(&self, trigger: &str) -> Value {
        let url = format!(
            "{}/api/Spaces-1/projecttriggers/{trigger}",
            self.server.url()
        );
        let request = http_client::named_server_client()
            .unwrap()
            .request(Method::GET, url);
        let request = request.header("X-Octopus-ApiKey", self.server.api_key());
        request.send().await.unwrap().json().await.unwrap()
    }

    fn puts(&self) -> usize {
        self.server.state().count("PUT", "projecttriggers")
    }
}

fn changed(name: &str, toggled: bool, marked: bool) -> OwnershipChange {
    OwnershipChange {
        name: name.to_owned(),
        toggled,
        marked,
    }
}

#[tokio::test]
async fn adopt_and_return_each_send_one_put() {
    let world = World::start().await;
    let before = world.document(ON).await;
    assert_eq!(world.adopt(ON).await.unwrap(), changed("On", true, true));
    let mut adopted = before.clone();
    adopted["Description"] = json!("New images. #feed-triggers");
    adopted["IsDisabled"] = json!(true);
    assert_eq!(
        world.document(ON).await,
        adopted,
        "all other properties are kept"
    );
    assert_eq!(world.puts(), 1);

    let change = world.return_to_octopus(ON).await.unwrap();
    assert_eq!(change, changed("On", true, true));
    assert_eq!(world.document(ON).await, before);
    assert_eq!(world.puts(), 2);
}

#[tokio::test]
async fn adopt_and_return_are_idempotent() {
    let world = World::start().await;
    let change = world.adopt(MARKED).await.unwrap();
    assert_eq!(change, changed("Marked", false, false));
    assert!(!change.is_change());
    let change = world.return_to_octopus(ON).await.unwrap();
    assert_eq!(change, changed("On", false, false));
    assert_eq!(world.puts(), 0);
}

#[tokio::test]
async fn adopt_completes_a_partial_adoption() {
    let world = World::start().await;
    let change = world.adopt(MARKED_AND_ON).await.unwrap();
    assert_eq!(change, changed("Marked and on", true, false));
    let state = ("Runs. #feed-triggers Here.".to_owned(), true);
    assert_eq!(world.state(MARKED_AND_ON), state);

    let change = world.return_to_octopus(MARKED_AND_ON).await.unwrap();
    assert_eq!(change, changed("Marked and on", true, true));
    assert_eq!(
        world.state(MARKED_AND_ON),
        ("Runs. Here.".to_owned(), false)
    );
}

#[tokio::test]
async fn trigger_disabled_by_a_user_is_adopted_only_on_request() {
    let world = World::start().await;
    for refused in [world.adopt(OFF).await, world.return_to_octopus(OFF).await] {
        let error = refused.unwrap_err();
        assert_eq!(error.kind, OctopusErrorKind::Invalid);
        assert!(
            error.message.contains("a user disabled it in Octopus"),
            "{error}"
        );
    }
    assert_eq!(
        (world.state(OFF), world.puts()),
        (("Off for the holidays.".to_owned(), true), 0)
    );

    let change = world.adopt_if(OFF, DisabledTrigger::Adopt).await.unwrap();
    assert_eq!(change, changed("Off", false, true));
    let state = (format!("Off for the holidays. {MARK}"), true);
    assert_eq!(world.state(OFF), state);
}

#[tokio::test]
async fn adopt_reports_why_it_is_impossible() {
    let world = World::start().await;
    let error = world.adopt(NIGHTLY).await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Invalid);
    assert!(
        error
            .message
            .contains("Nightly: it is not an external feed trigger"),
        "{error}"
    );
    let error = world.adopt("ProjectTriggers-99").await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::NotFound);
    assert!(
        error.message.contains("trigger ProjectTriggers-99"),
        "{error}"
    );

    world.server.state().remove_permission("TriggerEdit");
    let error = world.adopt(ON).await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Forbidden);
    assert!(
        error.message.contains("cannot change trigger On")
            && error.message.ends_with("the permission TriggerEdit"),
        "{error}"
    );
    world.server.state().set_maintenance(true);
    let error = world.adopt(ON).await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Unavailable);
    assert!(error.message.contains("in maintenance mode"), "{error}");
    assert_eq!(world.state(ON), ("New images.".to_owned(), false));
}

#[tokio::test]
async fn adopt_without_answer_can_be_repeated() {
    for (kind, is_done) in [
        (FaultKind::ResetBefore, false),
        (FaultKind::ResetAfter, true),
    ] {
        let world = World::start().await;
        let faults = world.server.faults();
        faults.push(Fault::once("projecttriggers", kind.clone()).on("PUT"));
        let error = world.adopt(ON).await.unwrap_err();
        assert_eq!(error.kind, OctopusErrorKind::Unknown, "{error}");
        assert!(
            error.message.contains("repeating the request is safe"),
            "{error}"
        );
        assert_eq!(world.state(ON).1, is_done, "{kind:?}");
        let again = world.adopt(ON).await.unwrap();
        assert_eq!(again.is_change(), !is_done, "{kind:?}");
        assert_eq!(world.state(ON), (format!("New images. {MARK}"), true));
    }
}

#[tokio::test]
async fn adopt_changes_only_two_properties() {
    const PATH: &str = "/api/Spaces-1/projecttriggers/ProjectTriggers-31";
    let resource = json!({
        "Id": "ProjectTriggers-31", "SpaceId": "Spaces-1", "ProjectId": "Projects-101", "Name": "New",
        "Description": null, "IsDisabled": false, "Version": 9_007_199_254_740_993_u64,
        "Filter": {"FilterType": "FeedFilter", "Packages": [{"DeploymentActionSlug": "web", "New": {}}]},
        "Action": {"ActionType": "CreateRelease", "ChannelId": "Channels-201", "Later": null},
        "Links": {"Self": PATH},
    });
    let script = Script::start().await;
    script.on(&format!("GET {PATH}"), resource.clone());
    script.on(&format!("PUT {PATH}"), json!({}));
    let (space, trigger) = (
        SpaceId::new("Spaces-1"),
        TriggerId::new("ProjectTriggers-31"),
    );
    let client = client(script.url());
    let adopted = client.adopt_trigger(&space, &trigger, DisabledTrigger::Refuse);
    adopted.await.unwrap();
    let sent = script.requests().pop().unwrap();
    let mut expected = resource;
    expected["Description"] = json!("#feed-triggers");
    expected["IsDisabled"] = json!(true);
    assert_eq!(sent.line, format!("PUT {PATH}"));
    assert_eq!(sent.json(), expected);
}
