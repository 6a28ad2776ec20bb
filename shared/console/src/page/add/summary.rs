//! The last step: a description of the trigger, and its creation.

use domain::definition::{ALL, Definitions};
use engine::ports::Clock;
use maud::{Markup, html};
use operator::add::{Home, NewTrigger, SourceChoice};

use super::draft::{Draft, Step};
use crate::actions::ActionFailed;
use crate::form::Form;
use crate::guard::TOKEN;
use crate::page_error::PageError;
use crate::parts::{Tone, notice, sentence};
use crate::request::{PageRequest, Reply};
use crate::{Actions, Console, ConsoleOctopus, ConsoleStore, path};

impl<S: ConsoleStore, O: ConsoleOctopus, C: Clock, H: Actions> Console<S, O, C, H> {
    pub(super) async fn summary(
        &self,
        draft: &Draft,
        request: &PageRequest<'_>,
    ) -> Result<Markup, PageError> {
        let (new, faults) = self.plan_summary(draft).await?;
        let ending = match (faults.as_slice(), new.home) {
            ([], Home::File) => file(&new)?,
            ([], _) => creation(draft, request),
            (faults, _) => refusal(faults),
        };
        Ok(html! {
            (chosen(&new))
            section aria-labelledby="words" {
                h2 #words { "Summary" }
                ul { @for line in new.in_words() { li { (line) } } }
            }
            (ending)
        })
    }

    /// Creates the trigger in Octopus and redirects to the list. If it cannot be created, redirects to the last
    /// step, which shows the problems.
    pub(crate) async fn create(
        &self,
        form: &Form,
        request: &PageRequest<'_>,
    ) -> Result<Reply, PageError> {
        let draft = Draft::of(form);
        let again = Reply::SeeOther(draft.address(Step::Summary));
        if draft.unfinished().is_some() {
            return Ok(again);
        }
        let (new, faults) = self.plan_summary(&draft).await?;
        if !faults.is_empty() || new.home == Home::File {
            return Ok(again);
        }
        let created = self.octopus.create_trigger(&new.native()).await;
        let outcome = match &created {
            Ok(id) => id.as_str(),
            Err(_) => "ActionFailed",
        };
        let (principal, space, project) =
            (request.principal, &new.space.id, new.project.name.as_str());
        let name = new.name.as_str();
        tracing::info!(principal, action = "add trigger", %space, project, name, outcome, "console");
        let id = created?;
        let query: String = form_urlencoded::Serializer::new(String::new())
            .append_pair("added", id.as_str())
            .append_pair("name", name)
            .append_pair("space", space.as_str())
            .finish();
        Ok(Reply::SeeOther(format!("{}?{query}", path::TRIGGERS)))
    }

    /// The trigger as chosen, and its problems.
    async fn plan_summary(&self, draft: &Draft) -> Result<(NewTrigger, Vec<String>), PageError> {
        let (space, project) = self.chosen_project(draft).await?;
        let adding = self.adding();
        let channel = draft.channel.as_ref().map(|id| id.as_str());
        let channel = adding.channel(&project, channel).await?;
        let choices = adding.sources(&project, &channel.listed.channel.id).await?;
        let is_known = self.octopus.has_feed_triggers().await?;
        let mut faults = Vec::new();
        if adding.is_taken(&project, &draft.name).await? {
            faults.push(format!(
                "the project `{}` already has an external feed trigger `{}`; choose another name",
                project.name, draft.name
            ));
        }
        let new = NewTrigger {
            name: draft.name.clone(),
            description: draft.description.clone(),
            sources: meant(draft, choices, &mut faults),
            home: match draft.home {
                Some(home) if is_known => home,
                None if is_known => Home::Adopted,
                _ => Home::File,
            },
            space,
            project,
            channel,
        };
        faults.extend(new.faults());
        Ok((new, faults))
    }
}

/// The chosen sources.
fn meant(draft: &Draft, choices: Vec<SourceChoice>, faults: &mut Vec<String>) -> Vec<SourceChoice> {
    if draft.sources.iter().any(|source| source == ALL) {
        return choices
            .into_iter()
            .filter(|one| one.is_followable)
            .collect();
    }
    for reference in &draft.sources {
        let mut known = choices.iter();
        if !known.any(|choice| choice.reference.to_string() == *reference) {
            faults.push(format!(
                "the process has no source `{reference}` in this channel; choose one of the listed sources"
            ));
        }
    }
    let mut meant = choices;
    meant.retain(|choice| draft.sources.contains(&choice.reference.to_string()));
    meant
}

fn chosen(new: &NewTrigger) -> Markup {
    html! {
        dl.facts {
            div { dt { "Name" } dd { (new.name) } }
            @if !new.description.is_empty() { div { dt { "Description" } dd { (new.description) } } }
            div { dt { "Project" } dd { (new.project.name) " in " (new.space.name) } }
            div { dt { "Channel" } dd { (new.channel.listed.channel.name) } }
        }
        ul.tags aria-label="Sources" {
            @for source in &new.sources { li { code { (source.package) } " from " (source.feed) } }
        }
    }
}

fn refusal(faults: &[String]) -> Markup {
    let text = html! {
        strong { "The trigger cannot be created" }
        ul.plain { @for fault in faults { li { (sentence(fault)) } } }
    };
    notice(Tone::Bad, &text)
}

fn creation(draft: &Draft, request: &PageRequest<'_>) -> Markup {
    html! {
        form method="post" action=(path::CREATE) {
            input type="hidden" name=(TOKEN) value=(request.token);
            @for (_, name, value) in draft.fields() { input type="hidden" name=(name) value=(value); }
            button.primary type="submit" data-doing="Creating…" { "Create trigger" }
        }
    }
}

/// The trigger as YAML for a trigger file.
fn file(new: &NewTrigger) -> Result<Markup, PageError> {
    let alone = Definitions {
        triggers: vec![new.definition()],
        native: Vec::new(),
    };
    let text = trigger_file::write(&alone).map_err(|error| ActionFailed(error.to_string()))?;
    Ok(html! {
        section aria-labelledby="file" {
            h2 #file { "For triggers.yaml" }
            pre.file tabindex="0" role="region" aria-labelledby="file" { code { (text) } }
            p {
                "Save it as " code { "triggers.yaml" } ", or append the trigger to your existing file. Then run "
                code { "feedctl apply triggers.yaml" } "."
            }
        }
    })
}
