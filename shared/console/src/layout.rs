//! The common parts of pages: head, navigation, title, footer.

use maud::{DOCTYPE, Markup, html};

use crate::asset::{ICON, SCRIPT, STYLE};
use crate::content::{Page, Section};
use crate::parts::clock;
use crate::request::PageRequest;
use crate::{ConsoleSettings, path};

const SECTIONS: [(Section, &str, &str); 4] = [
    (Section::Triggers, "Triggers", path::TRIGGERS),
    (Section::Feeds, "Feeds", path::FEEDS),
    (Section::Projects, "Projects", path::PROJECTS),
    (Section::Health, "Health", path::HEALTH),
];

/// A page with navigation, for admitted requests.
pub(crate) fn framed(page: &Page, settings: &ConsoleSettings, request: &PageRequest<'_>) -> String {
    document(
        &page.title,
        &html! {
            a.skip href="#content" { "Skip to content" }
            header.bar {
                div.inner {
                    a.brand href=(path::TRIGGERS) {
                        img src=(ICON) alt="" width="28" height="28";
                        span { "Feed triggers" }
                    }
                    nav aria-label="Main" {
                        ul {
                            @for (section, name, place) in SECTIONS {
                                li {
                                    a href=(place)
                                        aria-current=[(section == page.section).then_some("page")]
                                        { (name) }
                                }
                            }
                        }
                    }
                    p.place title="The state file or stack of this console" { (settings.place) }
                }
            }
            main #content tabindex="-1" {
                div.heading {
                    h1 { (page.title) }
                    (page.above)
                }
                (page.body)
            }
            footer {
                p {
                    "External Feed Triggers " (env!("CARGO_PKG_VERSION")) " · as of "
                    (clock(request.now)) " · "
                    a href="" { "Reload" }
                }
            }
        },
    )
}

/// A page without navigation, for refused requests.
pub(crate) fn bare(title: &str, text: &str) -> String {
    document(
        title,
        &html! {
            main.bare #content {
                img src=(ICON) alt="" width="48" height="48";
                h1 { (title) }
                p.lead { (text) }
            }
        },
    )
}

fn document(title: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " – Feed triggers" }
                link rel="icon" href=(ICON) type="image/svg+xml";
                link rel="stylesheet" href=(STYLE);
                script src=(SCRIPT) defer {}
            }
            body { (body) }
        }
    };
    page.into_string()
}
