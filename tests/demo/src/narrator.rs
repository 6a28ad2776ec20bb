//! Telling: what is shown and how, in colour on a terminal alone.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

/// Tells the story to a terminal, a pipe or a test.
pub struct Narrator<W> {
    out: W,
    colours: bool,
    chapter: u32,
}

/// How a text is shown. The numbers are those of ECMA-48's "select graphic rendition".
#[derive(Clone, Copy)]
enum Style {
    Bold = 1,
    Dim = 2,
    Good = 32,
}

impl Narrator<io::Stdout> {
    /// Tells on standard output.
    pub fn on_stdout() -> Self {
        let out = io::stdout();
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            colours: wanted && out.is_terminal(),
            out,
            chapter: 0,
        }
    }
}

impl<W: Write> Narrator<W> {
    /// Tells to whatever can be written to, without colours.
    pub fn plain(out: W) -> Self {
        Self {
            out,
            colours: false,
            chapter: 0,
        }
    }

    /// The headline.
    pub fn title(&mut self, text: &str) -> io::Result<()> {
        let text = self.styled(Style::Bold, text);
        writeln!(self.out, "{text}\n")
    }

    /// A line of what there is: name and value.
    pub fn item(&mut self, name: &str, value: &str) -> io::Result<()> {
        writeln!(self.out, "  {name:<10} {value}")
    }

    /// Begins the next step.
    pub fn step(&mut self, text: &str) -> io::Result<()> {
        self.chapter += 1;
        let line = self.styled(Style::Bold, &format!("{}  {text}", self.chapter));
        writeln!(self.out, "\n{line}")
    }

    /// What came of the step.
    pub fn outcome(&mut self, text: &str) -> io::Result<()> {
        let mark = self.styled(Style::Good, "✓");
        writeln!(self.out, "   {mark} {text}")
    }

    /// What is told besides.
    pub fn aside(&mut self, text: &str) -> io::Result<()> {
        let text = self.styled(Style::Dim, text);
        writeln!(self.out, "     {text}")
    }

    /// A line as it is.
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

/// A time for people: milliseconds, or seconds where there are some.
pub fn shown(took: Duration) -> String {
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
    fn steps_are_counted_and_a_pipe_gets_no_colours() {
        let mut told = Vec::new();
        let mut say = Narrator::plain(&mut told);
        say.step("first").unwrap();
        say.outcome("done").unwrap();
        say.step("second").unwrap();
        let told = String::from_utf8(told).unwrap();
        assert_eq!(told, "\n1  first\n   ✓ done\n\n2  second\n");
    }

    #[test]
    fn times_are_short() {
        assert_eq!(shown(Duration::from_micros(41_700)), "41 ms");
        assert_eq!(shown(Duration::from_millis(2_340)), "2.3 s");
    }
}
