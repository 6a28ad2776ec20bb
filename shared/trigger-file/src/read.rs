//! Converts the tree to definitions. Values of the wrong shape have been reported before and are absent here,
//! so that the remaining values are still checked.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use domain::definition::{
    ALL, Definition, Definitions, NativeOptions, NativeRef, SourceDefinition,
};
use domain::ids::TriggerId;
use domain::options::{
    CatchUp, FirstSight, Options, ReleaseContext, Requirements, ScanLimit, SignedBy,
    VersionConditions, VersionOrder, VersionPolicy, When,
};
use domain::scan::Severity;
use domain::time::Span;
use domain::window::{Freeze, OpenHours, ReleaseWindow, TimeOfDay};

use crate::conflicts;
use crate::duration;
use crate::fault::FileError;
use crate::fields::FILE;
use crate::node_text::text;
use crate::shape::Shape;
use crate::tree::{Content, Node};

/// The definitions of a file; adds its errors to `faults`.
pub(crate) fn definitions(tree: &Node, faults: &mut Vec<FileError>) -> Definitions {
    Shape::Record(&FILE).check(tree, faults);
    if matches!(&tree.content, Content::Map(entries) if entries.is_empty()) {
        let problem = "the file has neither `triggers` nor `native`; write `triggers: []` for a file without triggers";
        faults.push(FileError::new(tree.place, problem));
    }
    let list = |name| tree.get(name).map(Node::items).unwrap_or_default();
    let (triggers, native) = (list("triggers"), list("native"));
    conflicts::duplicates(triggers, native, faults);
    Definitions {
        triggers: triggers
            .iter()
            .map(|node| definition(node, faults))
            .collect(),
        native: native
            .iter()
            .map(|node| native_options(node, faults))
            .collect(),
    }
}

fn definition(node: &Node, faults: &mut Vec<FileError>) -> Definition {
    let policy = own_policy(node, &VersionPolicy::default(), faults);
    let options = options(node);
    let sources = sources(node, &policy, faults);
    conflicts::options(node, &options, &sources, faults);
    Definition {
        name: text(node, "name").unwrap_or_default(),
        description: text(node, "description").unwrap_or_default(),
        space: text(node, "space"),
        project: text(node, "project").unwrap_or_default(),
        channel: text(node, "channel"),
        is_disabled: truth(node, "isDisabled"),
        sources,
        options,
    }
}

fn native_options(node: &Node, faults: &mut Vec<FileError>) -> NativeOptions {
    let policy = own_policy(node, &VersionPolicy::default(), faults);
    let options = options(node);
    let mut sources = sources(node, &policy, faults);
    if policy != VersionPolicy::default() && !sources.iter().any(is_all) {
        sources.push(all(policy));
    }
    conflicts::options(node, &options, &sources, faults);
    let trigger = match text(node, "id") {
        Some(id) => NativeRef::Id(TriggerId::new(id)),
        None => NativeRef::Named {
            space: text(node, "space"),
            project: text(node, "project").unwrap_or_default(),
            name: text(node, "name").unwrap_or_default(),
        },
    };
    NativeOptions {
        trigger,
        options,
        sources,
    }
}

/// Every package reference of every action.
fn all(policy: VersionPolicy) -> SourceDefinition {
    SourceDefinition {
        action: ALL.to_owned(),
        package_reference: ALL.to_owned(),
        policy,
    }
}

fn is_all(source: &SourceDefinition) -> bool {
    source.action == ALL && source.package_reference == ALL
}

fn sources(
    node: &Node,
    usual: &VersionPolicy,
    faults: &mut Vec<FileError>,
) -> Vec<SourceDefinition> {
    let packages = node.get("packages").map(Node::items).unwrap_or_default();
    packages
        .iter()
        .map(|package| match text(package, "deploymentActionSlug") {
            None => all(usual.clone()),
            Some(action) => SourceDefinition {
                action,
                package_reference: text(package, "packageReference").unwrap_or_default(),
                policy: own_policy(package, usual, faults),
            },
        })
        .collect()
}

/// The policy of this node, checked, with the usual selection and requirements where it has none of its own.
fn own_policy(node: &Node, usual: &VersionPolicy, faults: &mut Vec<FileError>) -> VersionPolicy {
    let (versions, follow) = (node.get("versions"), text(node, "follow"));
    let require = node.get("require").map(requirements);
    let own = VersionPolicy {
        versions: versions.map(version_selection).unwrap_or_default(),
        follow,
        require: require.clone().unwrap_or_default(),
    };
    conflicts::policy(node, &own, faults);
    let has_selection = versions.is_some() || own.follow.is_some();
    let selection = if has_selection { &own } else { usual };
    VersionPolicy {
        versions: selection.versions.clone(),
        follow: selection.follow.clone(),
        require: require.unwrap_or_else(|| usual.require.clone()),
    }
}

