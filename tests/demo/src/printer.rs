//! The demo's output, with colours on a terminal.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

/// Prints the steps of a demo to a terminal, a pipe or a test.
pub struct Printer<W> {
    out: W,
    colours: bool,
    number: u32,
}

/// How a text is shown. The numbers are those of ECMA-48's "select graphic rendition".
#[derive(Clone, Copy)]
enum Style {
    Bold = 1,
    Dim = 2,
    Green = 32,
}

impl Printer<io::Stdout> {
    /// Prints to standard output, with colours if it is a terminal and `NO_COLOR` is empty.
    pub fn on_stdout() -> Self {
        let out = io::stdout();
        let colours = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            colours: colours && out.is_terminal(),
            out,
            number: 0,
        }
    }
}

impl<W: Write> Printer<W> {
    /// Prints without colours.
    pub fn plain(out: W) -> Self {
        Self {
            out,
            colours: false,
            number: 0,
        }
    }

    /// Prints a heading.
    pub fn title(&mut self, text: &str) -> io::Result<()> {
        let text = self.styled(Style::Bold, text);
        writeln!(self.out, "{text}\n")
    }

    /// Prints a name and its value.
    pub fn item(&mut self, name: &str, value: &str) -> io::Result<()> {
        writeln!(self.out, "  {name:<10} {value}")
    }

    /// Prints the title of the next step, numbered.
    pub fn step(&mut self, text: &str) -> io::Result<()> {
        self.number += 1;
        let line = self.styled(Style::Bold, &format!("{}  {text}", self.number));
        writeln!(self.out, "\n{line}")
    }

    /// Prints the result of a step.
    pub fn outcome(&mut self, text: &str) -> io::Result<()> {
        let mark = self.styled(Style::Green, "✓");
        writeln!(self.out, "   {mark} {text}")
    }

    /// Prints a detail of a step.
    pub fn note(&mut self, text: &str) -> io::Result<()> {
        let text = self.styled(Style::Dim, text);
        writeln!(self.out, "     {text}")
    }

    /// Prints a line unchanged.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    fn styled(&self, style: Style, text: &str) -> String {
        if self.colours {
            format!("\x1b[{}m{text}\x1b[0m", style as u8)
        } else {
            text.to_owned()
        }
    }
}

/// A duration in milliseconds, or in seconds from one second on.
pub fn format_duration(took: Duration) -> String {
    if took < Duration::from_secs(1) {
        format!("{} ms", took.as_millis())
    } else {
        format!("{:.1} s", took.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_printer_numbers_steps_and_prints_no_colours() {
        let mut printed = Vec::new();
        let mut out = Printer::plain(&mut printed);
        out.step("first").unwrap();
        out.outcome("done").unwrap();
        out.step("second").unwrap();
        let printed = String::from_utf8(printed).unwrap();
        assert_eq!(printed, "\n1  first\n   ✓ done\n\n2  second\n");
    }

    #[test]
    fn duration_is_short() {
        assert_eq!(format_duration(Duration::from_micros(41_700)), "41 ms");
        assert_eq!(format_duration(Duration::from_millis(2_340)), "2.3 s");
    }
}
