//! DSSE envelopes with a statement of in-toto.

use std::collections::BTreeMap;

use domain::public_key::PublicKey;
use serde::Deserialize;

use crate::refusal::shown;
use crate::verification::is_signed;
use crate::{ManifestDigest, SignatureRefusal, base64};

/// The type of the payload that is read.
const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// The types of statements.
const STATEMENT_TYPES: [&str; 2] = [
    "https://in-toto.io/Statement/v1",
    "https://in-toto.io/Statement/v0.1",
];

/// The predicate of `cosign sign`. Another one describes the image, such as the vulnerabilities
/// that a scan found, and does not approve it.
pub(crate) const SIGN_PREDICATE: &str = "https://sigstore.dev/cosign/sign/v1";

/// An envelope with its one signature, as the specification of bundles requires.
#[derive(Debug)]
pub(crate) struct Envelope {
    payload: Vec<u8>,
    signature: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EnvelopeJson {
    payload: String,
    payload_type: String,
    signatures: Vec<EnvelopeSignatureJson>,
}

#[derive(Deserialize)]
struct EnvelopeSignatureJson {
    sig: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<StatementSubject>,
    predicate_type: String,
}

#[derive(Deserialize)]
struct StatementSubject {
    digest: BTreeMap<String, String>,
}

impl Envelope {
    pub(crate) fn read(json: &EnvelopeJson) -> Result<Self, SignatureRefusal> {
        let malformed = |what| SignatureRefusal::Malformed { what };
        if json.payload_type != PAYLOAD_TYPE {
            return Err(SignatureRefusal::other_type(&json.payload_type));
        }
        let [signature] = json.signatures.as_slice() else {
            return Err(malformed("envelope: it needs exactly one signature"));
        };
        let signature = base64::decode(&signature.sig);
        let payload = base64::decode(&json.payload);
        Ok(Self {
            payload: payload.ok_or_else(|| malformed("base64 text of the payload"))?,
            signature: signature.ok_or_else(|| malformed("base64 text of the signature"))?,
        })
    }

    /// Whether one of the keys signed the payload with its type.
    pub(crate) fn is_signed(&self, keys: &[PublicKey]) -> bool {
        is_signed(keys, &self.encoded(), &self.signature)
    }

    /// The bytes that DSSE signs: the pre-authentication encoding of type and payload.
    fn encoded(&self) -> Vec<u8> {
        let (kind, length) = (PAYLOAD_TYPE, self.payload.len());
        let mut encoded = format!("DSSEv1 {} {kind} {length} ", kind.len()).into_bytes();
        encoded.extend_from_slice(&self.payload);
        encoded
    }

    /// Whether the statement is cosign's signature of the image.
    pub(crate) fn check(&self, image: &ManifestDigest) -> Result<(), SignatureRefusal> {
        let what = "in-toto statement";
        let statement: Statement = serde_json::from_slice(&self.payload)
            .map_err(|_| SignatureRefusal::Malformed { what })?;
        if !STATEMENT_TYPES.contains(&statement.kind.as_str()) {
            return Err(SignatureRefusal::other_type(&statement.kind));
        }
        if statement.predicate_type != SIGN_PREDICATE {
            let predicate = shown(&statement.predicate_type);
            return Err(SignatureRefusal::Attestation { predicate });
        }
        let digests = statement.subject.iter();
        let mut digests = digests.filter_map(|subject| subject.digest.get("sha256"));
        if digests.clone().any(|hex| hex == image.hex()) {
            return Ok(());
        }
        let signed = digests.next().ok_or(SignatureRefusal::Malformed {
            what: "digest of the subject",
        })?;
        let signed = format!("sha256:{}", shown(signed));
        Err(SignatureRefusal::OtherImage { signed })
    }
}
