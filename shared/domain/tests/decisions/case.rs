//! A situation in few words. Source `web` is package `acme/web` of action `Deploy web`.

use std::collections::BTreeMap;

use domain::decide::{
    Decision, ExplainedDecision, Finding, PackageSnapshot, PreviousRelease, Situation,
    VersionRefusal, decide,
};
use domain::due::BackOff;
use domain::feed::{Feed, FeedKind};
use domain::ids::{
    ChannelId, FeedId, PackageId, PackageKey, ProjectId, ReleaseId, SpaceId, TriggerId,
};
use domain::options::{Options, VersionPolicy};
use domain::plan::Plan;
use domain::problem::Problem;
use domain::process::{ChannelRule, ReleaseTemplate, TemplatePackage, Versioning};
use domain::rule::{RuleStrategy, VersionRule};
use domain::snapshot::{Listed, Seen, Snapshot, advance};
use domain::time::Timestamp;
use domain::trigger::{ResolvedSource, Source, SourceRef, Trigger, TriggerOrigin};
use domain::version::VersionFormat;

use crate::at;

#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) trigger: Trigger,
    pub(crate) template: ReleaseTemplate,
    pub(crate) rules: Vec<ChannelRule>,
    pub(crate) unmatched_rule: Option<Problem>,
    pub(crate) previous: Option<PreviousRelease>,
    pub(crate) packages: BTreeMap<PackageKey, PackageSnapshot>,
    pub(crate) read_failures: BTreeMap<PackageKey, BackOff>,
    pub(crate) git_ref: Option<&'static str>,
    pub(crate) custom_fields: Vec<String>,
    pub(crate) ours: Vec<PreviousRelease>,
    pub(crate) made: Vec<Timestamp>,
    pub(crate) now: Timestamp,
}

pub(crate) fn key(name: &str) -> PackageKey {
    PackageKey {
        space: SpaceId::new("Spaces-1"),
        feed: FeedId::new("Feeds-1001"),
        package: PackageId::new(format!("acme/{name}")),
    }
}

pub(crate) fn action(name: &str) -> String {
    format!("Deploy {name}")
}

pub(crate) fn reference(name: &str) -> SourceRef {
    SourceRef {
        action_slug: format!("deploy-{name}"),
        package_reference: name.to_owned(),
    }
}

/// A feed whose versions are of this format.
fn feed(format: VersionFormat) -> Feed {
    let kind = match format {
        VersionFormat::Docker => FeedKind::Docker,
        VersionFormat::Maven => FeedKind::Maven,
        VersionFormat::Octopus => FeedKind::OctopusProject,
        VersionFormat::Semver => FeedKind::Helm,
        VersionFormat::Lexicographic => panic!("no feed has this format"),
    };
    Feed {
        id: key("any").feed,
        space: key("any").space,
        name: "Images".to_owned(),
        kind,
        uri: None,
        registry_path: None,
        region: None,
        account: None,
        has_credentials: false,
    }
}

/// The version `text` of the feed, first seen at `seconds`.
pub(crate) fn seen(text: &str, seconds: i64) -> (String, Seen) {
    let seen = Seen {
        digest: None,
        published: None,
        first_seen: at(seconds),
        pushed_again: None,
    };
    (text.to_owned(), seen)
}

impl Case {
    pub(crate) fn new() -> Self {
        Self {
            trigger: Trigger {
                id: TriggerId::new("ProjectTriggers-1"),
                name: "New images".to_owned(),
                space: SpaceId::new("Spaces-1"),
                project: ProjectId::new("Projects-1"),
                project_name: "Shop".to_owned(),
                channel: ChannelId::new("Channels-1"),
                sources: Vec::new(),
                problem: None,
                stale: None,
                documents: None,
                origin: TriggerOrigin::Octopus,
                since: at(0),
                options: Options::default(),
            },
            template: ReleaseTemplate {
                packages: Vec::new(),
                versioning: Versioning::Template {
                    next: Some("0.0.8".to_owned()),
                },
            },
            rules: Vec::new(),
            unmatched_rule: None,
            previous: None,
            packages: BTreeMap::new(),
            read_failures: BTreeMap::new(),
            git_ref: None,
            custom_fields: Vec::new(),
            ours: Vec::new(),
            made: Vec::new(),
            now: at(0),
        }
    }

