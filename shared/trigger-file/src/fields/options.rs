//! The options of a trigger: when it makes a release, and which.

use super::text::TEXT;
use super::window::WINDOW;
use crate::shape::{Field, Record, Shape};

/// More releases than this in an hour are no limit.
const MAX_RELEASES: u32 = 100;

const WHENS: &[(&str, &str)] = &[
    ("any", "At least one package has something newer."),
    ("all", "All packages have something newer."),
    (
        "sameVersion",
        "All packages have a version in common; the newest common version is released.",
    ),
];

const CATCH_UPS: &[(&str, &str)] = &[
    ("newest", "The newest version gets a release."),
    ("every", "Every version gets one, in order."),
    (
        "newestPerMinor",
        "The newest of each minor version gets one, in order.",
    ),
];

const FIRST_SIGHTS: &[(&str, &str)] = &[
    ("compare", "Existing versions count as new."),
    (
        "baseline",
        "Versions that existed when the trigger and the package were first seen do not count as new.",
    ),
];

const CONTEXTS: &[(&str, &str)] = &[
    (
        "commits",
        "The commit of each changed image by its labels, with links to it and to the changes since the previous release.",
    ),
    (
        "buildInformation",
        "The build of the first changed package with its commits and work items, if Octopus has its build information.",
    ),
];

pub(super) const OPTIONS: &[Field] = &[
    Field {
        name: "when",
        is_required: false,
        shape: Shape::Either(WHENS, &SAME_VERSION),
        about: "Which packages must have something newer. Absent: any.",
        examples: &["all", "sameVersion"],
    },
    Field {
        name: "if",
        is_required: false,
        shape: TEXT,
        about: "An expression that the release must meet; else an older combination of versions that meets it is released, or none.",
        examples: &["packages.web.change != \"major\""],
    },
    Field {
        name: "quietPeriod",
        is_required: false,
        shape: Shape::Duration,
        about: "Wait until no package has changed for this time; then create one release.",
        examples: &["5m"],
    },
    Field {
        name: "maxWait",
        is_required: false,
        shape: Shape::Duration,
        about: "The longest wait since the first change. Default: ten quiet periods.",
        examples: &["30m"],
    },
    Field {
        name: "minimumAge",
        is_required: false,
        shape: Shape::Duration,
        about: "The least age of a version since it was published or, if the feed has no dates, first seen.",
        examples: &["24h", "P1D"],
    },
    Field {
        name: "catchUp",
        is_required: false,
        shape: Shape::Choice(CATCH_UPS),
        about: "Which of several new versions get a release. Absent: newest.",
        examples: &["every"],
    },
    Field {
        name: "firstSight",
        is_required: false,
        shape: Shape::Choice(FIRST_SIGHTS),
        about: "How a package without a version in the previous release is compared. Default: compare.",
        examples: &["baseline"],
    },
    Field {
        name: "maxReleasesPerHour",
        is_required: false,
        shape: Shape::Count(MAX_RELEASES),
        about: "How many releases the channel gets from feed triggers within an hour.",
        examples: &["4"],
    },
    Field {
        name: "window",
        is_required: false,
        shape: Shape::Record(&WINDOW),
        about: "When releases may be created. Absent: always.",
        examples: &[],
    },
    Field {
        name: "gitRef",
        is_required: false,
        shape: TEXT,
        about: "The branch or tag whose process is released, for projects in Git. Absent: the default branch.",
        examples: &["refs/heads/main"],
    },
    Field {
        name: "releaseVersion",
        is_required: false,
        shape: TEXT,
        about: "A template for the release's number. Absent: the project's own versioning.",
        examples: &["{{ packages[0].version }}"],
    },
    Field {
        name: "releaseNotes",
        is_required: false,
        shape: TEXT,
        about: "A template for the release's notes. Default: a table of the changed packages with their previous and new versions.",
        examples: &["{% for one in changed %}- {{ one.package }} {{ one.version }}\n{% endfor %}"],
    },
    Field {
        name: "releaseContext",
        is_required: false,
        shape: Shape::List {
            of: &Shape::Choice(CONTEXTS),
            least: 1,
            most: CONTEXTS.len(),
        },
        about: "Additions to the default notes. Default: none.",
        examples: &[],
    },
    Field {
        name: "customFields",
        is_required: false,
        shape: Shape::Named(&Shape::AnyText),
        about: "A template for each custom field of the release, by the field's name.",
        examples: &[],
    },
    Field {
        name: "dryRun",
        is_required: false,
        shape: Shape::Truth,
        about: "Decide and record without creating releases. Default: false.",
        examples: &["true"],
    },
];

static SAME_VERSION: Record = Record {
    name: "a condition",
    about: "All packages must have one version in common.",
    one_of: &[],
    fields: &[&[Field {
        name: "sameVersion",
        is_required: true,
        shape: Shape::Record(&Record {
            name: "`sameVersion`",
            about: "The part of the versions, or the label, that must be equal.",
            one_of: &[],
            fields: &[&[
                Field {
                    name: "extract",
                    is_required: false,
                    shape: TEXT,
                    about: "A regular expression whose match is the part that must be equal. Default: the whole version.",
                    examples: &["^\\d+\\.\\d+"],
                },
                Field {
                    name: "by",
                    is_required: false,
                    shape: TEXT,
                    about: "A label of the images that must be equal, instead of the version.",
                    examples: &["org.opencontainers.image.revision"],
                },
            ]],
        }),
        about: "All packages have a version in common; the newest common version is released.",
        examples: &[],
    }]],
};
