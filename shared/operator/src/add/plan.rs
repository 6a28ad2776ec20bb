//! A trigger that is to be created.

use domain::definition::{Definition, SourceDefinition};
use domain::options::{Options, VersionPolicy};
use domain::trigger::{MARK, Runner, with_mark};

use super::{ChannelChoice, SourceChoice};
use engine::ports::{NativeDraft, Project, Space};

/// A trigger that is to be created.
#[derive(Clone, Debug)]
pub struct NewTrigger {
    /// Its name.
    pub name: String,
    /// Its description; may be empty.
    pub description: String,
    /// The space.
    pub space: Space,
    /// The project.
    pub project: Project,
    /// The channel.
    pub channel: ChannelChoice,
    /// Its sources.
    pub sources: Vec<SourceChoice>,
    /// Where it is created.
    pub home: Home,
}

/// Where a trigger is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// In Octopus, disabled and marked, so that only this program runs it.
    Adopted,
    /// In Octopus, which runs it.
    Octopus,
    /// In a file of triggers, which this program runs.
    File,
}

impl Home {
    /// The program that runs it.
    pub fn runner(self) -> Runner {
        match self {
            Self::Adopted | Self::File => Runner::ThisProgram,
            Self::Octopus => Runner::Octopus,
        }
    }
}

impl NewTrigger {
    /// The problems of the trigger, each with its remedy; empty if it can be created.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.name.trim().is_empty() {
            faults.push("the trigger has no name; enter one".to_owned());
        }
        if self.sources.is_empty() {
            faults.push("the trigger has no sources; select at least one".to_owned());
        }
        if self.project.is_disabled {
            faults.push(format!(
                "the project `{}` is disabled; enable it in Octopus first",
                self.project.name
            ));
        }
        for source in &self.sources {
            let reference = &source.reference;
            if let (false, Some(why)) = (source.is_followable, &source.problem) {
                faults.push(format!("the source {reference} cannot be watched: {why}"));
            } else if self.home == Home::Octopus && !source.is_image_or_chart {
                faults.push(format!(
                    "the source {reference} is neither an image nor a chart, which Octopus does not \
                     support; let this program run the trigger"
                ));
            }
        }
        if self.home == Home::Octopus && self.description.contains(MARK) {
            faults.push(format!(
                "the description contains {MARK}, which marks triggers that this program runs; remove it"
            ));
        }
        faults
    }

    /// Describes its effect, one sentence per line.
    pub fn in_words(&self) -> Vec<String> {
        let channel = &self.channel.listed.channel.name;
        let project = &self.project.name;
        let packages: Vec<_> = self
            .sources
            .iter()
            .map(|source| format!("{} (from {})", source.package, source.feed))
            .collect();
        let when = match packages.as_slice() {
            [one] => format!("When {one} has a newer permitted version"),
            several => format!(
                "When any of {} has a newer permitted version",
                several.join(", ")
            ),
        };
        let deployed = self.channel.at_once();
        let mut chars = deployed.chars();
        let deployed: String = chars
            .next()
            .into_iter()
            .flat_map(char::to_uppercase)
            .chain(chars)
            .collect();
        let location = match self.home {
            Home::Adopted => format!(
                "It is created in Octopus, disabled and marked {MARK}, so that only this program runs it."
            ),
            Home::Octopus => "It is created in Octopus, which runs it.".to_owned(),
            Home::File => {
                "It is added to the trigger file, which this program runs once it is applied."
                    .to_owned()
            }
        };
        vec![
            format!("{when}, a release of {project} is created in the channel {channel}."),
            format!("{deployed}."),
            location,
        ]
    }

    /// Converts it to a trigger of Octopus.
    pub fn native(&self) -> NativeDraft {
        let is_adopted = self.home == Home::Adopted;
        let description = self.description.trim();
        NativeDraft {
            space: self.space.id.clone(),
            project: self.project.id.clone(),
            channel: self.channel.listed.channel.id.clone(),
            name: self.name.trim().to_owned(),
            description: if is_adopted {
                with_mark(description)
            } else {
                description.to_owned()
            },
            is_disabled: is_adopted,
            sources: self
                .sources
                .iter()
                .map(|source| source.reference.clone())
                .collect(),
        }
    }

    /// Converts it to a trigger of a file.
    pub fn definition(&self) -> Definition {
        let source = |source: &SourceChoice| SourceDefinition {
            action: source.reference.action_slug.clone(),
            package_reference: source.reference.package_reference.clone(),
            policy: VersionPolicy::default(),
        };
        Definition {
            name: self.name.trim().to_owned(),
            description: self.description.trim().to_owned(),
            space: Some(self.space.name.clone()),
            project: self.project.name.clone(),
            channel: Some(self.channel.listed.channel.name.clone()),
            is_disabled: false,
            sources: self.sources.iter().map(source).collect(),
            options: Options::default(),
        }
    }
}
