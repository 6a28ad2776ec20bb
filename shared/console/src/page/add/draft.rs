//! The choices so far. They are in the address, so each step can be bookmarked, shared and returned to.

use domain::ids::{ChannelId, ProjectId, SpaceId};
use operator::add::Home;

use crate::form::Form;
use crate::path;

/// A step of the dialogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Kind,
    Name,
    Project,
    Channel,
    Sources,
    Summary,
}

/// The steps in order, each with its path segment and label.
pub(super) const ALL: [(Step, &str, &str); 6] = [
    (Step::Kind, "", "Type"),
    (Step::Name, "name", "Name"),
    (Step::Project, "project", "Project"),
    (Step::Channel, "channel", "Channel"),
    (Step::Sources, "sources", "Sources"),
    (Step::Summary, "summary", "Summary"),
];

impl Step {
    /// The step with this path segment.
    pub(crate) fn at(segment: &str) -> Option<Self> {
        let mut all = ALL.into_iter();
        all.find(|(_, own, _)| *own == segment)
            .map(|(step, ..)| step)
    }

    /// The next step; the last step returns itself.
    pub(super) fn next(self) -> Self {
        let mut all = ALL.into_iter().map(|(step, ..)| step);
        all.find(|step| *step > self).unwrap_or(self)
    }

    /// The step's address without choices.
    pub(super) fn path(self) -> String {
        let own = ALL.into_iter().find(|(step, ..)| *step == self);
        match own {
            Some((_, segment, _)) if !segment.is_empty() => format!("{}/{segment}", path::ADD),
            _ => path::ADD.to_owned(),
        }
    }
}

/// The choices so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) description: String,
    /// The project, with its space.
    pub(super) project: Option<(SpaceId, ProjectId)>,
    pub(super) channel: Option<ChannelId>,
    /// The package references, as `deploy-web` or `deploy-web:web`.
    pub(super) sources: Vec<String>,
    pub(super) home: Option<Home>,
}

/// The values of the field `runBy`.
pub(super) const HOMES: [(Home, &str); 3] = [
    (Home::Adopted, "here"),
    (Home::Octopus, "octopus"),
    (Home::File, "file"),
];

impl Draft {
    pub(super) fn of(form: &Form) -> Self {
        let project = form.one("project");
        let project = project.as_ref().and_then(|text| text.split_once('/'));
        let home = form.one("runBy");
        let home = HOMES.iter().find(|(_, word)| home.as_deref() == Some(word));
        Self {
            name: form.one("name").unwrap_or_default(),
            description: form.one("description").unwrap_or_default(),
            project: project.map(|(space, id)| (SpaceId::new(space), ProjectId::new(id))),
            channel: form.one("channel").map(ChannelId::new),
            sources: form.all("source").collect(),
            home: home.map(|(home, _)| *home),
        }
    }

    /// The first step without a choice, and the problem.
    pub(super) fn unfinished(&self) -> Option<(Step, &'static str)> {
        [
            (
                !self.name.is_empty(),
                Step::Name,
                "The trigger has no name. Enter a name.",
            ),
            (
                self.project.is_some(),
                Step::Project,
                "No project is chosen. Choose one.",
            ),
            (
                self.channel.is_some(),
                Step::Channel,
                "No channel is chosen. Choose one.",
            ),
            (
                !self.sources.is_empty(),
                Step::Sources,
                "The trigger has no source. Choose at least one.",
            ),
        ]
        .into_iter()
        .find(|(is_there, ..)| !is_there)
        .map(|(_, step, label)| (step, label))
    }

    /// The address of a step with all choices.
    pub(super) fn address(&self, step: Step) -> String {
        let query: String = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(
                self.fields()
                    .into_iter()
                    .map(|(_, name, value)| (name, value)),
            )
            .finish();
        format!("{}?{query}", step.path())
    }

    /// The hidden fields of a step's form: the choices that do not depend on this step.
    pub(super) fn kept_by(&self, step: Step) -> impl Iterator<Item = (&'static str, String)> {
        let is_kept = move |asked_by: Step| match step {
            Step::Kind => true,
            Step::Name => asked_by != Step::Name,
            _ => asked_by < step,
        };
        let kept = self.fields().into_iter();
        kept.filter(move |(asked_by, ..)| is_kept(*asked_by))
            .map(|(_, name, value)| (name, value))
    }

    /// The fields, each with its step.
    pub(super) fn fields(&self) -> Vec<(Step, &'static str, String)> {
        let project = self.project.as_ref();
        let home = self.home.and_then(|own| {
            let mut homes = HOMES.into_iter();
            homes.find(|(home, _)| *home == own)
        });
        let single = [
            (Step::Name, "name", Some(self.name.clone())),
            (Step::Name, "description", Some(self.description.clone())),
            (
                Step::Project,
                "project",
                project.map(|(space, id)| project_field(space, id)),
            ),
            (
                Step::Channel,
                "channel",
                self.channel.as_ref().map(ToString::to_string),
            ),
            (
                Step::Sources,
                "runBy",
                home.map(|(_, word)| word.to_owned()),
            ),
        ];
        let single = single.into_iter().filter_map(|(step, name, value)| {
            Some((step, name, value.filter(|one| !one.is_empty())?))
        });
        let sources = self.sources.iter().cloned();
        single
            .chain(sources.map(|source| (Step::Sources, "source", source)))
            .collect()
    }
}

/// The value of the field `project`. A space id contains no slash.
pub(super) fn project_field(space: &SpaceId, project: &ProjectId) -> String {
    format!("{space}/{project}")
}
