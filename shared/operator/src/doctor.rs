//! Checks Octopus, feeds, triggers and the stack for problems, each with its remedy. It reads feeds like a check
//! and stores nothing but pauses.

mod code;
mod feeds;
mod octopus;
mod queues;
mod running;
mod stack;
mod webhooks;

pub use code::FindingCode;
pub use queues::queues;
pub use stack::{StackFacts, stack};
pub use webhooks::webhooks;

use domain::coded::{Coded, CodedText, DetailValue};
use domain::time::Timestamp;

use crate::overview::{Look, Memory};
use crate::ports::Progress;
use engine::StepError;
use engine::ports::{Caller, Catalogue, Clock, FeedReader, OctopusReader, Routes};

/// Checks everything.
pub struct Doctor<'a, S, O, R, C> {
    /// Reads triggers, feeds and runs.
    pub look: Look<'a, S, O, C>,
    /// Reads feeds.
    pub reader: &'a R,
    /// Receives the number of feeds that were read.
    pub progress: &'a dyn Progress,
}

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoctorFinding {
    /// The area: `octopus`, `permission`, `feed`, `trigger`, `schedule`, `stack`, `queue`, `webhook`.
    pub area: &'static str,
    /// The checked object.
    pub subject: String,
    pub verdict: Verdict,
    /// The observation.
    pub seen: CodedText,
    /// The remedy; for an ok finding, at most a command that shows more.
    pub remedy: Option<String>,
}

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Ok,
    /// Works now, or could not be determined; the operator should know.
    Warning,
    /// The operator must act.
    Error,
}

impl Verdict {
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl DoctorFinding {
    /// An ok finding; [`warning`](Self::warning) and [`error`](Self::error) change that.
    pub fn of(
        area: &'static str,
        subject: impl Into<String>,
        code: FindingCode,
        seen: impl Into<String>,
    ) -> Self {
        Self::about(area, subject, Coded::new(code, seen))
    }

    /// The same with an observation that has its code and values.
    pub fn about(
        area: &'static str,
        subject: impl Into<String>,
        seen: impl Into<CodedText>,
    ) -> Self {
        Self {
            area,
            subject: subject.into(),
            verdict: Verdict::Ok,
            seen: seen.into(),
            remedy: None,
        }
    }

    /// Adds a text to the values of the observation.
    #[must_use]
    fn text(mut self, name: &str, value: impl Into<String>) -> Self {
        let value = DetailValue::Text(value.into());
        self.seen.values.insert(name.to_owned(), value);
        self
    }

    /// Adds a number to the values of the observation.
    #[must_use]
    fn number(mut self, name: &str, value: impl TryInto<i64>) -> Self {
        let value = DetailValue::Number(value.try_into().unwrap_or(i64::MAX));
        self.seen.values.insert(name.to_owned(), value);
        self
    }

    /// Makes it a warning.
    pub fn warning(self, remedy: impl Into<String>) -> Self {
        self.but(Verdict::Warning, remedy)
    }

    /// Makes it an error.
    pub fn error(self, remedy: impl Into<String>) -> Self {
        self.but(Verdict::Error, remedy)
    }

    /// Makes it an error unless `is_ok`.
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
    /// Checks everything. If Octopus does not answer, the check ends with that finding.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn examine(&self) -> Result<Vec<DoctorFinding>, StepError> {
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
        findings.extend(self.settings().await?);
        Ok(findings)
    }

    fn now(&self) -> Timestamp {
        self.look.clock.now()
    }
}
