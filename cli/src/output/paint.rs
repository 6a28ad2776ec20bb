//! Colours: what has one, and whether there is somebody who sees it. A colour never says anything that the
//! word does not.

use std::io::{self, IsTerminal};

use anstyle::AnsiColor;
use comfy_table::{Cell, Color};
use domain::history::Outcome;

use crate::args::OutputFormat;

/// How something stands, as far as that is worth a colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing that stands out.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// Somebody should know.
    Warning,
    /// Somebody may have to act.
    Bad,
}

impl From<Outcome> for Tone {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Created => Self::Good,
            Outcome::Waiting => Self::Warning,
            Outcome::Refused | Outcome::Failed => Self::Bad,
            Outcome::AlreadyReleased | Outcome::Observed | Outcome::Skipped => Self::Plain,
        }
    }
}

/// Gives texts their colours, where there are any.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint {
    is_wanted: bool,
}

impl Paint {
    /// For the answer: of people who read it at a terminal and want colours.
    pub(super) fn of_answer(format: OutputFormat) -> Self {
        let is_for_people = format == OutputFormat::Table && io::stdout().is_terminal();
        Self {
            is_wanted: is_for_people && !is_without_colour(),
        }
    }

    /// A text in a line.
    pub(super) fn text(self, tone: Tone, text: &str) -> String {
        let colour = match tone {
            _ if !self.is_wanted => return text.to_owned(),
            Tone::Plain => return text.to_owned(),
            Tone::Good => AnsiColor::Green,
            Tone::Warning => AnsiColor::Yellow,
            Tone::Bad => AnsiColor::Red,
        };
        let style = colour.on_default();
        format!("{style}{text}{style:#}")
    }

    /// A cell of a table, which is as wide as its text whatever its colour.
    pub(super) fn cell(self, tone: Tone, text: &str) -> Cell {
        let cell = Cell::new(text);
        match tone {
            _ if !self.is_wanted => cell,
            Tone::Plain => cell,
            Tone::Good => cell.fg(Color::DarkGreen),
            Tone::Warning => cell.fg(Color::DarkYellow),
            Tone::Bad => cell.fg(Color::DarkRed),
        }
    }
}

/// Whether nothing is to be coloured anywhere: the user does not want it (<https://no-color.org>), or the
/// terminal cannot.
pub fn is_without_colour() -> bool {
    anstyle_query::no_color() || !anstyle_query::term_supports_color()
}

#[cfg(test)]
impl Paint {
    /// Colours, wherever the test runs.
    pub(super) const ALWAYS: Self = Self { is_wanted: true };
    /// None.
    pub(super) const NEVER: Self = Self { is_wanted: false };
}
