//! What was chosen: a trigger that does not exist yet.

use domain::definition::{Definition, SourceDefinition};
use domain::options::{Options, VersionPolicy};
use domain::trigger::{MARK, Runner, with_mark};

use super::{ChannelChoice, SourceChoice};
use engine::ports::{NativeDraft, Project, Space};

/// A trigger to be added.
#[derive(Clone, Debug)]
pub struct NewTrigger {
    /// Its name.
    pub name: String,
    /// What it is for; empty if nothing is said.
    pub description: String,
    /// The space.
    pub space: Space,
    /// The project.
    pub project: Project,
    /// The channel.
    pub channel: ChannelChoice,
    /// What it watches.
    pub sources: Vec<SourceChoice>,
    /// Where it is to be.
    pub home: Home,
}

/// Where a trigger is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// In Octopus, switched off there and marked, so that this program alone runs it.
    Adopted,
    /// In Octopus, which runs it.
    Octopus,
    /// In a file of triggers, which this program runs.
    File,
}

impl Home {
    /// Who will run it.
    pub fn runner(self) -> Runner {
        match self {
            Self::Adopted | Self::File => Runner::ThisProgram,
            Self::Octopus => Runner::Octopus,
        }
    }
}

impl NewTrigger {
    /// What is wrong with it, each with the remedy; nothing if it can be added.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.name.trim().is_empty() {
            faults.push("the trigger has no name; give it one".to_owned());
        }
        if self.sources.is_empty() {
            faults.push("the trigger watches nothing; choose at least one source".to_owned());
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
                    "the source {reference} is neither an image nor a chart, and Octopus follows nothing \
                     else; let this program run the trigger"
                ));
            }
        }
        if self.home == Home::Octopus && self.description.contains(MARK) {
            faults.push(format!(
                "the description holds {MARK}, which stands for a trigger that Octopus does not run; leave \
                 it out"
            ));
        }
        faults
    }

    /// What it will do, in plain words, a sentence a line.
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
        let mut letters = deployed.chars();
        let deployed: String = letters
            .next()
            .into_iter()
            .flat_map(char::to_uppercase)
            .chain(letters)
            .collect();
        let where_it_is = match self.home {
            Home::Adopted => format!(
                "It is created in Octopus switched off and marked {MARK}, so that this program alone runs it."
            ),
            Home::Octopus => "It is created in Octopus, which runs it.".to_owned(),
            Home::File => {
                "It is written to the file of triggers, which this program runs once it is applied."
                    .to_owned()
            }
        };
        vec![
            format!("{when}, a release of {project} is created in the channel {channel}."),
            format!("{deployed}."),
            where_it_is,
        ]
    }

    /// As a trigger of Octopus's own.
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

    /// As a trigger of the file.
    pub fn definition(&self) -> Definition {
        let source = |source: &SourceChoice| SourceDefinition {
            action: source.reference.action_slug.clone(),
            package_reference: source.reference.package_reference.clone(),
            selection: VersionPolicy::default(),
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
