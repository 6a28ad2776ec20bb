//! Google's tokens: right ones, and forgeries.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use serde_json::{Value, json};
use webhooks::{Admission, AdmissionResult, JwtKeys, Rejection};

use super::support::{NOW, fixture, post, receivers};

fn key() -> KeyPair {
    KeyPair::from_der(&fixture("jwt-test-key.der")).unwrap()
}

fn public() -> PublicKeyComponents<Vec<u8>> {
    key().public_key().into()
}

fn key_set() -> JwtKeys {
    let public = public();
    let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let modulus = number(&public.n);
    let exponent = number(&public.e);
    let set = json!({"keys": [{"kty": "EC", "kid": "e"}, {"kty": "RSA", "kid": "k1", "n": modulus, "e": exponent}]});
    JwtKeys::parse(&set.to_string()).unwrap()
}

fn claims() -> Value {
    let seconds = NOW.as_seconds();
    json!({
        "iss": "https://accounts.google.com",
        "aud": "https://hooks.example.com/",
        "email": "push@acme.iam.gserviceaccount.com",
        "email_verified": true,
        "iat": seconds,
        "exp": seconds + 3_600,
    })
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

fn token(header: &Value, claims: &Value) -> String {
    let signed = unsigned(header, claims);
    let key = key();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        signed.as_bytes(),
        &mut signature,
    )
    .unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn judge(token: &str, keys: Option<&JwtKeys>) -> AdmissionResult {
    let authorization = format!("Bearer {token}");
    let request = post(
        "pubsub",
        &[("authorization", &authorization)],
        fixture("pubsub.json"),
    );
    Admission::default().judge(&receivers(), &request, NOW, keys)
}

#[test]
fn admission_token_of_google_is_accepted_once_its_key_is_known() {
    let token = token(&json!({"alg": "RS256", "kid": "k1"}), &claims());
    assert_eq!(judge(&token, None), AdmissionResult::KeyUnknown);
    let AdmissionResult::Accepted(accepted) = judge(&token, Some(&key_set())) else {
        panic!("the token is refused");
    };
    assert_eq!(accepted.delivery, "12000000000000001");
    assert_eq!(
        accepted.pushes[0].registry.as_deref(),
        Some("europe-docker.pkg.dev")
    );
    assert_eq!(
        accepted.pushes[0].repository.as_deref(),
        Some("acme-prod/shop/web")
    );
    assert_eq!(accepted.pushes[0].tag.as_deref(), Some("1.4.0"));
}

#[test]
fn admission_forged_tokens_are_refused_before_any_key_is_fetched() {
    let right = json!({"alg": "RS256", "kid": "k1"});
    let now = NOW.as_seconds();
    let changes = [
        ("iss", json!("https://evil.example.com")),
        ("aud", json!("https://other.example.com/")),
        ("email", json!("other@acme.iam.gserviceaccount.com")),
        ("email_verified", json!(false)),
        ("email_verified", json!("true")),
        ("exp", json!(now - 301)),
        ("iat", json!(now + 301)),
        ("exp", Value::Null),
    ];
    for (name, value) in changes {
        let mut claims = claims();
        claims[name] = value.clone();
        let token = token(&right, &claims);
        assert_eq!(
            judge(&token, None),
            AdmissionResult::Refused(Rejection::NotProven),
            "{name} {value}"
        );
    }
    let hmac = |header: &Value| {
        let signed = unsigned(header, &claims());
        let modulus = public().n;
        let tag = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, &modulus),
            signed.as_bytes(),
        );
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
    };
    let forged = [
        format!(
            "{}.",
            unsigned(&json!({"alg": "none", "kid": "k1"}), &claims())
        ),
        hmac(&json!({"alg": "HS256", "kid": "k1"})),
        hmac(&right),
        unsigned(&right, &claims()),
        "x.y.z".to_owned(),
        String::new(),
        "a".repeat(100_000),
    ];
    for token in forged {
        let verdict = judge(&token, Some(&key_set()));
        assert_eq!(
            verdict,
            AdmissionResult::Refused(Rejection::NotProven),
            "{token:.80}"
        );
    }
}

#[test]
fn admission_token_of_an_unknown_key_asks_for_keys_and_nothing_else() {
    let token = token(&json!({"alg": "RS256", "kid": "k2"}), &claims());
    assert_eq!(judge(&token, Some(&key_set())), AdmissionResult::KeyUnknown);
}

#[test]
fn jwt_keys_of_another_form_are_an_error() {
    let many: Vec<_> = (0..33).map(|_| json!({})).collect();
    for text in ["", "[]", "{}", &json!({ "keys": many }).to_string()] {
        assert!(JwtKeys::parse(text).is_err(), "{text:.40}");
    }
}
