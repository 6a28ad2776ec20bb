//! Redacts secrets that a server echoes back in errors, redirects and data, so that they do not appear in logs,
//! events and histories.

use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use memchr::memmem;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};

/// The replacement of a secret.
pub const HIDDEN: &str = "***";

/// The minimum length of a secret: shorter ones occur in any text.
const SHORTEST: usize = 4;

/// The maximum number of secrets: a read has a credential, a refreshed one, and some tokens.
const MOST: usize = 256;

/// The secrets that were sent to a server, in every form in which it may repeat them.
#[derive(Default)]
pub struct Redactor(Mutex<Vec<SecretString>>);

impl Redactor {
    /// Adds a secret: a key, a password, a token.
    pub fn secret(&self, secret: &str) {
        let mut forms = self.forms();
        for form in forms_of(secret.trim()) {
            let is_known = forms.iter().any(|known| known.expose_secret() == form);
            if !is_known && form.len() >= SHORTEST && forms.len() < MOST {
                forms.push(form.into());
            }
        }
        // Longest first, so that a form that contains another one is replaced as a whole.
        forms.sort_by_key(|form| std::cmp::Reverse(form.expose_secret().len()));
    }

    /// Adds the secret in a value of `Authorization`: the token, or the password of user and password.
    pub fn authorization(&self, value: &str) {
        let Some((scheme, credential)) = value.split_once(' ') else {
            return self.secret(value);
        };
        self.secret(credential);
        let pair = BASE64_STANDARD.decode(credential.trim()).ok();
        let pair = pair.and_then(|pair| String::from_utf8(pair).ok());
        if scheme.eq_ignore_ascii_case("basic")
            && let Some((_, password)) = pair.as_deref().and_then(|pair| pair.split_once(':'))
        {
            self.secret(password);
        }
    }

    /// The text without the secrets, regardless of case.
    pub fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for form in self.forms().iter() {
            hide_one(&mut text, form.expose_secret());
        }
        text
    }

    /// A body without the secrets. A body without secrets is returned unchanged.
    pub fn hide_in(&self, body: Bytes) -> Bytes {
        let repeats = |form: &SecretString| memmem::find(&body, form.expose_secret().as_bytes());
        if self.forms().iter().all(|form| repeats(form).is_none()) {
            return body;
        }
        self.hide(&String::from_utf8_lossy(&body))
            .into_bytes()
            .into()
    }

    fn forms(&self) -> MutexGuard<'_, Vec<SecretString>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor").finish_non_exhaustive()
    }
}

fn hide_one(text: &mut String, secret: &str) {
    let (secret, mut from) = (secret.to_ascii_lowercase(), 0);
    while let Some(at) = find(text, from, &secret) {
        text.replace_range(at..at + secret.len(), HIDDEN);
        from = at + HIDDEN.len();
    }
}

fn find(text: &str, from: usize, secret: &str) -> Option<usize> {
    let rest = text.get(from..)?.to_ascii_lowercase();
    rest.find(secret).map(|at| from + at)
}

/// The forms of a secret: plain, in URLs and forms, in JSON, in HTML, and within base64.
fn forms_of(secret: &str) -> Vec<String> {
    let percent = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
    let mut forms = vec![
        secret.to_owned(),
        percent.replace("%20", "+"),
        percent,
        url_path(secret),
        json(secret),
        page(secret),
        format!("{secret:?}").trim_matches('"').to_owned(),
    ];
    for lead in 0..3 {
        forms.extend(within_base64(secret, lead));
    }
    forms
}

/// Percent-encoding that keeps the sub-delimiters.
fn url_path(secret: &str) -> String {
    let Ok(mut url) = url::Url::parse("http://host/") else {
        return String::new();
    };
    url.set_path(secret);
    url.path().trim_start_matches('/').to_owned()
}

fn json(secret: &str) -> String {
    let mut escaped = String::new();
    for char in secret.chars() {
        match char {
            '"' | '\\' | '/' => escaped.extend(['\\', char]),
            char => escaped.push(char),
        }
    }
    escaped
}

fn page(secret: &str) -> String {
    let escaped = secret.replace('&', "&amp;").replace('<', "&lt;");
    let escaped = escaped.replace('>', "&gt;").replace('"', "&quot;");
    escaped.replace('\'', "&#39;")
}

/// The characters of a base64 text that depend on the secret alone, for a prefix of `lead` bytes modulo 3.
fn within_base64(secret: &str, lead: usize) -> [String; 2] {
    let text = [&vec![0; lead], secret.as_bytes()].concat();
    // The characters that depend on the secret alone.
    let (first, end) = ((lead * 8).div_ceil(6), text.len() * 8 / 6);
    let cut = |encoded: String| encoded.get(first..end).unwrap_or_default().to_owned();
    [
        cut(BASE64_STANDARD_NO_PAD.encode(&text)),
        cut(BASE64_URL_SAFE_NO_PAD.encode(&text)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWORD: &str = "pa ss/w\"ö?>rd&1";

    #[test]
    fn secret_is_redacted_in_every_form() {
        let redactor = Redactor::default();
        let pair = BASE64_STANDARD.encode(format!("joe:{PASSWORD}"));
        redactor.authorization(&format!("Basic {pair}"));
        redactor.secret("API-ABCDEF");
        for text in [
            PASSWORD.to_owned(),
            utf8_percent_encode(PASSWORD, NON_ALPHANUMERIC).to_string(),
            format!("{PASSWORD:?}").trim_matches('"').to_owned(),
            "pa ss/w&quot;ö?&gt;rd&amp;1".to_owned(),
            pair,
            "api-abcdef".to_owned(),
        ] {
            assert_eq!(redactor.hide(&format!("({text})")), "(***)", "{text}");
        }
        for before in ["", "a", "ab", "abc", "user:"] {
            let encoded = BASE64_STANDARD.encode(format!("{before}API-ABCDEF and more"));
            let hidden = redactor.hide(&encoded);
            assert!(hidden.contains(HIDDEN), "{before}: {hidden}");
        }
        assert_eq!(redactor.hide("API-API-ABCDEFABCDEF"), "API-***ABCDEF");
        assert_eq!(redactor.hide("nothing of it"), "nothing of it");
        assert_eq!(
            redactor.hide_in(Bytes::from_static(b"{\"a\":\"API-ABCDEF\"}")),
            b"{\"a\":\"***\"}"[..]
        );
        assert_eq!(redactor.hide_in(Bytes::from_static(&[0xff])), [0xff][..]);
    }

    #[test]
    fn short_and_empty_secrets_are_ignored() {
        let redactor = Redactor::default();
        redactor.secret("");
        redactor.secret("abc");
        redactor.authorization("Bearer");
        assert_eq!(redactor.hide("abc Bear"), "abc Bear");
        assert_eq!(format!("{redactor:?}"), "Redactor { .. }");
    }
}
