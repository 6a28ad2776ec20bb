//! The filter of the list by state.

use domain::history::Outcome;
use domain::trigger::Runner;
use operator::overview::TriggerState;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StateFilter {
    All,
    /// Errors, stalled triggers, refused evaluations.
    NeedsAttention,
    Waiting,
    ThisProgram,
    Octopus,
    Disabled,
}

impl StateFilter {
    /// The filters with the value of the field `state` and their texts.
    pub(super) const ALL: [(Self, &str, &str); 6] = [
        (Self::All, "", "All"),
        (Self::NeedsAttention, "attention", "Needs attention"),
        (Self::Waiting, "waiting", "Waiting"),
        (Self::ThisProgram, "here", "Run by this program"),
        (Self::Octopus, "octopus", "Run by Octopus"),
        (Self::Disabled, "disabled", "Disabled"),
    ];

    /// An unknown name filters nothing.
    pub(super) fn parse(name: Option<&str>) -> Self {
        let mut all = Self::ALL.into_iter();
        let found = all.find(|(_, own, _)| Some(*own) == name);
        found.map_or(Self::All, |(state, ..)| state)
    }

    pub(super) fn name(self) -> &'static str {
        let mut all = Self::ALL.into_iter();
        all.find(|(state, ..)| *state == self)
            .map_or("", |(_, name, _)| name)
    }

    pub(super) fn matches(self, state: &TriggerState) -> bool {
        let outcome = state.last.as_ref().map(|last| last.outcome);
        let is_here = matches!(state.runner, Runner::ThisProgram | Runner::Both);
        match self {
            Self::All => true,
            Self::NeedsAttention => {
                let is_refused = outcome == Some(Outcome::Refused);
                is_here && (state.is_stalled || is_refused || state.error().is_some())
            }
            Self::Waiting => is_here && outcome == Some(Outcome::Waiting),
            Self::ThisProgram => is_here,
            Self::Octopus => state.runner == Runner::Octopus,
            Self::Disabled => state.runner == Runner::Disabled,
        }
    }
}
