//! The prompts of `triggers add` at a terminal. They are written to standard error, so that standard output
//! contains only the result.
#![expect(
    clippy::print_stderr,
    reason = "the prompts of a dialog at the terminal"
)]

use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{Confirm, FuzzySelect, Input, MultiSelect, Select};
use engine::ports::{Project, Space};
use operator::add::{ChannelChoice, Home, NewTrigger, SourceChoice};

use crate::output::{print_error, shown};

/// Prompts the user at the terminal.
pub(super) struct Prompts {
    theme: Box<dyn Theme>,
}

impl Prompts {
    pub(super) fn new(has_colours: bool) -> Self {
        let theme: Box<dyn Theme> = if has_colours {
            Box::new(ColorfulTheme::default())
        } else {
            Box::new(SimpleTheme)
        };
        Self { theme }
    }

    /// Octopus's dialog begins with the trigger type. feedctl supports one.
    pub(super) fn kind(&self) -> anyhow::Result<()> {
        let types = ["External feed: create a release when an image or a chart changes"];
        Select::with_theme(&*self.theme)
            .with_prompt("Trigger type")
            .items(types)
            .default(0)
            .interact()?;
        Ok(())
    }

    pub(super) fn name(&self) -> anyhow::Result<String> {
        let prompt = Input::with_theme(&*self.theme).with_prompt("Name");
        Ok(prompt.interact_text()?)
    }

    pub(super) fn description(&self) -> anyhow::Result<String> {
        let prompt = Input::with_theme(&*self.theme)
            .with_prompt("Description (may be empty)")
            .allow_empty(true);
        Ok(prompt.interact_text()?)
    }

    pub(super) fn space(&self, spaces: &[Space]) -> anyhow::Result<usize> {
        self.one("Space", spaces.iter().map(|space| space.name.clone()))
    }

    pub(super) fn project(&self, projects: &[Project]) -> anyhow::Result<usize> {
        let names = projects.iter().map(|project| project.name.clone());
        self.one("Project (type to search)", names)
    }

    /// The channel, after printing all channels with their lifecycles.
    pub(super) fn channel(&self, choices: &[ChannelChoice]) -> anyhow::Result<usize> {
        let label = |choice: &ChannelChoice| {
            let name = &choice.listed.channel.name;
            let default = if choice.listed.is_default {
                " (default)"
            } else {
                ""
            };
            format!("{name}{default}: {}", choice.at_once())
        };
        for choice in choices {
            preview(choice);
        }
        self.one("Channel", choices.iter().map(label))
    }

    /// The sources, after printing all package references with the versions in their feeds. The items are
    /// short, because a line that the terminal wraps cannot be redrawn.
    pub(super) fn sources(&self, choices: Vec<SourceChoice>) -> anyhow::Result<Vec<SourceChoice>> {
        for choice in &choices {
            print_error(format_args!(
                "  {}\n    {}",
                described(choice),
                choice.verdict()
            ));
        }
        let open = choices.into_iter().filter(|choice| choice.is_followable);
        let open: Vec<_> = open.collect();
        anyhow::ensure!(
            !open.is_empty(),
            "cannot choose sources: the deployment process has no package reference in this channel that can be watched"
        );
        let labels = open.iter().map(|choice| shown(&choice.reference));
        let labels: Vec<_> = labels.collect();
        let chosen = loop {
            let chosen = MultiSelect::with_theme(&*self.theme)
                .with_prompt("Sources (space chooses, enter ends)")
                .items(&labels)
                .interact()?;
            if !chosen.is_empty() {
                break chosen;
            }
            eprintln!("  Choose at least one.");
        };
        let open = open.into_iter().enumerate();
        let open = open.filter(|(index, _)| chosen.contains(index));
        Ok(open.map(|(_, choice)| choice).collect())
    }

    pub(super) fn home(&self) -> anyhow::Result<Home> {
        let homes = [
            ("feedctl; Octopus shows it as disabled", Home::Adopted),
            ("Octopus, every three minutes", Home::Octopus),
            ("feedctl, from the file triggers.yaml", Home::File),
        ];
        let index = self.one("Run by", homes.iter().map(|(text, _)| (*text).to_owned()))?;
        Ok(homes.get(index).map_or(Home::Adopted, |(_, home)| *home))
    }

    pub(super) fn confirm(&self, new: &NewTrigger) -> anyhow::Result<bool> {
        eprintln!();
        for line in new.in_words() {
            print_error(format_args!("  {line}"));
        }
        eprintln!();
        let prompt = Confirm::with_theme(&*self.theme)
            .with_prompt(shown(format_args!("Add the trigger `{}`?", new.name)))
            .default(true);
        Ok(prompt.interact()?)
    }

    fn one(&self, prompt: &str, items: impl Iterator<Item = String>) -> anyhow::Result<usize> {
        let items: Vec<_> = items.map(shown).collect();
        Ok(FuzzySelect::with_theme(&*self.theme)
            .with_prompt(prompt)
            .items(&items)
            .default(0)
            .interact()?)
    }
}

/// Prints the phases of the channel's lifecycle.
fn preview(choice: &ChannelChoice) {
    let name = &choice.listed.channel.name;
    let Some(lifecycle) = &choice.lifecycle else {
        return;
    };
    print_error(format_args!("  {name}: lifecycle {}", lifecycle.name));
    for phase in &lifecycle.phases {
        print_error(format_args!("    {phase}"));
    }
}

/// The package reference with its package and feed, as far as they are known.
fn described(choice: &SourceChoice) -> String {
    let SourceChoice {
        reference,
        package,
        feed,
        ..
    } = choice;
    if package.is_empty() {
        return reference.to_string();
    }
    format!("{reference} = {package} from {feed}")
}
