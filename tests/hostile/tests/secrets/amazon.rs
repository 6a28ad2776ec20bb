//! Secrets from Secrets Manager, and the SDK's own log.

use aws::{AwsContext, Secrets};
use hostile::{Origins, Planted, Reply};
use secrecy::ExposeSecret;

use crate::captured::Captured;

const KEY: Planted = Planted {
    user: "",
    secret: "API-PLANTED0KEY0PLANTED0KEY",
};
const SIGNING: Planted = Planted {
    user: "",
    secret: "planted/signing+key/of+forty+characters0",
};
const SESSION: Planted = Planted {
    user: "",
    secret: "planted-session-token-planted-session",
};

#[tokio::test]
async fn sdk_log_contains_no_secret() {
    let origins = Origins::start().await;
    let captured = Captured::default();
    let _logs = captured.logs();
    let endpoint = format!("http://127.0.0.1:{}", origins.other_port());
    for body in [
        format!(
            r#"{{"ARN":"arn","Name":"n","SecretString":"{}"}}"#,
            KEY.secret
        ),
        format!(
            r#"{{"ARN":"arn","Name":"n","SecretString":["{}"]}}"#,
            KEY.secret
        ),
        format!(
            r#"{{"ARN":"arn","Name":"n","SecretString":"{{\"password\":\"{}\"}}"}}"#,
            KEY.secret
        ),
    ] {
        origins.answer(vec![(endpoint.clone(), Reply::Body(body))]);
        let aws = AwsContext::from_variables(|name| {
            let value = match name {
                "AWS_REGION" => "eu-west-1",
                "AWS_ACCESS_KEY_ID" => "AKIAPLANTED",
                "AWS_SECRET_ACCESS_KEY" => SIGNING.secret,
                "AWS_SESSION_TOKEN" => SESSION.secret,
                "AWS_ENDPOINT_URL" => endpoint.as_str(),
                _ => return None,
            };
            Some(value.to_owned())
        });
        let secrets = Secrets::new(&aws);
        match secrets.api_key("arn", false).await {
            Ok(key) => {
                assert_eq!(key.expose_secret(), KEY.secret);
                captured.debug(&key);
            }
            Err(error) => captured.error(&error),
        }
        captured.debug(&aws);
        captured.debug(&secrets);
    }
    for planted in [KEY, SIGNING, SESSION] {
        let (_, found) = captured.search(&planted);
        assert!(
            found.is_empty(),
            "{found:?}: {}",
            captured.around(&found[0])
        );
    }
}
