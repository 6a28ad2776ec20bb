//! The configured receivers: who may send, how it proves that, and which feeds it may ask to check.

use std::collections::{BTreeSet, HashMap};

use http::header::HeaderName;
use ring::digest::{SHA256, digest};
use secrecy::{ExposeSecret, SecretString};

use crate::configuration::{Configuration, Entry};
use crate::error::ReceiverError;
use crate::kind::{Kind, Proof};

/// Characters of a receiver's id: 128 random bits in base32.
const ID_LENGTH: usize = 26;

/// Keys of one receiver: the current one, and the previous one while rotating.
const MOST_KEYS: usize = 2;

/// The shortest key, in bytes. Shorter keys can be guessed.
const SHORTEST_KEY: usize = 16;

/// All receivers, found by the SHA-256 of their id, so that a lookup does not reveal how much of an id matched.
#[derive(Debug, Default)]
pub struct Receivers {
    by_id: HashMap<[u8; 32], Receiver>,
}

/// One receiver.
#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) proof: Proof,
    /// The header of [`Proof::Header`].
    pub(crate) header: HeaderName,
    pub(crate) keys: Vec<SecretString>,
    /// The feeds that it may ask to check, as `Space/Feed`; `None` for every feed whose host fits.
    pub(crate) feeds: Option<Vec<String>>,
    /// The audience and the service account of Google's tokens.
    pub(crate) google: Option<Google>,
}

/// The claims that a token of Google must contain.
#[derive(Clone, Debug)]
pub(crate) struct Google {
    pub(crate) audience: String,
    pub(crate) email: String,
}

impl Receivers {
    /// Reads the configuration: `{"receivers": {NAME: {"kind", "id", "keys", "feeds", ...}}}`.
    ///
    /// # Errors
    /// When the text has another form, or a receiver cannot be used. No error contains an id or a key.
    pub fn parse(text: &str) -> Result<Self, ReceiverError> {
        let configuration = Configuration::parse(text)?;
        let mut by_id = HashMap::new();
        for (name, entry) in configuration.receivers {
            let refused = |problem: String| ReceiverError::Receiver {
                receiver: name.clone(),
                problem,
            };
            let id = entry.id.expose_secret().to_owned();
            if !is_id(&id) {
                return Err(refused(format!(
                    "its id must be {ID_LENGTH} characters of a-z and 2-7; let `feedctl webhooks add` make it"
                )));
            }
            let receiver = receiver(name.clone(), entry).map_err(refused)?;
            if by_id.insert(hash(&id), receiver).is_some() {
                return Err(refused(
                    "another receiver has the same id; each needs its own".into(),
                ));
            }
        }
        Ok(Self { by_id })
    }

    /// The receiver with this id.
    pub(crate) fn find(&self, id: &str) -> Option<&Receiver> {
        self.by_id.get(&hash(id))
    }

    /// The name and kind of the receiver at a path, whatever the rest of the request.
    pub fn at(&self, path: &str) -> Option<(&str, Kind)> {
        let (kind, id) = kind_and_id(path)?;
        let receiver = self.find(id).filter(|receiver| receiver.kind == kind)?;
        Some((&receiver.name, kind))
    }

    /// The names of all receivers with their kinds, sorted.
    pub fn names(&self) -> Vec<(&str, Kind)> {
        let all = self.by_id.values();
        let names: BTreeSet<_> = all.map(|one| (one.name.as_str(), one.kind)).collect();
        names.into_iter().collect()
    }
}

fn receiver(name: String, entry: Entry) -> Result<Receiver, String> {
    let kind: Kind = entry.kind.parse().map_err(|error| format!("{error}"))?;
    let proof = match (entry.proof.as_deref(), kind) {
        (None, _) => kind.proof(),
        (Some("header"), Kind::Artifactory | Kind::Cloudsmith) => Proof::Header,
        (Some("signature"), Kind::Artifactory | Kind::Cloudsmith) => kind.proof(),
        (Some(other), _) => {
            return Err(format!(
                "`{kind}` has no proof `{other}`; only artifactory and cloudsmith have a choice, `signature` or `header`"
            ));
        }
    };
    let header = entry.header.as_deref().unwrap_or(kind.default_header());
    let header = HeaderName::from_bytes(header.as_bytes())
        .map_err(|_| format!("`{header}` cannot be the name of a header"))?;
    let needs_key = kind.needs_key();
    if needs_key && entry.keys.is_empty() {
        return Err(format!("a receiver of kind `{kind}` needs a key"));
    }
    if !needs_key && !entry.keys.is_empty() {
        return Err(format!(
            "a receiver of kind `{kind}` has no key; remove `keys`"
        ));
    }
    if entry.keys.len() > MOST_KEYS {
        return Err(format!(
            "it has {} keys; at most {MOST_KEYS} are allowed",
            entry.keys.len()
        ));
    }
    if entry
        .keys
        .iter()
        .any(|key| key.expose_secret().len() < SHORTEST_KEY)
    {
        return Err(format!(
            "a key is shorter than {SHORTEST_KEY} characters; use a longer one"
        ));
    }
    let google = match (proof, entry.audience, entry.email) {
        (Proof::Google, Some(audience), Some(email))
            if !audience.is_empty() && !email.is_empty() =>
        {
            Some(Google { audience, email })
        }
        (Proof::Google, ..) => {
            return Err(
                "a receiver of kind `pubsub` needs `audience` (the push URL by default) and `email` (the push service account)"
                    .into(),
            );
        }
        (_, None, None) => None,
        _ => return Err("`audience` and `email` are only for kind `pubsub`; remove them".into()),
    };
    Ok(Receiver {
        name,
        kind,
        proof,
        header,
        keys: entry.keys,
        feeds: feeds(entry.feeds)?,
        google,
    })
}

