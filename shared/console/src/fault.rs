//! A visit that comes to nothing, and the page that says so.

use engine::ports::{OctopusError, OctopusErrorKind, StoreError};
use engine::{StepError, with_causes};
use http::StatusCode;
use maud::html;
use operator::ports::QueueError;

use crate::actions::ActionFailed;
use crate::layout::{Page, Section};
use crate::path;

/// Why a visit comes to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// There is no page at this address.
    #[error("There is no page at this address.")]
    NoSuchPage,
    /// The trigger is not run here.
    #[error(
        "No such trigger is run here. It may have been taken out, or is run by Octopus itself."
    )]
    NoSuchTrigger,
    /// The feed is not used here.
    #[error("No trigger that is run here uses such a feed.")]
    NoSuchFeed,
    /// The project is not in a space that is looked at.
    #[error("The address names no project of a space that is looked at here.")]
    NoSuchProject,
    /// There are no queues.
    #[error("There are no queues here: on one machine no message waits in any.")]
    NoQueues,
    /// The address is for another method; these are the ones it is for.
    #[error("This address is for other requests than this one.")]
    NotSo(&'static str),
    /// What was asked for was not done.
    #[error(transparent)]
    ActionFailed(#[from] ActionFailed),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Octopus failed.
    #[error(transparent)]
    Octopus(#[from] OctopusError),
    /// A queue failed.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// A step of the engine failed.
    #[error(transparent)]
    Step(#[from] StepError),
}

impl Fault {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NoSuchPage
            | Self::NoSuchTrigger
            | Self::NoSuchFeed
            | Self::NoSuchProject
            | Self::NoQueues => StatusCode::NOT_FOUND,
            Self::NotSo(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::ActionFailed(_) => StatusCode::CONFLICT,
            Self::Octopus(error) if error.kind == OctopusErrorKind::NotFound => {
                StatusCode::NOT_FOUND
            }
            Self::Octopus(_) | Self::Step(StepError::Octopus(_)) => StatusCode::BAD_GATEWAY,
            Self::Store(_) | Self::Queue(_) | Self::Step(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::NoSuchPage => "No such page",
            Self::NoSuchTrigger => "No such trigger",
            Self::NoSuchFeed => "No such feed",
            Self::NoSuchProject => "No such project",
            Self::NoQueues => "No queues",
            Self::NotSo(_) | Self::ActionFailed(_) => "Nothing was done",
            Self::Octopus(_) | Self::Step(StepError::Octopus(_)) => "Octopus did not answer",
            Self::Store(_) | Self::Queue(_) | Self::Step(_) => "This page cannot be shown now",
        }
    }

    /// The page, and for whoever runs the console a line in the log where it is their matter.
    pub(crate) fn page(&self) -> Page {
        let why = with_causes(self);
        if self.status().is_server_error() {
            tracing::error!(exception = why, "a page of the console cannot be shown");
        }
        Page {
            title: self.title().to_owned(),
            section: Section::None,
            above: html! {},
            body: html! {
                p.lead { (why) }
                p { a href=(path::TRIGGERS) { "All triggers" } }
            },
        }
    }
}
