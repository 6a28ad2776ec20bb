//! Every field of a file, with its description. Names follow the Terraform provider's resource for
//! Octopus's own external feed triggers, in camel case.

mod options;
mod package;
mod require;
mod text;
mod window;

use crate::shape::{Field, Group, Record, Shape};
use options::OPTIONS;
use package::{FOR_ALL_PACKAGES, PACKAGE};
pub(crate) use require::REQUIRE;
use text::TEXT;
pub(crate) use window::WINDOW;

/// The most triggers of a file.
const MAX_TRIGGERS: usize = 1_000;

/// The most packages of a trigger: far more than a process references.
const MAX_PACKAGES: usize = 200;

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
                about: "The purpose of the trigger.",
                examples: &["Deploys each new image of the shop to Test"],
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
                about: "Whether the trigger is disabled: it is listed and creates no releases. Default: false.",
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
                about: "Which versions of single packages count. Octopus defines which packages the trigger watches.",
                examples: &[],
            },
        ],
        FOR_ALL_PACKAGES,
        OPTIONS,
    ],
};
