//! The configuration of the receivers as JSON, and its changes.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use crate::error::ReceiverError;
use crate::kind::{Kind, Proof};

/// The random bytes of an id, which has 26 characters of five bits.
const ID_BYTES: usize = 26;

/// The random bytes of a key.
const KEY_BYTES: usize = 32;

/// The digits of an id.
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Random bytes for an id and a key.
pub type RandomBytes = [u8; ID_BYTES + KEY_BYTES];

/// The receivers by name: `{"receivers": {NAME: {"kind", "id", "keys", "feeds", ...}}}`.
#[derive(Debug, Default, Deserialize, Serialize)]
pub struct Configuration {
    pub(crate) receivers: BTreeMap<String, Entry>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) kind: String,
    #[serde(serialize_with = "exposed")]
    pub(crate) id: SecretString,
    #[serde(default, serialize_with = "all_exposed")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) keys: Vec<SecretString>,
    pub(crate) feeds: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) proof: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) header: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) audience: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
}

/// The settings of a new receiver.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewReceiver {
    /// The feeds that it may ask to check, as `SPACE/FEED`, or `*` alone.
    pub feeds: Vec<String>,
    /// `signature` or `header`, for kinds with a choice.
    pub proof: Option<String>,
    /// The header of the key, if it is not the kind's usual one.
    pub header: Option<String>,
    /// The URL before the path, for the default audience.
    pub address: String,
    /// The audience of Google's tokens; `None` for the receiver's URL.
    pub audience: Option<String>,
    /// The service account of Google's tokens.
    pub email: Option<String>,
}

/// The secrets that a user enters in the sender. They are shown once.
#[derive(Debug)]
pub struct NewSecrets {
    /// The path of the URL, without a slash before it. It contains the id.
    pub path: SecretString,
    /// The new key; `None` if the path alone is the secret, or Google signs.
    pub key: Option<SecretString>,
}

/// A receiver without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiverSummary {
    /// Its name.
    pub name: String,
    /// The name of its kind.
    pub kind: String,
    /// The number of valid keys: two while rotating.
    pub keys: usize,
    /// The feeds that it may ask to check; `*` alone for every feed whose host fits.
    pub feeds: Vec<String>,
}

impl Configuration {
    /// Reads the form. [`Receivers::parse`](crate::Receivers::parse) also checks each receiver.
    ///
    /// # Errors
    /// When the text has another form.
    pub fn parse(text: &str) -> Result<Self, ReceiverError> {
        serde_json::from_str(text).map_err(|error| ReceiverError::Form {
            line: error.line(),
            column: error.column(),
            problem: match error.classify() {
                serde_json::error::Category::Data => {
                    "a field is missing, unknown or of the wrong type"
                }
                _ => "it is not valid JSON",
            },
        })
    }

    /// The JSON, with all secrets.
    ///
    /// # Errors
    /// Never for a configuration that was read or changed by this type.
    pub fn text(&self) -> Result<SecretString, serde_json::Error> {
        serde_json::to_string_pretty(self).map(SecretString::from)
    }

    /// The receivers, by name.
    pub fn summaries(&self) -> Vec<ReceiverSummary> {
        let all = self.receivers.iter();
        all.map(|(name, entry)| ReceiverSummary {
            name: name.clone(),
            kind: entry.kind.clone(),
            keys: entry.keys.len(),
            feeds: entry.feeds.clone(),
        })
        .collect()
    }

    /// Adds a receiver with a new id, and a new key if its kind has one.
    ///
    /// # Errors
    /// When the name is used.
    pub fn add(
        &mut self,
        name: &str,
        kind: Kind,
        new: NewReceiver,
        random: &RandomBytes,
    ) -> Result<NewSecrets, ReceiverError> {
        if self.receivers.contains_key(name) {
            let problem = "a receiver of this name exists; choose another name, or remove it first";
            return Err(ReceiverError::of(name, problem));
        }
        let id = new_id(random);
        let key = kind
            .needs_key()
            .then(|| new_key(kind, new.proof.as_deref(), random));
        let entry = Entry {
            kind: kind.name().to_owned(),
            id: id.clone(),
            keys: key.iter().cloned().collect(),
            feeds: new.feeds,
            proof: new.proof,
            header: new.header,
            audience: match kind {
                Kind::PubSub => new.audience.or_else(|| {
                    let path = path(kind, &id);
                    Some(format!("{}/{}", new.address, path.expose_secret()))
                }),
                _ => new.audience,
            },
            email: new.email,
        };
        self.receivers.insert(name.to_owned(), entry);
        Ok(NewSecrets {
            path: path(kind, &id),
            key,
        })
    }

