//! One request: one page.

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
    // The URL lets nobody in without a signature. If somebody opened it, nobody is let in at all.
    let Some(who) = request.signed_by().map(str::to_owned) else {
        tracing::warn!("a request that nobody signed; does the Function URL ask for AWS_IAM?");
        let told = "This console answers only to requests that are signed for AWS.";
        return Ok(refused(StatusCode::FORBIDDEN, told));
    };
    match request.into_http() {
        Ok(request) => Ok(console.answer(&request, &who).await.into()),
        Err(error) => {
            tracing::warn!(
                who,
                exception = with_causes(&error),
                "no request of a browser"
            );
            Ok(refused(
                StatusCode::BAD_REQUEST,
                "This is no request of a browser.",
            ))
        }
    }
}

fn refused(status: StatusCode, told: &'static str) -> UrlResponse {
    let mut response = Response::new(Bytes::from_static(told.as_bytes()));
    *response.status_mut() = status;
    response.into()
}