fn feeds(listed: Vec<String>) -> Result<Option<Vec<String>>, String> {
    if listed == ["*"] {
        return Ok(None);
    }
    let is_feed = |feed: &String| {
        let parts = feed.split_once('/');
        parts.is_some_and(|(space, name)| !space.is_empty() && !name.is_empty())
    };
    match listed.iter().find(|feed| !is_feed(feed)) {
        Some(other) => Err(format!(
            "its feed `{other}` is not of the form SPACE/FEED; `*` alone allows every feed"
        )),
        None if listed.is_empty() => {
            Err("it has no feeds; name some as SPACE/FEED, or use `*`".into())
        }
        None => Ok(Some(listed)),
    }
}

/// The parts of `/hook/{kind}/{id}`; `None` if the id has not the form of one.
pub(crate) fn kind_and_id(path: &str) -> Option<(Kind, &str)> {
    let (kind, id) = path.strip_prefix("/hook/")?.split_once('/')?;
    let kind = kind.parse().ok()?;
    is_id(id).then_some((kind, id))
}

fn is_id(text: &str) -> bool {
    text.len() == ID_LENGTH
        && text
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
}

fn hash(id: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, id.as_bytes()).as_ref());
    bytes
}

#[cfg(test)]
mod tests {
    use super::Receivers;

    const ID: &str = "n4xkn4xkn4xkn4xkn4xkn4xkn4";

    fn error_of(entry: &str) -> String {
        let text = format!(r#"{{"receivers": {{"hub": {entry}}}}}"#);
        Receivers::parse(&text).unwrap_err().to_string()
    }

    #[test]
    fn receivers_bad_entries_are_refused_with_their_name() {
        let key = "0123456789abcdef";
        let cases = [
            (
                format!(r#"{{"kind":"gitlab","id":"{ID}","feeds":["*"]}}"#),
                "unknown kind of sender `gitlab`",
            ),
            (
                r#"{"kind":"quay","id":"short","feeds":["*"]}"#.to_owned(),
                "its id must be 26 characters",
            ),
            (
                format!(r#"{{"kind":"github","id":"{ID}","feeds":["*"]}}"#),
                "needs a key",
            ),
            (
                format!(r#"{{"kind":"quay","id":"{ID}","feeds":["*"],"keys":["{key}"]}}"#),
                "has no key; remove `keys`",
            ),
            (
                format!(r#"{{"kind":"github","id":"{ID}","feeds":["*"],"keys":["short"]}}"#),
                "shorter than 16",
            ),
            (
                format!(
                    r#"{{"kind":"github","id":"{ID}","feeds":["*"],"keys":["{key}","{key}","{key}"]}}"#
                ),
                "at most 2",
            ),
            (
                format!(r#"{{"kind":"quay","id":"{ID}","feeds":[]}}"#),
                "it has no feeds",
            ),
            (
                format!(r#"{{"kind":"quay","id":"{ID}","feeds":["Hub"]}}"#),
                "not of the form SPACE/FEED",
            ),
            (
                format!(r#"{{"kind":"pubsub","id":"{ID}","feeds":["*"]}}"#),
                "needs `audience`",
            ),
            (
                format!(
                    r#"{{"kind":"github","id":"{ID}","feeds":["*"],"keys":["{key}"],"proof":"header"}}"#
                ),
                "has no proof `header`",
            ),
            (
                format!(
                    r#"{{"kind":"harbor","id":"{ID}","feeds":["*"],"keys":["{key}"],"header":"a b"}}"#
                ),
                "cannot be the name of a header",
            ),
        ];
        for (entry, expected) in cases {
            let error = error_of(&entry);
            assert!(
                error.contains(expected) && error.contains("`hub`"),
                "{error}"
            );
            assert!(!error.contains(key) && !error.contains(ID), "{error}");
        }
    }

    #[test]
    fn receivers_form_error_has_the_place_and_no_value() {
        let error =
            Receivers::parse("{\"receivers\": {\"hub\": {\"kind\": 7, \"id\": \"SECRET\"}}}");
        let error = error.unwrap_err().to_string();
        assert_eq!(
            error,
            "cannot read the configuration of the webhooks: line 1, column 32: a field is missing, unknown or of the wrong type"
        );
    }
}