    /// Adds a new key before the current one, which stays valid; an older one is removed. A receiver without a key
    /// gets a new id instead, and its URL changes at once.
    ///
    /// # Errors
    /// When there is no such receiver, or its kind is unknown.
    pub fn rotate(
        &mut self,
        name: &str,
        random: &RandomBytes,
    ) -> Result<NewSecrets, ReceiverError> {
        let entry = self.entry(name)?;
        let kind = kind_of(name, entry)?;
        if !kind.needs_key() {
            entry.id = new_id(random);
            return Ok(NewSecrets {
                path: path(kind, &entry.id),
                key: None,
            });
        }
        let key = new_key(kind, entry.proof.as_deref(), random);
        entry.keys.truncate(1);
        entry.keys.insert(0, key.clone());
        Ok(NewSecrets {
            path: path(kind, &entry.id),
            key: Some(key),
        })
    }

    /// Removes the previous key after a rotation. Returns whether there was one.
    ///
    /// # Errors
    /// When there is no such receiver.
    pub fn finish_rotation(&mut self, name: &str) -> Result<bool, ReceiverError> {
        let entry = self.entry(name)?;
        let had_two = entry.keys.len() > 1;
        entry.keys.truncate(1);
        Ok(had_two)
    }

    /// Removes a receiver. Its sender gets 404 from then on.
    ///
    /// # Errors
    /// When there is no such receiver.
    pub fn remove(&mut self, name: &str) -> Result<(), ReceiverError> {
        self.entry(name)?;
        self.receivers.remove(name);
        Ok(())
    }

    /// The kind of a receiver.
    ///
    /// # Errors
    /// When there is no such receiver, or its kind is unknown.
    pub fn kind(&self, name: &str) -> Result<Kind, ReceiverError> {
        kind_of(name, self.named(name)?)
    }

    pub(crate) fn named(&self, name: &str) -> Result<&Entry, ReceiverError> {
        let entry = self.receivers.get(name);
        entry.ok_or_else(|| self.unknown(name))
    }

    fn entry(&mut self, name: &str) -> Result<&mut Entry, ReceiverError> {
        let unknown = self.unknown(name);
        self.receivers.get_mut(name).ok_or(unknown)
    }

    fn unknown(&self, name: &str) -> ReceiverError {
        let names: Vec<_> = self.receivers.keys().cloned().collect();
        let known = match names.is_empty() {
            true => "there are none".to_owned(),
            false => format!("the receivers are {}", names.join(", ")),
        };
        ReceiverError::of(name, format!("it does not exist; {known}"))
    }
}

fn kind_of(name: &str, entry: &Entry) -> Result<Kind, ReceiverError> {
    let kind = entry.kind.parse();
    kind.map_err(|error| ReceiverError::of(name, format!("{error}")))
}

fn path(kind: Kind, id: &SecretString) -> SecretString {
    format!("hook/{kind}/{}", id.expose_secret()).into()
}

fn new_id(random: &RandomBytes) -> SecretString {
    let digits = random[..ID_BYTES]
        .iter()
        .map(|byte| char::from(BASE32[usize::from(byte % 32)]));
    digits.collect::<String>().into()
}

/// A key in the form that the sender's proof requires. One for the generic schemes is valid for Standard Webhooks,
/// and is a text for all others.
fn new_key(kind: Kind, proof: Option<&str>, random: &RandomBytes) -> SecretString {
    let bytes = &random[ID_BYTES..];
    match kind.proof() {
        Proof::Generic => format!("whsec_{}", STANDARD.encode(bytes)),
        // The whole value of the header `Authorization`.
        Proof::Header if proof.is_none() => format!("Bearer {}", URL_SAFE_NO_PAD.encode(bytes)),
        _ => URL_SAFE_NO_PAD.encode(bytes),
    }
    .into()
}

