//! All triggers, those that Octopus runs itself too: state, channel, sources, last outcome, last release, the
//! last days.

mod row;

use engine::ports::Clock;
use maud::{Markup, html};
use operator::overview::{SourceState, TriggerState};

use crate::answer::Visit;
use crate::fault::Fault;
use crate::layout::{Page, Section};
use crate::parts::{Tone, counted, nothing, notice, silence};
use crate::{Actions, Console, Memory, Octopus, path};
use row::Row;

/// So many triggers stand on a page.
const ON_A_PAGE: usize = 50;

/// So many evaluations are looked at for the last days: hourly ones of two weeks.
const RECENT: usize = 14 * 24;

impl<S: Memory, O: Octopus, C: Clock, H: Actions> Console<S, O, C, H> {
    pub(crate) async fn triggers(&self, visit: &Visit<'_>) -> Result<Page, Fault> {
        let overview = self.look().glance().await?;
        let wanted = visit.query.one("q").unwrap_or_default();
        let number = visit.query.one("page").and_then(|page| page.parse().ok());
        let number = number.unwrap_or(1_usize).max(1);
        let all = overview.triggers.iter();
        let found: Vec<_> = all.filter(|one| is_wanted(one, &wanted)).collect();
        let mut rows = Vec::new();
        let first = (number - 1).saturating_mul(ON_A_PAGE);
        for state in found.iter().skip(first).take(ON_A_PAGE) {
            let recent = self.store.recent(&state.space, &state.id, RECENT).await?;
            rows.push(Row {
                state,
                recent,
                links: &self.settings.links,
                now: visit.now,
            });
        }
        Ok(Page {
            title: "Triggers".to_owned(),
            section: Section::Triggers,
            above: html! { a.button.primary href=(path::ADD) { "Add trigger" } },
            body: html! {
                (silence(overview.silence.as_deref()))
                (added(visit))
                (search(&wanted, found.len()))
                @if rows.is_empty() { (none(overview.triggers.is_empty())) }
                ul.rows { @for row in &rows { li { (row.shown()) } } }
                (pages(number, found.len(), &wanted))
            },
        })
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

/// By name, space, project, channel or package.
fn is_wanted(state: &TriggerState, wanted: &str) -> bool {
    let wanted = wanted.to_lowercase();
    let package = |source: &SourceState| Some(source.package.as_ref()?.package.to_string());
    let packages = state.sources.iter().filter_map(package);
    let TriggerState {
        name,
        space_name,
        project,
        channel,
        ..
    } = state;
    let texts = [name, space_name, project, channel].map(String::clone);
    let mut texts = texts.into_iter().chain(packages);
    texts.any(|text| text.to_lowercase().contains(&wanted))
}

fn search(wanted: &str, found: usize) -> Markup {
    html! {
        form.search method="get" action=(path::TRIGGERS) role="search" {
            label for="q" { "Trigger, project, channel or package" }
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
