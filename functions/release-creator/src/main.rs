//! The release creator: evaluates triggers and creates releases. See `engine::evaluate`.

mod handler;

use std::rc::Rc;

use aws::{AwsContext, DynamoTable, EventBus};
use host::SystemClock;
use lambda_kit::env::{self, Env, EnvError};
use lambda_kit::invoke::{self, Failure};
use lambda_kit::telemetry;
use lambda_kit::wiring::{self, WiringError};
use store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let env = Env::of_process();
    telemetry::init(&env);
    let aws = AwsContext::load();
    let app = wire_up(env, &aws).await;
    let app = app.map_err(|error| Failure::at_start(error.as_ref()))?;
    let app = Rc::new(app);
    invoke::serve(move |batch, invocation| handler::handle(Rc::clone(&app), batch, invocation))
        .await
}

async fn wire_up(env: Env, aws: &AwsContext) -> Result<handler::App, WiringError> {
    let surroundings = wiring::surroundings(&env, aws).await?;
    Ok(handler::App {
        store: Store::new(DynamoTable::new(aws, env.required(env::TABLE_NAME)?)),
        octopus: wiring::octopus(&env, aws, &surroundings, wiring::CREATING)?,
        bus: EventBus::new(aws, env.required(env::BUS_NAME)?),
        clock: SystemClock,
        observe: observes(&env)?,
        native: env.parsed(env::NATIVE_TRIGGERS, Default::default())?,
        env,
    })
}

fn observes(env: &Env) -> Result<bool, EnvError> {
    match env.get(env::MODE).unwrap_or("create") {
        "create" => Ok(false),
        "observe" => Ok(true),
        other => Err(EnvError::Invalid {
            name: env::MODE,
            value: other.to_owned(),
            problem: "expected create or observe".to_owned(),
        }),
    }
}
