//! The options of a trigger: when it makes a release, and which.

use super::TEXT;
use crate::shape::{Field, Record, Shape};

/// More releases than this in an hour are no limit.
const MAX_RELEASES: u32 = 100;

const WHENS: &[(&str, &str)] = &[
    ("any", "At least one package has something newer."),
    ("all", "All packages have something newer."),
    (
        "sameVersion",
        "All packages have one version in common; the newest that they share is released.",
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
    ("compare", "What is there counts as new."),
    (
        "baseline",
        "What was there when trigger and package were first seen counts as known.",
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
        name: "quietPeriod",
        is_required: false,
        shape: Shape::Duration,
        about: "Wait until nothing has changed for so long; then one release.",
        examples: &["5m"],
    },
    Field {
        name: "maxWait",
        is_required: false,
        shape: Shape::Duration,
        about: "But at most so long since the first change. Absent: ten quiet periods.",
        examples: &["30m"],
    },
    Field {
        name: "minimumAge",
        is_required: false,
        shape: Shape::Duration,
        about: "Only versions that were published, or else first seen, at least so long ago.",
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
        about: "What a package without a version in the previous release means. Absent: compare.",
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
        about: "A template for the release's notes. Absent: what changed from what to what.",
        examples: &["{% for one in changed %}- {{ one.package }} {{ one.version }}\n{% endfor %}"],
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
        about: "Decide and record, create nothing. Absent: false.",
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
            about: "What of the versions must be the same.",
            one_of: &[],
            fields: &[&[Field {
                name: "extract",
                is_required: false,
                shape: TEXT,
                about: "A regular expression that takes from each version the part that must be the same. Absent: the whole.",
                examples: &["^\\d+\\.\\d+"],
            }]],
        }),
        about: "All packages have one version in common; the newest that they share is released.",
        examples: &[],
    }]],
};
