//! From a request to a response: guard, route, page, and the headers that every answer has.

use bytes::Bytes;
use domain::ids::{FeedId, SpaceId, TriggerId};
use domain::time::Timestamp;
use engine::ports::{Clock, QueueKind};
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY,
    SET_COOKIE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};

use crate::fault::Fault;
use crate::form::Form;
use crate::guard::{Admission, Refusal};
use crate::layout::{Page, bare, framed};
use crate::page::Step;
use crate::{Console, Hand, Memory, Octopus, asset, path};

/// The most bytes that a request's body may have: far more than any form of the console.
pub const MOST_BODY: usize = 64 * 1024;

/// What the browser may do with a page: nothing but show it with the console's own style and script.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

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

impl<S: Memory, O: Octopus, C: Clock, H: Hand> Console<S, O, C, H> {
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

fn refused(refusal: Refusal) -> Response<Bytes> {
    let (status, title, text) = match refusal {
        Refusal::OtherHost => {
            return plain(
                StatusCode::MISDIRECTED_REQUEST,
                "This console answers at the address that it was started with, and at no other name.",
            );
        }
        Refusal::Unknown => (
            StatusCode::UNAUTHORIZED,
            "This browser is not known here",
            "Open the address that `feedctl console` printed when it was started. It holds a key, which is a \
             new one each time.",
        ),
        Refusal::ForeignForm => (
            StatusCode::FORBIDDEN,
            "Nothing was done",
            "The form does not come from one of this console's pages, or the page is older than the console. \
             Go back, load the page anew and try again.",
        ),
        Refusal::NoPass => (
            StatusCode::SERVICE_UNAVAILABLE,
            "The console cannot be used now",
            "The system gave it no random numbers to know this browser by. Try again.",
        ),
    };
    html(status, bare(title, text))
}

fn plain(status: StatusCode, text: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(text.as_bytes()));
    *response.status_mut() = status;
    put(&mut response, CONTENT_TYPE, "text/plain; charset=utf-8");
    response
}

fn html(status: StatusCode, text: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() = status;
    put(&mut response, CONTENT_TYPE, "text/html; charset=utf-8");
    response
}

fn see_other(place: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SEE_OTHER;
    put(&mut response, LOCATION, place);
    response
}

/// The headers that every answer has. A stricter referrer policy would have browsers hide where forms come
/// from, even from us. Pages are never kept: they hold what is so now.
fn secure(response: &mut Response<Bytes>) {
    put(response, CONTENT_SECURITY_POLICY, POLICY);
    put(response, X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(response, X_FRAME_OPTIONS, "DENY");
    put(response, REFERRER_POLICY, "same-origin");
    for (name, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), geolocation=(), microphone=()",
        ),
    ] {
        put(response, HeaderName::from_static(name), value);
    }
    if !response.headers().contains_key(CACHE_CONTROL) {
        put(response, CACHE_CONTROL, "no-store");
    }
}

/// Every value is one that this crate made; one that could not stand in a header is left out.
pub(crate) fn put(response: &mut Response<Bytes>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
