//! How public registries list tags, each under its name.
//!
//! [`Manner`] describes how one differs; the table at the end has that of each registry.

/// A registry that is imitated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imitation {
    /// The reference implementation, 3: sorted, relative links, 400 above a thousand.
    Distribution3,
    /// The reference implementation, 2.8: everything at once and unsorted, whatever is asked for.
    Distribution2,
    /// Docker Hub; with its own API, which is on another host than the registry.
    DockerHub,
    /// Amazon ECR: unsorted, absolute links, a token for a place, 405 above a thousand, text/plain.
    Ecr,
    /// Amazon ECR Public: a token for a place, relative links.
    EcrPublic,
    /// GitHub's: oldest first.
    Ghcr,
    /// Azure's: links with an empty parameter; with its own API.
    Azure,
    /// Google's: every manifest in the list.
    Google,
    /// Harbor; with its own API.
    Harbor,
    /// Quay: oldest first, 413 above a hundred; with its own API.
    Quay,
    /// Quay as it was until 2021: `next_page`.
    OldQuay,
    /// GitLab's.
    GitLab,
    /// Artifactory: digests among the tags, links without the repository's prefix.
    Artifactory,
    /// Nexus: absolute links with a missing path, null among the tags.
    Nexus,
    /// Nexus before 3.64: pages without links.
    OldNexus,
    /// Nexus's group repositories: tags of several members are listed several times.
    NexusGroup,
    /// Gitea and Forgejo as they were: pages without links.
    Gitea,
    /// zot: 404 for a place that it does not know.
    Zot,
    /// Microsoft's: ignores the page size.
    Mcr,
    /// A registry that lists null where there are no tags.
    NullTags,
    /// Proxies that add links of their own.
    SeveralLinks,
    /// A registry behind a proxy, which links to its own scheme, host and port.
    BehindProxy,
    /// A registry that writes links without angle brackets.
    BareTargets,
}

/// In what order tags come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Sorted,
    OldestFirst,
    /// Unsorted.
    Unsorted,
}

/// How the place of the next page is named.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// `last`, the last tag of the page.
    LastTag,
    /// `last`, a token that means nothing to others.
    Opaque,
    /// `next_page`, such a token.
    NextPage,
}

/// How the link to it is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LinkForm {
    None,
    Relative,
    RelativeWithEmptyOrder,
    Absolute,
    /// Absolute, below a path that the registry is not at.
    WrongPath,
    /// Relative, without the first part of the repository's name.
    Shortened,
    /// `rel=next` without quotes.
    Bare,
    /// In the second of two headers, among others.
    Several,
    /// Absolute, with the scheme, host and port of a server behind a proxy.
    OtherOrigin,
    /// Without angle brackets.
    NoBrackets,
}

/// Other entries in the list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extra {
    None,
    Nulls,
    Digests,
    Manifests,
    /// Each page begins with the last tag of the one before.
    Repeats,
}

/// In what a registry differs from others.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    pub(super) order: Order,
    pub(super) place: Place,
    pub(super) link: LinkForm,
    pub(super) extra: Extra,
    /// The largest page, and the status with which more is refused; without a status, it is cut.
    pub(super) page: (usize, Option<u16>),
    pub(super) content_type: &'static str,
    /// Whether `n` and `last` are looked at.
    pub(super) pages: bool,
    /// Headers of every answer.
    pub(super) header: Option<(&'static str, &'static str)>,
}

const PLAIN: Manner = Manner {
    order: Order::Sorted,
    place: Place::LastTag,
    link: LinkForm::Relative,
    extra: Extra::None,
    page: (usize::MAX, None),
    content_type: "application/json",
    pages: true,
    header: None,
};

impl Imitation {
    /// All of them.
    pub const ALL: [Self; 23] = [
        Self::Distribution3,
        Self::Distribution2,
        Self::DockerHub,
        Self::Ecr,
        Self::EcrPublic,
        Self::Ghcr,
        Self::Azure,
        Self::Google,
        Self::Harbor,
        Self::Quay,
        Self::OldQuay,
        Self::GitLab,
        Self::Artifactory,
        Self::Nexus,
        Self::OldNexus,
        Self::NexusGroup,
        Self::Gitea,
        Self::Zot,
        Self::Mcr,
        Self::NullTags,
        Self::SeveralLinks,
        Self::BehindProxy,
        Self::BareTargets,
    ];

    pub(super) fn manner(self) -> Manner {
        match self {
            Self::DockerHub | Self::Harbor | Self::Zot => PLAIN,
            Self::Distribution3 => Manner {
                page: (1_000, Some(400)),
                ..PLAIN
            },
            Self::GitLab => Manner {
                page: (100, None),
                ..PLAIN
            },
            Self::Distribution2 | Self::Mcr => Manner {
                order: Order::Unsorted,
                pages: false,
                ..PLAIN
            },
            Self::Ecr => Manner {
                order: Order::Unsorted,
                place: Place::Opaque,
                link: LinkForm::Absolute,
                page: (1_000, Some(405)),
                content_type: "text/plain; charset=utf-8",
                ..PLAIN
            },
            Self::EcrPublic => Manner {
                order: Order::Unsorted,
                place: Place::Opaque,
                page: (1_000, Some(405)),
                ..PLAIN
            },
            Self::Ghcr => Manner {
                order: Order::OldestFirst,
                link: LinkForm::Bare,
                ..PLAIN
            },
            Self::Azure => Manner {
                link: LinkForm::RelativeWithEmptyOrder,
                ..PLAIN
            },
            Self::Google => Manner {
                extra: Extra::Manifests,
                ..PLAIN
            },
            Self::Quay => Manner {
                order: Order::OldestFirst,
                page: (100, Some(413)),
                ..PLAIN
            },
            Self::OldQuay => Manner {
                place: Place::NextPage,
                page: (50, None),
                ..PLAIN
            },
            Self::Artifactory => Manner {
                link: LinkForm::Shortened,
                extra: Extra::Digests,
                header: Some(("X-JFrog-Version", "Artifactory/7.77.5")),
                ..PLAIN
            },
            Self::Nexus => Manner {
                link: LinkForm::WrongPath,
                extra: Extra::Nulls,
                header: Some(("Server", "Nexus/3.68.0-04 (OSS)")),
                ..PLAIN
            },
            Self::NexusGroup => Manner {
                extra: Extra::Repeats,
                header: Some(("Server", "Nexus/3.68.0-04 (OSS)")),
                ..PLAIN
            },
            Self::OldNexus | Self::Gitea => Manner {
                link: LinkForm::None,
                ..PLAIN
            },
            Self::NullTags => PLAIN,
            Self::BehindProxy => Manner {
                link: LinkForm::OtherOrigin,
                ..PLAIN
            },
            Self::BareTargets => Manner {
                link: LinkForm::NoBrackets,
                ..PLAIN
            },
            Self::SeveralLinks => Manner {
                link: LinkForm::Several,
                ..PLAIN
            },
        }
    }
}
