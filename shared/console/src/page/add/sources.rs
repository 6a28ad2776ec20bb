//! The sources step, with the newest version of each source and the verdict of the channel's rules, and the
//! choice of who runs the trigger.

use domain::definition::ALL;
use engine::ports::Clock;
use maud::{Markup, html};
use operator::add::{Home, SourceChoice};

use super::draft::{Draft, HOMES, Step};
use super::step_form::form;
use crate::page_error::PageError;
use crate::parts::{Tone, badge, empty_note, notice, sentence};
use crate::{Actions, Console, ConsoleOctopus, ConsoleStore};

impl<S: ConsoleStore, O: ConsoleOctopus, C: Clock, H: Actions> Console<S, O, C, H> {
    pub(super) async fn choose_sources(&self, draft: &Draft) -> Result<Markup, PageError> {
        let (_, project) = self.chosen_project(draft).await?;
        let channel = draft.channel.as_ref().ok_or(PageError::NoSuchProject)?;
        let choices = self.adding().sources(&project, channel).await?;
        if choices.is_empty() {
            return Ok(empty_note(
                "The deployment process has no package reference in this channel that a trigger can watch.",
            ));
        }
        let is_known = self.octopus.has_feed_triggers().await?;
        Ok(form(
            Step::Sources,
            draft,
            &html! {
                fieldset.list {
                    legend { "Watched packages of " (project.name) }
                    p.search hidden {
                        label for="filter" { "Search" }
                        input #filter type="search" autocomplete="off" data-filter="choice";
                    }
                    @if choices.iter().filter(|one| one.is_followable).count() > 1 {
                        div.choice {
                            input #source-all type="checkbox" name="source" value=(ALL)
                                checked[draft.sources.iter().any(|source| source == ALL)];
                            label for="source-all" { strong { "All" } " that can be watched" }
                        }
                    }
                    @for (index, choice) in choices.iter().enumerate() {
                        (offered(index, choice, draft))
                    }
                }
                (run_by(draft, is_known))
            },
        ))
    }
}

fn offered(index: usize, choice: &SourceChoice, draft: &Draft) -> Markup {
    let id = format!("source-{index}");
    let reference = choice.reference.to_string();
    let is_chosen = draft.sources.contains(&reference);
    html! {
        div.choice {
            input id=(id) type="checkbox" name="source" value=(reference) checked[is_chosen]
                disabled[!choice.is_followable] aria-describedby={ (id) "-verdict" };
            div {
                label for=(id) {
                    strong { (reference) }
                    @if choice.is_followable { ": " code { (choice.package) } " from " (choice.feed) }
                }
                p.small id={ (id) "-verdict" } {
                    (verdict(choice)) " " (sentence(&choice.verdict()))
                }
                @if !choice.rule.is_empty() { p.small.muted { "Rule: " (choice.rule) } }
            }
        }
    }
}

/// The version that a release would use, or that there is none.
fn verdict(choice: &SourceChoice) -> Markup {
    let is_refused = choice
        .newest
        .as_ref()
        .is_some_and(|newest| newest.refused.is_some());
    match &choice.permitted {
        Some(permitted) if is_refused => badge(Tone::Wait, permitted),
        Some(permitted) => badge(Tone::Good, permitted),
        None => badge(Tone::Bad, "No version"),
    }
}

fn run_by(draft: &Draft, is_known: bool) -> Markup {
    if !is_known {
        let text = html! {
            "This Octopus Server has no external feed triggers; they are available from 2024.2 on. The trigger is "
            "written to a trigger file, which this program runs."
        };
        return html! {
            (notice(Tone::Info, &text))
            input type="hidden" name="runBy" value="file";
        };
    }
    let text = |home: Home| match home {
        Home::Adopted => "This program; Octopus shows the trigger as disabled",
        Home::Octopus => "Octopus, which supports images and charts only",
        Home::File => "This program, from a trigger file",
    };
    let chosen = draft.home.unwrap_or(Home::Adopted);
    html! {
        fieldset.list {
            legend { "Who runs it" }
            @for (home, word) in HOMES {
                div.choice {
                    input id={ "run-by-" (word) } type="radio" name="runBy" value=(word) checked[home == chosen];
                    label for={ "run-by-" (word) } { (text(home)) }
                }
            }
        }
    }
}
