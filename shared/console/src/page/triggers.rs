//! The list of all triggers, including those that Octopus runs: state, channel, sources, last outcome, last
//! release, last days.

mod row;
mod state_filter;

use domain::ids::{SpaceId, TriggerId};
use engine::ports::Clock;
use maud::{Markup, html};
use operator::overview::{SourceState, TriggerState};

use super::trigger::to_trigger;
use crate::content::{Page, Section};
use crate::page_error::PageError;
use crate::parts::{Tone, counted, empty_note, notice, octopus_error, page_links};
use crate::request::PageRequest;
use crate::{Actions, Console, ConsoleOctopus, ConsoleStore, path};
use row::Row;
use state_filter::StateFilter;

/// Triggers per page.
const PAGE_SIZE: usize = 50;

/// The evaluations that are read for the last days: hourly ones of two weeks.
const RECENT_EVALUATIONS: usize = 14 * 24;

impl<S: ConsoleStore, O: ConsoleOctopus, C: Clock, H: Actions> Console<S, O, C, H> {
    pub(crate) async fn triggers(&self, request: &PageRequest<'_>) -> Result<Page, PageError> {
        let overview = self.look().glance().await?;
        let filter = request.query.one("q").unwrap_or_default();
        let number = request.query.one("page").and_then(|page| page.parse().ok());
        let number = number.unwrap_or(1_usize).max(1);
        let all = overview.triggers.iter();
        let states = StateFilter::parse(request.query.one("state").as_deref());
        let found: Vec<_> = all
            .filter(|one| states.matches(one) && matches_filter(one, &filter))
            .collect();
        let mut rows = Vec::new();
        let first = (number - 1).saturating_mul(PAGE_SIZE);
        for state in found.iter().skip(first).take(PAGE_SIZE) {
            let recent = self
                .store
                .recent(&state.space, &state.id, RECENT_EVALUATIONS)
                .await?;
            rows.push(Row {
                state,
                recent,
                links: &self.settings.links,
                now: request.now,
            });
        }
        Ok(Page {
            title: "Triggers".to_owned(),
            section: Section::Triggers,
            above: html! { a.button.primary href=(path::ADD) { "Add trigger" } },
            body: html! {
                (octopus_error(overview.octopus_error.as_deref()))
                (added(request))
                (search(&filter, states, found.len()))
                @if rows.is_empty() { (none(overview.triggers.is_empty())) }
                ul.rows { @for row in &rows { li { (row.shown()) } } }
                (pages(number, found.len(), &filter, states))
            },
        })
    }
}

/// The result of the creation that redirected to this page.
fn added(request: &PageRequest<'_>) -> Markup {
    html! {
        @if let Some(id) = request.query.one("removed") {
            (notice(Tone::Good, &html! {
                "The trigger " strong { (id.strip_prefix("file:").unwrap_or(&id)) }
                " was removed from the trigger file."
            }))
        }
        @if let Some(id) = request.query.one("added") {
            (notice(Tone::Good, &html! {
                "The trigger "
                @match (request.query.one("space"), request.query.one("name")) {
                    (Some(space), Some(name)) => {
                        (to_trigger(&SpaceId::new(space), &TriggerId::new(id), &name))
                    },
                    _ => code { (id) },
                }
                " was created in Octopus. If this program runs it, it is listed after "
                "the next refresh of the watch list."
            }))
        }
    }
}

/// Searches name, space, project, channel and packages.
fn matches_filter(state: &TriggerState, filter: &str) -> bool {
    let filter = filter.to_lowercase();
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
    texts.any(|text| text.to_lowercase().contains(&filter))
}

fn search(filter: &str, states: StateFilter, found: usize) -> Markup {
    html! {
        form.search method="get" action=(path::TRIGGERS) role="search" {
            label for="q" { "Trigger, project, channel or package" }
            input #q type="search" name="q" value=(filter) autocomplete="off";
            label for="state" { "State" }
            select #state name="state" {
                @for (state, name, text) in StateFilter::ALL {
                    option value=(name) selected[state == states] { (text) }
                }
            }
            button type="submit" { "Filter" }
            p.muted role="status" { (counted(found, "trigger")) }
        }
    }
}

fn none(is_empty: bool) -> Markup {
    if is_empty {
        empty_note(
            "This program runs no trigger yet. Add a trigger, adopt one that Octopus runs, or apply a trigger file with \
             `feedctl apply`. The next scheduler run refreshes the list.",
        )
    } else {
        empty_note("No matching triggers.")
    }
}

fn pages(number: usize, found: usize, filter: &str, states: StateFilter) -> Markup {
    let query: String = form_urlencoded::Serializer::new(String::new())
        .append_pair("q", filter)
        .append_pair("state", states.name())
        .finish();
    page_links(
        number,
        found.div_ceil(PAGE_SIZE),
        &format!("{}?{query}", path::TRIGGERS),
    )
}
