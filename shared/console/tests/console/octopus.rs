//! A fake Octopus with one project in which every name is hostile, which records created triggers; and the fake
//! registry of its feed.

use std::cell::RefCell;

use domain::feed::{Access, Feed, FeedKind};
use domain::ids::{ChannelId, FeedId, PackageId, ProjectId, SpaceId, TriggerId};
use domain::lifecycle::{Lifecycle, Phase};
use domain::process::{Action, PackageIdentity, ReleaseTemplate, TemplatePackage, Versioning};
use domain::snapshot::Listed;
use engine::ports::{
    Catalogue, Channel, FeedAnswer, FeedReader, ListedChannel, NativeDraft, NativeTrigger,
    OctopusError, OctopusErrorKind, OctopusReader, Process, Project, ReadRequest, Reading, Release,
    ReleasedProcess, Routes, Space, TriggerCreator, TriggerOwnership,
};

use crate::hostile::HOSTILE;

/// One project with one channel, whose process references one image.
pub(crate) struct Shop {
    answers: bool,
    knows_triggers: bool,
    pub(crate) created: RefCell<Vec<NativeDraft>>,
    /// The changes of ownership, such as `adopt ProjectTriggers-9`.
    pub(crate) owned: RefCell<Vec<String>>,
}

impl Shop {
    pub(crate) fn open() -> Self {
        Self {
            answers: true,
            knows_triggers: true,
            created: RefCell::default(),
            owned: RefCell::default(),
        }
    }

    /// Every call fails with a hostile error message.
    pub(crate) fn failing() -> Self {
        Self {
            answers: false,
            ..Self::open()
        }
    }

    /// A server before 2024.2.
    pub(crate) fn without_feed_triggers() -> Self {
        Self {
            knows_triggers: false,
            ..Self::open()
        }
    }

    fn answer<T>(&self, value: T) -> Result<T, OctopusError> {
        if self.answers {
            return Ok(value);
        }
        Err(OctopusError {
            message: format!("Octopus does not answer {HOSTILE}"),
            kind: OctopusErrorKind::Unavailable,
            source: None,
        })
    }
}

fn project() -> Project {
    Project {
        id: ProjectId::new("Projects-1"),
        space: SpaceId::new("Spaces-1"),
        name: HOSTILE.into(),
        is_disabled: false,
        process_id: None,
        git_ref: None,
    }
}

fn channel() -> Channel {
    Channel {
        id: ChannelId::new("Channels-1"),
        name: HOSTILE.into(),
        rules: Vec::new(),
        custom_fields: Vec::new(),
    }
}

impl OctopusReader for Shop {
    async fn spaces(&self, _: &[String]) -> Result<Vec<Space>, OctopusError> {
        self.answer(vec![Space {
            id: SpaceId::new("Spaces-1"),
            name: "The space's name".into(),
            slug: String::new(),
        }])
    }

    async fn feed_triggers(&self, space: &SpaceId) -> Result<Vec<NativeTrigger>, OctopusError> {
        let of_octopus = NativeTrigger {
            id: TriggerId::new("ProjectTriggers-9"),
            name: format!("Run by Octopus {HOSTILE}"),
            description: String::new(),
            is_disabled: false,
            project: project().id,
            channel: Some(channel().id),
            sources: Vec::new(),
            unreadable: None,
        };
        assert_eq!(space.as_str(), "Spaces-1");
        self.answer(vec![of_octopus])
    }

    async fn feed_trigger(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
    ) -> Result<Option<NativeTrigger>, OctopusError> {
        let triggers = self.feed_triggers(space).await?;
        Ok(triggers.into_iter().find(|one| one.id == *trigger))
    }

    async fn feeds(&self, space: &SpaceId) -> Result<Vec<Feed>, OctopusError> {
        self.answer(vec![Feed {
            id: FeedId::new("Feeds-1"),
            space: space.clone(),
            name: HOSTILE.into(),
            kind: FeedKind::Docker,
            uri: Some("https://feed.example".into()),
            registry_path: None,
            region: None,
            account: None,
            has_credentials: false,
        }])
    }

    async fn project(&self, _: &SpaceId, _: &ProjectId) -> Result<Project, OctopusError> {
        self.answer(project())
    }

