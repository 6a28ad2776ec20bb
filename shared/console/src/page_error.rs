//! Errors of pages, and the page that shows them.

use engine::ports::{OctopusError, OctopusErrorKind, StoreError};
use engine::{StepError, with_causes};
use http::StatusCode;
use maud::html;
use operator::ports::QueueError;

use crate::actions::ActionFailed;
use crate::content::{Page, Section};
use crate::path;

/// The reason why a request fails.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    #[error("There is no page at this address.")]
    NoSuchPage,
    #[error(
        "This program does not run a trigger with this id. It may have been removed, or Octopus may run it."
    )]
    NoSuchTrigger,
    /// The trigger may exist, but Octopus did not respond: the reason.
    #[error("Octopus did not respond, so it is unknown whether it has this trigger: {0}")]
    UnknownTrigger(String),
    #[error("No trigger that this program runs uses a feed with this id.")]
    NoSuchFeed,
    /// The project is in none of the console's spaces.
    #[error("The console's spaces have no project with this id.")]
    NoSuchProject,
    #[error("There are no queues on one machine.")]
    NoQueues,
    /// The address has other methods, which are listed.
    #[error("This address does not support the request's method.")]
    MethodNotAllowed(&'static str),
    #[error(transparent)]
    ActionFailed(#[from] ActionFailed),
    /// The trigger file changed at the same time.
    #[error(
        "Another user changed the trigger file at the same time. Reload the page and try again."
    )]
    Conflict,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Octopus(#[from] OctopusError),
    #[error(transparent)]
    Queue(#[from] QueueError),
    #[error(transparent)]
    Step(#[from] StepError),
}

impl PageError {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NoSuchPage
            | Self::NoSuchTrigger
            | Self::NoSuchFeed
            | Self::NoSuchProject
            | Self::NoQueues => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::ActionFailed(_) | Self::Conflict => StatusCode::CONFLICT,
            Self::Octopus(error) if error.kind == OctopusErrorKind::NotFound => {
                StatusCode::NOT_FOUND
            }
            Self::UnknownTrigger(_) | Self::Octopus(_) | Self::Step(StepError::Octopus(_)) => {
                StatusCode::BAD_GATEWAY
            }
            Self::Store(_) | Self::Queue(_) | Self::Step(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::NoSuchPage => "Page not found",
            Self::NoSuchTrigger => "Trigger not found",
            Self::NoSuchFeed => "Feed not found",
            Self::NoSuchProject => "Project not found",
            Self::NoQueues => "No queues",
            Self::MethodNotAllowed(_) | Self::ActionFailed(_) | Self::Conflict => "No action taken",
            Self::UnknownTrigger(_) | Self::Octopus(_) | Self::Step(StepError::Octopus(_)) => {
                "Octopus did not respond"
            }
            Self::Store(_) | Self::Queue(_) | Self::Step(_) => "Could not show this page",
        }
    }

    /// The error's page. Server errors are logged too.
    pub(crate) fn page(&self) -> Page {
        let reason = with_causes(self);
        if self.status().is_server_error() {
            tracing::error!(exception = reason, "cannot show a page of the console");
        }
        Page {
            title: self.title().to_owned(),
            section: Section::None,
            above: html! {},
            body: html! {
                p.lead { (reason) }
                p { a href=(path::TRIGGERS) { "All triggers" } }
            },
        }
    }
}
