//! A pseudo-terminal that runs a program: a virtual screen shows its output, and the test presses keys.

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

/// Long, because a machine that runs other tests is slow.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Terminal {
    child: Child,
    keyboard: File,
    written: Receiver<Vec<u8>>,
    /// All bytes that were written, including erased ones.
    all: Vec<u8>,
    columns: u16,
    pub(crate) screen: vt100::Parser,
}

impl Terminal {
    pub(crate) fn run(command: Command) -> Self {
        Self::of_width(COLUMNS, command)
    }

    /// A terminal of another width than the default.
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
        // Between two prompts the program resets the terminal, which would then echo keys and turn Ctrl-C into
        // a signal.
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
        // The command's copies of the other side would keep it open after the program exits.
        drop(command);
        let keyboard = File::from(ours);
        let mut output = keyboard.try_clone().unwrap();
        let (sender, written) = channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // The other side closes when the program exits; reading is then an error on Linux.
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

    /// Waits until the screen contains a text.
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

    /// Waits until the program exits; returns its code.
    pub(crate) fn wait_for_exit(&mut self) -> Option<i32> {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.written.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    panic!("the program does not exit:\n{}", self.text())
                }
            }
        }
        self.child.wait().unwrap().code()
    }

    fn take(&mut self, bytes: &[u8]) {
        self.all.extend(bytes);
        self.screen.process(bytes);
    }

    /// Whether the screen has a coloured cell.
    pub(crate) fn has_colours(&self) -> bool {
        let mut rows = 0..ROWS;
        rows.any(|row| (0..self.columns).any(|column| self.is_coloured(row, column)))
    }

    fn is_coloured(&self, row: u16, column: u16) -> bool {
        let cell = self.screen.screen().cell(row, column);
        cell.is_some_and(|cell| cell.fgcolor() != vt100::Color::Default)
    }

    /// The coloured texts of the screen, each with its colour.
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

    /// All bytes that were written, including erased ones.
    pub(crate) fn written(&self) -> String {
        String::from_utf8_lossy(&self.all).into_owned()
    }

    /// The text of the screen.
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
