//! The questions of `triggers add`, at a terminal. They are written to standard error, so that the answer
//! stands alone on standard output.
#![expect(
    clippy::print_stderr,
    reason = "a dialogue with the person at the terminal"
)]

use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{Confirm, FuzzySelect, Input, MultiSelect, Select};
use engine::add::{ChannelChoice, Home, NewTrigger, SourceChoice};
use engine::ports::{Project, Space};

/// Asks the person at the terminal.
pub(super) struct Ask {
    theme: Box<dyn Theme>,
}

impl Ask {
    pub(super) fn new(has_colours: bool) -> Self {
        let theme: Box<dyn Theme> = if has_colours {
            Box::new(ColorfulTheme::default())
        } else {
            Box::new(SimpleTheme)
        };
        Self { theme }
    }

    /// Octopus's dialogue begins with the type. This program knows one.
    pub(super) fn kind(&self) -> anyhow::Result<()> {
        let only = ["External feed: create a release when an image or a chart changes"];
        Select::with_theme(&*self.theme)
            .with_prompt("Trigger type")
            .items(only)
            .default(0)
            .interact()?;
        Ok(())
    }

    pub(super) fn name(&self) -> anyhow::Result<String> {
        let question = Input::with_theme(&*self.theme).with_prompt("Name");
        Ok(question.interact_text()?)
    }

    pub(super) fn description(&self) -> anyhow::Result<String> {
        let question = Input::with_theme(&*self.theme)
            .with_prompt("Description (may be empty)")
            .allow_empty(true);
        Ok(question.interact_text()?)
    }

    pub(super) fn space(&self, spaces: &[Space]) -> anyhow::Result<usize> {
        self.one("Space", spaces.iter().map(|space| space.name.clone()))
    }

    pub(super) fn project(&self, projects: &[Project]) -> anyhow::Result<usize> {
        let names = projects.iter().map(|project| project.name.clone());
        self.one("Project (type to search)", names)
    }

    /// The channel, after all of them were shown with their lifecycles.
    pub(super) fn channel(&self, choices: &[ChannelChoice]) -> anyhow::Result<usize> {
        let label = |choice: &ChannelChoice| {
            let name = &choice.listed.channel.name;
            let usual = if choice.listed.is_default {
                " (default)"
            } else {
                ""
            };
            format!("{name}{usual}: {}", choice.at_once())
        };
        let index = self.one("Channel", choices.iter().map(label))?;
        if let Some(choice) = choices.get(index)
            && let Some(lifecycle) = &choice.lifecycle
        {
            eprintln!("  Lifecycle {}", lifecycle.name);
            for phase in &lifecycle.phases {
                eprintln!("    {phase}");
            }
        }
        Ok(index)
    }

    /// Some of the package references. Those that cannot be watched are shown above, with the reason.
    pub(super) fn sources(&self, choices: Vec<SourceChoice>) -> anyhow::Result<Vec<SourceChoice>> {
        let (open, closed): (Vec<_>, Vec<_>) =
            choices.into_iter().partition(|choice| choice.is_followable);
        for choice in closed {
            eprintln!("  {}: {}", choice.reference, choice.verdict());
        }
        anyhow::ensure!(
            !open.is_empty(),
            "the deployment process references nothing in this channel that can be watched"
        );
        let label = |choice: &SourceChoice| {
            format!(
                "{} = {} from {}: {}",
                choice.reference,
                choice.package,
                choice.feed,
                choice.verdict()
            )
        };
        let labels: Vec<_> = open.iter().map(label).collect();
        let chosen = loop {
            let chosen = MultiSelect::with_theme(&*self.theme)
                .with_prompt("Sources (space chooses, enter ends)")
                .items(&labels)
                .report(false)
                .interact()?;
            if !chosen.is_empty() {
                break chosen;
            }
            eprintln!("  Choose at least one.");
        };
        let open = open.into_iter().enumerate();
        let open = open.filter(|(index, _)| chosen.contains(index));
        Ok(open
            .map(|(_, choice)| choice)
            .inspect(|choice| eprintln!("  {} = {}", choice.reference, choice.package))
            .collect())
    }

    pub(super) fn home(&self) -> anyhow::Result<Home> {
        let homes = [
            (
                "this program; Octopus shows it as switched off",
                Home::Adopted,
            ),
            ("Octopus, every three minutes", Home::Octopus),
            ("this program, from the file triggers.yaml", Home::File),
        ];
        let index = self.one("Run by", homes.iter().map(|(text, _)| (*text).to_owned()))?;
        Ok(homes.get(index).map_or(Home::Adopted, |(_, home)| *home))
    }

    pub(super) fn confirm(&self, new: &NewTrigger) -> anyhow::Result<bool> {
        eprintln!();
        for line in new.in_words() {
            eprintln!("  {line}");
        }
        eprintln!();
        let question = Confirm::with_theme(&*self.theme)
            .with_prompt(format!("Add the trigger `{}`?", new.name))
            .default(true);
        Ok(question.interact()?)
    }

    fn one(&self, prompt: &str, items: impl Iterator<Item = String>) -> anyhow::Result<usize> {
        let items: Vec<_> = items.collect();
        Ok(FuzzySelect::with_theme(&*self.theme)
            .with_prompt(prompt)
            .items(&items)
            .default(0)
            .interact()?)
    }
}
