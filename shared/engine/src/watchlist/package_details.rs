//! What is needed to know of packages beyond which versions there are, because a trigger goes by it.

use std::collections::BTreeMap;

use domain::ecr;
use domain::feed::Feed;
use domain::ids::PackageKey;
use domain::options::VersionOrder;
use domain::process::rule_for;
use domain::rule::RuleStrategy;
use domain::trigger::{PackageDetails, Source, Trigger};
use domain::version::VersionFormat;

use super::projects::Seen;

/// What was noted so far.
#[derive(Default)]
pub(super) struct Noted {
    pub(super) details: BTreeMap<PackageKey, PackageDetails>,
    /// The platform of which digests are needed, or that they are needed of the whole.
    platforms: BTreeMap<PackageKey, Option<String>>,
}

impl Noted {
    /// Notes what a trigger needs. A source that needs what cannot be had is given up, with the reason.
    pub(super) fn note(&mut self, trigger: &mut Trigger, seen: &Seen, feeds: &[Feed]) {
        let needs_age = trigger.options.minimum_age.is_some();
        for source in &mut trigger.sources {
            let Ok(resolved) = &source.resolution else {
                continue;
            };
            let key = resolved.package.clone();
            if let Err(why) = self.digests(&key, source, feeds) {
                source.resolution = Err(why);
                continue;
            }
            if needs_age || goes_by_date(source, seen) {
                self.details.entry(key).or_default().dates = true;
            }
        }
    }

    fn digests(&mut self, key: &PackageKey, source: &Source, feeds: &[Feed]) -> Result<(), String> {
        let (tag, platform) = (
            &source.selection.follow,
            &source.selection.versions.platform,
        );
        if tag.is_none() && platform.is_none() {
            return Ok(());
        }
        if let Some(feed) = feeds.iter().find(|feed| feed.id == key.feed) {
            can_tell(feed, platform.is_some())?;
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

/// Whether the feed can tell digests, and those of a platform.
fn can_tell(feed: &Feed, of_platform: bool) -> Result<(), String> {
    if feed.kind.version_format() != VersionFormat::Docker {
        return Err(format!(
            "`{}` is a {} feed, which has neither mutable tags nor platforms; leave `follow` and \
             `platform` out",
            feed.name,
            feed.kind.feed_type()
        ));
    }
    if of_platform && ecr::EcrRegistry::of(feed).is_some() {
        return Err(format!(
            "ECR, which the feed `{}` is, does not list the platforms of its images; leave `platform` out",
            feed.name
        ));
    }
    Ok(())
}

fn other_platform(known: Option<&str>, wanted: Option<&str>) -> String {
    let text = |platform: Option<&str>| platform.map_or_else(|| "none".to_owned(), str::to_owned);
    format!(
        "another trigger has the platform `{}` for this package and this one `{}`, and digests can be read \
         of one; choose the same platform in both",
        text(known),
        text(wanted)
    )
}

/// Whether the versions of the source are put in order by when they were published.
fn goes_by_date(source: &Source, seen: &Seen) -> bool {
    if let Some(order) = source.selection.versions.order {
        return order == VersionOrder::Published;
    }
    let Ok(resolved) = &source.resolution else {
        return false;
    };
    let reference = &source.reference.package_reference;
    let mut packages = seen.process.template.packages.iter();
    let package = packages.find(|package| package.is(&resolved.action_name, reference));
    package.is_some_and(|package| {
        rule_for(&seen.rules, package).strategy == RuleStrategy::MostRecentlyPublished
    })
}
