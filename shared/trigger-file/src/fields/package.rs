//! The fields of a package that a trigger watches, and which of its versions count.

use super::require::REQUIRE;
use super::text::{PLATFORM, TEXT};
use crate::shape::{Field, Record, Shape};

pub(super) static PACKAGE: Shape = Shape::Either(
    &[("*", "Every package that the process references.")],
    &Record {
        name: "a package",
        about: "A package reference of the deployment process.",
        one_of: &[],
        fields: &[
            &[
                Field {
                    name: "deploymentActionSlug",
                    is_required: true,
                    shape: TEXT,
                    about: "The action of the process, by slug or name; `*` for all that reference packages.",
                    examples: &["deploy-web", "*"],
                },
                Field {
                    name: "packageReference",
                    is_required: false,
                    shape: Shape::AnyText,
                    about: "The name of the package reference. Absent or empty: the action's primary package. `*`: all of the action.",
                    examples: &["web", "*"],
                },
            ],
            &[
                Field {
                    name: "versions",
                    is_required: false,
                    shape: Shape::Record(&VERSIONS),
                    about: "Which versions count, on top of the channel's rule.",
                    examples: &[],
                },
                Field {
                    name: "follow",
                    is_required: false,
                    shape: TAG,
                    about: "A mutable tag that is followed by its digest, instead of versions.",
                    examples: &["latest"],
                },
                Field {
                    name: "require",
                    is_required: false,
                    shape: Shape::Record(&REQUIRE),
                    about: "Requirements of the selected version, such as a signature.",
                    examples: &[],
                },
            ],
        ],
    },
);

const TAG: Shape = Shape::Text(Some((
    "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$",
    "a tag: letters, digits, `_`, `.` and `-`",
)));

pub(super) const FOR_ALL_PACKAGES: &[Field] = &[
    Field {
        name: "versions",
        is_required: false,
        shape: Shape::Record(&VERSIONS),
        about: "Which versions count, for all packages that have neither `versions` nor `follow` of their own.",
        examples: &[],
    },
    Field {
        name: "follow",
        is_required: false,
        shape: TAG,
        about: "A mutable tag that is followed by its digest, for all packages that have neither `versions` nor `follow` of their own.",
        examples: &["latest"],
    },
    Field {
        name: "require",
        is_required: false,
        shape: Shape::Record(&REQUIRE),
        about: "Requirements of the selected version, for all packages that have no `require` of their own.",
        examples: &[],
    },
];

static VERSIONS: Record = Record {
    name: "a selection of versions",
    about: "Which versions count, on top of the channel's rule. A version must meet all conditions.",
    one_of: &[],
    fields: &[&[
        Field {
            name: "range",
            is_required: false,
            shape: TEXT,
            about: "A range in NuGet's notation; in Maven's for packages of Maven feeds.",
            examples: &["[1.0,2.0)"],
        },
        Field {
            name: "preReleaseTag",
            is_required: false,
            shape: TEXT,
            about: "A regular expression on the pre-release text, as in a channel's rule. `^$` permits no pre-releases.",
            examples: &["^$", "^beta"],
        },
        Field {
            name: "include",
            is_required: false,
            shape: TEXT,
            about: "A regular expression that the whole version must match.",
            examples: &["-alpine$"],
        },
        Field {
            name: "exclude",
            is_required: false,
            shape: TEXT,
            about: "A regular expression that the whole version must not match.",
            examples: &["windows"],
        },
        Field {
            name: "order",
            is_required: false,
            shape: Shape::Choice(ORDERS),
            about: "How versions are ordered. Default: as the channel's rule orders them.",
            examples: &["published"],
        },
        Field {
            name: "extract",
            is_required: false,
            shape: TEXT,
            about: "A regular expression whose first group, or the group `version`, is the part that is compared.",
            examples: &["^release-(\\d+)$"],
        },
        Field {
            name: "platform",
            is_required: false,
            shape: PLATFORM,
            about: "Only images for this platform.",
            examples: &["linux/arm64"],
        },
        Field {
            name: "rollBack",
            is_required: false,
            shape: Shape::Truth,
            about: "If these conditions refuse the version of the previous release, replace it with the latest permitted version, even if that is older. Default: false.",
            examples: &["true"],
        },
    ]],
};

const ORDERS: &[(&str, &str)] = &[
    ("semver", "The feed's order of versions."),
    ("published", "When it was published, or else first seen."),
    ("numeric", "As numbers."),
    ("alphabetical", "As text."),
];
