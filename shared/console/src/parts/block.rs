//! Blocks of a page: buttons, tables, sections, notes.

use maud::{Markup, html};

use super::{Tone, notice};
use crate::guard::TOKEN;
use crate::request::PageRequest;

/// A form with one button that executes an action. `doing` is the button's text during the request.
pub(crate) fn button(
    place: &str,
    text: &str,
    doing: &str,
    class: &str,
    request: &PageRequest<'_>,
) -> Markup {
    html! {
        form.inline method="post" action=(place) {
            input type="hidden" name=(TOKEN) value=(request.token);
            button.(class) type="submit" data-doing=(doing) { (text) }
        }
    }
}

/// A table that scrolls horizontally if it is too wide, labelled by the heading with the id `heading`. A column
/// head that begins with `#` is for numbers.
pub(crate) fn table(heading: &str, heads: &[&str], rows: &[Markup]) -> Markup {
    html! {
        div.scroll role="group" aria-labelledby=(heading) tabindex="0" {
            table {
                thead { tr {
                    @for head in heads {
                        @match head.strip_prefix('#') {
                            Some(head) => th.number scope="col" { (head) },
                            None => th scope="col" { (head) },
                        }
                    }
                } }
                tbody { @for row in rows { tr { (row) } } }
            }
        }
    }
}

/// A section with a heading.
pub(crate) fn section(id: &str, title: &str, body: &Markup) -> Markup {
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (title) }
            (body)
        }
    }
}

/// The notice that Octopus did not respond.
pub(crate) fn octopus_error(why: Option<&str>) -> Markup {
    html! {
        @if let Some(why) = why {
            (notice(Tone::Wait, &html! {
                strong { "Octopus did not respond" }
                p { "Ids are shown instead of names, and triggers that Octopus runs are not listed." }
                p.small { (why) }
            }))
        }
    }
}

/// The note of an empty list.
pub(crate) fn empty_note(text: &str) -> Markup {
    html! { p.empty_note { (text) } }
}
