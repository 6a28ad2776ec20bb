//! Settings that are valid, but probably not intended.

use domain::options::{VersionConditions, VersionPolicy};

use crate::fault::FileError;
use crate::node_text::text;
use crate::tree::Node;

/// The warnings about a file.
pub(crate) fn of(tree: &Node) -> Vec<FileError> {
    let lists = ["triggers", "native"]
        .into_iter()
        .filter_map(|name| tree.get(name));
    let triggers = lists.flat_map(Node::items);
    let with_packages = |trigger| {
        let packages = Node::get(trigger, "packages").map(Node::items);
        packages.unwrap_or_default().iter().chain([trigger])
    };
    triggers
        .flat_map(with_packages)
        .flat_map(of_versions)
        .collect()
}

/// The warnings about the versions of a trigger or package.
fn of_versions(node: &Node) -> Vec<FileError> {
    let policy = VersionPolicy {
        versions: VersionConditions {
            range: node
                .get("versions")
                .and_then(|versions| text(versions, "range")),
            ..VersionConditions::default()
        },
        ..VersionPolicy::default()
    };
    let warnings = policy.warnings().into_iter();
    warnings
        .map(|warning| FileError::new(node.place_of(&warning.option), warning.to_string()))
        .collect()
}
