//! Checks what the selected versions must have (`require`): a signature, a scan, platforms, labels.
//!
//! Only the selected versions are read, and the decision waits until they are. A missing signature or scan may come later, so
//! the release waits for it until the limit; platforms and labels of an image never change, so a missing one refuses the
//! release.

use super::decision::Decision;
use super::lookup::{Known, MetadataLookup};
use super::reason::Reason;
use super::situation::Situation;
use super::source_options::{EligibleCandidate, SourceOptions};
use crate::metadata::{EcrRecord, MetadataOf, VersionMetadata};
use crate::options::{Requirements, ScanLimit, SignedBy, VersionPolicy};
use crate::pattern::Pattern;
use crate::platform::Platform;
use crate::time::{Span, Timestamp};

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
    let selected = sources.iter().zip(candidates).zip(policies);
    let selected = selected.map(|((source, candidate), policy)| Selected {
        source,
        candidate,
        policy,
        lookup,
        now: situation.now,
    });
    all(selected.map(|selected| selected.check()))
}

/// The first refusal, or else the first wait. All checks before a refusal are made, so that all that is unread is requested at
/// once.
fn all(checks: impl IntoIterator<Item = Result<(), Decision>>) -> Result<(), Decision> {
    let mut wait = None;
    for check in checks {
        match check {
            Ok(()) => {}
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
        let errors = require.check(Some(&self.source.package.feed));
        if let Some(error) = errors.into_iter().next() {
            return Err(Decision::Refuse(Reason::InvalidOption {
                package: Some(self.package()),
                error,
            }));
        }
        all([
            self.check_content(require),
            self.check_profile(require),
            self.check_scan(require),
        ])
    }

    /// Checks what the registry stores of the image.
    fn check_content(&self, require: &Requirements) -> Result<(), Decision> {
        let signed = require.signed.as_ref();
        let signed = signed.filter(|signed| signed.profile.is_none());
        if signed.is_none() && require.platforms.is_empty() && require.labels.is_empty() {
            return Ok(());
        }
        let content = MetadataOf {
            keys: signed.map(|signed| signed.keys.clone()).unwrap_or_default(),
            ..self.content()
        };
        let Some((metadata, renewed)) = self.metadata(content, is_unsigned)? else {
            return Ok(());
        };
        self.check_platforms(require, metadata)?;
        self.check_labels(require, metadata)?;
        match signed {
            Some(signed) => self.check_signature(signed, metadata, renewed),
            None => Ok(()),
        }
    }

    /// The content that the tag points at.
    fn content(&self) -> MetadataOf {
        let content = self.source.content_of(self.candidate);
        MetadataOf {
            // The digest for a platform is that of a part of the signed image.
            digest: content
                .digest
                .filter(|_| self.policy.versions.platform.is_none()),
            ..content
        }
    }

    /// The metadata, and when it is read again. `None`: a simulation, which assumes that what was not read is as required.
    /// Metadata that is `unmet` stays the reason while it is read again.
    fn metadata(
        &self,
        content: MetadataOf,
        unmet: impl Fn(&VersionMetadata) -> bool,
    ) -> Result<Option<(&VersionMetadata, Timestamp)>, Decision> {
        let known = self.source.package.snapshot.metadata_of(&content);
        let valid_until = known.map_or(self.now, |read| read.valid_until);
        match self.lookup.of(self.source, content) {
            Known::Read(metadata) => Ok(Some((metadata, valid_until))),
            Known::Failed { .. } if self.lookup.is_final() => Ok(None),
            Known::Unread(unread) => {
                let wait = self.lookup.wait_for(&unread);
                let until = wait.until().unwrap_or(self.now);
                // An unmet requirement or a failure stays the reason while it is read again.
                match known.map(|read| &read.result) {
                    Some(Ok(read)) if unmet(read) => Ok(Some((read, until))),
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
        let within = signed.within();
        let Some(until) = self.end_of_wait(within) else {
            return Err(Decision::Refuse(Reason::SignatureMissing {
                package,
                version,
                why,
                within,
            }));
        };
        let reason = Reason::NotSigned {
            package,
            version,
            why,
            until,
        };
        Err(Decision::Wait(reason, Some(renewed.min(until))))
    }

    /// Checks the status of ECR's own signature.
    fn check_profile(&self, require: &Requirements) -> Result<(), Decision> {
        let by_profile = |signed: &SignedBy| Some((signed.clone(), signed.profile.clone()?));
        let Some((signed, profile)) = require.signed.as_ref().and_then(by_profile) else {
            return Ok(());
        };
        let content = self.record(EcrRecord::Signing { profile });
        match self.metadata(content, is_unsigned)? {
            Some((metadata, renewed)) => self.check_signature(&signed, metadata, renewed),
            None => Ok(()),
        }
    }

    fn record(&self, record: EcrRecord) -> MetadataOf {
        MetadataOf {
            record: Some(record),
            ..self.content()
        }
    }

    /// Checks the findings of the scan.
    fn check_scan(&self, require: &Requirements) -> Result<(), Decision> {
        let Some(limit) = &require.scan else {
            return Ok(());
        };
        let content = self.record(EcrRecord::Scan);
        let is_unmet = |read: &VersionMetadata| match read.scan() {
            Some(Ok(findings)) => !findings.above(limit.allow).is_empty(),
            Some(Err(_)) | None => true,
        };
        let Some((metadata, renewed)) = self.metadata(content, is_unmet)? else {
            return Ok(());
        };
        let why = match metadata.scan() {
            Some(Ok(findings)) => {
                let found = findings.above(limit.allow);
                if found.is_empty() {
                    return Ok(());
                }
                let problem = format!("its scan has findings above `{}`: {found}", limit.allowed());
                return Err(self.unmet("scan", problem));
            }
            Some(Err(why)) => why.clone(),
            None => "its scan was not read".to_owned(),
        };
        Err(self.not_scanned(limit, why, renewed))
    }

    fn not_scanned(&self, limit: &ScanLimit, why: String, renewed: Timestamp) -> Decision {
        let (package, version) = (self.package(), self.candidate.version.clone());
        let within = limit.within();
        let Some(until) = self.end_of_wait(within) else {
            return Decision::Refuse(Reason::ScanMissing {
                package,
                version,
                why,
                within,
            });
        };
        let reason = Reason::NotScanned {
            package,
            version,
            why,
            until,
        };
        Decision::Wait(reason, Some(renewed.min(until)))
    }

    /// When the release no longer waits for what comes `within` a time. `None`: it does not wait any longer.
    fn end_of_wait(&self, within: Span) -> Option<Timestamp> {
        let arrived = self.candidate.arrived;
        let until = arrived + within;
        (self.now < until && !arrived.is_ahead_of(self.now)).then_some(until)
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
}

fn is_unsigned(metadata: &VersionMetadata) -> bool {
    matches!(metadata.signature(), Some(Err(_)))
}
