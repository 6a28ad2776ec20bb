//! Handles a request. A refused one causes no AWS call and no log line.

use std::rc::Rc;
use std::time::Duration;

use aws::EventBus;
use bytes::Bytes;
use engine::ports::Clock;
use engine::with_causes;
use http::{Request, Response, StatusCode};
use lambda_kit::env::Env;
use lambda_kit::invoke::Failure;
use lambda_kit::metrics::Metrics;
use lambda_kit::url::{UrlRequest, UrlResponse};
use webhooks::{Admission, AdmissionResult, Receivers, Rejection, WebhookAnswer, check_form};

use crate::answer::{self, LetIn, PendingPushes};
use crate::receivers::StoredReceivers;
use crate::refusals::Refusals;

/// The time limit of the bus. Harbor waits three seconds for the answer.
const BUS_TIME_LIMIT: Duration = Duration::from_secs(2);

pub(crate) struct App<C> {
    admission: Admission,
    receivers: StoredReceivers,
    refusals: Refusals,
    bus: EventBus,
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
    pub(crate) fn new(receivers: StoredReceivers, bus: EventBus, clock: C, env: Env) -> Self {
        Self {
            admission: Admission::default(),
            receivers,
            refusals: Refusals::default(),
            bus,
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
            Ok(LetIn::Done(answer)) => answer,
            Ok(LetIn::Announce(pending)) => self.announce(pending, &mut metrics).await,
            Err(rejection) => {
                // Paths without a receiver are those of strangers, and count for nothing.
                if receivers.name_at(request.uri().path()).is_some()
                    && let Some(refused) = self.refusals.count(now)
                {
                    metrics.count("WebhooksRefused", refused);
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
        let rejection = match self.judge_once(receivers, request, metrics) {
            Err(rejection) => rejection,
            let_in => return let_in,
        };
        match self.receivers.newer(self.clock.now()).await {
            Some(newer) => self.judge_once(&newer, request, metrics),
            None => Err(rejection),
        }
    }

    fn judge_once(
        &self,
        receivers: &Receivers,
        request: &Request<Bytes>,
        metrics: &mut Metrics,
    ) -> Result<LetIn, Rejection> {
        match self
            .admission
            .judge(receivers, request, self.clock.now(), None)
        {
            AdmissionResult::Refused(rejection) => Err(rejection),
            // The keys of Google are not fetched here.
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
