//! Access control: which requests are answered, and which forms are accepted.
//!
//! On loopback every user of the machine can connect, and every page in the browser can send requests. A request
//! must therefore have the `Host` that the console was started with, against DNS rebinding, and the
//! [`AccessKey`] as the password of HTTP basic authentication. Browsers keep basic credentials per origin, and an
//! origin includes the port; a cookie would be sent to every port of the machine. Behind a gateway that
//! authenticates callers, each browser gets a key of its own in a cookie, which protects its forms only.
//!
//! A form proves its origin twice: the browser reports it (`Sec-Fetch-Site`, or else `Origin`), and the form
//! contains a token derived from the key. The key cannot be computed from the token.

mod key;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN};
use http::{HeaderMap, Method, Request};

pub use key::{AccessKey, RandomnessError};

use crate::form::Form;

/// The form field that contains the token.
pub(crate) const TOKEN: &str = "token";

/// The challenge of HTTP basic authentication.
pub(crate) const CHALLENGE: &str = r#"Basic realm="feedctl console", charset="UTF-8""#;

/// The user name in the printed address. Any other is accepted too.
const USER: &str = "feedctl";

/// The cookie behind a gateway.
const COOKIE_NAME: &str = "__Host-feed-triggers";

/// Decides which requests are answered.
#[derive(Debug)]
pub struct Guard {
    access: Access,
}

#[derive(Debug)]
enum Access {
    Loopback { key: AccessKey, port: u16 },
    Gateway,
}

/// An admitted request.
#[derive(Debug)]
pub(crate) enum Admission {
    /// The browser is known by this key.
    Known(AccessKey),
    /// The browser is new behind a gateway and gets this key as a cookie.
    New(AccessKey),
}

/// The reason why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    WrongHost,
    Unauthenticated,
    /// The form comes from another origin, or from a page of an earlier console.
    ForeignForm,
    NoRandomNumbers,
}

impl Guard {
    /// For a server on loopback at this port.
    pub fn loopback(key: AccessKey, port: u16) -> Self {
        Self {
            access: Access::Loopback { key, port },
        }
    }

    /// For a function behind a gateway that authenticates its callers.
    pub fn gateway() -> Self {
        Self {
            access: Access::Gateway,
        }
    }

    /// The address that opens the console on loopback, with the key as the password; `None` behind a gateway.
    pub fn address(&self) -> Option<String> {
        match &self.access {
            Access::Loopback { key, port } => {
                Some(format!("http://{USER}:{}@127.0.0.1:{port}/", key.secret()))
            }
            Access::Gateway => None,
        }
    }

    /// The origin of the request, for a redirect that drops the credentials from the browser's address; empty
    /// behind a gateway.
    pub(crate) fn origin(&self, headers: &HeaderMap) -> String {
        match (&self.access, text(headers, HOST.as_str())) {
            (Access::Loopback { .. }, Some(host)) => format!("http://{host}"),
            _ => String::new(),
        }
    }

    /// Whether the `Host` header names this console.
    pub(crate) fn is_for_this_host(&self, headers: &HeaderMap) -> bool {
        match &self.access {
            Access::Loopback { port, .. } => {
                text(headers, HOST.as_str()).is_some_and(|host| is_loopback_host(host, *port))
            }
            Access::Gateway => true,
        }
    }

    /// Admits or refuses a request.
    pub(crate) fn admit(&self, request: &Request<Bytes>) -> Result<Admission, Refusal> {
        if !self.is_for_this_host(request.headers()) {
            return Err(Refusal::WrongHost);
        }
        let admission = self.authenticate(request.headers())?;
        if matches!(*request.method(), Method::GET | Method::HEAD) {
            return Ok(admission);
        }
        match admission {
            Admission::Known(key) if self.is_trusted_form(request, &key) => {
                Ok(Admission::Known(key))
            }
            _ => Err(Refusal::ForeignForm),
        }
    }

    fn authenticate(&self, headers: &HeaderMap) -> Result<Admission, Refusal> {
        match &self.access {
            Access::Loopback { key, .. } => {
                let password = basic_password(headers);
                let is_known = password.is_some_and(|password| key.matches(&password));
                is_known
                    .then(|| Admission::Known(key.clone()))
                    .ok_or(Refusal::Unauthenticated)
            }
            Access::Gateway => match cookie(headers) {
                Some(key) => Ok(Admission::Known(key)),
                None => AccessKey::new()
                    .map(Admission::New)
                    .map_err(|_| Refusal::NoRandomNumbers),
            },
        }
    }

    fn is_trusted_form(&self, request: &Request<Bytes>, key: &AccessKey) -> bool {
        let token = Form::of_body(request.body()).one(TOKEN);
        let has_token = token.is_some_and(|token| key.matches_token(&token));
        has_token && self.is_same_origin(request.headers())
    }

    /// By headers that page scripts cannot set.
    fn is_same_origin(&self, headers: &HeaderMap) -> bool {
        let origin = text(headers, ORIGIN.as_str());
        let is_own_origin = match (&self.access, origin) {
            (_, None) => None,
            (Access::Loopback { port, .. }, Some(origin)) => {
                let host = origin.strip_prefix("http://");
                Some(host.is_some_and(|host| is_loopback_host(host, *port)))
            }
            // The browser and the function may know the gateway by different names.
            (Access::Gateway, Some(origin)) => {
                let host = origin.strip_prefix("https://");
                Some(host.is_some() && host == text(headers, HOST.as_str()))
            }
        };
        let is_same_origin = text(headers, "sec-fetch-site").map(|site| site == "same-origin");
        match (&self.access, is_same_origin, is_own_origin) {
            (_, None, None) => false,
            (Access::Gateway, Some(same), _) => same,
            (_, same, own) => same.unwrap_or(true) && own.unwrap_or(true),
        }
    }

    /// The `Set-Cookie` header for a new browser behind a gateway.
    pub(crate) fn set_cookie(key: &AccessKey) -> String {
        let secret = key.secret();
        format!("{COOKIE_NAME}={secret}; Path=/; HttpOnly; SameSite=Strict; Secure")
    }
}

/// The password of HTTP basic authentication.
fn basic_password(headers: &HeaderMap) -> Option<String> {
    let header = text(headers, AUTHORIZATION.as_str())?;
    let (scheme, credentials) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let credentials = STANDARD.decode(credentials.trim()).ok()?;
    let credentials = String::from_utf8(credentials).ok()?;
    let (_, password) = credentials.split_once(':')?;
    Some(password.to_owned())
}

fn cookie(headers: &HeaderMap) -> Option<AccessKey> {
    let cookies = headers.get_all(COOKIE).iter();
    let cookies = cookies.filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';'));
    pairs.find_map(|pair| match pair.trim().split_once('=') {
        Some((COOKIE_NAME, value)) => AccessKey::parse(value),
        _ => None,
    })
}

fn is_loopback_host(host: &str, port: u16) -> bool {
    let name = host.strip_suffix(&format!(":{port}"));
    name.is_some_and(|name| matches!(name, "127.0.0.1" | "localhost" | "[::1]"))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
