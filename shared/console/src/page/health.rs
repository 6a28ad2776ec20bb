//! The health page: scheduler and Octopus, triggers and feeds with errors, queues and dead-letter queues, cost.

mod cost;
mod errors;
mod queues;

use domain::time::{Span, Timestamp};
use engine::ports::Clock;
use maud::{Markup, html};
use operator::overview::Overview;

use crate::content::{Page, Section};
use crate::page_error::PageError;
use crate::parts::{Tone, badge, counted, octopus_error, section, time};
use crate::request::PageRequest;
use crate::{Actions, Console, ConsoleOctopus, ConsoleStore, path};

/// The scheduler runs every minute; it is late after this time.
const LATE_AFTER: Span = Span::from_minutes(5);

impl<S: ConsoleStore, O: ConsoleOctopus, C: Clock, H: Actions> Console<S, O, C, H> {
    pub(crate) async fn health(&self, request: &PageRequest<'_>) -> Result<Page, PageError> {
        let overview = self.look().glance().await?;
        let body = html! {
            (queues::redrive_notice(request))
            (octopus_error(overview.octopus_error.as_deref()))
            (schedule(&overview, request.now))
            (errors::trigger_errors(&overview.triggers, request.now))
            (errors::feed_errors(&overview.feeds, request.now))
            (section("queues", "Queues", &self.queue_section(request).await))
            (section("webhooks", "Webhooks", &html! {
                p { a href=(path::WEBHOOKS) { "Last requests of webhooks, and the steps in each sender" } }
            }))
            (self.cost_so_far(&overview, request.now))
        };
        Ok(Page {
            title: "Health".to_owned(),
            section: Section::Health,
            above: html! {},
            body,
        })
    }
}

fn schedule(overview: &Overview, now: Timestamp) -> Markup {
    let last_run = overview.last_run.map(|last_run| last_run.at);
    let is_late = last_run.is_none_or(|last_run| now.since(last_run) > LATE_AFTER);
    let packages = overview.feeds.iter().map(|feed| feed.packages).sum();
    section(
        "schedule",
        "Schedule",
        &html! {
            dl.facts {
                div { dt { "Last scheduler run" } dd {
                    @match last_run { Some(last_run) => (time(last_run, now)), None => "none yet" } " "
                    @if is_late { (badge(Tone::Bad, "Late")) } @else { (badge(Tone::Good, "Running")) }
                } }
                @if let Some(settings) = &overview.settings {
                    div { dt { "Mode" } dd {
                        @if settings.observes() { "observe " (badge(Tone::Wait, "Creates no releases")) }
                        @else { "create" }
                    } }
                    @if !settings.changes.is_empty() {
                        div { dt { "Changed by the last deployment" } dd {
                            (time(settings.since, now)) ": "
                            @for (number, change) in settings.changes.iter().enumerate() {
                                @if number > 0 { ", " }
                                (change.name) " from " (value(&change.before)) " to " (value(&change.after))
                            }
                        } }
                    }
                }
                div { dt { "Triggers read from Octopus" } dd {
                    @match overview.read_at { Some(at) => (time(at, now)), None => "never" }
                } }
                div { dt { "Run by this program" } dd {
                    (counted(errors::run_here(&overview.triggers).count(), "trigger")) ", "
                    (counted(overview.feeds.len(), "feed")) ", " (counted(packages, "package"))
                } }
            }
            @if is_late {
                p { "The scheduler runs every minute. On one machine, start `feedctl run`; in a stack, check the "
                    "scheduler's log and alarm." }
            }
        },
    )
}

/// The value of a setting.
fn value(text: &str) -> Markup {
    html! { @if text.is_empty() { "empty" } @else { code { (text) } } }
}