    /// Watches an image whose feed has these tags, separated by blanks.
    pub(crate) fn image(self, name: &str, tags: &str) -> Self {
        let listed = |tag: &str| Listed {
            version: tag.to_owned(),
            digest: None,
            published: None,
        };
        let listing = tags.split_whitespace().map(listed).collect();
        let (snapshot, _) = advance(None, listing, at(0));
        self.package(name, VersionFormat::Docker, snapshot)
    }

    pub(crate) fn package(mut self, name: &str, format: VersionFormat, snapshot: Snapshot) -> Self {
        self = self.unread(name);
        let feed = feed(format);
        self.packages
            .insert(key(name), PackageSnapshot { feed, snapshot });
        self
    }

    /// Watches an image that was never read.
    pub(crate) fn unread(mut self, name: &str) -> Self {
        self.trigger.sources.push(Source {
            reference: reference(name),
            resolution: Ok(ResolvedSource {
                action_name: action(name),
                package: key(name),
            }),
            policy: VersionPolicy::default(),
        });
        self.unwatched(name)
    }

    /// A package of the process that the trigger does not watch.
    pub(crate) fn unwatched(mut self, name: &str) -> Self {
        self.template.packages.push(TemplatePackage {
            action_name: action(name),
            package_reference: name.to_owned(),
            feed: key(name).feed,
            package: key(name).package,
            is_resolvable: true,
            fixed_version: None,
        });
        self
    }

    /// A source without a package.
    pub(crate) fn unresolved(mut self, name: &str, why: &str) -> Self {
        self.trigger.sources.push(Source {
            reference: reference(name),
            resolution: Err(why.into()),
            policy: VersionPolicy::default(),
        });
        self
    }

    /// The channel's previous release: `web 1.0.0, api 2.0`.
    pub(crate) fn released(mut self, selected: &str) -> Self {
        let selected = selected
            .split(", ")
            .filter_map(|one| one.split_once(' '))
            .map(|(name, version)| (action(name), name.to_owned(), version.to_owned()));
        self.previous = Some(PreviousRelease {
            id: ReleaseId::new("Releases-7"),
            version: "0.0.7".to_owned(),
            assembled: None,
            selected: selected.collect(),
            digests: Vec::new(),
            replaced: Vec::new(),
            unidentified: Vec::new(),
            repeats: None,
        });
        self
    }

    /// The channel's rule for a package.
    pub(crate) fn rule(mut self, name: &str, rule: VersionRule) -> Self {
        self.rules.push(ChannelRule {
            packages: vec![(action(name), name.to_owned())],
            rule,
        });
        self
    }

    pub(crate) fn versioning(mut self, versioning: Versioning) -> Self {
        self.template.versioning = versioning;
        self
    }

    pub(crate) fn situation(&self) -> Situation<'_> {
        Situation {
            trigger: &self.trigger,
            template: &self.template,
            rules: &self.rules,
            unmatched_rule: self.unmatched_rule.as_ref(),
            previous: self.previous.as_ref(),
            packages: &self.packages,
            read_failures: &self.read_failures,
            git_ref: self.git_ref,
            channel_name: "Default",
            custom_fields: &self.custom_fields,
            ours: &self.ours,
            made: &self.made,
            now: self.now,
        }
    }

    pub(crate) fn judge(&self) -> ExplainedDecision {
        decide(&self.situation())
    }

    pub(crate) fn plan(&self) -> Plan {
        match self.judge().decision {
            Decision::Create(plan, _) => *plan,
            other => panic!("{other}"),
        }
    }

    /// The finding for the first source.
    pub(crate) fn finding(&self) -> Finding {
        self.judge().findings.remove(0)
    }

    /// The first source's candidates: each version with the condition that refuses it.
    pub(crate) fn candidates(&self) -> Vec<(String, Option<String>)> {
        let candidates = self.finding().candidates.into_iter();
        let message = |refusal: VersionRefusal| refusal.message;
        candidates
            .map(|one| (one.version, one.refused.map(message)))
            .collect()
    }
}

pub(crate) fn range(range: &str) -> VersionRule {
    VersionRule {
        range: Some(range.to_owned()),
        ..VersionRule::default()
    }
}

pub(crate) fn tag(pattern: &str) -> VersionRule {
    VersionRule {
        pre_release_tag: Some(pattern.to_owned()),
        ..VersionRule::default()
    }
}

pub(crate) fn regex(pattern: &str) -> VersionRule {
    VersionRule {
        version_tag_regex: Some(pattern.to_owned()),
        ..VersionRule::default()
    }
}

pub(crate) fn most_recent() -> VersionRule {
    VersionRule {
        strategy: RuleStrategy::MostRecentlyPublished,
        ..VersionRule::default()
    }
}
