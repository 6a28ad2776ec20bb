//! The search for a combination of versions that meets the trigger's condition (`if`).

use super::combinations::Combination;
use super::decision::Decision;
use super::lookup::{Known, MetadataLookup, unavailable};
use super::reason::Reason;
use super::situation::Situation;
use super::source_options::{EligibleCandidate, SourceOptions};
use crate::condition::{
    ChangeLevel, ConditionError, Evaluator, PackageFacts, ReleaseCondition, ReleaseFacts,
};
use crate::options::{MAX_COMBINATIONS, OptionError};
use crate::trigger::SourceRef;

/// The maximum number of combinations that are tried with labels or platforms. Each one is read before the next is tried.
const MAX_WITH_METADATA: usize = 10;

/// A search, with the first combination that does not meet the condition.
pub(super) struct Search<'s, 'a> {
    situation: &'s Situation<'a>,
    sources: &'s [SourceOptions<'a>],
    lookup: &'s MetadataLookup,
    condition: Option<ReleaseCondition>,
    not_met: Option<NotMet>,
    /// The names of the condition with their values for the combination that meets it.
    values: Vec<(String, String)>,
}

/// The first combination that does not meet the condition.
struct NotMet {
    packages: String,
    values: String,
    /// The number of combinations that were tried after it.
    older: usize,
}

impl NotMet {
    fn new(facts: &ReleaseFacts, evaluator: &Evaluator<'_>) -> Self {
        let packages = facts.packages.iter();
        let packages = packages.map(|one| format!("{} {}", one.name, one.version));
        let values = evaluator.values(facts).into_iter();
        let values = values.map(|(name, value)| format!("{name} is {value}"));
        Self {
            packages: packages.collect::<Vec<_>>().join(", "),
            values: values.collect::<Vec<_>>().join("; "),
            older: 0,
        }
    }
}

impl<'s, 'a> Search<'s, 'a> {
    /// # Errors
    /// A refusal if the condition is invalid.
    pub(super) fn new(
        situation: &'s Situation<'a>,
        sources: &'s [SourceOptions<'a>],
        lookup: &'s MetadataLookup,
    ) -> Result<Self, Decision> {
        let condition = situation.trigger.options.condition.as_deref();
        let condition = condition.map(ReleaseCondition::parse).transpose();
        Ok(Self {
            situation,
            sources,
            lookup,
            condition: condition.map_err(|error| invalid(&error))?,
            not_met: None,
            values: Vec::new(),
        })
    }

    /// The first combination that meets the condition, with its index; the first one if the trigger has no condition.
    ///
    /// # Errors
    /// A refusal if the condition cannot be evaluated, or the decision to wait for labels or platforms that it needs.
    pub(super) fn find(
        &mut self,
        combinations: impl IntoIterator<Item = Combination>,
    ) -> Result<Option<(usize, Combination)>, Decision> {
        let mut combinations = combinations.into_iter().enumerate();
        let Some(condition) = &self.condition else {
            return Ok(combinations.next());
        };
        let evaluator = condition.evaluator().map_err(|error| invalid(&error))?;
        let mut with_metadata = 0;
        for (index, combination) in combinations.take(MAX_COMBINATIONS) {
            let facts = self.facts(&combination);
            let is_met = evaluator.is_met(&facts);
            let looked_up = facts.packages.iter().map(|one| one.lookups.any());
            let looked_up: Vec<_> = looked_up.collect();
            if let Some(wait) = self.unread(&combination, &looked_up) {
                return Err(wait);
            }
            if is_met.map_err(|error| invalid(&error))? {
                self.values = evaluator.values(&facts);
                return Ok(Some((index, combination)));
            }
            match &mut self.not_met {
                Some(first) => first.older = index,
                None => self.not_met = Some(NotMet::new(&facts, &evaluator)),
            }
            with_metadata += usize::from(looked_up.contains(&true));
            if with_metadata == MAX_WITH_METADATA {
                break;
            }
        }
        Ok(None)
    }

    /// Whether the trigger has a condition.
    pub(super) fn is_conditional(&self) -> bool {
        self.condition.is_some()
    }

    /// The names of the condition with their values for the combination that was found.
    pub(super) fn into_values(self) -> Vec<(String, String)> {
        self.values
    }

    /// Why no combination meets the condition. `None`: none was tried.
    pub(super) fn not_met(self) -> Option<Reason> {
        let NotMet {
            packages,
            values,
            older,
        } = self.not_met?;
        Some(Reason::ConditionNotMet {
            packages,
            values,
            older,
        })
    }

    /// The decision to wait for metadata that the condition looked up and that is not known. All of the combination is
    /// requested at once.
    fn unread(&self, combination: &[EligibleCandidate], looked_up: &[bool]) -> Option<Decision> {
        let needed = self.sources.iter().zip(combination).zip(looked_up);
        let needed = needed.filter(|(_, is_needed)| **is_needed);
        let waits = needed.filter_map(|((source, candidate), _)| {
            let package = source.entry.package.to_string();
            match self.lookup.of(source, source.content_of(candidate)) {
                Known::Read(_) => None,
                Known::Failed { why, until } => {
                    Some(unavailable(&package, &candidate.version, why, until))
                }
                Known::Unread(unread) => Some(self.lookup.wait_for(&unread)),
            }
        });
        waits.collect::<Vec<_>>().into_iter().next()
    }

    fn facts(&self, combination: &[EligibleCandidate]) -> ReleaseFacts {
        let trigger = self.situation.trigger;
        let references = trigger.sources.iter().map(|source| &source.reference);
        let packages = references.zip(self.sources).zip(combination);
        let previous = self.situation.previous;
        ReleaseFacts {
            packages: packages
                .map(|((reference, source), candidate)| PackageFacts {
                    metadata: match self.lookup.of(source, source.content_of(candidate)) {
                        Known::Read(metadata) => Some(metadata.clone()),
                        Known::Failed { .. } | Known::Unread(_) => None,
                    },
                    ..package(reference, source, candidate)
                })
                .collect(),
            previous: previous.map(|release| (release.version.clone(), release.assembled)),
            channel: self.situation.channel_name.to_owned(),
            project: trigger.project_name.clone(),
            now: self.situation.now,
        }
    }
}

/// The facts about a candidate of a source.
fn package(
    reference: &SourceRef,
    source: &SourceOptions<'_>,
    candidate: &EligibleCandidate,
) -> PackageFacts {
    let seen = source.package.snapshot.get(&candidate.version);
    let previous = source.previous.as_deref();
    let digest = candidate.digest.clone();
    let digest = digest.or_else(|| seen.and_then(|seen| seen.digest.clone()));
    let is_changed = candidate.is_newer();
    let change = match previous {
        _ if !is_changed => ChangeLevel::None,
        // A tag has no version to compare.
        _ if source.is_followed => ChangeLevel::Other,
        Some(previous) => ChangeLevel::between(previous, &candidate.version),
        None => ChangeLevel::Other,
    };
    PackageFacts {
        name: source.entry.package.to_string(),
        action: reference.action_slug.clone(),
        reference: reference.package_reference.clone(),
        version: candidate.version.clone(),
        previous: previous.map(str::to_owned),
        digest,
        previous_digest: source.previous_digest.map(str::to_owned),
        published: seen.map(|seen| seen.published.unwrap_or(seen.first_seen)),
        change,
        is_changed,
        ..PackageFacts::default()
    }
}

fn invalid(error: &ConditionError) -> Decision {
    let error = OptionError {
        option: "if".to_owned(),
        problem: error.to_string(),
    };
    let package = None;
    Decision::Refuse(Reason::InvalidOption { package, error })
}
