//! The scheduler: requests the checks and evaluations that are due, every minute. See `engine::schedule`.

mod config;
mod handler;

use std::cell::Cell;
use std::rc::Rc;

use aws::{AwsContext, DynamoTable, EventBus};
use host::SystemClock;
use lambda_kit::env::Env;
use lambda_kit::invoke::{self, Failure};
use lambda_kit::{telemetry, wiring};
use store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let env = Env::of_process();
    telemetry::init(&env);
    let config = config::read(&env).map_err(|error| Failure::at_start(&error))?;
    let aws = AwsContext::load();
    let surroundings = wiring::surroundings(&env, &aws).await;
    let surroundings = surroundings.map_err(|error| Failure::at_start(error.as_ref()))?;
    let app = Rc::new(handler::App {
        store: Store::new(DynamoTable::new(&aws, config.table)),
        octopus: wiring::octopus(&env, &aws, &surroundings, wiring::SCHEDULING)
            .map_err(|error| Failure::at_start(error.as_ref()))?,
        bus: EventBus::new(&aws, config.bus),
        clock: SystemClock,
        settings: config.settings,
        parameters: config.parameters,
        is_recorded: Cell::new(false),
        env,
    });
    invoke::serve(move |request, invocation| handler::handle(Rc::clone(&app), request, invocation))
        .await
}
