//! The fields of a release window.

use domain::window::{MAX_FREEZES, MAX_OPEN_HOURS};

use super::text::TEXT;
use crate::shape::{Field, Record, Shape};

const DAYS: &[(&str, &str)] = &[
    ("monday", "Hours that start on Monday."),
    ("tuesday", "Hours that start on Tuesday."),
    ("wednesday", "Hours that start on Wednesday."),
    ("thursday", "Hours that start on Thursday."),
    ("friday", "Hours that start on Friday."),
    ("saturday", "Hours that start on Saturday."),
    ("sunday", "Hours that start on Sunday."),
];

pub(crate) static WINDOW: Record = Record {
    name: "a window",
    about: "When releases may be created. Outside of it the trigger waits, and creates one release when it opens.",
    one_of: &[],
    fields: &[&[
        Field {
            name: "timeZone",
            is_required: false,
            shape: TEXT,
            about: "A name of the IANA time zone database. Default: UTC.",
            examples: &["Europe/Vienna", "America/New_York"],
        },
        Field {
            name: "open",
            is_required: false,
            shape: Shape::List {
                of: &Shape::Record(&OPEN_HOURS),
                least: 1,
                most: MAX_OPEN_HOURS,
            },
            about: "The hours during which releases may be created. Absent: always, except during freezes.",
            examples: &[],
        },
        Field {
            name: "freezes",
            is_required: false,
            shape: Shape::List {
                of: &Shape::Record(&FREEZE),
                least: 1,
                most: MAX_FREEZES,
            },
            about: "Days without releases.",
            examples: &[],
        },
    ]],
};

static OPEN_HOURS: Record = Record {
    name: "open hours",
    about: "Hours of some days. Hours that end at or before their start end on the next day.",
    one_of: &[],
    fields: &[&[
        Field {
            name: "days",
            is_required: false,
            shape: Shape::List {
                of: &Shape::Choice(DAYS),
                least: 1,
                most: DAYS.len(),
            },
            about: "The days on which the hours start. Absent: every day.",
            examples: &[],
        },
        Field {
            name: "from",
            is_required: false,
            shape: Shape::TimeOfDay,
            about: "The first minute. Default: 00:00.",
            examples: &["09:00"],
        },
        Field {
            name: "to",
            is_required: false,
            shape: Shape::TimeOfDay,
            about: "The first minute after the hours. Default: 24:00.",
            examples: &["17:00"],
        },
    ]],
};

static FREEZE: Record = Record {
    name: "a freeze",
    about: "Days without releases.",
    one_of: &[],
    fields: &[&[
        Field {
            name: "from",
            is_required: true,
            shape: Shape::Date,
            about: "The first day.",
            examples: &["2026-12-18"],
        },
        Field {
            name: "to",
            is_required: true,
            shape: Shape::Date,
            about: "The last day.",
            examples: &["2027-01-06"],
        },
    ]],
};
