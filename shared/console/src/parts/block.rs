//! Parts of a page that stand by themselves.

use maud::{Markup, html};

use super::{Tone, notice};
use crate::answer::Visit;
use crate::guard::TOKEN;

/// A form of one button that has something done. `doing` is what the button says meanwhile.
pub(crate) fn button(
    place: &str,
    text: &str,
    doing: &str,
    class: &str,
    visit: &Visit<'_>,
) -> Markup {
    html! {
        form.inline method="post" action=(place) {
            input type="hidden" name=(TOKEN) value=(visit.token);
            button.(class) type="submit" data-doing=(doing) { (text) }
        }
    }
}

/// A table that scrolls by itself where it is too wide. What it shows is what the heading with this id says;
/// a head that begins with `#` stands above numbers.
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

/// A part of a page under a heading of its own.
pub(crate) fn section(id: &str, title: &str, body: &Markup) -> Markup {
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (title) }
            (body)
        }
    }
}

/// What is said where Octopus was asked for names and did not answer.
pub(crate) fn silence(why: Option<&str>) -> Markup {
    html! {
        @if let Some(why) = why {
            (notice(Tone::Wait, &html! {
                strong { "Octopus did not answer" }
                p { "Ids stand for the names that only it knows, and triggers that it runs itself are not shown." }
                p.small { (why) }
            }))
        }
    }
}

/// What stands where there is nothing.
pub(crate) fn nothing(text: &str) -> Markup {
    html! { p.nothing { (text) } }
}
