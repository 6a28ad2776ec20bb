//! Everything that leaves the process.

use std::fmt::Debug;
use std::io::Write;
use std::sync::{Arc, Mutex};

use engine::messages::Message;
use engine::with_causes;
use flate2::read::DeflateDecoder;
use hostile::Planted;
use lambda_kit::env::{self, Env};
use lambda_kit::telemetry;
use store::memory::MemoryTable;
use tracing::subscriber::DefaultGuard;

/// Everything so far. Clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Captured {
    /// The lines of a function's log from now on, at the most talkative level, on this thread.
    pub(crate) fn logs(&self) -> DefaultGuard {
        let env = Env::new([(env::LOG_LEVEL, "TRACE")]);
        tracing::subscriber::set_default(telemetry::lines(&env, self.clone()))
    }

    pub(crate) fn text(&self, text: &str) {
        self.clone().write_all(text.as_bytes()).unwrap();
    }

    pub(crate) fn debug(&self, value: &impl Debug) {
        self.text(&format!("{value:?}\n{value:#?}\n"));
    }

    pub(crate) fn error(&self, error: &(dyn std::error::Error + 'static)) {
        self.text(&format!("{error}\n{}\n{error:?}\n", with_causes(error)));
    }

    /// As they are sent.
    pub(crate) fn events(&self, messages: &[Message]) {
        for message in messages {
            let sent = wire::encode(message).unwrap();
            self.debug(&sent);
            self.text(&sent.detail);
        }
    }

    /// As they are stored, and what is stored compressed.
    pub(crate) fn rows(&self, table: &MemoryTable) {
        for row in table.rows() {
            self.debug(&row.key);
            self.clone().write_all(&row.body).unwrap();
            let mut inflated = Vec::new();
            if std::io::copy(&mut DeflateDecoder::new(&row.body[..]), &mut inflated).is_ok() {
                self.clone().write_all(&inflated).unwrap();
            }
        }
    }

    /// How many bytes there are, and the surroundings of the secret wherever it is among them.
    pub(crate) fn search(&self, planted: &Planted) -> (usize, Vec<String>) {
        let bytes = self.0.lock().unwrap().clone();
        (bytes.len(), planted.found_in(&bytes))
    }

    /// The text before a find.
    pub(crate) fn around(&self, found: &str) -> String {
        let text = String::from_utf8_lossy(&self.0.lock().unwrap()).to_lowercase();
        let at = text.find(&found.to_lowercase()).unwrap_or_default();
        let chars: Vec<_> = text[..at].chars().rev().take(300).collect();
        chars.into_iter().rev().collect::<String>() + found
    }
}
