//! The fields of the requirements of a selected version.

use super::text::{PLATFORM, TEXT};
use crate::shape::{Field, Group, Record, Shape};

/// The most keys of a trigger. Two are usual while a key is replaced.
const MAX_KEYS: usize = 8;

/// The most platforms that an image must have.
const MAX_PLATFORMS: usize = 16;

pub(crate) static REQUIRE: Record = Record {
    name: "`require`",
    about: "Requirements of the selected version. The release waits or is refused until they are met.",
    one_of: &[],
    fields: &[&[
        Field {
            name: "signed",
            is_required: false,
            shape: Shape::Record(&SIGNED),
            about: "A signature of the image: by `cosign sign --key`, or by ECR's managed signing.",
            examples: &[],
        },
        Field {
            name: "platforms",
            is_required: false,
            shape: Shape::List {
                of: &PLATFORM,
                least: 1,
                most: MAX_PLATFORMS,
            },
            about: "Platforms that the image must have.",
            examples: &[],
        },
        Field {
            name: "labels",
            is_required: false,
            shape: Shape::Named(&TEXT),
            about: "A regular expression for the value of each of these labels, which the image must have.",
            examples: &[],
        },
        Field {
            name: "scan",
            is_required: false,
            shape: Shape::Record(&SCAN),
            about: "A finished scan of the image in ECR, basic or enhanced, without more severe findings.",
            examples: &[],
        },
    ]],
};

static SIGNED: Record = Record {
    name: "the signer",
    about: "A signature of the image by one of these keys, or by a signing profile.",
    one_of: &[
        Group {
            required: &["keys"],
            optional: &[],
        },
        Group {
            required: &["profile"],
            optional: &[],
        },
    ],
    fields: &[&[
        Field {
            name: "keys",
            is_required: false,
            shape: Shape::List {
                of: &TEXT,
                least: 1,
                most: MAX_KEYS,
            },
            about: "Public keys in PEM, of ECDSA P-256 or Ed25519: the content of cosign.pub.",
            examples: &[],
        },
        Field {
            name: "profile",
            is_required: false,
            shape: Shape::Text(Some((
                "^arn:aws(-[a-z]+)*:signer:[a-z0-9-]+:[0-9]{12}:/signing-profiles/[a-zA-Z0-9_]{2,}$",
                "the ARN of a signing profile: arn:aws:signer:REGION:ACCOUNT:/signing-profiles/NAME",
            ))),
            about: "The ARN of the signing profile of AWS Signer with which ECR signs images (managed signing).",
            examples: &["arn:aws:signer:eu-west-1:123456789012:/signing-profiles/release"],
        },
        Field {
            name: "within",
            is_required: false,
            shape: Shape::Duration,
            about: "How long the release waits for the signature, from when the version was first seen. Then it is refused. Default: 1h.",
            examples: &["30m"],
        },
    ]],
};

static SCAN: Record = Record {
    name: "`scan`",
    about: "A finished scan of the image in ECR.",
    one_of: &[],
    fields: &[&[
        Field {
            name: "allow",
            is_required: true,
            shape: Shape::Choice(SEVERITIES),
            about: "The worst permitted severity of findings. Findings without a severity (UNDEFINED, UNTRIAGED) are permitted, unless it is `none`.",
            examples: &["medium"],
        },
        Field {
            name: "within",
            is_required: false,
            shape: Shape::Duration,
            about: "How long the release waits for a finished scan, from when the version was first seen. Then it is refused. Default: 1h.",
            examples: &["30m"],
        },
    ]],
};

const SEVERITIES: &[(&str, &str)] = &[
    ("none", "No findings at all."),
    ("undefined", "Only findings without a severity."),
    ("informational", "INFORMATIONAL and less."),
    ("low", "LOW and less."),
    ("medium", "MEDIUM and less: no HIGH or CRITICAL."),
    ("high", "HIGH and less: no CRITICAL."),
    ("critical", "Any findings of a finished scan."),
];
