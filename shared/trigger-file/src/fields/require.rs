//! The fields of the requirements of a selected version.

use super::text::{PLATFORM, TEXT};
use crate::shape::{Field, Record, Shape};

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
            about: "A signature that `cosign sign --key` made of the image.",
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
    ]],
};

static SIGNED: Record = Record {
    name: "`signed`",
    about: "A signature of the image by one of these keys.",
    one_of: &[],
    fields: &[&[
        Field {
            name: "keys",
            is_required: true,
            shape: Shape::List {
                of: &TEXT,
                least: 1,
                most: MAX_KEYS,
            },
            about: "Public keys in PEM, of ECDSA P-256 or Ed25519: the content of cosign.pub.",
            examples: &[],
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
