//! The console of the stack, behind a Function URL. See `web_console`.

// The futures from a page down to the AWS client nest deeper than the compiler's default limit.
#![recursion_limit = "256"]

mod config;
mod handler;

use std::rc::Rc;

use aws::{AwsContext, DynamoTable, EventBus, StackQueues};
use host::SystemClock;
use lambda_kit::env::Env;
use lambda_kit::invoke::{self, Failure};
use lambda_kit::telemetry;
use lambda_kit::wiring::{self, WiringError};
use store::Store;
use web_console::{Console, Guard, StackActions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let env = Env::of_process();
    telemetry::init(&env);
    let aws = AwsContext::load();
    let console = wire_up(&env, &aws).await;
    let console = Rc::new(console.map_err(|error| Failure::at_start(error.as_ref()))?);
    invoke::serve(move |request, _| handler::handle(Rc::clone(&console), request)).await
}

async fn wire_up(env: &Env, aws: &AwsContext) -> Result<handler::StackConsole, WiringError> {
    let surroundings = wiring::surroundings(env, aws).await?;
    let reader = wiring::reader(env, aws, &surroundings, wiring::LOOKING).await?;
    let config = config::read(env, reader.access.clone())?;
    let table = || Store::new(DynamoTable::new(aws, &config.table));
    Ok(Console {
        store: table(),
        octopus: wiring::octopus(env, aws, &surroundings, wiring::PAGES)?,
        clock: SystemClock,
        actions: StackActions {
            store: table(),
            bus: EventBus::new(aws, config.bus),
            clock: SystemClock,
            queues: StackQueues::new(aws, config.queues),
            reader,
        },
        guard: Guard::gateway(),
        settings: config.settings,
    })
}
