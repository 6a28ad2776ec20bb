//! Verifies webhooks and reads their pushes: the input is a request, the result a [`AdmissionResult`].
//!
//! A webhook is a hint, never data: it names packages to check early, and the check reads the registry. This
//! crate does no I/O. Its host (a Lambda function or `feedctl run --listen`) receives the request, publishes
//! the accepted pushes, and sends the answer.
//!
//! [`Admission::judge`] applies its checks in a fixed order: method, path, size, content type, receiver, signature,
//! handshake, body, event. Up to and including the signature, it reads nothing but the request and the
//! configured receivers, so a request from a stranger costs no call to AWS and no log line. After the
//! signature every answer is a success, because Quay disables a notification after three failures and
//! distribution delays all events behind a refused one.

mod admission;
mod answer;
mod body;
mod configuration;
mod error;
mod kind;
mod limiter;
mod push;
mod receiver;
mod request_log;
mod sample;
mod sender;
mod setup;
mod verify;

pub use admission::{Accepted, Admission, AdmissionResult, LARGEST_BODY, Rejection, check_form};
pub use answer::WebhookAnswer;
pub use configuration::{Configuration, NewReceiver, NewSecrets, RandomBytes, ReceiverSummary};
pub use error::ReceiverError;
pub use kind::{Kind, UnknownKind};
pub use receiver::Receivers;
pub use request_log::RequestLog;
pub use sample::SamplePush;
pub use verify::{JwtKeys, JwtKeysError};
