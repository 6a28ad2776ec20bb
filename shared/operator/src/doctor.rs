//! What is in order and what is not, each with its remedy: for whoever sets the system up, or asks why it
//! does nothing. Feeds are read as by a check, and nothing that is found is kept but pauses.

mod feeds;
mod octopus;
mod queues;
mod running;
mod stack;

pub use queues::queues;
pub use stack::{StackFacts, stack};

use domain::time::Timestamp;

use crate::overview::{Look, Memory};
use crate::ports::Progress;
use engine::StepError;
use engine::ports::{Caller, Catalogue, Clock, FeedReader, OctopusReader, Routes};

/// Looks after everything.
pub struct Doctor<'a, S, O, R, C> {
    /// Looks at what goes on.
    pub look: Look<'a, S, O, C>,
    /// Reads feeds.
    pub reader: &'a R,
    /// Is told how many of the feeds were read.
    pub progress: &'a dyn Progress,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing: `octopus`, `permission`, `feed`, `trigger`, `schedule`, `stack`, `queue`.
    pub area: &'static str,
    /// Which.
    pub subject: String,
    /// How it is.
    pub verdict: Verdict,
    /// What was seen.
    pub seen: String,
    /// What to do about it; of what is well, at most where to see more.
    pub remedy: Option<String>,
}

/// How a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// In order.
    Ok,
    /// In order for now, or nothing to say for certain: somebody should know.
    Warning,
    /// Somebody has to do something.
    Error,
}

impl Verdict {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Finding {
    /// A thing that is in order, unless something else is said of it.
    pub fn of(area: &'static str, subject: impl Into<String>, seen: impl Into<String>) -> Self {
        Self {
            area,
            subject: subject.into(),
            verdict: Verdict::Ok,
            seen: seen.into(),
            remedy: None,
        }
    }

    /// The same of a thing that somebody should know of.
    pub fn warning(self, remedy: impl Into<String>) -> Self {
        self.but(Verdict::Warning, remedy)
    }

    /// The same of a thing that somebody has to do something about.
    pub fn error(self, remedy: impl Into<String>) -> Self {
        self.but(Verdict::Error, remedy)
    }

    /// The same, wrong if it is not well.
    fn error_unless(self, is_ok: bool, remedy: &str) -> Self {
        if is_ok { self } else { self.error(remedy) }
    }

    fn but(self, verdict: Verdict, remedy: impl Into<String>) -> Self {
        Self {
            verdict,
            remedy: Some(remedy.into()),
            ..self
        }
    }
}

impl<S, O, R, C> Doctor<'_, S, O, R, C>
where
    S: Memory,
    O: OctopusReader + Catalogue + Caller,
    R: FeedReader + Routes,
    C: Clock,
{
    /// Everything that can be looked at. What Octopus does not answer ends it early, with that finding.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn examine(&self) -> Result<Vec<Finding>, StepError> {
        let mut findings = Vec::new();
        let Some(user) = self.octopus(&mut findings).await else {
            return Ok(findings);
        };
        let current = match self.look.current().await {
            Ok(current) => current,
            Err(StepError::Octopus(error)) => {
                findings.push(octopus::refused("triggers", &error));
                return Ok(findings);
            }
            Err(error) => return Err(error),
        };
        findings.extend(self.permissions(&user, &current.fresh.spaces).await);
        findings.extend(self.feeds(&current).await?);
        findings.extend(self.triggers(&current).await?);
        findings.push(self.schedule().await?);
        Ok(findings)
    }

    fn now(&self) -> Timestamp {
        self.look.clock.now()
    }
}
