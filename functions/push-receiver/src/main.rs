//! The push receiver: a push requests an early check, and further ones as long as its registry does not list it. See
//! `engine::receive`.

mod handler;

use std::rc::Rc;

use aws::{AwsContext, DelayedQueue, DynamoTable, EventBus};
use engine::steps::Settings;
use host::SystemClock;
use lambda_kit::env::{self, Env, EnvError};
use lambda_kit::invoke::{self, Failure};
use lambda_kit::telemetry;
use store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let env = Env::of_process();
    telemetry::init(&env);
    let aws = AwsContext::load();
    let app = Rc::new(wire_up(env, &aws).map_err(|error| Failure::at_start(&error))?);
    invoke::serve(move |batch, invocation| handler::handle(Rc::clone(&app), batch, invocation))
        .await
}

fn wire_up(env: Env, aws: &AwsContext) -> Result<handler::App, EnvError> {
    Ok(handler::App {
        store: Store::new(DynamoTable::new(aws, env.required(env::TABLE_NAME)?)),
        bus: EventBus::new(aws, env.required(env::BUS_NAME)?),
        queue: DelayedQueue::new(aws, env.required(env::PUSH_QUEUE_URL)?),
        clock: SystemClock,
        settings: Settings {
            own_account: env.required(env::AWS_ACCOUNT)?,
            ..Settings::default()
        },
        env,
    })
}
