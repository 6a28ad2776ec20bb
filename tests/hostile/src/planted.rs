//! A planted secret that is searched for in every form in which it could leak.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// A user and a secret password.
#[derive(Clone, Debug)]
pub struct Planted {
    /// The user.
    pub user: &'static str,
    /// The password, key or token.
    pub secret: &'static str,
}

impl Planted {
    /// The forms of the secret that are found in the text: empty if there is no leak.
    pub fn found_in(&self, text: &[u8]) -> Vec<String> {
        let text = String::from_utf8_lossy(text).to_lowercase();
        let mut forms = self.forms();
        forms.retain(|form| text.contains(&form.to_lowercase()));
        forms
    }

    /// As it is; in Basic authentication and in other base64; in URLs and forms; in JSON and twice in JSON.
    fn forms(&self) -> Vec<String> {
        let Self { user, secret } = self;
        let percent = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
        let json = serde_json::to_string(secret).unwrap_or_default();
        let json = json.trim_matches('"').to_owned();
        let twice = serde_json::to_string(&json).unwrap_or_default();
        let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let mut forms = vec![
            (*secret).to_owned(),
            percent.replace("%20", "+"),
            percent,
            form,
            json,
            twice.trim_matches('"').to_owned(),
            secret.replace('&', "&amp;").replace('"', "&quot;"),
        ];
        for text in [
            (*secret).to_owned(),
            format!("{user}:{secret}"),
            format!(":{secret}"),
        ] {
            // The end is padded otherwise where more follows.
            for encoded in [BASE64_STANDARD.encode(&text), BASE64_URL_SAFE.encode(&text)] {
                let sure = encoded.len() / 4 * 4 - 4;
                forms.push(encoded[..sure].to_owned());
            }
        }
        forms.sort();
        forms.dedup();
        forms
    }
}
