//! Google's tokens: RS256 JSON Web Tokens of a Pub/Sub push subscription.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::time::Timestamp;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::Deserialize;
use serde_json::Value;

use super::{Proven, TOLERANCE, single};
use crate::receiver::Receiver;

/// The longest token that is read, in bytes. Google's have about 1,100.
const LONGEST_TOKEN: usize = 8 * 1024;

/// The most keys of a key set. Google's has two or three.
const MOST_KEYS: usize = 32;

/// The public keys by which tokens are verified, from `https://www.googleapis.com/oauth2/v3/certs`.
#[derive(Clone, Debug, Default)]
pub struct JwtKeys {
    keys: Vec<JwtKey>,
}

#[derive(Clone, Debug)]
struct JwtKey {
    id: String,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

/// A text that is not a JSON Web Key Set.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the keys of the token issuer: the answer is not a JSON Web Key Set")]
pub struct JwtKeysError;

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    email: String,
    email_verified: bool,
    exp: i64,
    iat: i64,
}

impl JwtKeys {
    /// Reads a JSON Web Key Set. Keys of other types than RSA are left out.
    ///
    /// # Errors
    /// When the text is no key set, or has more than 32 keys.
    pub fn parse(text: &str) -> Result<Self, JwtKeysError> {
        let set: KeySet = serde_json::from_str(text).map_err(|_| JwtKeysError)?;
        if set.keys.len() > MOST_KEYS {
            return Err(JwtKeysError);
        }
        let keys = set.keys.iter().filter_map(JwtKey::read).collect();
        Ok(Self { keys })
    }
}

impl JwtKey {
    fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name)?.as_str();
        if text("kty") != Some("RSA") {
            return None;
        }
        let number = |name| URL_SAFE_NO_PAD.decode(text(name)?).ok();
        Some(Self {
            id: text("kid")?.to_owned(),
            modulus: number("n")?,
            exponent: number("e")?,
        })
    }
}

/// Whether the request has a token of Google for this receiver.
pub(super) fn verify(
    receiver: &Receiver,
    headers: &HeaderMap,
    now: Timestamp,
    known: Option<&JwtKeys>,
) -> Proven {
    let Some(token) = token(headers) else {
        return Proven::No;
    };
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        return Proven::No;
    };
    // The algorithm is fixed: a token cannot choose `none`, or an HMAC with the public key.
    let Some(header) = decoded::<Header>(header).filter(|header| header.alg == "RS256") else {
        return Proven::No;
    };
    // The claims are cheap to check, and a stranger's token is refused before any key is fetched.
    let claims = decoded::<Claims>(claims);
    if !claims.is_some_and(|claims| claims.are_for(receiver, now)) {
        return Proven::No;
    }
    let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else {
        return Proven::No;
    };
    let keys = known.map(|known| known.keys.as_slice()).unwrap_or_default();
    let Some(key) = keys.iter().find(|key| key.id == header.kid) else {
        return Proven::UnknownKey;
    };
    let signed = token.rsplit_once('.').map_or("", |(signed, _)| signed);
    let key = RsaPublicKeyComponents {
        n: &key.modulus,
        e: &key.exponent,
    };
    match key.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature) {
        Ok(()) => Proven::Yes,
        Err(_) => Proven::No,
    }
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let value = single(headers, AUTHORIZATION.as_str())?;
    let token = std::str::from_utf8(value).ok()?.strip_prefix("Bearer ")?;
    (token.len() <= LONGEST_TOKEN).then_some(token)
}

fn decoded<T: for<'de> Deserialize<'de>>(part: &str) -> Option<T> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&bytes).ok()
}

impl Claims {
    fn are_for(&self, receiver: &Receiver, now: Timestamp) -> bool {
        let Some(google) = &receiver.google else {
            return false;
        };
        let (issued, expires) = (seconds(self.iat), seconds(self.exp));
        ["https://accounts.google.com", "accounts.google.com"].contains(&self.iss.as_str())
            && self.aud == google.audience
            && self.email == google.email
            && self.email_verified
            && issued.since(now) <= TOLERANCE
            && now.since(expires) <= TOLERANCE
    }
}

fn seconds(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds.saturating_mul(1_000))
}
