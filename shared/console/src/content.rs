//! The content of a page, without the layout.

use maud::Markup;

pub(crate) struct Page {
    /// The title, which is also the heading.
    pub(crate) title: String,
    /// The current item of the navigation.
    pub(crate) section: Section,
    /// The state and actions beside the heading.
    pub(crate) above: Markup,
    pub(crate) body: Markup,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Triggers,
    Feeds,
    Projects,
    Health,
    None,
}
