//! Judges a request by fixed checks in a fixed order.

use std::cell::RefCell;

use bytes::Bytes;
use domain::push::{PackagePush, Push, WebhookOutcome};
use domain::time::Timestamp;
use domain::version::is_version_tag;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{Method, Request};
use ring::digest::{SHA256, digest};

use crate::answer::WebhookAnswer;
use crate::kind::Kind;
use crate::limiter::{Allowance, Limiter};
use crate::push::{collapse, is_plausible_name};
use crate::receiver::{Receiver, Receivers, kind_and_id};
use crate::sender::{self, Reading};
use crate::verify::{JwtKeys, Proven, verify};

/// The largest body, in bytes. GitHub's have about 18 KB; Docker Hub's contain the whole description.
pub const LARGEST_BODY: usize = 256 * 1024;

/// The longest delivery id that is used, in bytes. A longer one is replaced by the body's hash.
const LONGEST_DELIVERY: usize = 200;

/// Judges requests. One per process: it bounds what each receiver can ask for.
#[derive(Debug, Default)]
pub struct Admission {
    limiter: RefCell<Limiter>,
}

/// The result for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdmissionResult {
    /// It is not let in. Nothing may be logged or read for it.
    Refused(Rejection),
    /// It is a handshake of the sender, with its answer.
    Handshake {
        /// The receiver's name.
        receiver: String,
        /// The answer.
        answer: WebhookAnswer,
    },
    /// It is let in and asks for nothing. The answer is a success all the same.
    Ignored {
        /// The receiver's name.
        receiver: String,
        /// Why, as a clause.
        reason: &'static str,
        /// Whether the body could not be understood, which the operator should know of.
        is_not_understood: bool,
    },
    /// It announces pushes. The host publishes them and then answers.
    Accepted(Accepted),
    /// Its token is signed with a key that is not in the key set. The host fetches the keys, at most once in
    /// five minutes, and asks again; without new keys the request is refused with [`Rejection::NotProven`].
    KeyUnknown,
}

/// Why a request is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// Another method than `POST`.
    Method,
    /// No receiver has this path.
    NotFound,
    /// The body is larger than 256 KiB.
    TooLarge,
    /// The body is encoded, or is not JSON by its content type.
    MediaType,
    /// The signature or token is absent or wrong.
    NotProven,
}

/// An accepted request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The receiver's name.
    pub receiver: String,
    /// The kind of sender.
    pub sender: Kind,
    /// The sender's id of the delivery, else the SHA-256 of the body. A repetition has the same.
    pub delivery: String,
    /// The feeds that the receiver may ask to check, as `Space/Feed`; `None` for every feed whose host fits.
    pub feeds: Option<Vec<String>>,
    /// The pushes: at most 100, each repository once. Empty over the receiver's rate limit.
    pub pushes: Vec<Push>,
}

impl AdmissionResult {
    /// The outcome of a request that is let in, and why it is ignored; `None` for handshakes and refused ones.
    pub fn outcome(&self) -> Option<(WebhookOutcome, Option<&'static str>)> {
        match self {
            Self::Accepted(_) => Some((WebhookOutcome::Accepted, None)),
            Self::Ignored { reason, .. } => Some((WebhookOutcome::Ignored, Some(*reason))),
            Self::Handshake { .. } | Self::Refused(_) | Self::KeyUnknown => None,
        }
    }
}

impl Accepted {
    /// The pushes in the form of the engine.
    pub fn into_package_pushes(self) -> impl Iterator<Item = PackagePush> {
        let Self {
            receiver,
            sender,
            delivery,
            feeds,
            pushes,
        } = self;
        pushes.into_iter().map(move |push| PackagePush {
            receiver: receiver.clone(),
            sender: sender.to_string(),
            delivery: delivery.clone(),
            feeds: feeds.clone(),
            push,
        })
    }
}

impl Admission {
    /// Judges a request. `google` are the keys of Google's tokens, if they were fetched.
    pub fn judge(
        &self,
        receivers: &Receivers,
        request: &Request<Bytes>,
        now: Timestamp,
        google: Option<&JwtKeys>,
    ) -> AdmissionResult {
        match self.admit(receivers, request, now, google) {
            Ok(receiver) => self.read(receiver, request, now),
            Err(Stop::Refused(refusal)) => AdmissionResult::Refused(refusal),
            Err(Stop::KeyUnknown) => AdmissionResult::KeyUnknown,
            Err(Stop::Handshake(receiver, answer)) => {
                AdmissionResult::Handshake { receiver, answer }
            }
        }
    }

