//! Checks what the selected versions must have (`require`): a signature, platforms, labels.
//!
//! Only the selected versions are read, and the decision waits until they are. A missing signature may come later, so the
//! release waits for it until the limit; platforms and labels of an image never change, so a missing one refuses the
//! release.

use super::decision::Decision;
use super::lookup::{Known, MetadataLookup};
use super::reason::Reason;
use super::situation::Situation;
use super::source_options::{EligibleCandidate, SourceOptions};
use crate::metadata::{MetadataOf, VersionMetadata};
use crate::options::{OptionError, Requirements, SignedBy, VersionPolicy};
use crate::pattern::Pattern;
use crate::platform::Platform;
use crate::time::Timestamp;
use crate::version::VersionFormat;

/// Waits or refuses unless each selected version has what its source requires.
pub(super) fn check_requirements(
    situation: &Situation<'_>,
    sources: &[SourceOptions<'_>],
    candidates: &[EligibleCandidate],
    lookup: &MetadataLookup,
) -> Result<(), Decision> {
    let policies = situation
        .trigger
        .sources
        .iter()
        .map(|source| &source.policy);
    let mut wait = None;
    for ((source, candidate), policy) in sources.iter().zip(candidates).zip(policies) {
        let selected = Selected {
            source,
            candidate,
            policy,
            lookup,
            now: situation.now,
        };
        match selected.check() {
            Ok(()) => {}
            // All that is unread is requested at once.
            Err(Decision::Wait(reason, until)) => {
                wait.get_or_insert(Decision::Wait(reason, until));
            }
            Err(refused) => return Err(refused),
        }
    }
    wait.map_or(Ok(()), Err)
}

/// The selected version of a source.
struct Selected<'s, 'a> {
    source: &'s SourceOptions<'a>,
    candidate: &'s EligibleCandidate,
    policy: &'s VersionPolicy,
    lookup: &'s MetadataLookup,
    now: Timestamp,
}

impl Selected<'_, '_> {
    fn check(&self) -> Result<(), Decision> {
        let require = &self.policy.require;
        if require.is_empty() {
            return Ok(());
        }
        if self.source.package.format() != VersionFormat::Docker {
            let problem = "the feed has no images; set `require` for the packages that are images";
            return Err(self.invalid("require", &problem));
        }
        if let Some(error) = require.check().into_iter().next() {
            return Err(self.invalid(&error.option, &error.problem));
        }
        let Some((metadata, renewed)) = self.metadata(require)? else {
            return Ok(());
        };
        self.check_platforms(require, metadata)?;
        self.check_labels(require, metadata)?;
        match &require.signed {
            Some(signed) => self.check_signature(signed, metadata, renewed),
            None => Ok(()),
        }
    }

    /// The metadata, and when it is read again. `None`: a simulation, which assumes that what was not read is as required.
    fn metadata(
        &self,
        require: &Requirements,
    ) -> Result<Option<(&VersionMetadata, Timestamp)>, Decision> {
        let keys = require.signed.as_ref().map(|signed| signed.keys.clone());
        let content = self.source.content_of(self.candidate);
        let content = MetadataOf {
            // The digest for a platform is that of a part of the signed image.
            digest: content
                .digest
                .filter(|_| self.policy.versions.platform.is_none()),
            keys: keys.unwrap_or_default(),
            ..content
        };
        let known = self.source.package.snapshot.metadata_of(&content);
        let valid_until = known.map_or(self.now, |read| read.valid_until);
        match self.lookup.of(self.source, content) {
            Known::Read(metadata) => Ok(Some((metadata, valid_until))),
            Known::Failed { .. } if self.lookup.is_final() => Ok(None),
            Known::Unread(unread) => {
                let wait = self.lookup.wait_for(&unread);
                let until = wait.until().unwrap_or(self.now);
                // A missing signature or a failure stays the reason while it is read again.
                match known.map(|read| &read.result) {
                    Some(Ok(read)) if matches!(read.signature(), Some(Err(_))) => {
                        Ok(Some((read, until)))
                    }
                    Some(Err(why)) => Err(self.cannot_verify(why, until)),
                    _ => Err(wait),
                }
            }
            Known::Failed { why, until } => Err(self.cannot_verify(why, until)),
        }
    }

    fn cannot_verify(&self, why: &str, until: Timestamp) -> Decision {
        let reason = Reason::CannotVerify {
            package: self.package(),
            version: self.candidate.version.clone(),
            why: why.to_owned(),
        };
        Decision::Wait(reason, Some(until))
    }

    fn check_platforms(
        &self,
        require: &Requirements,
        metadata: &VersionMetadata,
    ) -> Result<(), Decision> {
        let has = |required: &str| {
            let required = Platform::parse(required);
            let mut platforms = metadata.platforms().iter();
            platforms.any(|own| Platform::parse(own).suits(&required))
        };
        let missing = require.platforms.iter().find(|required| !has(required));
        let Some(missing) = missing else {
            return Ok(());
        };
        let found = match metadata.platforms() {
            [] => "none".to_owned(),
            platforms => platforms.join(", "),
        };
        let problem = format!("it has no image for {missing}; its platforms are {found}");
        Err(self.unmet("platforms", problem))
    }

    fn check_labels(
        &self,
        require: &Requirements,
        metadata: &VersionMetadata,
    ) -> Result<(), Decision> {
        for (name, pattern) in &require.labels {
            let Some(value) = metadata.label(name) else {
                return Err(self.unmet("labels", format!("it has no label {name}")));
            };
            let matches = Pattern::parse(pattern).map(|pattern| pattern.is_match(value));
            if !matches!(matches, Ok(Ok(true))) {
                let problem =
                    format!("its label {name} is {value}, which {pattern} does not match");
                return Err(self.unmet("labels", problem));
            }
        }
        Ok(())
    }

    fn check_signature(
        &self,
        signed: &SignedBy,
        metadata: &VersionMetadata,
        renewed: Timestamp,
    ) -> Result<(), Decision> {
        let why = match metadata.signature() {
            Some(Ok(())) => return Ok(()),
            Some(Err(why)) => why.clone(),
            None => "its signatures were not read".to_owned(),
        };
        let (package, version) = (self.package(), self.candidate.version.clone());
        let arrived = self.candidate.arrived;
        let until = arrived + signed.within();
        if self.now < until && !arrived.is_ahead_of(self.now) {
            let reason = Reason::NotSigned {
                package,
                version,
                why,
                until,
            };
            return Err(Decision::Wait(reason, Some(renewed.min(until))));
        }
        Err(Decision::Refuse(Reason::SignatureMissing {
            package,
            version,
            why,
            within: signed.within(),
        }))
    }

    fn package(&self) -> String {
        self.source.entry.package.to_string()
    }

    fn unmet(&self, requirement: &str, why: String) -> Decision {
        Decision::Refuse(Reason::RequirementUnmet {
            package: self.package(),
            version: self.candidate.version.clone(),
            requirement: requirement.to_owned(),
            why,
        })
    }

    fn invalid(&self, option: &str, problem: &impl ToString) -> Decision {
        Decision::Refuse(Reason::InvalidOption {
            package: Some(self.package()),
            error: OptionError {
                option: option.to_owned(),
                problem: problem.to_string(),
            },
        })
    }
}