pub(crate) fn requirements(node: &Node) -> Requirements {
    let items = |node: &Node, name: &str| -> Vec<String> {
        let items = node.get(name).map(Node::items).unwrap_or_default();
        let of_text = |item: &Node| match &item.content {
            Content::Text(text) => Some(text.clone()),
            _ => None,
        };
        items.iter().filter_map(of_text).collect()
    };
    Requirements {
        signed: node.get("signed").map(|signed| SignedBy {
            keys: items(signed, "keys"),
            profile: text(signed, "profile"),
            within: span(signed, "within"),
        }),
        platforms: items(node, "platforms").into_iter().collect(),
        labels: node.get("labels").map(texts).unwrap_or_default(),
        scan: node.get("scan").map(|scan| ScanLimit {
            allow: text(scan, "allow").and_then(|word| Severity::parse(&word)),
            within: span(scan, "within"),
        }),
    }
}

fn version_selection(node: &Node) -> VersionConditions {
    VersionConditions {
        range: text(node, "range"),
        pre_release_tag: text(node, "preReleaseTag"),
        include: text(node, "include"),
        exclude: text(node, "exclude"),
        order: text(node, "order").and_then(|word| match word.as_str() {
            "semver" => Some(VersionOrder::Semver),
            "published" => Some(VersionOrder::Published),
            "numeric" => Some(VersionOrder::Numeric),
            "alphabetical" => Some(VersionOrder::Alphabetical),
            _ => None,
        }),
        extract: text(node, "extract"),
        platform: text(node, "platform"),
        roll_back: truth(node, "rollBack"),
    }
}

fn options(node: &Node) -> Options {
    Options {
        when: node.get("when").map(when).unwrap_or_default(),
        condition: text(node, "if"),
        quiet_period: span(node, "quietPeriod"),
        max_wait: span(node, "maxWait"),
        minimum_age: span(node, "minimumAge"),
        catch_up: match text(node, "catchUp").as_deref() {
            Some("every") => CatchUp::Every,
            Some("newestPerMinor") => CatchUp::NewestPerMinor,
            _ => CatchUp::Newest,
        },
        first_sight: match text(node, "firstSight").as_deref() {
            Some("baseline") => FirstSight::Baseline,
            _ => FirstSight::Compare,
        },
        max_releases_per_hour: count(node, "maxReleasesPerHour"),
        window: node.get("window").map(window),
        git_ref: text(node, "gitRef"),
        release_version: text(node, "releaseVersion"),
        release_notes: text(node, "releaseNotes"),
        release_context: node
            .get("releaseContext")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(release_context)
            .collect(),
        custom_fields: node.get("customFields").map(texts).unwrap_or_default(),
        dry_run: truth(node, "dryRun"),
    }
}

fn release_context(node: &Node) -> Option<ReleaseContext> {
    match &node.content {
        Content::Text(word) if word == "commits" => Some(ReleaseContext::Commits),
        Content::Text(word) if word == "buildInformation" => Some(ReleaseContext::BuildInformation),
        _ => None,
    }
}

fn when(node: &Node) -> When {
    let of = |node: &Node, name: &str| text(node.get("sameVersion")?, name);
    match &node.content {
        Content::Text(word) if word == "all" => When::All,
        Content::Text(word) if word == "sameVersion" => When::SameVersion { extract: None },
        Content::Map(_) => match of(node, "by") {
            Some(by) => When::SameLabel { by },
            None => When::SameVersion {
                extract: of(node, "extract"),
            },
        },
        _ => When::Any,
    }
}

pub(crate) fn window(node: &Node) -> ReleaseWindow {
    let list = |name| node.get(name).map(Node::items).unwrap_or_default().iter();
    ReleaseWindow {
        time_zone: text(node, "timeZone"),
        open: list("open").map(open_hours).collect(),
        freezes: list("freezes")
            .map(|node| freeze(node).unwrap_or_default())
            .collect(),
    }
}

fn open_hours(node: &Node) -> OpenHours {
    let days = node.get("days").map(Node::items).unwrap_or_default();
    let days = days.iter().filter_map(|day| match &day.content {
        Content::Text(name) => name.parse().ok(),
        _ => None,
    });
    let time =
        |name, default| text(node, name).map_or(default, |text| text.parse().unwrap_or(default));
    OpenHours {
        days: days.collect(),
        from: time("from", TimeOfDay::START),
        to: time("to", TimeOfDay::END),
    }
}

fn freeze(node: &Node) -> Option<Freeze> {
    let date = |name| text(node, name)?.parse().ok();
    Some(Freeze {
        from: date("from")?,
        to: date("to")?,
    })
}

fn truth(node: &Node, name: &str) -> bool {
    let value = node.get(name).map(|value| &value.content);
    matches!(value, Some(Content::Truth(true)))
}

fn span(node: &Node, name: &str) -> Option<Span> {
    duration::parse(&text(node, name)?).ok()
}

fn count(node: &Node, name: &str) -> Option<NonZeroU32> {
    match &node.get(name)?.content {
        Content::Number(text) => text.parse().ok(),
        _ => None,
    }
}

fn texts(node: &Node) -> BTreeMap<String, String> {
    let Content::Map(entries) = &node.content else {
        return BTreeMap::new();
    };
    entries
        .iter()
        .filter_map(|(key, _)| Some((key.name.clone(), text(node, &key.name)?)))
        .collect()
}