    /// Everything up to and including the signature.
    fn admit<'r>(
        &self,
        receivers: &'r Receivers,
        request: &Request<Bytes>,
        now: Timestamp,
        google: Option<&JwtKeys>,
    ) -> Result<&'r Receiver, Stop> {
        let (kind, id) = check_form(request)?;
        let is_options = request.method() == Method::OPTIONS;
        let receiver = receivers.find(id).filter(|receiver| receiver.kind == kind);
        let receiver = receiver.ok_or(Rejection::NotFound)?;
        if is_options {
            // Event Grid sends no configured header with it, and the answer discloses nothing.
            return Err(Stop::Handshake(
                receiver.name.clone(),
                sender::event_grid_options(request.headers()),
            ));
        }
        match verify(receiver, request.headers(), request.body(), now, google) {
            Proven::Yes => Ok(receiver),
            Proven::No => Err(Rejection::NotProven.into()),
            Proven::UnknownKey => Err(Stop::KeyUnknown),
        }
    }

    fn read(
        &self,
        receiver: &Receiver,
        request: &Request<Bytes>,
        now: Timestamp,
    ) -> AdmissionResult {
        let ignored = |reason, is_not_understood| AdmissionResult::Ignored {
            receiver: receiver.name.clone(),
            reason,
            is_not_understood,
        };
        let (delivery, pushes) =
            match sender::read(receiver.kind, request.headers(), request.body()) {
                Reading::Handshake(answer) => {
                    return AdmissionResult::Handshake {
                        receiver: receiver.name.clone(),
                        answer,
                    };
                }
                Reading::Ignored(reason) => return ignored(reason, false),
                Reading::NotUnderstood => return ignored("not understood", true),
                Reading::Pushes { delivery, pushes } => (delivery, pushes),
            };
        let pushes = match plausible(pushes) {
            Ok(pushes) => pushes,
            Err(Implausible::Name) => return ignored("not understood", true),
            Err(Implausible::Tag) => return ignored("no version tag", false),
        };
        let pushes = match self.limiter.borrow_mut().take(&receiver.name, now) {
            Allowance::Each => pushes,
            Allowance::WholeFeed => vec![Push::default()],
            Allowance::Nothing => Vec::new(),
        };
        AdmissionResult::Accepted(Accepted {
            receiver: receiver.name.clone(),
            sender: receiver.kind,
            delivery: delivery
                .filter(|id| id.len() <= LONGEST_DELIVERY && !id.chars().any(char::is_control))
                .unwrap_or_else(|| hash(request.body())),
            feeds: receiver.feeds.clone(),
            pushes,
        })
    }
}

/// Checks all that needs no receiver: method, path, size and content type. A host that fetches its receivers
/// calls it first, so that other requests cause no fetch.
///
/// # Errors
/// The first check that fails.
pub fn check_form(request: &Request<Bytes>) -> Result<(Kind, &str), Rejection> {
    let is_options = request.method() == Method::OPTIONS;
    if request.method() != Method::POST && !is_options {
        return Err(Rejection::Method);
    }
    let (kind, id) = kind_and_id(request.uri().path()).ok_or(Rejection::NotFound)?;
    if is_options && kind != Kind::EventGrid {
        return Err(Rejection::Method);
    }
    if request.body().len() > LARGEST_BODY {
        return Err(Rejection::TooLarge);
    }
    if !is_options && !is_json(request) {
        return Err(Rejection::MediaType);
    }
    Ok((kind, id))
}

enum Stop {
    Refused(Rejection),
    Handshake(String, WebhookAnswer),
    KeyUnknown,
}

impl From<Rejection> for Stop {
    fn from(refusal: Rejection) -> Self {
        Self::Refused(refusal)
    }
}

enum Implausible {
    Name,
    Tag,
}

/// The pushes whose tag is a version's, each repository once.
fn plausible(pushes: Vec<Push>) -> Result<Vec<Push>, Implausible> {
    let is_named = |push: &Push| {
        [&push.registry, &push.repository, &push.tag, &push.digest]
            .into_iter()
            .flatten()
            .all(|name| is_plausible_name(name))
    };
    if !pushes.iter().all(is_named) {
        return Err(Implausible::Name);
    }
    let is_version = |push: &Push| push.tag.as_deref().is_none_or(is_version_tag);
    let kept: Vec<Push> = pushes.into_iter().filter(is_version).collect();
    if kept.is_empty() {
        return Err(Implausible::Tag);
    }
    Ok(collapse(kept))
}

fn is_json(request: &Request<Bytes>) -> bool {
    let text = |name| {
        let mut values = request.headers().get_all(name).iter();
        let value = values.next().map(|value| value.to_str().unwrap_or("?"));
        (value, values.next().is_some())
    };
    let (encoding, is_repeated) = text(CONTENT_ENCODING);
    if is_repeated || encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
        return false;
    }
    let (media_type, is_repeated) = text(CONTENT_TYPE);
    let Some(media_type) = media_type else {
        return true;
    };
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    let media_type = media_type.to_ascii_lowercase();
    let is_named = media_type == "application/json" || media_type == "text/json";
    let is_structured = media_type.starts_with("application/") && media_type.ends_with("+json");
    !is_repeated && (is_named || is_structured)
}

fn hash(body: &[u8]) -> String {
    base16ct::lower::encode_string(digest(&SHA256, body).as_ref())
}

impl Rejection {
    /// The cause as a clause, for users. The sender does not get it.
    pub fn cause(self) -> &'static str {
        match self {
            Self::Method => "another method than POST",
            Self::NotFound => "no receiver has this path",
            Self::TooLarge => "the body is larger than 256 KiB",
            Self::MediaType => "the content type is not JSON",
            Self::NotProven => "the signature or key is absent or wrong",
        }
    }

    /// The status of the answer. Its body is empty, so a stranger learns no detail.
    pub fn status(self) -> u16 {
        match self {
            Self::Method => 405,
            Self::NotFound => 404,
            Self::TooLarge => 413,
            Self::MediaType => 415,
            Self::NotProven => 401,
        }
    }
}

impl WebhookAnswer {
    /// The answer to a refused request.
    pub fn refused(refusal: Rejection) -> Self {
        Self {
            status: refusal.status(),
            headers: Vec::new(),
            body: String::new(),
        }
    }

    /// The answer once the pushes are published.
    pub fn accepted(accepted: &Accepted) -> Self {
        let body =
            serde_json::json!({ "accepted": accepted.pushes.len(), "id": accepted.delivery });
        Self {
            status: 202,
            ..Self::ok(body.to_string())
        }
    }
}
