//! Who may come in, and whose forms are taken.
//!
//! On loopback anybody on the machine can reach the console, and any page in the browser can send it
//! requests. So three things are asked for: the `Host` that the console was started with, which keeps away
//! names that were made to point at this machine; a [`Pass`], which whoever started the console was given in
//! its address; and of a form also that it comes from one of the console's own pages. Behind a gateway that
//! lets nobody in without a signature, only the last is asked for.
//!
//! A form shows where it comes from twice: the browser says so (`Sec-Fetch-Site`, or else `Origin`), and
//! the form holds a token that follows from the pass. The pass is a cookie that no script can read and that
//! no other site can send (`HttpOnly`, `SameSite=Strict`); the token does not tell it.

mod pass;

use bytes::Bytes;
use http::header::{COOKIE, HOST, ORIGIN};
use http::{HeaderMap, Method, Request};

pub use pass::{NoRandomness, Pass};

use crate::form::Form;

/// The form field that holds the token.
pub(crate) const TOKEN: &str = "token";

/// The query field of the address that the console is opened with.
const KEY: &str = "key";

/// Keeps the door.
#[derive(Debug)]
pub struct Guard {
    door: Door,
}

#[derive(Debug)]
enum Door {
    Loopback { pass: Pass, port: u16 },
    Gateway,
}

/// How a request was let in.
#[derive(Debug)]
pub(crate) enum Admission {
    /// It is the console's own browser.
    In(Pass),
    /// It brought the key of the address; from now on it is known by its cookie.
    Arrived(Pass),
    /// Nobody has to be known here; from now on its forms are known by its cookie.
    New(Pass),
}

/// Why a request was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It was meant for another host.
    OtherHost,
    /// The browser is not known.
    Unknown,
    /// The form comes from somewhere else, or is older than the console.
    ForeignForm,
    /// There are no random numbers to know a browser by.
    NoPass,
}

impl Guard {
    /// For a server on loopback at this port, opened with this pass.
    pub fn loopback(pass: Pass, port: u16) -> Self {
        Self {
            door: Door::Loopback { pass, port },
        }
    }

    /// Behind a gateway that has let the caller in.
    pub fn gateway() -> Self {
        Self {
            door: Door::Gateway,
        }
    }

    /// The path and query by which a browser comes in.
    pub fn entrance(&self) -> String {
        match &self.door {
            Door::Loopback { pass, .. } => format!("/?{KEY}={}", pass.secret()),
            Door::Gateway => "/".to_owned(),
        }
    }

    /// Whether the request was meant for this console at all.
    pub(crate) fn is_meant(&self, headers: &HeaderMap) -> bool {
        match &self.door {
            Door::Loopback { port, .. } => {
                text(headers, HOST.as_str()).is_some_and(|host| is_own_host(host, *port))
            }
            Door::Gateway => true,
        }
    }

    /// Lets a request in, or not.
    pub(crate) fn admit(&self, request: &Request<Bytes>) -> Result<Admission, Refusal> {
        if !self.is_meant(request.headers()) {
            return Err(Refusal::OtherHost);
        }
        let admission = self.know(request)?;
        if matches!(*request.method(), Method::GET | Method::HEAD) {
            return Ok(admission);
        }
        match admission {
            Admission::In(pass) if self.is_own_form(request, &pass) => Ok(Admission::In(pass)),
            _ => Err(Refusal::ForeignForm),
        }
    }

    fn know(&self, request: &Request<Bytes>) -> Result<Admission, Refusal> {
        let cookie = self.cookie(request.headers());
        match &self.door {
            Door::Loopback { pass, .. } => {
                let key = Form::of_query(request.uri().query()).one(KEY);
                if key.is_some_and(|key| pass.is(&key)) {
                    return Ok(Admission::Arrived(pass.clone()));
                }
                let is_known = cookie.is_some_and(|cookie| pass.is(cookie.secret()));
                is_known
                    .then(|| Admission::In(pass.clone()))
                    .ok_or(Refusal::Unknown)
            }
            Door::Gateway => match cookie {
                Some(pass) => Ok(Admission::In(pass)),
                None => Pass::new().map(Admission::New).map_err(|_| Refusal::NoPass),
            },
        }
    }

    fn is_own_form(&self, request: &Request<Bytes>, pass: &Pass) -> bool {
        let token = Form::of_body(request.body()).one(TOKEN);
        let is_token = token.is_some_and(|token| pass.has_token(&token));
        is_token && self.is_from_here(request.headers())
    }

    /// By what the browser says, which no page can change.
    fn is_from_here(&self, headers: &HeaderMap) -> bool {
        let origin = text(headers, ORIGIN.as_str());
        let is_own_origin = match (&self.door, origin) {
            (_, None) => None,
            (Door::Loopback { port, .. }, Some(origin)) => {
                let host = origin.strip_prefix("http://");
                Some(host.is_some_and(|host| is_own_host(host, *port)))
            }
            // What the browser calls the gateway and what the gateway calls us may be two names.
            (Door::Gateway, Some(origin)) => {
                let host = origin.strip_prefix("https://");
                Some(host.is_some() && host == text(headers, HOST.as_str()))
            }
        };
        let is_same_origin = text(headers, "sec-fetch-site").map(|site| site == "same-origin");
        match (&self.door, is_same_origin, is_own_origin) {
            (_, None, None) => false,
            (Door::Gateway, Some(said), _) => said,
            (_, said, own) => said.unwrap_or(true) && own.unwrap_or(true),
        }
    }

    fn cookie(&self, headers: &HeaderMap) -> Option<Pass> {
        let name = self.cookie_name();
        let cookies = headers.get_all(COOKIE).iter();
        let cookies = cookies.filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|value| value.split(';'));
        pairs.find_map(|pair| match pair.trim().split_once('=') {
            Some((found, value)) if found == name => Pass::read(value),
            _ => None,
        })
    }

    /// Cookies are shared between the ports of a machine, so the port is part of the name.
    fn cookie_name(&self) -> String {
        match &self.door {
            Door::Loopback { port, .. } => format!("feed-triggers-{port}"),
            Door::Gateway => "__Host-feed-triggers".to_owned(),
        }
    }

    /// The header by which the browser is known from now on.
    pub(crate) fn set_cookie(&self, pass: &Pass) -> String {
        let name = self.cookie_name();
        let secure = match &self.door {
            Door::Loopback { .. } => "",
            Door::Gateway => "; Secure",
        };
        format!(
            "{name}={}; Path=/; HttpOnly; SameSite=Strict{secure}",
            pass.secret()
        )
    }
}

fn is_own_host(host: &str, port: u16) -> bool {
    let name = host.strip_suffix(&format!(":{port}"));
    name.is_some_and(|name| matches!(name, "127.0.0.1" | "localhost" | "[::1]"))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
