//! A function that does nothing: the baseline for the start of the shipped ones.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(nothing)).await
}

async fn nothing(_: LambdaEvent<Value>) -> Result<(), Error> {
    Ok(())
}
