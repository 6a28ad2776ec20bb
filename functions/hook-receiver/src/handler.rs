//! Handles a request. A refused one causes no AWS call and no log line.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use aws::{DynamoTable, EventBus};
use bytes::Bytes;
use domain::push::WebhookOutcome;
use engine::ports::{Clock, WebhookRequests};
use engine::with_causes;
use google_keys::GoogleKeys;
use http::{Request, Response, StatusCode};
use lambda_kit::env::Env;
use lambda_kit::invoke::Failure;
use lambda_kit::metrics::Metrics;
use lambda_kit::url::{UrlRequest, UrlResponse};
use store::Store;
use webhooks::{
    Admission, AdmissionResult, JwtKeys, Receivers, Rejection, RequestLog, WebhookAnswer,
    check_form,
};

use crate::answer::{self, LetIn, PendingPushes};
use crate::receivers::StoredReceivers;
use crate::refusals::Refusals;

/// The time limit of the bus. Harbor waits three seconds for the answer.
const BUS_TIME_LIMIT: Duration = Duration::from_secs(2);

/// The time limit of the table, in parallel to the bus.
const STORE_TIME_LIMIT: Duration = Duration::from_secs(1);

pub(crate) struct App<C> {
    admission: Admission,
    receivers: StoredReceivers,
    refusals: Refusals,
    bus: EventBus,
    /// Where users find the last requests of each receiver.
    store: Store<DynamoTable>,
    requests: RefCell<RequestLog>,
    google: GoogleKeys,
    clock: C,
    env: Env,
}

pub(crate) async fn handle<C: Clock>(
    app: Rc<App<C>>,
    request: UrlRequest,
) -> Result<UrlResponse, Failure> {
    let response = match request.into_http() {
        Ok(request) => app.answer(&request).await.into(),
        Err(_) => status(StatusCode::BAD_REQUEST),
    };
    Ok(response.into())
}

fn status(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::default();
    *response.status_mut() = status;
    response
}

impl<C: Clock> App<C> {
    /// Makes no request.
    pub(crate) fn new(
        receivers: StoredReceivers,
        bus: EventBus,
        store: Store<DynamoTable>,
        google: GoogleKeys,
        clock: C,
        env: Env,
    ) -> Self {
        Self {
            admission: Admission::default(),
            receivers,
            refusals: Refusals::default(),
            bus,
            store,
            requests: RefCell::default(),
            google,
            clock,
            env,
        }
    }

    async fn answer(&self, request: &Request<Bytes>) -> WebhookAnswer {
        if let Err(rejection) = check_form(request) {
            return WebhookAnswer::refused(rejection);
        }
        let now = self.clock.now();
        let Some(receivers) = self.receivers.current(now).await else {
            return WebhookAnswer::unavailable();
        };
        let mut metrics = Metrics::new(&self.env);
        let answer = match self.judge(&receivers, request, &mut metrics).await {
            Ok(LetIn::Done(answer)) => {
                self.store_requests().await;
                answer
            }
            Ok(LetIn::Announce(pending)) => {
                let announced = self.announce(pending, &mut metrics);
                tokio::join!(announced, self.store_requests()).0
            }
            Err(rejection) => {
                // Paths without a receiver are those of strangers, and count for nothing.
                if let Some((receiver, kind)) = receivers.at(request.uri().path()) {
                    if let Some(refused) = self.refusals.count(now) {
                        metrics.count("WebhooksRefused", refused);
                    }
                    // Stored with the next request that is let in: a refused one causes no call.
                    let cause = Some(rejection.cause());
                    let mut requests = self.requests.borrow_mut();
                    requests.note(receiver, kind, WebhookOutcome::Refused, cause, now);
                }
                WebhookAnswer::refused(rejection)
            }
        };
        metrics.emit();
        answer
    }

    /// Judges a request, and once more with newer receivers if these refuse it.
    async fn judge(
        &self,
        receivers: &Receivers,
        request: &Request<Bytes>,
        metrics: &mut Metrics,
    ) -> Result<LetIn, Rejection> {
        let rejection = match self.judge_once(receivers, request, metrics).await {
            Err(rejection) => rejection,
            let_in => return let_in,
        };
        match self.receivers.newer(self.clock.now()).await {
            Some(newer) => self.judge_once(&newer, request, metrics).await,
            None => Err(rejection),
        }
    }

    async fn judge_once(
        &self,
        receivers: &Receivers,
        request: &Request<Bytes>,
        metrics: &mut Metrics,
    ) -> Result<LetIn, Rejection> {
        let now = self.clock.now();
        let known = self.google.known(now);
        let judge = |keys: Option<&JwtKeys>| self.admission.judge(receivers, request, now, keys);
        let mut result = judge(known.as_deref());
        if result == AdmissionResult::KeyUnknown
            && let Some(newer) = self.google.newer(now).await
        {
            result = judge(Some(&newer));
        }
        if let Some((receiver, kind)) = receivers.at(request.uri().path())
            && let Some((outcome, reason)) = result.outcome()
        {
            let mut requests = self.requests.borrow_mut();
            requests.note(receiver, kind, outcome, reason, now);
        }
        match result {
            AdmissionResult::Refused(rejection) => Err(rejection),
            AdmissionResult::KeyUnknown => Err(Rejection::NotProven),
            AdmissionResult::Handshake { receiver, answer } => {
                Ok(answer::handshake(&receiver, answer))
            }
            AdmissionResult::Ignored {
                receiver,
                reason,
                is_not_understood,
            } => Ok(answer::ignored(
                &receiver,
                reason,
                is_not_understood,
                metrics,
            )),
            AdmissionResult::Accepted(accepted) => Ok(answer::accepted(accepted)),
        }
    }

    /// Stores the last requests, at most one a minute for each receiver and outcome. Only users read them, so a failure
    /// is no failure of the request.
    async fn store_requests(&self) {
        let due = self.requests.borrow_mut().due(self.clock.now());
        for request in due {
            let stored = self.store.record_request(&request);
            let exception = match tokio::time::timeout(STORE_TIME_LIMIT, stored).await {
                Ok(Ok(())) => continue,
                Ok(Err(error)) => with_causes(&error),
                Err(_) => "the table did not answer within a second".to_owned(),
            };
            tracing::warn!(exception, "cannot store the last request of a webhook");
            return;
        }
    }

    async fn announce(&self, pending: PendingPushes, metrics: &mut Metrics) -> WebhookAnswer {
        let PendingPushes {
            receiver,
            pushes,
            answer,
        } = pending;
        let announced = tokio::time::timeout(BUS_TIME_LIMIT, self.bus.announce(&pushes)).await;
        let exception = match announced {
            Ok(Ok(())) => {
                metrics.count("WebhooksAccepted", 1);
                tracing::info!(receiver, pushes = pushes.len(), "webhook accepted");
                return answer;
            }
            Ok(Err(error)) => with_causes(&error),
            Err(_) => "the bus did not answer within two seconds".to_owned(),
        };
        tracing::error!(
            receiver,
            exception,
            "cannot announce the pushes of a webhook"
        );
        WebhookAnswer::unavailable()
    }
}

#[cfg(test)]
mod tests;
