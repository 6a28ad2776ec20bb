//! The details of packages that triggers require beyond the list of versions: publication dates, digests
//! of followed tags, digests for a platform.

use std::collections::BTreeMap;

use domain::feed::Feed;
use domain::ids::PackageKey;
use domain::options::VersionOrder;
use domain::problem::{Problem, ProblemCode};
use domain::process::rule_for;
use domain::rule::RuleStrategy;
use domain::trigger::{PackageDetails, Source, Trigger};
use domain::version::VersionFormat;

use super::resolver::ChannelProcess;

/// The required details of the triggers that were added.
#[derive(Default)]
pub(super) struct RequiredDetails {
    pub(super) details: BTreeMap<PackageKey, PackageDetails>,
    /// The platform of each package with required digests; `None` for the digest of the tag itself.
    platforms: BTreeMap<PackageKey, Option<String>>,
}

impl RequiredDetails {
    /// Adds the details that a trigger requires. A source whose details the feed cannot provide becomes
    /// unresolved, with the reason.
    pub(super) fn add(&mut self, trigger: &mut Trigger, process: &ChannelProcess, feeds: &[Feed]) {
        let needs_age = trigger.options.minimum_age.is_some();
        for source in &mut trigger.sources {
            let Ok(resolved) = &source.resolution else {
                continue;
            };
            let key = resolved.package.clone();
            if let Err(reason) = self.add_digests(&key, source, feeds) {
                source.resolution = Err(Problem::new(ProblemCode::NoDigests, reason));
                continue;
            }
            if needs_age || is_ordered_by_date(source, process) {
                self.details.entry(key).or_default().dates = true;
            }
        }
    }

    /// Adds the details that a package needed before, for a trigger that is kept as it was.
    pub(super) fn keep(&mut self, key: &PackageKey, before: &PackageDetails) {
        if before.platform.is_some() || !before.digests_of.is_empty() {
            let known = self.platforms.entry(key.clone());
            if *known.or_insert_with(|| before.platform.clone()) != before.platform {
                return;
            }
        }
        let details = self.details.entry(key.clone()).or_default();
        details.dates |= before.dates;
        details.digests_of.extend(before.digests_of.iter().cloned());
        if before.platform.is_some() {
            details.platform.clone_from(&before.platform);
        }
    }

    fn add_digests(
        &mut self,
        key: &PackageKey,
        source: &Source,
        feeds: &[Feed],
    ) -> Result<(), String> {
        let (tag, platform) = (&source.policy.follow, &source.policy.versions.platform);
        if tag.is_none() && platform.is_none() {
            return Ok(());
        }
        if let Some(feed) = feeds.iter().find(|feed| feed.id == key.feed) {
            provides_digests(feed, platform.is_some())?;
        }
        let known = self.platforms.entry(key.clone());
        let known = known.or_insert_with(|| platform.clone());
        if known != platform {
            return Err(other_platform(known.as_deref(), platform.as_deref()));
        }
        let details = self.details.entry(key.clone()).or_default();
        details.digests_of.extend(tag.clone());
        details.platform.clone_from(platform);
        Ok(())
    }
}

/// Checks that the feed provides digests, and those of platforms if required.
fn provides_digests(feed: &Feed, of_platform: bool) -> Result<(), String> {
    if feed.kind.version_format() != VersionFormat::Docker {
        return Err(format!(
            "`{}` is a {} feed, which has neither mutable tags nor platforms; remove `follow` and \
             `platform`",
            feed.name,
            feed.kind.feed_type()
        ));
    }
    if of_platform && feed.ecr_registry().is_some() {
        return Err(format!(
            "the feed `{}` is an ECR registry, which does not list the platforms of its images; remove \
             `platform`",
            feed.name
        ));
    }
    Ok(())
}

fn other_platform(known: Option<&str>, requested: Option<&str>) -> String {
    format!(
        "another trigger has the platform `{}` for this package and this trigger `{}`, but only one \
         platform of a package is read; choose the same platform in both",
        known.unwrap_or("none"),
        requested.unwrap_or("none")
    )
}

/// Whether the versions of the source are ordered by publication date.
fn is_ordered_by_date(source: &Source, process: &ChannelProcess) -> bool {
    if let Some(order) = source.policy.versions.order {
        return order == VersionOrder::Published;
    }
    let Ok(resolved) = &source.resolution else {
        return false;
    };
    let reference = &source.reference.package_reference;
    let mut packages = process.process.template.packages.iter();
    let package = packages.find(|package| package.is(&resolved.action_name, reference));
    package.is_some_and(|package| {
        rule_for(&process.rules, package).strategy == RuleStrategy::MostRecentlyPublished
    })
}