    async fn find_project(&self, _: &SpaceId, _: &str) -> Result<Project, OctopusError> {
        self.answer(project())
    }

    async fn process(&self, _: &Project, _: &ChannelId) -> Result<Process, OctopusError> {
        let packages = vec![TemplatePackage {
            action_name: HOSTILE.into(),
            package_reference: String::new(),
            feed: FeedId::new("Feeds-1"),
            package: PackageId::new(HOSTILE),
            is_resolvable: true,
            fixed_version: None,
        }];
        self.answer(Process {
            actions: vec![Action {
                slug: None,
                name: HOSTILE.into(),
                is_disabled: false,
                package_references: vec![String::new()],
            }],
            rule_names: Default::default(),
            identities: Vec::new(),
            template: ReleaseTemplate {
                packages,
                versioning: Versioning::Template { next: None },
            },
        })
    }

    async fn channel(&self, _: &Project, _: Option<&ChannelId>) -> Result<Channel, OctopusError> {
        self.answer(channel())
    }

    async fn find_channel(&self, _: &Project, _: &str) -> Result<Channel, OctopusError> {
        self.answer(channel())
    }

    async fn releases(
        &self,
        _: &Project,
        _: &ChannelId,
        _: usize,
    ) -> Result<Vec<Release>, OctopusError> {
        self.answer(Vec::new())
    }

    async fn released_packages(
        &self,
        _: &Project,
        _: &ReleasedProcess,
    ) -> Result<Option<Vec<PackageIdentity>>, OctopusError> {
        self.answer(None)
    }
}

impl Catalogue for Shop {
    async fn projects(&self, _: &SpaceId) -> Result<Vec<Project>, OctopusError> {
        self.answer(vec![project()])
    }

    async fn channels(&self, _: &Project) -> Result<Vec<ListedChannel>, OctopusError> {
        self.answer(vec![ListedChannel {
            channel: channel(),
            is_default: true,
            lifecycle: Some("Lifecycles-1".into()),
        }])
    }

    async fn channel_names(&self, _: &SpaceId) -> Result<Vec<(ChannelId, String)>, OctopusError> {
        self.answer(vec![(channel().id, "The channel's name".into())])
    }

    async fn lifecycle(&self, _: &SpaceId, _: &str) -> Result<Lifecycle, OctopusError> {
        self.answer(Lifecycle {
            name: HOSTILE.into(),
            phases: vec![Phase {
                name: HOSTILE.into(),
                automatic: vec![HOSTILE.into()],
                manual: vec![HOSTILE.into()],
                is_optional: false,
            }],
        })
    }

    async fn has_feed_triggers(&self) -> Result<bool, OctopusError> {
        self.answer(self.knows_triggers)
    }
}

impl TriggerCreator for Shop {
    async fn create_trigger(&self, trigger: &NativeDraft) -> Result<TriggerId, OctopusError> {
        self.created.borrow_mut().push(trigger.clone());
        self.answer(TriggerId::new("ProjectTriggers-7"))
    }
}

impl TriggerOwnership for Shop {
    async fn adopt(
        &self,
        _: &SpaceId,
        trigger: &TriggerId,
        includes_disabled: bool,
    ) -> Result<(), OctopusError> {
        let verb = if includes_disabled {
            "adopt disabled"
        } else {
            "adopt"
        };
        self.owned.borrow_mut().push(format!("{verb} {trigger}"));
        self.answer(())
    }

    async fn return_to_octopus(
        &self,
        _: &SpaceId,
        trigger: &TriggerId,
    ) -> Result<(), OctopusError> {
        self.owned.borrow_mut().push(format!("return {trigger}"));
        self.answer(())
    }
}

/// A registry whose every package has one version.
#[derive(Default)]
pub(crate) struct Registry {
    access: Access,
}

impl FeedReader for Registry {
    async fn read(&self, _: &Feed, requests: &[ReadRequest]) -> FeedAnswer {
        let listing = || Reading::Listing {
            versions: vec![Listed {
                version: "1.5.0".into(),
                digest: None,
                published: None,
            }],
            validators: None,
        };
        FeedAnswer {
            readings: requests.iter().map(|_| Ok(listing())).collect(),
            ..FeedAnswer::default()
        }
    }
}

impl Routes for Registry {
    fn access(&self) -> Access {
        self.access.clone()
    }
}
