//! The form that all steps share.

use maud::{Markup, html};

use super::draft::{Draft, Step};

/// The form of a step, which leads to the next step and keeps the earlier choices.
pub(super) fn form(step: Step, draft: &Draft, fields: &Markup) -> Markup {
    html! {
        form.options method="get" action=(step.next().path()) {
            @for (name, value) in draft.kept_by(step) {
                input type="hidden" name=(name) value=(value);
            }
            (fields)
            button.primary type="submit" { "Next" }
        }
    }
}
