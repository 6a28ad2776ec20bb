//! The form of the options. It asks by an address, so that a simulation can be kept and sent to somebody.

use maud::{Markup, html};

use super::USUAL;
use crate::form::Form;

/// A field of text with its label and a hint.
struct Field {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
}

const TRIGGER: [Field; 4] = [
    Field {
        name: "since",
        label: "How far back",
        hint: "such as 24h or 14d",
    },
    Field {
        name: "quietPeriod",
        label: "Quiet period",
        hint: "such as 5m",
    },
    Field {
        name: "minimumAge",
        label: "Minimum age",
        hint: "such as 1h",
    },
    Field {
        name: "maxReleasesPerHour",
        label: "Releases an hour, at most",
        hint: "a number",
    },
];

const VERSIONS: [Field; 4] = [
    Field {
        name: "range",
        label: "Version range",
        hint: "such as [1.0,2.0)",
    },
    Field {
        name: "preReleaseTag",
        label: "Pre-release tag",
        hint: "a pattern, ^$ for none",
    },
    Field {
        name: "include",
        label: "Only versions that match",
        hint: "a pattern",
    },
    Field {
        name: "exclude",
        label: "No versions that match",
        hint: "a pattern",
    },
];

/// A choice with its label: what is sent, and what it says.
struct Choice {
    name: &'static str,
    label: &'static str,
    values: [(&'static str, &'static str); 3],
}

const CHOICES: [Choice; 2] = [
    Choice {
        name: "when",
        label: "When",
        values: [
            ("any", "any source is newer"),
            ("all", "all sources are newer"),
            ("sameVersion", "all share a version"),
        ],
    },
    Choice {
        name: "catchUp",
        label: "Of several new versions",
        values: [
            ("newest", "the newest"),
            ("every", "every one"),
            ("newestPerMinor", "the newest of each minor version"),
        ],
    },
];

/// The form, with what was asked for before.
pub(in crate::page::simulation) fn form(asked: &Form) -> Markup {
    html! {
        form.options method="get" {
            fieldset {
                legend { "The trigger" }
                @for field in &TRIGGER { (text(field, asked)) }
                @for Choice { name, label, values } in CHOICES {
                    @let chosen = asked.one(name);
                    div.field {
                        label for=(name) { (label) }
                        select id=(name) name=(name) {
                            @for (value, text) in values {
                                option value=(value) selected[chosen.as_deref() == Some(value)] { (text) }
                            }
                        }
                    }
                }
                div.field.tick {
                    input #baseline type="checkbox" name="baseline" value="yes" checked[asked.has("baseline")];
                    label for="baseline" { "What was there at first counts as known" }
                }
            }
            fieldset {
                legend { "Versions of every source" }
                @for field in &VERSIONS { (text(field, asked)) }
            }
            button.primary type="submit" name="options" value="these" { "Simulate" }
            p.muted {
                "Nothing is created or kept. Until options are sent, the trigger is simulated with its own."
            }
        }
    }
}

fn text(field: &Field, asked: &Form) -> Markup {
    let usual = (field.name == "since").then_some(USUAL);
    let value = asked.one(field.name);
    let value = value.as_deref().or(usual).unwrap_or_default();
    html! {
        div.field {
            label for=(field.name) { (field.label) }
            input id=(field.name) name=(field.name) value=(value) autocomplete="off"
                aria-describedby={ (field.name) "-hint" };
            p.hint id={ (field.name) "-hint" } { (field.hint) }
        }
    }
}
