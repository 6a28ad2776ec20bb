//! A function that does nothing: what the start of the shipped ones is measured against.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(nothing)).await
}

async fn nothing(_: LambdaEvent<Value>) -> Result<(), Error> {
    Ok(())
}
