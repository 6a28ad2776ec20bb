//! The package of a source in the channel's previous release.

use std::borrow::Cow;

use super::super::decision::Decision;
use super::super::reason::Reason;
use super::Collector;
use crate::feed::Feed;
use crate::process::TemplatePackage;
use crate::trigger::SourceRef;

impl<'a> Collector<'_, 'a> {
    /// The version in the previous release, which may name a chart by its tag.
    pub(super) fn previous(
        &self,
        entry: &TemplatePackage,
        feed: Option<&Feed>,
    ) -> Option<Cow<'a, str>> {
        let selected = &self.situation.previous?.selected;
        let (_, _, version) = selected
            .iter()
            .find(|(action, reference, _)| entry.is(action, reference))?;
        let of_chart = feed.and_then(|feed| feed.kind.chart_version(version));
        Some(of_chart.map_or(Cow::Borrowed(version.as_str()), Cow::Owned))
    }

    /// The package that the previous release has in place of this one.
    pub(super) fn replaced(&self, entry: &TemplatePackage) -> Option<&'a str> {
        let replaced = &self.situation.previous?.replaced;
        let mut replaced = replaced.iter();
        let found = replaced.find(|(action, reference, _)| entry.is(action, reference));
        found.map(|(_, _, former)| former.as_str())
    }

    /// Refuses a package that the previous release may have under another name: every version would count as newer.
    pub(super) fn check_identified(&self, entry: &TemplatePackage) -> Result<(), Decision> {
        let Some(previous) = self.situation.previous else {
            return Ok(());
        };
        match previous.unidentified.first() {
            Some((action, reference)) if self.replaced(entry).is_none() => {
                Err(Decision::Refuse(Reason::Unidentified {
                    package: entry.package.to_string(),
                    release: previous.version.clone(),
                    reference: SourceRef {
                        action_slug: action.clone(),
                        package_reference: reference.clone(),
                    },
                }))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn previous_digest(&self, entry: &TemplatePackage) -> Option<&'a str> {
        let digests = &self.situation.previous?.digests;
        digests
            .iter()
            .find(|one| entry.is(&one.action_name, &one.package_reference))
            .map(|one| one.digest.as_str())
    }
}