fn exposed<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

fn all_exposed<S: Serializer>(secrets: &[SecretString], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(secrets.iter().map(ExposeSecret::expose_secret))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Receivers;

    fn random(first: u8) -> RandomBytes {
        let mut bytes = [0; ID_BYTES + KEY_BYTES];
        let numbers = (0..=u8::MAX).cycle().skip(first.into());
        bytes
            .iter_mut()
            .zip(numbers)
            .for_each(|(byte, number)| *byte = number);
        bytes
    }

    fn new(kind: Kind) -> NewReceiver {
        let google = (kind == Kind::PubSub).then(|| "name@example.com".to_owned());
        NewReceiver {
            feeds: vec!["Default/Images".to_owned()],
            audience: google.clone(),
            email: google,
            ..NewReceiver::default()
        }
    }

    #[test]
    fn added_receivers_of_every_kind_are_usable() {
        let mut configuration = Configuration::default();
        for (kind, number) in Kind::ALL.into_iter().zip(0..) {
            let secrets = configuration
                .add(kind.name(), kind, new(kind), &random(number))
                .unwrap();
            assert_eq!(secrets.key.is_some(), kind.needs_key(), "{kind}");
            let text = configuration.text().unwrap();
            let receivers = Receivers::parse(text.expose_secret()).unwrap();
            let path = format!("/{}", secrets.path.expose_secret());
            assert_eq!(receivers.at(&path), Some((kind.name(), kind)));
        }
        let read = Configuration::parse(configuration.text().unwrap().expose_secret());
        assert_eq!(read.unwrap().summaries(), configuration.summaries());
        let again = configuration.add("quay", Kind::Quay, new(Kind::Quay), &random(99));
        assert!(
            again
                .unwrap_err()
                .to_string()
                .contains("a receiver of this name exists")
        );
    }

    #[test]
    fn rotation_keeps_the_previous_key_until_it_is_finished() {
        let mut configuration = Configuration::default();
        let first = configuration
            .add("hub", Kind::Github, new(Kind::Github), &random(1))
            .unwrap();
        let keys = |configuration: &Configuration| -> Vec<String> {
            let keys = configuration.receivers["hub"].keys.iter();
            keys.map(|key| key.expose_secret().to_owned()).collect()
        };
        let key = |secrets: &NewSecrets| secrets.key.clone().unwrap().expose_secret().to_owned();
        let second = configuration.rotate("hub", &random(2)).unwrap();
        assert_eq!(second.path.expose_secret(), first.path.expose_secret());
        assert_eq!(keys(&configuration), [key(&second), key(&first)]);
        let third = configuration.rotate("hub", &random(3)).unwrap();
        assert_eq!(keys(&configuration), [key(&third), key(&second)]);
        assert!(configuration.finish_rotation("hub").unwrap());
        assert_eq!(keys(&configuration), [key(&third)]);
        assert!(!configuration.finish_rotation("hub").unwrap());
    }

    #[test]
    fn rotation_of_a_receiver_without_a_key_changes_its_path() {
        let mut configuration = Configuration::default();
        let first = configuration
            .add("quay", Kind::Quay, new(Kind::Quay), &random(1))
            .unwrap();
        let second = configuration.rotate("quay", &random(2)).unwrap();
        assert_ne!(second.path.expose_secret(), first.path.expose_secret());
        configuration.remove("quay").unwrap();
        let error = configuration.remove("quay").unwrap_err().to_string();
        assert!(
            error.contains("it does not exist; there are none"),
            "{error}"
        );
    }

    #[test]
    fn debug_output_contains_no_secret() {
        let mut configuration = Configuration::default();
        let secrets = configuration
            .add("hub", Kind::Github, new(Kind::Github), &random(1))
            .unwrap();
        let shown = format!("{configuration:?} {secrets:?}");
        for secret in [&secrets.path, &secrets.key.clone().unwrap()] {
            assert!(!shown.contains(secret.expose_secret()), "{shown}");
        }
    }
}
