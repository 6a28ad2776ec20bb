//! Identifiers, as in Octopus. Each is its own type, so that a feed is never mistaken for a project. A clone
//! shares the text.

use std::sync::Arc;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// A space, such as `Spaces-1`.
    SpaceId
);
id!(
    /// A project, such as `Projects-101`.
    ProjectId
);
id!(
    /// A channel, such as `Channels-201`.
    ChannelId
);
id!(
    /// A feed, such as `Feeds-1001` or `feeds-builtin`.
    FeedId
);
id!(
    /// A package of a feed, as the feed names it: `acme/web-shop`, `nginx`.
    PackageId
);
id!(
    /// A trigger, such as `ProjectTriggers-31`; triggers of a file have ids of this program.
    TriggerId
);
id!(
    /// A release, such as `Releases-1187`.
    ReleaseId
);

/// One package of one feed of one space: the key of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageKey {
    pub space: SpaceId,
    pub feed: FeedId,
    pub package: PackageId,
}

impl std::fmt::Display for PackageKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {}", self.package, self.feed)
    }
}
