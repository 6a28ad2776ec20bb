//! The fake AWS server.

use std::collections::VecDeque;
use std::error::Error;
use std::sync::{Arc, Mutex};

use aws::AwsContext;
use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

/// A request: the operation and its input.
pub(crate) type Call = (String, Value);

/// Maps an operation and its input to a status and a body.
type Responder = dyn Fn(&str, &Value) -> (u16, Value) + Send + Sync;

#[derive(Clone)]
pub(crate) struct Script {
    calls: Arc<Mutex<Vec<Call>>>,
    regions: Arc<Mutex<Vec<String>>>,
    answer: Arc<Responder>,
}

impl Script {
    fn next(&self, headers: &HeaderMap, body: &str) -> (StatusCode, String) {
        let header = |name| {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default()
        };
        let operation = header("x-amz-target").rsplit('.').next();
        let operation = operation.unwrap_or_default().to_owned();
        // Credential=KEY/DAY/REGION/SERVICE/aws4_request
        let region = header("authorization").split('/').nth(2);
        let region = region.unwrap_or_default().to_owned();
        let input = serde_json::from_str(body).unwrap_or_default();
        let (status, answer) = (self.answer)(&operation, &input);
        self.calls.lock().expect("calls").push((operation, input));
        self.regions.lock().expect("regions").push(region);
        let status = StatusCode::from_u16(status).expect("a status");
        // A string is sent unchanged: CloudFormation responds in XML.
        let text = answer.as_str().map(str::to_owned);
        (status, text.unwrap_or_else(|| answer.to_string()))
    }

    pub(crate) fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut *self.calls.lock().expect("calls"))
    }

    /// The region that each call was signed for.
    pub(crate) fn take_regions(&self) -> Vec<String> {
        std::mem::take(&mut *self.regions.lock().expect("regions"))
    }
}

/// A fake server that sends these responses in order.
pub(crate) async fn aws_with(
    answers: impl IntoIterator<Item = (u16, Value)>,
) -> (AwsContext, Script) {
    let answers: Mutex<VecDeque<_>> = Mutex::new(answers.into_iter().collect());
    aws_that(move |_| {
        let next = answers.lock().expect("answers").pop_front();
        next.unwrap_or((500, json!({ "message": "no answer left" })))
    })
    .await
}

/// A fake server whose response depends on the input.
pub(crate) async fn aws_that(
    answer: impl Fn(&Value) -> (u16, Value) + Send + Sync + 'static,
) -> (AwsContext, Script) {
    aws_of(move |_, input| answer(input)).await
}

/// A fake server whose response depends on the operation and its input.
pub(crate) async fn aws_of(
    answer: impl Fn(&str, &Value) -> (u16, Value) + Send + Sync + 'static,
) -> (AwsContext, Script) {
    let script = Script {
        calls: Arc::default(),
        regions: Arc::default(),
        answer: Arc::new(answer),
    };
    let handler = {
        let script = script.clone();
        move |headers: HeaderMap, body: String| async move { script.next(&headers, &body) }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(handler)).await });
    (context(&endpoint), script)
}

pub(crate) fn context(endpoint: &str) -> AwsContext {
    AwsContext::from_variables(|name| {
        Some(match name {
            "AWS_REGION" => "eu-west-1".to_owned(),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => "test".to_owned(),
            "AWS_ENDPOINT_URL" => endpoint.to_owned(),
            _ => return None,
        })
    })
}

/// An error with all its causes.
pub(crate) fn chain(error: &dyn Error) -> String {
    let cause = error.source().map(|cause| format!(": {}", chain(cause)));
    format!("{error}{}", cause.unwrap_or_default())
}
