//! Turns a request into a response: guard, route, page.

mod response;

use bytes::Bytes;
use domain::ids::{FeedId, SpaceId, TriggerId};
use engine::ports::Clock;
use http::header::{ALLOW, SET_COOKIE, WWW_AUTHENTICATE};
use http::{Method, Request, Response, StatusCode};
use operator::ports::QueueKind;

use response::{html, plain, refused, see_other, set_security_headers};

use crate::action::TriggerAction;
use crate::content::Page;
use crate::form::Form;
use crate::guard::{Admission, CHALLENGE, Guard, Refusal};
use crate::header::put;
use crate::layout::framed;
use crate::page::Step;
use crate::page_error::PageError;
use crate::request::{PageRequest, Reply};
use crate::{Actions, Console, ConsoleOctopus, ConsoleStore, asset, path};

/// The limit for a request's body: far more than any form of the console sends.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// The page or action of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Route {
    Home,
    Triggers,
    Add(Step),
    Create,
    Trigger(SpaceId, TriggerId),
    Simulation(SpaceId, TriggerId),
    /// An action on a trigger.
    Act(TriggerAction, SpaceId, TriggerId),
    Projects,
    Feeds,
    Feed(SpaceId, FeedId),
    CheckFeed(SpaceId, FeedId),
    Health,
    Webhooks,
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
            ["triggers", space, id, action] => Self::Act(
                TriggerAction::parse(action)?,
                SpaceId::new(*space),
                TriggerId::new(*id),
            ),
            ["projects"] => Self::Projects,
            ["feeds"] => Self::Feeds,
            ["feeds", space, id] => Self::Feed(SpaceId::new(*space), FeedId::new(*id)),
            ["feeds", space, id, "check"] => {
                Self::CheckFeed(SpaceId::new(*space), FeedId::new(*id))
            }
            ["webhooks"] => Self::Webhooks,
            ["health"] => Self::Health,
            ["health", "redrive", queue] => Self::Redrive(queue.parse().ok()?),
            _ => return None,
        })
    }
}

impl<S: ConsoleStore, O: ConsoleOctopus, C: Clock, H: Actions> Console<S, O, C, H> {
    /// Answers a request. `principal` is the caller as the host knows it, for the audit log.
    pub async fn answer(&self, request: &Request<Bytes>, principal: &str) -> Response<Bytes> {
        let mut response = self.respond(request, principal).await;
        if request.method() == Method::HEAD {
            *response.body_mut() = Bytes::new();
        }
        set_security_headers(&mut response);
        response
    }

    async fn respond(&self, request: &Request<Bytes>, principal: &str) -> Response<Bytes> {
        if request.body().len() > MAX_BODY_BYTES {
            return plain(StatusCode::PAYLOAD_TOO_LARGE, "The request is too large.");
        }
        let path = request.uri().path();
        if self.guard.is_for_this_host(request.headers())
            && let Some(asset) = asset::find(path)
        {
            return asset.response();
        }
        let (key, is_new) = match self.guard.admit(request) {
            Ok(Admission::Known(key)) => (key, false),
            Ok(Admission::New(key)) => (key, true),
            Err(refusal) => {
                let mut response = refused(refusal);
                if refusal == Refusal::Unauthenticated {
                    put(&mut response, WWW_AUTHENTICATE, CHALLENGE);
                }
                return response;
            }
        };
        let page_request = PageRequest {
            token: key.token(),
            principal,
            now: self.clock.now(),
            query: Form::of_query(request.uri().query()),
        };
        let mut response = match self.reply(request, &page_request).await {
            Ok(Reply::SeeOther(place)) => see_other(&place),
            Ok(Reply::Page(page)) => self.render(StatusCode::OK, &page, &page_request),
            Err(error) => {
                let mut response = self.render(error.status(), &error.page(), &page_request);
                if let PageError::MethodNotAllowed(allowed) = error {
                    put(&mut response, ALLOW, allowed);
                }
                response
            }
        };
        if is_new {
            put(&mut response, SET_COOKIE, &Guard::set_cookie(&key));
        }
        response
    }

    async fn reply(
        &self,
        request: &Request<Bytes>,
        page: &PageRequest<'_>,
    ) -> Result<Reply, PageError> {
        let route = Route::of(request.uri().path()).ok_or(PageError::NoSuchPage)?;
        let is_form = *request.method() == Method::POST;
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        let page = match route {
            Route::Act(action, space, trigger) if is_form => {
                let form = Form::of_body(request.body());
                return self.act(action, &space, &trigger, &form, page).await;
            }
            Route::CheckFeed(space, feed) if is_form => {
                return self.check_feed(&space, &feed, page).await;
            }
            Route::Redrive(queue) if is_form => return self.redrive(queue, page).await,
            Route::Create if is_form => {
                return self.create(&Form::of_body(request.body()), page).await;
            }
            Route::Act(..) | Route::CheckFeed(..) | Route::Redrive(_) | Route::Create => {
                return Err(PageError::MethodNotAllowed("POST"));
            }
            _ if !is_read => return Err(PageError::MethodNotAllowed("GET, HEAD")),
            Route::Home => {
                let origin = self.guard.origin(request.headers());
                return Ok(Reply::SeeOther(format!("{origin}{}", path::TRIGGERS)));
            }
            Route::Triggers => self.triggers(page).await,
            Route::Add(step) => self.add(step, page).await,
            Route::Trigger(space, trigger) => self.trigger(&space, &trigger, page).await,
            Route::Simulation(space, trigger) => self.simulation(&space, &trigger, page).await,
            Route::Projects => self.projects(page).await,
            Route::Feeds => self.feeds(page).await,
            Route::Feed(space, feed) => self.feed(&space, &feed, page).await,
            Route::Health => self.health(page).await,
            Route::Webhooks => self.webhooks(page).await,
        };
        page.map(|page| Reply::Page(Box::new(page)))
    }

    fn render(
        &self,
        status: StatusCode,
        page: &Page,
        request: &PageRequest<'_>,
    ) -> Response<Bytes> {
        html(status, framed(page, &self.settings, request))
    }
}
