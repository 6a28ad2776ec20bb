//! Errors beyond single fields: texts that do not compile, options that exclude each other, and duplicates.

use std::collections::BTreeMap;

use domain::definition::SourceDefinition;
use domain::options::{CatchUp, Options, VersionConditions, VersionPolicy, When};

use crate::fault::FileError;
use crate::node_text::text;
use crate::tree::Node;

/// The errors of the selection in this node.
pub(crate) fn policy(node: &Node, policy: &VersionPolicy, faults: &mut Vec<FileError>) {
    for error in policy.check(None) {
        faults.push(FileError::new(
            node.place_of(&error.option),
            error.to_string(),
        ));
    }
    let only_platform = VersionConditions {
        platform: policy.versions.platform.clone(),
        ..VersionConditions::default()
    };
    if policy.follow.is_some() && policy.versions != only_platform {
        let problem = "versions: with `follow` only `platform` has a meaning, because a tag is followed \
                       whatever its version; remove `follow` or the other conditions";
        faults.push(FileError::new(node.place_of("versions"), problem));
    }
}

/// The errors of a trigger's options, and of options that contradict its sources.
pub(crate) fn options(
    node: &Node,
    options: &Options,
    sources: &[SourceDefinition],
    faults: &mut Vec<FileError>,
) {
    for error in options.check() {
        faults.push(FileError::new(
            node.place_of(&error.option),
            error.to_string(),
        ));
    }
    let follows = |source: &SourceDefinition| source.policy.follow.is_some();
    if matches!(options.when, When::SameVersion { .. })
        && !sources.is_empty()
        && sources.iter().all(follows)
    {
        let problem = "when: sameVersion compares versions, and every package here follows a tag; \
                       remove `follow` or choose any or all";
        faults.push(FileError::new(node.place_of("when"), problem));
    }
    let same = node.get("when").and_then(|when| when.get("sameVersion"));
    if let Some(same) = same
        && text(same, "by").is_some()
        && text(same, "extract").is_some()
    {
        let problem = "when.sameVersion: `by` compares a label and `extract` a part of the version; \
                       remove one of them";
        faults.push(FileError::new(same.place_of("by"), problem));
    }
    if options.catch_up != CatchUp::Newest && sources.iter().any(follows) {
        let problem = "catchUp: a tag that is followed has no versions to catch up with; \
                       remove `catchUp` or `follow`";
        faults.push(FileError::new(node.place_of("catchUp"), problem));
    }
    duplicate_packages(node, faults);
}

fn duplicate_packages(node: &Node, faults: &mut Vec<FileError>) {
    let mut known = BTreeMap::new();
    for package in node.get("packages").map(Node::items).unwrap_or_default() {
        let key = match text(package, "deploymentActionSlug") {
            Some(action) => {
                let reference = text(package, "packageReference").unwrap_or_default();
                (action.to_lowercase(), reference.to_lowercase())
            }
            None => ("*".to_owned(), "*".to_owned()),
        };
        if let Some(first) = known.insert(key, package.place) {
            let problem = format!("this package is listed already, in line {}", first.line);
            faults.push(FileError::new(package.place, problem));
        }
    }
}

/// Duplicate triggers. A trigger without a space may be in any space, so it is compared with all.
pub(crate) fn duplicates(triggers: &[Node], native: &[Node], faults: &mut Vec<FileError>) {
    let named = triggers.iter().filter_map(|node| {
        let key = vec![lower(node, "name")?];
        Some((node, "name", lower(node, "space"), key))
    });
    twice(named, faults);
    let by_id = native.iter().filter_map(|node| {
        let key = vec![lower(node, "id")?];
        Some((node, "id", None, key))
    });
    twice(by_id, faults);
    let by_name = native.iter().filter_map(|node| {
        let key = vec![lower(node, "project")?, lower(node, "name")?];
        Some((node, "name", lower(node, "space"), key))
    });
    twice(by_name, faults);
}

fn lower(node: &Node, name: &str) -> Option<String> {
    text(node, name).map(|text| text.trim().to_lowercase())
}

type Named<'a> = (&'a Node, &'static str, Option<String>, Vec<String>);

fn twice<'a>(entries: impl Iterator<Item = Named<'a>>, faults: &mut Vec<FileError>) {
    let mut known: BTreeMap<Vec<String>, Vec<(Option<String>, usize)>> = BTreeMap::new();
    for (node, field, space, key) in entries {
        let place = node.place_of(field);
        let others = known.entry(key).or_default();
        let is_same =
            |other: &Option<String>| other.is_none() || space.is_none() || *other == space;
        if let Some((_, line)) = others.iter().find(|(other, _)| is_same(other)) {
            let problem = format!(
                "{field}: line {line} already defines a trigger of this name; rename or remove one of them"
            );
            faults.push(FileError::new(place, problem));
        }
        others.push((space, place.line));
    }
}
