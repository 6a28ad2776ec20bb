//! Failed requests: whether they end the refresh.

use domain::problem::{Problem, ProblemCode};

use super::{FAILURES_IN_A_ROW, Refresh, SpaceFailure};
use crate::ports::{OctopusError, OctopusErrorKind, OctopusReader};

impl Refresh<'_> {
    /// Returns the error if it concerns only a part of the server.
    pub(super) async fn unless_fatal<O: OctopusReader>(
        &mut self,
        octopus: &O,
        error: OctopusError,
    ) -> Result<OctopusError, OctopusError> {
        match error.kind {
            kind if kind.concerns_key() => Err(error),
            kind if kind.is_temporary() => {
                octopus.spaces(self.input.spaces).await?;
                Ok(error)
            }
            _ => Ok(error),
        }
    }

    /// Checks now and then whether the server answers at all.
    pub(super) async fn count_failure<O: OctopusReader>(
        &mut self,
        octopus: &O,
    ) -> Result<(), OctopusError> {
        self.failures_in_a_row += 1;
        if self.failures_in_a_row >= FAILURES_IN_A_ROW {
            self.failures_in_a_row = 0;
            octopus.spaces(self.input.spaces).await?;
        }
        Ok(())
    }

    pub(super) fn failed(&mut self, space: &str, error: &OctopusError) {
        self.failures.push(SpaceFailure {
            space: space.to_owned(),
            problem: problem(error),
        });
    }
}

/// The problem of the triggers that a failed request concerns.
pub(super) fn problem(error: &OctopusError) -> Problem {
    let code = match error.kind {
        OctopusErrorKind::NotFound => ProblemCode::NotFound,
        OctopusErrorKind::Forbidden => ProblemCode::Forbidden,
        kind if kind.is_temporary() => ProblemCode::OctopusUnavailable,
        _ => ProblemCode::OctopusRefused,
    };
    Problem::new(code, error.message.as_str())
}
