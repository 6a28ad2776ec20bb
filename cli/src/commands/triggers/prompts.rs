//! The prompts of `triggers add` at a terminal. They are written to standard error, so that standard output
//! contains only the result.
#![expect(
    clippy::print_stderr,
    reason = "the prompts of a dialog at the terminal"
)]

use dialoguer::console::{Term, truncate_str};
use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{Confirm, FuzzySelect, Input, Select};

use engine::ports::{Project, Space};
use operator::add::{ChannelChoice, Home, NewTrigger, SourceChoice};

use crate::output::{print_error, shown, wrapped};

/// The columns beside an item: the marker and the scroll position.
const MARGIN: usize = 12;

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
    pub(super) fn kind(&self) -> anyhow::Result<Option<()>> {
        let types = ["External feed: create a release when an image or a chart changes"];
        let chosen = Select::with_theme(&*self.theme)
            .with_prompt("Trigger type")
            .items(types.map(|text| self.item(text)))
            .default(0)
            .interact_opt()?;
        Ok(chosen.map(|_| ()))
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

    pub(super) fn space(&self, spaces: &[Space]) -> anyhow::Result<Option<usize>> {
        self.one("Space", spaces.iter().map(|space| space.name.clone()))
    }

    pub(super) fn project(&self, projects: &[Project]) -> anyhow::Result<Option<usize>> {
        let names = projects.iter().map(|project| project.name.clone());
        self.one("Project (type to search)", names)
    }

    /// The channel, after printing all channels with their lifecycles.
    pub(super) fn channel(&self, choices: &[ChannelChoice]) -> anyhow::Result<Option<usize>> {
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
            self.preview(choice);
        }
        self.one("Channel", choices.iter().map(label))
    }

    /// The sources, after printing all package references with the versions in their feeds. Each choice adds or
    /// removes one source or all, until the user chooses `Done`.
    pub(super) fn sources(
        &self,
        choices: Vec<SourceChoice>,
    ) -> anyhow::Result<Option<Vec<SourceChoice>>> {
        for choice in &choices {
            self.report(&format!(
                "  {}\n    {}",
                described(choice),
                choice.verdict()
            ));
        }
        let open = choices.into_iter().filter(|choice| choice.is_followable);
        let open: Vec<_> = open.collect();
        anyhow::ensure!(
            !open.is_empty(),
            "cannot choose sources: the deployment process has no package reference in this channel that can \
             be watched"
        );
        let mut chosen = vec![false; open.len()];
        loop {
            let count = chosen.iter().filter(|is_chosen| **is_chosen).count();
            let is_any = count > 0;
            let done = is_any.then(|| format!("Done: {count} of {}", open.len()));
            let sources = open.iter().zip(&chosen).map(|(choice, is_chosen)| {
                let mark = if *is_chosen { "[x]" } else { "[ ]" };
                format!("{mark} {}", short(choice))
            });
            let all = (open.len() > 1).then(|| format!("All {} sources", open.len()));
            let items = done.into_iter().chain(sources).chain(all);
            let Some(index) = self.one("Sources (type to search)", items)? else {
                return Ok(None);
            };
            match index.checked_sub(usize::from(is_any)) {
                None => break,
                Some(index) => match chosen.get_mut(index) {
                    Some(is_chosen) => *is_chosen = !*is_chosen,
                    None => chosen.fill(true),
                },
            }
        }
        let open = open.into_iter().zip(chosen);
        let open = open.filter(|(_, is_chosen)| *is_chosen);
        Ok(Some(open.map(|(choice, _)| choice).collect()))
    }

    pub(super) fn home(&self) -> anyhow::Result<Option<Home>> {
        let homes = [
            ("feedctl; Octopus shows it as disabled", Home::Adopted),
            ("Octopus, every three minutes", Home::Octopus),
            ("feedctl, from the file triggers.yaml", Home::File),
        ];
        let index = self.one("Run by", homes.iter().map(|(text, _)| (*text).to_owned()))?;
        let home = index.and_then(|index| homes.get(index));
        Ok(home.map(|(_, home)| *home))
    }

    /// Whether to add the trigger; no by default.
    pub(super) fn confirm(&self, new: &NewTrigger) -> anyhow::Result<Option<bool>> {
        eprintln!();
        for line in new.in_words() {
            self.report(&format!("  {line}"));
        }
        eprintln!();
        let prompt = Confirm::with_theme(&*self.theme)
            .with_prompt(shown(format_args!("Add the trigger `{}`?", new.name)))
            .default(false);
        Ok(prompt.interact_opt()?)
    }

    /// Prints a text, wrapped to the terminal.
    pub(super) fn report(&self, text: &str) {
        print_error(wrapped(text));
    }

    fn one(
        &self,
        prompt: &str,
        items: impl Iterator<Item = String>,
    ) -> anyhow::Result<Option<usize>> {
        let items: Vec<_> = items.map(|text| self.item(&text)).collect();
        Ok(FuzzySelect::with_theme(&*self.theme)
            .with_prompt(prompt)
            .items(&items)
            .default(0)
            .interact_opt()?)
    }

    /// An item that fits the terminal: a line that the terminal wraps cannot be redrawn.
    fn item(&self, text: &str) -> String {
        let (_, width) = Term::stderr().size();
        let width = usize::from(width).saturating_sub(MARGIN).max(MARGIN);
        truncate_str(&shown(text), width, "...").into_owned()
    }

    /// Prints the phases of the channel's lifecycle.
    fn preview(&self, choice: &ChannelChoice) {
        let name = &choice.listed.channel.name;
        let Some(lifecycle) = &choice.lifecycle else {
            return;
        };
        self.report(&format!("  {name}: lifecycle {}", lifecycle.name));
        for phase in &lifecycle.phases {
            self.report(&format!("    {phase}"));
        }
    }
}

/// Whether the user pressed Ctrl-C.
pub(super) fn is_interrupted(error: &anyhow::Error) -> bool {
    let dialoguer::Error::IO(source) = match error.downcast_ref() {
        Some(error) => error,
        None => return false,
    };
    source.kind() == std::io::ErrorKind::Interrupted
}

/// Shows the cursor, which an interrupted prompt hides.
pub(super) fn restore_terminal() {
    drop(Term::stderr().show_cursor());
}

/// The package reference with its package and newest version, for a list.
fn short(choice: &SourceChoice) -> String {
    let newest = choice.newest.as_ref();
    let newest = newest.map(|newest| format!(" {}", newest.version));
    format!("{}{}", described(choice), newest.unwrap_or_default())
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
