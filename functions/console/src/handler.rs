//! Handles a request: returns one page.

use std::rc::Rc;

use aws::{DynamoTable, EventBus, StackQueues};
use bytes::Bytes;
use engine::with_causes;
use host::SystemClock;
use http::{Response, StatusCode};
use lambda_kit::invoke::Failure;
use lambda_kit::url::{UrlRequest, UrlResponse};
use lambda_kit::wiring::{StackOctopus, StackReader};
use store::Store;
use web_console::{Console, StackActions};

type Memory = Store<DynamoTable>;

type Actions = StackActions<Memory, EventBus, SystemClock, StackQueues, StackReader>;

pub(crate) type StackConsole = Console<Memory, StackOctopus, SystemClock, Actions>;

pub(crate) async fn handle(
    console: Rc<StackConsole>,
    request: UrlRequest,
) -> Result<UrlResponse, Failure> {
    // The Function URL requires a signature. If an operator disabled that, no request is accepted.
    let Some(who) = request.signed_by().map(str::to_owned) else {
        tracing::warn!("request without a signature; set the Function URL's AuthType to AWS_IAM");
        let text = "This console accepts only requests with an AWS signature.";
        return Ok(refused(StatusCode::FORBIDDEN, text));
    };
    match request.into_http() {
        Ok(request) => Ok(console.answer(&request, &who).await.into()),
        Err(error) => {
            tracing::warn!(
                who,
                exception = with_causes(&error),
                "request is not an HTTP request"
            );
            Ok(refused(
                StatusCode::BAD_REQUEST,
                "The request is not a valid HTTP request.",
            ))
        }
    }
}

fn refused(status: StatusCode, text: &'static str) -> UrlResponse {
    let mut response = Response::new(Bytes::from_static(text.as_bytes()));
    *response.status_mut() = status;
    response.into()
}
