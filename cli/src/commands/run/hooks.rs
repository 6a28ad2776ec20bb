//! Webhooks of `run --webhooks`: requests to `/hook/KIND/ID`, judged by the crate `webhooks`.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::SystemTime;

use anyhow::Context;
use bytes::Bytes;
use domain::push::{PackagePush, WebhookOutcome, WebhookRequest};
use engine::ports::Clock;
use google_keys::GoogleKeys;
use host::SystemClock;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use webhooks::{
    Accepted, Admission, AdmissionResult, JwtKeys, LARGEST_BODY, Receivers, Rejection, RequestLog,
    WebhookAnswer,
};

/// Pushes that wait while a scheduler run is in progress. More are refused, and the sender repeats them.
const MAX_WAITING: usize = 1_000;

/// The path of every receiver.
pub(super) const PATH: &str = "/hook/";

/// The receivers, and the queue of accepted pushes.
pub(super) struct Hooks {
    admission: Admission,
    file: PathBuf,
    read: RefCell<ReadFile>,
    pushes: Sender<PackagePush>,
    requests: RefCell<RequestLog>,
    google: GoogleKeys,
}

/// The receivers of a file.
struct ReadFile {
    receivers: Rc<Receivers>,
    /// The time of the file's last change when it was read.
    changed: Option<SystemTime>,
}

/// The receivers of a file, and the end of the queue.
///
/// # Errors
/// When the file cannot be read, other users can read it, or it is not usable.
pub(super) fn open(file: &Path) -> anyhow::Result<(Hooks, Receiver<PackagePush>)> {
    let changed = changed(file);
    let receivers = read(file)?;
    let (pushes, waiting) = channel(MAX_WAITING);
    let hooks = Hooks {
        admission: Admission::default(),
        file: file.to_owned(),
        read: RefCell::new(ReadFile {
            receivers: Rc::new(receivers),
            changed,
        }),
        pushes,
        requests: RefCell::default(),
        google: GoogleKeys::default(),
    };
    Ok((hooks, waiting))
}

fn read(file: &Path) -> anyhow::Result<Receivers> {
    let named = || format!("cannot use the webhooks file {}", file.display());
    refuse_readable_by_others(file).with_context(named)?;
    let text = std::fs::read_to_string(file).with_context(named)?;
    let receivers = Receivers::parse(&text).with_context(named)?;
    Ok(receivers)
}

fn changed(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file)
        .and_then(|file| file.modified())
        .ok()
}

#[cfg(unix)]
fn refuse_readable_by_others(file: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(file)?.permissions().mode();
    anyhow::ensure!(
        mode & 0o077 == 0,
        "it contains keys, and other users can read it; run chmod 600 on it"
    );
    Ok(())
}

#[cfg(not(unix))]
fn refuse_readable_by_others(_: &Path) -> anyhow::Result<()> {
    Ok(())
}

impl Hooks {
    /// The names of the receivers with their kinds.
    pub(super) fn names(&self) -> String {
        let receivers = self.receivers();
        let names = receivers.names().into_iter();
        let names: Vec<_> = names
            .map(|(name, kind)| format!("{name} ({kind})"))
            .collect();
        names.join(", ")
    }

    /// The receivers; those of the file, if it changed and can be used.
    fn receivers(&self) -> Rc<Receivers> {
        let mut last = self.read.borrow_mut();
        let changed = changed(&self.file);
        if changed != last.changed {
            last.changed = changed;
            match read(&self.file) {
                Ok(receivers) => {
                    last.receivers = Rc::new(receivers);
                    tracing::info!("webhooks file read again");
                }
                Err(error) => {
                    tracing::warn!(
                        "keeping the receivers of the previous webhooks file: {error:#}"
                    );
                }
            }
        }
        Rc::clone(&last.receivers)
    }

    /// Judges a request and queues its pushes. A refused request is not logged.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let Ok(body) = Limited::new(body, LARGEST_BODY).collect().await else {
            return response(WebhookAnswer::refused(Rejection::TooLarge));
        };
        let request = Request::from_parts(head, body.to_bytes());
        let now = SystemClock.now();
        let receivers = self.receivers();
        let judge = |keys: Option<&JwtKeys>| self.admission.judge(&receivers, &request, now, keys);
        let known = self.google.known(now);
        let mut result = judge(known.as_deref());
        if result == AdmissionResult::KeyUnknown
            && let Some(newer) = self.google.newer(now).await
        {
            result = judge(Some(&newer));
        }
        if let Some((receiver, kind)) = receivers.at(request.uri().path())
            && let Some((outcome, reason)) = outcome(&result)
        {
            let mut requests = self.requests.borrow_mut();
            requests.note(receiver, kind, outcome, reason, now);
        }
        response(match result {
            AdmissionResult::Refused(rejection) => WebhookAnswer::refused(rejection),
            AdmissionResult::KeyUnknown => WebhookAnswer::refused(Rejection::NotProven),
            AdmissionResult::Handshake { receiver, answer } => {
                tracing::info!(receiver, "webhook handshake answered");
                answer
            }
            AdmissionResult::Ignored {
                receiver,
                reason,
                is_not_understood,
            } => {
                match is_not_understood {
                    true => tracing::warn!(receiver, reason, "webhook ignored"),
                    false => tracing::debug!(receiver, reason, "webhook ignored"),
                }
                WebhookAnswer::ignored(reason)
            }
            AdmissionResult::Accepted(accepted) => self.queue(accepted),
        })
    }

    /// The last requests that are to be stored.
    pub(super) fn requests_to_store(&self) -> Vec<WebhookRequest> {
        self.requests.borrow_mut().due(SystemClock.now())
    }

    fn queue(&self, accepted: Accepted) -> WebhookAnswer {
        let answer = WebhookAnswer::accepted(&accepted);
        let (receiver, pushes) = (accepted.receiver.clone(), accepted.pushes.len());
        for push in accepted.into_package_pushes() {
            if self.pushes.try_send(push).is_err() {
                tracing::warn!(receiver, "webhook refused, because too many pushes wait");
                return WebhookAnswer::unavailable();
            }
        }
        tracing::info!(receiver, pushes, "webhook accepted");
        answer
    }
}

/// The outcome of a request, and why it is ignored or refused.
fn outcome(result: &AdmissionResult) -> Option<(WebhookOutcome, Option<&'static str>)> {
    match result {
        AdmissionResult::Refused(rejection) => {
            Some((WebhookOutcome::Refused, Some(rejection.cause())))
        }
        other => other.outcome(),
    }
}

fn response(answer: WebhookAnswer) -> Response<Full<Bytes>> {
    Response::from(answer).map(Full::new)
}
