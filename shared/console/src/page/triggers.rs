//! All triggers that are run here: state, channel, sources, last outcome, last release, the last days.

use domain::history::{Evaluation, Outcome};
use domain::trigger::{Source, Trigger};
use engine::ports::Clock;
use engine::schedule::stalled;
use maud::{Markup, html};

use super::trigger::to_trigger;
use crate::answer::Visit;
use crate::chart::days;
use crate::fault::Fault;
use crate::layout::{Page, Section};
use crate::parts::{Tone, badge, counted, nothing, notice, outcome_badge, outside, time};
use crate::{Console, Hand, Memory, Octopus, path};

/// So many triggers stand on a page.
const ON_A_PAGE: usize = 50;

/// So many evaluations are looked at for the last days: hourly ones of two weeks.
const RECENT: usize = 14 * 24;

/// A trigger with what is shown of it.
struct Row<'a> {
    trigger: &'a Trigger,
    recent: Vec<Evaluation>,
    is_stalled: bool,
}

impl<S: Memory, O: Octopus, C: Clock, H: Hand> Console<S, O, C, H> {
    pub(crate) async fn triggers(&self, visit: &Visit<'_>) -> Result<Page, Fault> {
        let list = self.list().await?;
        let wanted = visit.query.one("q").unwrap_or_default();
        let number = visit.query.one("page").and_then(|page| page.parse().ok());
        let number = number.unwrap_or(1_usize).max(1);
        let found = list.triggers.iter().filter(|one| is_wanted(one, &wanted));
        let found: Vec<_> = found.collect();
        let mut spaces = list.triggers.iter().map(|one| &one.space);
        let first_space = spaces.next();
        let several = spaces.any(|space| Some(space) != first_space);
        let stalled = stalled(&self.store, &list, visit.now).await?;
        let mut rows = Vec::new();
        let first = (number - 1).saturating_mul(ON_A_PAGE);
        for trigger in found.iter().skip(first).take(ON_A_PAGE) {
            rows.push(Row {
                trigger,
                recent: self
                    .store
                    .recent(&trigger.space, &trigger.id, RECENT)
                    .await?,
                is_stalled: stalled
                    .iter()
                    .any(|one| (&one.space, &one.trigger) == trigger.key()),
            });
        }
        Ok(Page {
            title: "Triggers".to_owned(),
            section: Section::Triggers,
            above: html! { a.button.primary href=(path::ADD) { "Add trigger" } },
            body: html! {
                (added(visit))
                (search(&wanted, found.len()))
                @if rows.is_empty() { (none(list.triggers.is_empty())) }
                ul.rows {
                    @for row in &rows { li { (self.row(row, several, visit)) } }
                }
                (pages(number, found.len(), &wanted))
            },
        })
    }

    fn row(&self, row: &Row<'_>, several: bool, visit: &Visit<'_>) -> Markup {
        let trigger = row.trigger;
        let last = row.recent.first();
        html! {
            div.row {
                div.what {
                    h2 { (to_trigger(&trigger.space, &trigger.id, &trigger.name)) }
                    p.muted { (trigger.project_name) @if several { " · " (trigger.space) } }
                    ul.tags aria-label="Sources" {
                        @for source in &trigger.sources { li { (watched(source)) } }
                    }
                }
                div.state {
                    p { (state(row)) }
                    @match (&trigger.problem, last) {
                        (Some(problem), _) => p.small { (problem) },
                        (None, Some(last)) => {
                            p.small { (last.reason) }
                            p.small.muted { "Evaluated " (time(last.at, visit.now)) }
                        },
                        (None, None) => p.small.muted { "Not evaluated yet" },
                    }
                }
                div.release {
                    p.small.muted { "Last release" }
                    p { (self.last_release(row, visit)) }
                }
                div.line { (days(&row.recent, visit.now)) }
            }
        }
    }

    fn last_release(&self, row: &Row<'_>, visit: &Visit<'_>) -> Markup {
        let mut made = row
            .recent
            .iter()
            .filter(|one| matches!(one.outcome, Outcome::Created | Outcome::AlreadyReleased));
        let made = made.find_map(|one| Some((one, one.release.as_ref()?)));
        html! {
            @match made {
                None => span.muted { "none lately" },
                Some((one, release)) => {
                    @let place = self.settings.links.release(&one.space, &release.id);
                    (outside(place.as_deref(), &release.version)) " "
                    span.small.muted { (time(one.at, visit.now)) }
                }
            }
        }
    }
}

/// What became of the form that led here.
fn added(visit: &Visit<'_>) -> Markup {
    html! {
        @if let Some(id) = visit.query.one("added") {
            (notice(Tone::Good, &html! {
                "The trigger " code { (id) } " was created in Octopus. If this program runs it, it stands here "
                "once the triggers were read anew."
            }))
        }
    }
}

fn is_wanted(trigger: &Trigger, wanted: &str) -> bool {
    let wanted = wanted.to_lowercase();
    let packages = trigger.packages().map(|package| package.package.as_str());
    let mut texts = [trigger.name.as_str(), trigger.project_name.as_str()]
        .into_iter()
        .chain(packages);
    texts.any(|text| text.to_lowercase().contains(&wanted))
}

fn search(wanted: &str, found: usize) -> Markup {
    html! {
        form.search method="get" action=(path::TRIGGERS) role="search" {
            label for="q" { "Trigger, project or package" }
            input #q type="search" name="q" value=(wanted) autocomplete="off";
            button type="submit" { "Filter" }
            p.muted role="status" { (counted(found, "trigger")) }
        }
    }
}

fn none(is_empty: bool) -> Markup {
    if is_empty {
        nothing(
            "No trigger is run here yet. Adopt one of Octopus's own with `feedctl triggers adopt`, or apply a \
             file of triggers. The list is read anew with the schedule's next round.",
        )
    } else {
        nothing("No trigger is called so.")
    }
}

fn state(row: &Row<'_>) -> Markup {
    if row.trigger.problem.is_some() {
        return badge(Tone::Bad, "Cannot be evaluated");
    }
    if row.is_stalled {
        return badge(Tone::Bad, "Stalled");
    }
    match row.recent.first() {
        Some(last) => outcome_badge(last.outcome),
        None => badge(Tone::Quiet, "New"),
    }
}

fn watched(source: &Source) -> Markup {
    html! {
        @match &source.resolution {
            Ok(resolved) => code { (resolved.package.package) },
            Err(why) => code.bad title=(why) { (source.reference) },
        }
    }
}

fn pages(number: usize, found: usize, wanted: &str) -> Markup {
    let last = found.div_ceil(ON_A_PAGE);
    let query: String = form_urlencoded::Serializer::new(String::new())
        .append_pair("q", wanted)
        .finish();
    let place = |page: usize| format!("{}?{query}&page={page}", path::TRIGGERS);
    html! {
        @if last > 1 {
            nav.pages aria-label="Pages" {
                @if number > 1 { a rel="prev" href=(place(number - 1)) { "Previous" } }
                span { "Page " (number) " of " (last) }
                @if number < last { a rel="next" href=(place(number + 1)) { "Next" } }
            }
        }
    }
}
