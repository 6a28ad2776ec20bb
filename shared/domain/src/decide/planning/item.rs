//! A package of a plan with the values that templates and notes use.

use super::super::decision::Decision;
use super::super::lookup::{Known, MetadataLookup, unavailable};
use super::super::source_options::{EligibleCandidate, SourceOptions};
use crate::link;
use crate::link::source::Repository;
use crate::metadata::VersionMetadata;
use crate::plan::PlannedPackage;
use crate::template::{Facts, Lookups};

pub(super) struct Item<'a> {
    pub(super) planned: PlannedPackage,
    pub(super) previous_digest: Option<String>,
    /// The public page of the version.
    pub(super) link: Option<String>,
    metadata: Known<'a>,
    /// The metadata of the version in the previous release. `None`: there is none, or the feed does not list it.
    previous_metadata: Option<Known<'a>>,
    /// Whether a template needs the metadata of the version, or also that of the previous one.
    lookups: Lookups,
    lookups_of_both: Lookups,
}

impl<'a> Item<'a> {
    pub(super) fn new(
        source: &SourceOptions<'a>,
        candidate: &EligibleCandidate,
        lookup: &MetadataLookup,
    ) -> Self {
        let package = source.entry.package.to_string();
        let of_previous = source.previous_content();
        Self {
            link: link::page(&source.package.feed, &package, &candidate.version),
            previous_digest: source.previous_digest.map(str::to_owned),
            metadata: lookup.of(source, source.content_of(candidate)),
            previous_metadata: of_previous.map(|content| lookup.of(source, content)),
            lookups: Lookups::default(),
            lookups_of_both: Lookups::default(),
            planned: PlannedPackage {
                action_name: source.entry.action_name.clone(),
                package_reference: source.entry.package_reference.clone(),
                package,
                version: candidate.version.clone(),
                tag: source.package.feed.kind.chart_tag(&candidate.version),
                previous: source.previous.as_deref().map(str::to_owned),
                digest: candidate.digest.clone(),
            },
        }
    }

    pub(super) fn is_changed(&self) -> bool {
        let PlannedPackage {
            previous,
            version,
            digest,
            ..
        } = &self.planned;
        previous.as_ref() != Some(version)
            || (self.previous_digest.is_some() && self.previous_digest != *digest)
    }

    /// The values of the package's names in templates.
    pub(super) fn facts(&self) -> Facts {
        let planned = &self.planned;
        let mut facts = Facts::default();
        facts.text("package", Some(&planned.package));
        facts.text("version", Some(&planned.version));
        facts.text("previous", planned.previous.as_deref());
        facts.text("digest", planned.digest.as_deref());
        facts.text("previousDigest", self.previous_digest.as_deref());
        facts.text("action", Some(&planned.action_name));
        facts.text("reference", Some(&planned.package_reference));
        facts.text("link", self.link.as_deref());
        facts.truth("changed", self.is_changed());
        match self.metadata() {
            Some(metadata) => {
                facts.labels("labels", metadata);
                facts.texts("platforms", metadata.platforms());
                facts.text("commitLink", self.commit_link().as_deref());
            }
            None => facts.pending(&["labels", "platforms", "commitLink"], &self.lookups),
        }
        match (&self.metadata, &self.previous_metadata) {
            (Known::Read(_), None | Some(Known::Read(_) | Known::Failed { .. })) => {
                facts.text("diffLink", self.diff_link().as_deref());
            }
            _ => facts.pending(&["diffLink"], &self.lookups_of_both),
        }
        facts
    }

    /// The metadata, if it is known.
    fn metadata(&self) -> Option<&'a VersionMetadata> {
        match self.metadata {
            Known::Read(metadata) => Some(metadata),
            Known::Failed { .. } | Known::Unread(_) => None,
        }
    }

    /// The commit that the version was built from, as its label has it.
    pub(super) fn revision(&self) -> Option<&'a str> {
        self.metadata()?.label("revision")
    }

    /// The page of the commit.
    pub(super) fn commit_link(&self) -> Option<String> {
        self.repository()?.commit(self.revision()?)
    }

    /// The page with the changes since the version in the previous release.
    pub(super) fn diff_link(&self) -> Option<String> {
        let Some(Known::Read(previous)) = self.previous_metadata else {
            return None;
        };
        let diff = self.repository()?;
        diff.diff(previous.label("revision")?, self.revision()?)
    }

    /// The page of the sources, for hosts without known pages of commits.
    pub(super) fn source_link(&self) -> Option<&'a str> {
        let metadata = self.metadata()?;
        let source = metadata.label("source").and_then(link::source::safe);
        source.or_else(|| link::source::safe(metadata.label("url")?))
    }

    fn repository(&self) -> Option<Repository> {
        Repository::parse(self.metadata()?.label("source")?)
    }

    /// Metadata that templates need, or that the notes contain if it can be read, and that was not read yet.
    pub(super) fn unread(&self, lookup: &MetadataLookup, in_notes: bool) -> Option<Decision> {
        let for_both = in_notes || self.lookups_of_both.any();
        let own = for_both || self.lookups.any();
        let unread = |known: &Known<'_>| match known {
            Known::Unread(unread) => Some(lookup.wait_for(unread)),
            Known::Read(_) | Known::Failed { .. } => None,
        };
        let first = own.then(|| unread(&self.metadata)).flatten();
        let previous = self.previous_metadata.as_ref().filter(|_| for_both);
        let second = previous.and_then(unread);
        first.or(second)
    }

    /// Why metadata that templates need cannot be read.
    pub(super) fn unavailable(&self) -> Option<Decision> {
        match self.metadata {
            Known::Failed { why, until } if self.lookups.any() || self.lookups_of_both.any() => {
                let PlannedPackage {
                    package, version, ..
                } = &self.planned;
                Some(unavailable(package, version, why, until))
            }
            _ => None,
        }
    }
}
