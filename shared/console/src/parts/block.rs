//! Blocks of a page: buttons, tables, sections, notes.

use domain::time::Timestamp;
use maud::{Markup, html};
use operator::overview::FailedPackage;

use super::{Tone, badge, link, notice, time};
use crate::guard::TOKEN;
use crate::path;
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

/// A package that could not be read.
pub(crate) fn failed_package(failed: &FailedPackage, now: Timestamp) -> Markup {
    let FailedPackage {
        package,
        feed_name,
        failure,
    } = failed;
    let place = path::feed(&package.space, &package.feed);
    html! {
        p.small {
            (badge(Tone::Bad, "Cannot be read")) " "
            code { (package.package) } " from " (link(Some(&place), &html! { (feed_name) })) ": "
            (failure.reason) ", " @if failure.failures == 1 { "once" } @else { (failure.failures) " times" }
            @if let Some(since) = failure.since { ", the first " (time(since, now)) }
            "; next check "
            @if failure.is_over(now) { "with the next scheduler run" } @else { (time(failure.until, now)) }
        }
    }
}

/// The note of an empty list.
pub(crate) fn empty_note(text: &str) -> Markup {
    html! { p.empty_note { (text) } }
}
