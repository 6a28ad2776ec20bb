//! From a request to a response: guard, route, page.

mod response;

use bytes::Bytes;
use domain::ids::{FeedId, SpaceId, TriggerId};
use domain::time::Timestamp;
use engine::ports::Clock;
use http::header::{ALLOW, SET_COOKIE};
use http::{Method, Request, Response, StatusCode};
use operator::ports::QueueKind;

pub(crate) use response::put;
use response::{html, plain, refused, secure, see_other};

use crate::fault::Fault;
use crate::form::Form;
use crate::guard::Admission;
use crate::layout::{Page, framed};
use crate::page::Step;
use crate::{Actions, Console, Memory, Octopus, asset, path};

/// The most bytes that a request's body may have: far more than any form of the console.
pub const MOST_BODY: usize = 64 * 1024;

/// Where somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Route {
    Home,
    Triggers,
    Add(Step),
    Create,
    Trigger(SpaceId, TriggerId),
    Simulation(SpaceId, TriggerId),
    Evaluate(SpaceId, TriggerId),
    Feeds,
    Feed(SpaceId, FeedId),
    Health,
    Redrive(QueueKind),
}

impl Route {
    fn of(path: &str) -> Option<Self> {
        let segments = path::segments(path)?;
        let segments: Vec<_> = segments.iter().map(String::as_str).collect();
        Some(match segments.as_slice() {
            [] => Self::Home,
            ["triggers"] => Self::Triggers,
            ["triggers", "add"] => Self::Add(Step::Kind),
            ["triggers", "add", "create"] => Self::Create,
            ["triggers", "add", step] => Self::Add(Step::at(step)?),
            ["triggers", space, id] => Self::Trigger(SpaceId::new(*space), TriggerId::new(*id)),
            ["triggers", space, id, "simulation"] => {
                Self::Simulation(SpaceId::new(*space), TriggerId::new(*id))
            }
            ["triggers", space, id, "evaluate"] => {
                Self::Evaluate(SpaceId::new(*space), TriggerId::new(*id))
            }
            ["feeds"] => Self::Feeds,
            ["feeds", space, id] => Self::Feed(SpaceId::new(*space), FeedId::new(*id)),
            ["health"] => Self::Health,
            ["health", "redrive", queue] => Self::Redrive(queue.parse().ok()?),
            _ => return None,
        })
    }
}

/// Who looks, when, and what at.
pub(crate) struct Visit<'a> {
    /// What the forms of the pages hold.
    pub(crate) token: String,
    /// Who it is, for the audit line.
    pub(crate) who: &'a str,
    /// The time.
    pub(crate) now: Timestamp,
    /// The fields of the address.
    pub(crate) query: Form,
}

/// What comes of a visit.
pub(crate) enum Reply {
    /// Something to look at.
    Page(Box<Page>),
    /// Something was done; look there.
    SeeOther(String),
}

impl<S: Memory, O: Octopus, C: Clock, H: Actions> Console<S, O, C, H> {
    /// Answers a request. `who` is whoever the host knows to be asking, for the audit line.
    pub async fn answer(&self, request: &Request<Bytes>, who: &str) -> Response<Bytes> {
        let mut response = self.respond(request, who).await;
        if request.method() == Method::HEAD {
            *response.body_mut() = Bytes::new();
        }
        secure(&mut response);
        response
    }

    async fn respond(&self, request: &Request<Bytes>, who: &str) -> Response<Bytes> {
        if request.body().len() > MOST_BODY {
            return plain(StatusCode::PAYLOAD_TOO_LARGE, "The request is too large.");
        }
        let path = request.uri().path();
        if self.guard.is_meant(request.headers())
            && let Some(asset) = asset::find(path)
        {
            return asset.response();
        }
        let (pass, is_new) = match self.guard.admit(request) {
            Ok(Admission::In(pass)) => (pass, false),
            Ok(Admission::New(pass)) => (pass, true),
            Ok(Admission::Arrived(pass)) => {
                let mut response = see_other(path::TRIGGERS);
                put(&mut response, SET_COOKIE, &self.guard.set_cookie(&pass));
                return response;
            }
            Err(refusal) => return refused(refusal),
        };
        let visit = Visit {
            token: pass.token(),
            who,
            now: self.clock.now(),
            query: Form::of_query(request.uri().query()),
        };
        let mut response = match self.reply(request, &visit).await {
            Ok(Reply::SeeOther(place)) => see_other(&place),
            Ok(Reply::Page(page)) => self.shown(StatusCode::OK, &page, &visit),
            Err(fault) => {
                let mut response = self.shown(fault.status(), &fault.page(), &visit);
                if let Fault::NotSo(allowed) = fault {
                    put(&mut response, ALLOW, allowed);
                }
                response
            }
        };
        if is_new {
            put(&mut response, SET_COOKIE, &self.guard.set_cookie(&pass));
        }
        response
    }

    async fn reply(&self, request: &Request<Bytes>, visit: &Visit<'_>) -> Result<Reply, Fault> {
        let route = Route::of(request.uri().path()).ok_or(Fault::NoSuchPage)?;
        let is_form = *request.method() == Method::POST;
        let is_look = matches!(*request.method(), Method::GET | Method::HEAD);
        let page = match route {
            Route::Evaluate(space, trigger) if is_form => {
                return self.evaluate(&space, &trigger, visit).await;
            }
            Route::Redrive(queue) if is_form => return self.redrive(queue, visit).await,
            Route::Create if is_form => {
                return self.create(&Form::of_body(request.body()), visit).await;
            }
            Route::Evaluate(..) | Route::Redrive(_) | Route::Create => {
                return Err(Fault::NotSo("POST"));
            }
            _ if !is_look => return Err(Fault::NotSo("GET, HEAD")),
            Route::Home => return Ok(Reply::SeeOther(path::TRIGGERS.to_owned())),
            Route::Triggers => self.triggers(visit).await,
            Route::Add(step) => self.add(step, visit).await,
            Route::Trigger(space, trigger) => self.trigger(&space, &trigger, visit).await,
            Route::Simulation(space, trigger) => self.simulation(&space, &trigger, visit).await,
            Route::Feeds => self.feeds(visit).await,
            Route::Feed(space, feed) => self.feed(&space, &feed, visit).await,
            Route::Health => self.health(visit).await,
        };
        page.map(|page| Reply::Page(Box::new(page)))
    }

    fn shown(&self, status: StatusCode, page: &Page, visit: &Visit<'_>) -> Response<Bytes> {
        html(status, framed(page, &self.settings, visit))
    }
}
