//! What was chosen so far. It stands in the address, so that each step can be kept, sent to a colleague and
//! gone back to.

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

/// The steps with their segment of the address and their label, in order.
pub(super) const ALL: [(Step, &str, &str); 6] = [
    (Step::Kind, "", "Type"),
    (Step::Name, "name", "Name"),
    (Step::Project, "project", "Project"),
    (Step::Channel, "channel", "Channel"),
    (Step::Sources, "sources", "Sources"),
    (Step::Summary, "summary", "Summary"),
];

impl Step {
    /// The step at this segment of the address.
    pub(crate) fn at(segment: &str) -> Option<Self> {
        let mut all = ALL.into_iter();
        all.find(|(_, own, _)| *own == segment)
            .map(|(step, ..)| step)
    }

    /// The step after it; the last one leads to itself.
    pub(super) fn next(self) -> Self {
        let mut all = ALL.into_iter().map(|(step, ..)| step);
        all.find(|step| *step > self).unwrap_or(self)
    }

    /// Its address with nothing chosen.
    pub(super) fn path(self) -> String {
        let own = ALL.into_iter().find(|(step, ..)| *step == self);
        match own {
            Some((_, segment, _)) if !segment.is_empty() => format!("{}/{segment}", path::ADD),
            _ => path::ADD.to_owned(),
        }
    }
}

/// What was chosen so far.
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

/// Where a trigger can be, as addresses say it.
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

    /// The first step whose answer is missing, and what is.
    pub(super) fn unfinished(&self) -> Option<(Step, &'static str)> {
        [
            (
                !self.name.is_empty(),
                Step::Name,
                "The trigger has no name. Give it one.",
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
                "The trigger watches nothing. Choose at least one source.",
            ),
        ]
        .into_iter()
        .find(|(is_there, ..)| !is_there)
        .map(|(_, step, what)| (step, what))
    }

    /// The address of a step with all that was chosen.
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

    /// What the form of a step takes along: all that does not follow from its own answer.
    pub(super) fn kept_by(&self, step: Step) -> impl Iterator<Item = (&'static str, String)> {
        let is_kept = move |asked: Step| match step {
            Step::Kind => true,
            Step::Name => asked != Step::Name,
            _ => asked < step,
        };
        let kept = self.fields().into_iter();
        kept.filter(move |(asked, ..)| is_kept(*asked))
            .map(|(_, name, value)| (name, value))
    }

    /// The fields, with the step that asks for each.
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

/// A project as a field has it. A space's id holds no slash.
pub(super) fn project_field(space: &SpaceId, project: &ProjectId) -> String {
    format!("{space}/{project}")
}
