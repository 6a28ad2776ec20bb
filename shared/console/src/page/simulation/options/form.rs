//! The form of the options. It uses the query, so that a simulation can be bookmarked and shared.

use maud::{Markup, html};

use super::DEFAULT_SINCE;
use crate::form::Form;

/// A text field with its label and hint.
struct Field {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
}

const TRIGGER: [Field; 5] = [
    Field {
        name: "since",
        label: "Period",
        hint: "such as 24h or 14d",
    },
    Field {
        name: "if",
        label: "Condition",
        hint: "such as packages.web.change != \"major\"",
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
        label: "Maximum releases per hour",
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
        label: "Include versions that match",
        hint: "a pattern",
    },
    Field {
        name: "exclude",
        label: "Exclude versions that match",
        hint: "a pattern",
    },
];

/// Fields with several lines, written as in the trigger file.
const WINDOW: Field = Field {
    name: "window",
    label: "Release window",
    hint: "as in the trigger file, such as open: [{ days: [monday], from: \"09:00\", to: \"17:00\" }]",
};

const REQUIRE: Field = Field {
    name: "require",
    label: "Requirements",
    hint: "as in the trigger file, such as platforms: [linux/arm64]",
};

/// A drop-down field: its label, and the values with their texts.
struct Choice {
    name: &'static str,
    label: &'static str,
    values: &'static [(&'static str, &'static str)],
}

const CHOICES: [Choice; 2] = [
    Choice {
        name: "when",
        label: "When",
        values: &[
            ("any", "any source is newer"),
            ("all", "all sources are newer"),
            ("sameVersion", "all share a version"),
            ("sameLabel", "all are of one commit, by a label"),
        ],
    },
    Choice {
        name: "catchUp",
        label: "Catch up",
        values: &[
            ("newest", "newest version only"),
            ("every", "every new version"),
            ("newestPerMinor", "newest of each minor version"),
        ],
    },
];

/// The form with its current values.
pub(in crate::page::simulation) fn form(form_values: &Form) -> Markup {
    html! {
        form.options method="get" {
            fieldset {
                legend { "The trigger" }
                @for field in &TRIGGER { (text(field, form_values)) }
                @for Choice { name, label, values } in CHOICES {
                    @let chosen = form_values.one(name);
                    div.field {
                        label for=(name) { (label) }
                        select id=(name) name=(name) {
                            @for (value, text) in values {
                                option value=(value) selected[chosen.as_deref() == Some(value)] { (text) }
                            }
                        }
                    }
                }
                div.field.checkbox {
                    input #baseline type="checkbox" name="baseline" value="yes" checked[form_values.has("baseline")];
                    label for="baseline" { "Ignore versions that exist at first" }
                }
                (lines(&WINDOW, form_values))
            }
            fieldset {
                legend { "Versions of every source" }
                @for field in &VERSIONS { (text(field, form_values)) }
                (lines(&REQUIRE, form_values))
            }
            button.primary type="submit" name="options" value="these" { "Simulate" }
            p.muted {
                "The form shows the trigger's own options. The simulation creates and stores nothing."
            }
        }
    }
}

fn lines(field: &Field, form_values: &Form) -> Markup {
    html! {
        div.field {
            label for=(field.name) { (field.label) }
            textarea id=(field.name) name=(field.name) rows="4" spellcheck="false"
                aria-describedby={ (field.name) "-hint" } {
                (form_values.one(field.name).unwrap_or_default())
            }
            p.hint id={ (field.name) "-hint" } { (field.hint) }
        }
    }
}

fn text(field: &Field, form_values: &Form) -> Markup {
    let usual = (field.name == "since").then_some(DEFAULT_SINCE);
    let value = form_values.one(field.name);
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
