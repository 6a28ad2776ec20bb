//! A progress bar on standard error for long operations. It is drawn only at a terminal and removed before
//! the result is printed.

use std::io::{self, IsTerminal, Write};
use std::sync::LazyLock;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use operator::ports::Progress;

/// The style while the number of steps is unknown.
const UNKNOWN: &str = "{msg}...";

/// The style with a known number of steps.
const KNOWN: &str = "{msg} [{bar:30}] {pos}/{len}";

/// The bars on the screen. Log lines are written above them.
static BARS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// The steps of a long operation. Dropping it removes the bar.
#[derive(Debug)]
pub struct ProgressSteps(ProgressBar);

impl ProgressSteps {
    /// Draws a bar with this text, or nothing.
    pub(super) fn show(text: &str, is_drawn: bool) -> Self {
        if !is_drawn {
            return Self(ProgressBar::hidden());
        }
        let bar = BARS.add(ProgressBar::new(0).with_style(style(UNKNOWN)));
        bar.set_message(text.to_owned());
        bar.tick();
        Self(bar)
    }
}

impl Progress for ProgressSteps {
    fn ahead(&self, steps: usize) {
        self.0.set_style(style(KNOWN));
        self.0.inc_length(steps.try_into().unwrap_or(u64::MAX));
    }

    fn step(&self) {
        self.0.inc(1);
    }
}

impl Drop for ProgressSteps {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Whether a bar can be drawn: it moves the cursor, which a dumb terminal cannot do.
pub(super) fn is_drawn() -> bool {
    io::stderr().is_terminal() && anstyle_query::term_supports_color()
}

fn style(template: &str) -> ProgressStyle {
    let bar = ProgressStyle::with_template(template);
    bar.unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

/// Standard error for log lines; hides the bar while it writes.
#[derive(Clone, Copy, Debug, Default)]
pub struct StderrWithBar;

impl Write for StderrWithBar {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        BARS.suspend(|| io::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
