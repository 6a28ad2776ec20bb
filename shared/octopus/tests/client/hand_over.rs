//! Native triggers, handed over and back, as the stand-in for Octopus Server keeps them.

use domain::ids::{SpaceId, TriggerId};
use domain::trigger::MARK;
use engine::ports::{OctopusError, OctopusErrorKind};
use octopus::{FixedKey, HandOver, OctopusClient, SwitchedOff};
use octopus_server::{Fault, FaultKind, OctopusServer};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Script, client, stand_in};

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
        let (server, client) = stand_in(WORLD).await;
        Self { server, client }
    }

    async fn adopt(&self, trigger: &str) -> Result<HandOver, OctopusError> {
        self.adopt_if(trigger, SwitchedOff::Refused).await
    }

    async fn adopt_if(&self, trigger: &str, off: SwitchedOff) -> Result<HandOver, OctopusError> {
        let (space, trigger) = (SpaceId::new("Spaces-1"), TriggerId::new(trigger));
        self.client.adopt_trigger(&space, &trigger, off).await
    }

    async fn give_back(&self, trigger: &str) -> Result<HandOver, OctopusError> {
        let (space, trigger) = (SpaceId::new("Spaces-1"), TriggerId::new(trigger));
        self.client.return_trigger(&space, &trigger).await
    }

    /// The description, and whether it is switched off.
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

fn changed(name: &str, switched: bool, marked: bool) -> HandOver {
    HandOver {
        name: name.to_owned(),
        switched,
        marked,
    }
}

#[tokio::test]
async fn a_trigger_is_adopted_by_one_change_and_returned_by_another() {
    let world = World::start().await;
    let before = world.document(ON).await;
    assert_eq!(world.adopt(ON).await.unwrap(), changed("On", true, true));
    let mut adopted = before.clone();
    adopted["Description"] = json!("New images. #feed-triggers");
    adopted["IsDisabled"] = json!(true);
    assert_eq!(
        world.document(ON).await,
        adopted,
        "all else as it was, known here or not"
    );
    assert_eq!(world.puts(), 1);

    let hand_over = world.give_back(ON).await.unwrap();
    assert_eq!(hand_over, changed("On", true, true));
    assert_eq!(world.document(ON).await, before);
    assert_eq!(world.puts(), 2);
}

#[tokio::test]
async fn what_is_handed_over_already_is_left_alone() {
    let world = World::start().await;
    let hand_over = world.adopt(MARKED).await.unwrap();
    assert_eq!(hand_over, changed("Marked", false, false));
    assert!(!hand_over.is_change());
    let hand_over = world.give_back(ON).await.unwrap();
    assert_eq!(hand_over, changed("On", false, false));
    assert_eq!(world.puts(), 0);
}

#[tokio::test]
async fn what_is_handed_over_by_half_is_completed() {
    let world = World::start().await;
    let hand_over = world.adopt(MARKED_AND_ON).await.unwrap();
    assert_eq!(hand_over, changed("Marked and on", true, false));
    let state = ("Runs. #feed-triggers Here.".to_owned(), true);
    assert_eq!(world.state(MARKED_AND_ON), state);

    let hand_over = world.give_back(MARKED_AND_ON).await.unwrap();
    assert_eq!(hand_over, changed("Marked and on", true, true));
    assert_eq!(
        world.state(MARKED_AND_ON),
        ("Runs. Here.".to_owned(), false)
    );
}

#[tokio::test]
async fn a_trigger_that_somebody_switched_off_is_not_overruled_unasked() {
    let world = World::start().await;
    for refused in [world.adopt(OFF).await, world.give_back(OFF).await] {
        let error = refused.unwrap_err();
        assert_eq!(error.kind, OctopusErrorKind::Invalid);
        assert!(
            error.message.contains("was switched off by somebody"),
            "{error}"
        );
    }
    assert_eq!(
        (world.state(OFF), world.puts()),
        (("Off for the holidays.".to_owned(), true), 0)
    );

    let hand_over = world.adopt_if(OFF, SwitchedOff::Adopted).await.unwrap();
    assert_eq!(hand_over, changed("Off", false, true));
    let state = (format!("Off for the holidays. {MARK}"), true);
    assert_eq!(world.state(OFF), state);
}

#[tokio::test]
async fn what_cannot_be_handed_over_says_why() {
    let world = World::start().await;
    let error = world.adopt(NIGHTLY).await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Invalid);
    assert!(
        error
            .message
            .contains("Nightly is no external feed trigger"),
        "{error}"
    );
    let error = world.adopt("ProjectTriggers-99").await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::NotFound);
    assert!(
        error.message.contains("trigger ProjectTriggers-99"),
        "{error}"
    );

    world.server.state().take_permission("TriggerEdit");
    let error = world.adopt(ON).await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Forbidden);
    assert!(
        error.message.contains("changing trigger On")
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
async fn a_change_whose_answer_is_lost_can_be_repeated() {
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
            error.message.contains("the same again does no harm"),
            "{error}"
        );
        assert_eq!(world.state(ON).1, is_done, "{kind:?}");
        let again = world.adopt(ON).await.unwrap();
        assert_eq!(again.is_change(), !is_done, "{kind:?}");
        assert_eq!(world.state(ON), (format!("New images. {MARK}"), true));
    }
}

#[tokio::test]
async fn the_request_is_the_resource_with_two_properties_changed() {
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
    let adopted = client.adopt_trigger(&space, &trigger, SwitchedOff::Refused);
    adopted.await.unwrap();
    let sent = script.requests().pop().unwrap();
    let mut expected = resource;
    expected["Description"] = json!("#feed-triggers");
    expected["IsDisabled"] = json!(true);
    assert_eq!(sent.line, format!("PUT {PATH}"));
    assert_eq!(sent.json(), expected);
}
