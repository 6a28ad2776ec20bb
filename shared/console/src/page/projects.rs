//! The projects: which have a trigger, and which could have one.

use engine::ports::{Clock, Project};
use engine::with_causes;
use maud::{Markup, html};
use operator::projects::{Possible, ProjectTriggers};

use super::trigger::to_trigger;
use crate::content::{Page, Section};
use crate::page_error::PageError;
use crate::parts::{Tone, badge, counted, empty_note, notice, outside, page_links};
use crate::request::PageRequest;
use crate::{Actions, Console, ConsoleOctopus, ConsoleStore, path};

/// Projects per page. The processes of a page are read in few requests.
const PAGE_SIZE: usize = 50;

impl<S: ConsoleStore, O: ConsoleOctopus, C: Clock, H: Actions> Console<S, O, C, H> {
    pub(crate) async fn projects(&self, request: &PageRequest<'_>) -> Result<Page, PageError> {
        let filter = request.query.one("q").unwrap_or_default();
        let is_without = request.query.has("without");
        let number = request.query.one("page").and_then(|page| page.parse().ok());
        let number = number.unwrap_or(1_usize).max(1);
        let look = self.look();
        let (all, error) = match look.projects().await {
            Ok(all) => (all, None),
            Err(engine::StepError::Octopus(error)) => (Vec::new(), Some(with_causes(&error))),
            Err(error) => return Err(error.into()),
        };
        let text = filter.to_lowercase();
        let is_found = |one: &&ProjectTriggers| {
            let names = [&one.project.name, &one.space_name];
            let is_named = names.iter().any(|name| name.to_lowercase().contains(&text));
            is_named && (one.triggers.is_empty() || !is_without)
        };
        let found: Vec<_> = all.iter().filter(is_found).collect();
        let first = (number - 1).saturating_mul(PAGE_SIZE);
        let shown = found.iter().skip(first).take(PAGE_SIZE);
        let shown: Vec<_> = shown.copied().collect();
        let without = shown.iter().filter(|one| one.triggers.is_empty());
        let without: Vec<&Project> = without.map(|one| &one.project).collect();
        let possible = look.possible(&without).await;
        let (possible, error) = match (possible, error) {
            (Ok(possible), error) => (possible, error),
            (Err(own), error) => {
                let unknown = Possible::Unknown(with_causes(&own));
                let own = error.unwrap_or_else(|| with_causes(&own));
                (vec![unknown; without.len()], Some(own))
            }
        };
        let mut possible = possible.into_iter();
        Ok(Page {
            title: "Projects".to_owned(),
            section: Section::Projects,
            above: html! { a.button.primary href=(path::ADD) { "Add trigger" } },
            body: html! {
                @if let Some(why) = &error {
                    (notice(Tone::Wait, &html! {
                        strong { "Octopus did not respond" }
                        p { "The projects are not stored, so they cannot be shown now." }
                        p.small { (why) }
                    }))
                }
                (search(&filter, is_without, found.len()))
                @if found.is_empty() && error.is_none() { (empty_note("No matching projects.")) }
                ul.plain.log {
                    @for state in shown {
                        @let own = if state.triggers.is_empty() { possible.next() } else { None };
                        li { (self.project(state, own.as_ref())) }
                    }
                }
                (pages(number, found.len(), &filter, is_without))
            },
        })
    }

    fn project(&self, state: &ProjectTriggers, possible: Option<&Possible>) -> Markup {
        let Project {
            id, name, space, ..
        } = &state.project;
        let place = self.settings.links.project(space, id);
        let add = form_urlencoded::Serializer::new(String::new())
            .append_pair("project", &format!("{space}/{id}"))
            .finish();
        html! {
            p {
                strong { (outside(place.as_deref(), name)) } span.muted { " in " (state.space_name) " " }
                @match possible {
                    None => (badge(Tone::Good, &counted(state.triggers.len(), "trigger"))),
                    Some(Possible::Packages(packages)) => {
                        (badge(Tone::Info, "No trigger")) " "
                        (counted(*packages, "package")) " can be watched. "
                        a href={ (path::ADD) "/name?" (add) } { "Add a trigger for " (name) }
                    }
                    Some(Possible::Nothing) => {
                        (badge(Tone::Quiet, "No package")) " The process has no package that a trigger can watch."
                    }
                    Some(Possible::Unknown(why)) => { (badge(Tone::Wait, "Unknown")) " " (why) }
                }
            }
            @if !state.triggers.is_empty() {
                p.small {
                    @for (index, (space, id, name)) in state.triggers.iter().enumerate() {
                        @if index > 0 { ", " }
                        (to_trigger(space, id, name))
                    }
                }
            }
        }
    }
}

fn search(filter: &str, is_without: bool, found: usize) -> Markup {
    html! {
        form.search method="get" action=(path::PROJECTS) role="search" {
            label for="q" { "Project or space" }
            input #q type="search" name="q" value=(filter) autocomplete="off";
            label for="without" { "Only without a trigger" }
            input #without type="checkbox" name="without" value="yes" checked[is_without];
            button type="submit" { "Filter" }
            p.muted role="status" { (counted(found, "project")) }
        }
    }
}

fn pages(number: usize, found: usize, filter: &str, is_without: bool) -> Markup {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("q", filter);
    if is_without {
        query.append_pair("without", "yes");
    }
    let query = query.finish();
    page_links(
        number,
        found.div_ceil(PAGE_SIZE),
        &format!("{}?{query}", path::PROJECTS),
    )
}
