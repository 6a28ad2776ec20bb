//! The feed checker: reads packages of feeds and publishes their changes. See `engine::check`.

mod handler;

use std::rc::Rc;

use aws::{AwsContext, DynamoTable, EventBus};
use engine::steps::Settings;
use host::SystemClock;
use lambda_kit::env::{self, Env};
use lambda_kit::invoke::{self, Failure};
use lambda_kit::{telemetry, wiring};
use store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let env = Env::of_process();
    telemetry::init(&env);
    let table = env
        .required(env::TABLE_NAME)
        .map_err(|error| Failure::at_start(&error))?;
    let bus = env
        .required(env::BUS_NAME)
        .map_err(|error| Failure::at_start(&error))?;
    let aws = AwsContext::load();
    let surroundings = wiring::surroundings(&env, &aws).await;
    let surroundings = surroundings.map_err(|error| Failure::at_start(error.as_ref()))?;
    let app = Rc::new(handler::App {
        store: Store::new(DynamoTable::new(&aws, table)),
        reader: wiring::reader(&env, &aws, &surroundings, wiring::CHECKING)
            .await
            .map_err(|error| Failure::at_start(error.as_ref()))?,
        bus: EventBus::new(&aws, bus),
        clock: SystemClock,
        settings: Settings::default(),
        env,
    });
    invoke::serve(move |batch, invocation| handler::handle(Rc::clone(&app), batch, invocation))
        .await
}
