//! Every field of a file, with what it means. Names follow the Terraform provider's resource for
//! Octopus's own external feed triggers, in the writing of JSON.

use crate::shape::{Field, Group, Record, Shape};

/// A range, pattern or template is checked by what will use it.
const TEXT: Shape = Shape::Text(None);

/// The most triggers of a file.
const MAX_TRIGGERS: usize = 1_000;

/// The most packages of a trigger: far more than a process references.
const MAX_PACKAGES: usize = 200;

/// More releases than this in an hour are no limit.
const MAX_RELEASES: u32 = 100;

pub(crate) static FILE: Record = Record {
    name: "the file",
    about: "Triggers that create releases when images or charts change.",
    one_of: &[],
    fields: &[&[
        Field {
            name: "triggers",
            is_required: false,
            shape: Shape::List {
                of: &Shape::Record(&TRIGGER),
                least: 0,
                most: MAX_TRIGGERS,
            },
            about: "Triggers that are defined here and not in Octopus.",
            examples: &[],
        },
        Field {
            name: "native",
            is_required: false,
            shape: Shape::List {
                of: &Shape::Record(&NATIVE),
                least: 0,
                most: MAX_TRIGGERS,
            },
            about: "Options for Octopus's own external feed triggers.",
            examples: &[],
        },
    ]],
};

static TRIGGER: Record = Record {
    name: "a trigger",
    about: "A trigger: when a package of a project's process changes, its channel gets a release.",
    one_of: &[],
    fields: &[
        &[
            Field {
                name: "name",
                is_required: true,
                shape: TEXT,
                about: "The trigger's name, unique in its space. Its history belongs to this name.",
                examples: &["New web images"],
            },
            Field {
                name: "description",
                is_required: false,
                shape: Shape::AnyText,
                about: "What the trigger is for.",
                examples: &["Each new image of the shop goes to Test"],
            },
            Field {
                name: "space",
                is_required: false,
                shape: TEXT,
                about: "The project's space, by name, slug or id. Absent: the only space that is watched.",
                examples: &["Default", "Spaces-1"],
            },
            Field {
                name: "project",
                is_required: true,
                shape: TEXT,
                about: "The project that gets the release, by name, slug or id.",
                examples: &["Web Shop", "web-shop", "Projects-101"],
            },
            Field {
                name: "channel",
                is_required: false,
                shape: TEXT,
                about: "The channel of the release, by name, slug or id. Absent: the project's default channel.",
                examples: &["Default", "Channels-201"],
            },
            Field {
                name: "isDisabled",
                is_required: false,
                shape: Shape::Truth,
                about: "Switched off: the trigger is kept and shown, and does nothing. Absent: false.",
                examples: &["true"],
            },
            Field {
                name: "packages",
                is_required: true,
                shape: Shape::List {
                    of: &PACKAGE,
                    least: 1,
                    most: MAX_PACKAGES,
                },
                about: "The package references that the trigger watches.",
                examples: &[],
            },
        ],
        FOR_ALL_PACKAGES,
        OPTIONS,
    ],
};

static NATIVE: Record = Record {
    name: "a native trigger",
    about: "Options for one of Octopus's own external feed triggers, which this program runs.",
    one_of: &[
        Group {
            required: &["id"],
            optional: &[],
        },
        Group {
            required: &["project", "name"],
            optional: &["space"],
        },
    ],
    fields: &[
        &[
            Field {
                name: "id",
                is_required: false,
                shape: TEXT,
                about: "The trigger's id in Octopus.",
                examples: &["ProjectTriggers-31"],
            },
            Field {
                name: "space",
                is_required: false,
                shape: TEXT,
                about: "The project's space, by name, slug or id. Absent: the only space that is watched.",
                examples: &["Default", "Spaces-1"],
            },
            Field {
                name: "project",
                is_required: false,
                shape: TEXT,
                about: "The trigger's project, by name, slug or id.",
                examples: &["Web Shop"],
            },
            Field {
                name: "name",
                is_required: false,
                shape: TEXT,
                about: "The trigger's name in Octopus.",
                examples: &["New web images"],
            },
            Field {
                name: "packages",
                is_required: false,
                shape: Shape::List {
                    of: &PACKAGE,
                    least: 1,
                    most: MAX_PACKAGES,
                },
                about: "Which versions of single packages count. What the trigger watches is said in Octopus.",
                examples: &[],
            },
        ],
        FOR_ALL_PACKAGES,
        OPTIONS,
    ],
};

static PACKAGE: Shape = Shape::Either(
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
            ],
        ],
    },
);

const TAG: Shape = Shape::Text(Some((
    "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$",
    "a tag: letters, digits, `_`, `.` and `-`",
)));

const FOR_ALL_PACKAGES: &[Field] = &[
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
];

static VERSIONS: Record = Record {
    name: "a selection of versions",
    about: "Which versions count, on top of the channel's rule. Every condition that is there must hold.",
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
            about: "What makes one version later than another. Absent: what the channel's rule says.",
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
            shape: Shape::Text(Some((
                "^[a-z0-9]+/[a-z0-9_]+(/[a-z0-9.]+)?$",
                "a platform like linux/arm64",
            ))),
            about: "Only images for this platform.",
            examples: &["linux/arm64"],
        },
        Field {
            name: "rollBack",
            is_required: false,
            shape: Shape::Truth,
            about: "Where these conditions refuse the version of the previous release, the latest that they permit replaces it although it is older. Absent: false.",
            examples: &["true"],
        },
    ]],
};

pub(crate) const ORDERS: &[(&str, &str)] = &[
    ("semver", "The feed's order of versions."),
    ("published", "When it was published, or else first seen."),
    ("numeric", "As numbers."),
    ("alphabetical", "As text."),
];

pub(crate) const WHENS: &[(&str, &str)] = &[
    ("any", "At least one package has something newer."),
    ("all", "All packages have something newer."),
    (
        "sameVersion",
        "All packages have one version in common; the newest that they share is released.",
    ),
];

pub(crate) const CATCH_UPS: &[(&str, &str)] = &[
    ("newest", "The newest version gets a release."),
    ("every", "Every version gets one, in order."),
    (
        "newestPerMinor",
        "The newest of each minor version gets one, in order.",
    ),
];

pub(crate) const FIRST_SIGHTS: &[(&str, &str)] = &[
    ("compare", "What is there counts as new."),
    (
        "baseline",
        "What was there when trigger and package were first seen counts as known.",
    ),
];

const OPTIONS: &[Field] = &[
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
