//! A bar on standard error for what takes long: how many of the steps are done. It is for a person at a
//! terminal, and gone when the answer comes.

use std::io::{self, IsTerminal, Write};
use std::sync::LazyLock;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use operator::ports::Progress;

/// Before it is known how many steps there are.
const UNKNOWN: &str = "{msg}...";

/// From then on.
const KNOWN: &str = "{msg} [{bar:30}] {pos}/{len}";

/// What is on the screen. Log lines go around it.
static SHOWN: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// The steps of something that takes long. Dropped, they are gone from the screen.
#[derive(Debug)]
pub struct Steps(ProgressBar);

impl Steps {
    /// Shows what is done; nothing where nobody watches.
    pub(super) fn show(text: &str, is_watched: bool) -> Self {
        if !is_watched {
            return Self(ProgressBar::hidden());
        }
        let bar = SHOWN.add(ProgressBar::new(0).with_style(style(UNKNOWN)));
        bar.set_message(text.to_owned());
        bar.tick();
        Self(bar)
    }
}

impl Progress for Steps {
    fn ahead(&self, steps: usize) {
        self.0.set_style(style(KNOWN));
        self.0.inc_length(steps.try_into().unwrap_or(u64::MAX));
    }

    fn step(&self) {
        self.0.inc(1);
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Whether a bar can be drawn: it moves the cursor, which a dumb terminal cannot.
pub(super) fn is_drawn() -> bool {
    io::stderr().is_terminal() && anstyle_query::term_supports_color()
}

fn style(template: &str) -> ProgressStyle {
    let bar = ProgressStyle::with_template(template);
    bar.unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

/// Standard error beside a bar, for lines that come while there is one.
#[derive(Clone, Copy, Debug, Default)]
pub struct BesideBar;

impl Write for BesideBar {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        SHOWN.suspend(|| io::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
