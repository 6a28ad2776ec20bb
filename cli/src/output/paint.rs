//! Colours of the output. A colour only repeats the text.

use std::io::{self, IsTerminal};

use anstyle::AnsiColor;
use comfy_table::{Cell, Color};
use domain::history::Outcome;

use crate::args::OutputFormat;

/// The state that a colour shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// No colour.
    #[default]
    Plain,
    /// Success, in green.
    Good,
    /// A warning, in yellow.
    Warning,
    /// A failure or a refusal, in red.
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

/// Colours texts, if colours are enabled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint {
    is_enabled: bool,
}

impl Paint {
    /// Colours for standard output: enabled for tables at a terminal, unless the user disabled them.
    pub(super) fn for_output(format: OutputFormat) -> Self {
        let is_for_people = format == OutputFormat::Table && io::stdout().is_terminal();
        Self {
            is_enabled: is_for_people && !is_without_colour(),
        }
    }

    pub(super) fn is_enabled(self) -> bool {
        self.is_enabled
    }

    /// A text with its colour.
    pub(super) fn text(self, tone: Tone, text: &str) -> String {
        let colour = match tone {
            _ if !self.is_enabled => return text.to_owned(),
            Tone::Plain => return text.to_owned(),
            Tone::Good => AnsiColor::Green,
            Tone::Warning => AnsiColor::Yellow,
            Tone::Bad => AnsiColor::Red,
        };
        let style = colour.on_default();
        format!("{style}{text}{style:#}")
    }

    /// A cell of a table; colours do not count towards its width.
    pub(super) fn cell(self, tone: Tone, text: &str) -> Cell {
        let cell = Cell::new(text);
        match tone {
            _ if !self.is_enabled => cell,
            Tone::Plain => cell,
            Tone::Good => cell.fg(Color::DarkGreen),
            Tone::Warning => cell.fg(Color::DarkYellow),
            Tone::Bad => cell.fg(Color::DarkRed),
        }
    }
}

/// Whether colours are disabled by the user (<https://no-color.org>) or not supported by the terminal.
pub fn is_without_colour() -> bool {
    anstyle_query::no_color() || !anstyle_query::term_supports_color()
}

#[cfg(test)]
impl Paint {
    pub(super) const ALWAYS: Self = Self { is_enabled: true };
    pub(super) const NEVER: Self = Self { is_enabled: false };
}
