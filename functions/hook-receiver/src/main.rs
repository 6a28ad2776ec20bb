//! The hook receiver: behind a Function URL, it verifies webhooks of registries and announces their pushes on
//! the stack's bus, where the push receiver handles them. See the crate `webhooks`.

mod answer;
mod handler;
mod receivers;
mod refusals;

use std::rc::Rc;

use aws::{AwsContext, DynamoTable, EventBus, Secrets};
use google_keys::GoogleKeys;
use host::SystemClock;
use lambda_kit::env::{self, Env, EnvError};
use lambda_kit::invoke::{self, Failure};
use lambda_kit::telemetry;
use receivers::StoredReceivers;
use store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let env = Env::of_process();
    telemetry::init(&env);
    let aws = AwsContext::load();
    let app = Rc::new(wire_up(env, &aws).map_err(|error| Failure::at_start(&error))?);
    invoke::serve(move |request, _| handler::handle(Rc::clone(&app), request)).await
}

fn wire_up(env: Env, aws: &AwsContext) -> Result<handler::App<SystemClock>, EnvError> {
    let secret = env.required(env::WEBHOOK_SECRET_ARN)?;
    let bus = EventBus::new(aws, env.required(env::BUS_NAME)?);
    let receivers = StoredReceivers::new(Secrets::new(aws), secret);
    let store = Store::new(DynamoTable::new(aws, env.required(env::TABLE_NAME)?));
    let google = GoogleKeys::default();
    Ok(handler::App::new(
        receivers,
        bus,
        store,
        google,
        SystemClock,
        env,
    ))
}
