//! Reads the text of a field.

use crate::tree::{Content, Node};

/// Text in a field; nothing if it is absent or is none.
pub(crate) fn text(node: &Node, name: &str) -> Option<String> {
    match &node.get(name)?.content {
        Content::Text(text) => Some(text.clone()),
        _ => None,
    }
}
