//! A terminal with a program in it: what the program writes is put on a screen, and keys go to the program.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, OptionalActions, Winsize, tcgetattr, tcsetattr, tcsetwinsize};

pub(crate) const ROWS: u16 = 36;
pub(crate) const COLUMNS: u16 = 124;

/// A machine that is busy with other tests is slow.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Terminal {
    child: Child,
    keyboard: File,
    written: Receiver<Vec<u8>>,
    /// Everything that was written, also what was wiped away since.
    all: Vec<u8>,
    columns: u16,
    pub(crate) screen: vt100::Parser,
}

impl Terminal {
    pub(crate) fn run(command: Command) -> Self {
        Self::of_width(COLUMNS, command)
    }

    /// A terminal that is wider, or narrower, than the usual one.
    pub(crate) fn of_width(columns: u16, mut command: Command) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let size = Winsize {
            ws_row: ROWS,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&ours, size).unwrap();
        // Between two keys a program leaves the terminal to itself, and that would show keys which come then,
        // or take Ctrl-C for a signal to nobody.
        let mut modes = tcgetattr(&ours).unwrap();
        modes
            .local_modes
            .remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        tcsetattr(&ours, OptionalActions::Now, &modes).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap();
        let theirs = || {
            let mut options = File::options();
            let theirs = options.read(true).write(true).open(name.to_str().unwrap());
            Stdio::from(OwnedFd::from(theirs.unwrap()))
        };
        command.stdin(theirs()).stdout(theirs()).stderr(theirs());
        let child = command.spawn().unwrap();
        // What is left of the other side here would keep it open after the program's end.
        drop(command);
        let keyboard = File::from(ours);
        let mut output = keyboard.try_clone().unwrap();
        let (sender, written) = channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // The other side is closed when the program ends: an error on Linux.
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                if sender.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            keyboard,
            written,
            all: Vec::new(),
            columns,
            screen: vt100::Parser::new(ROWS, columns, 0),
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until a text stands on the screen.
    pub(crate) fn wait_for(&mut self, text: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.text().contains(text) {
            let left = until.saturating_duration_since(Instant::now());
            match self.written.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(error) => panic!("no `{text}` ({error}) on\n{}", self.text()),
            }
        }
    }

    /// Waits for the program's end; gives its exit code.
    pub(crate) fn wait_for_the_end(&mut self) -> Option<i32> {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.written.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end:\n{}", self.text()),
            }
        }
        self.child.wait().unwrap().code()
    }

    fn take(&mut self, bytes: &[u8]) {
        self.all.extend(bytes);
        self.screen.process(bytes);
    }

    /// Whether anything on the screen has a colour.
    pub(crate) fn has_colours(&self) -> bool {
        let mut rows = 0..ROWS;
        rows.any(|row| (0..self.columns).any(|column| self.is_coloured(row, column)))
    }

    fn is_coloured(&self, row: u16, column: u16) -> bool {
        let cell = self.screen.screen().cell(row, column);
        cell.is_some_and(|cell| cell.fgcolor() != vt100::Color::Default)
    }

    /// The pieces of the screen that have a colour, each with it.
    pub(crate) fn colours(&self) -> Vec<(String, vt100::Color)> {
        let mut pieces: Vec<(String, vt100::Color)> = Vec::new();
        for row in 0..ROWS {
            let mut is_going_on = false;
            for column in 0..self.columns {
                let Some(cell) = self.screen.screen().cell(row, column) else {
                    continue;
                };
                let colour = cell.fgcolor();
                let is_coloured = self.is_coloured(row, column);
                match pieces.last_mut() {
                    Some((text, own)) if is_going_on && *own == colour => {
                        text.push_str(cell.contents());
                    }
                    _ if is_coloured => pieces.push((cell.contents().to_owned(), colour)),
                    _ => {}
                }
                is_going_on = is_coloured;
            }
        }
        pieces
    }

    /// Everything that was written, also what was wiped away since.
    pub(crate) fn written(&self) -> String {
        String::from_utf8_lossy(&self.all).into_owned()
    }

    /// What stands on the screen.
    pub(crate) fn text(&self) -> String {
        self.screen.screen().contents()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
