//! Applies trigger files in tests.

use domain::definition::{Definition, Definitions, SourceDefinition};
use domain::options::{Options, VersionPolicy};
use engine::ports::{Clock, TriggerFiles};
use store::{Store, Table};

use crate::world::World;

/// The id of [`definition`]'s trigger.
pub const FILE: &str = "file:from the file";

/// A trigger that watches the image of the project Api.
pub fn definition(options: Options, policy: VersionPolicy) -> Definition {
    Definition {
        name: "From the file".to_owned(),
        description: String::new(),
        space: None,
        project: "api".to_owned(),
        channel: None,
        is_disabled: false,
        sources: vec![SourceDefinition {
            action: "Deploy api".to_owned(),
            package_reference: String::new(),
            policy,
        }],
        options,
    }
}

/// Applies a file and replaces the last one.
pub async fn apply<T: Table, C: Clock>(store: &Store<T, C>, definitions: &Definitions) {
    let before = store.trigger_file().await.unwrap();
    let revision = before.map(|file| file.revision);
    let applied = store.apply_trigger_file(definitions, revision).await;
    applied.unwrap();
}

impl World {
    /// A world in which the only trigger of the project Api is this definition of a file.
    pub async fn with_definition(definition: Definition) -> Self {
        let mut world = Self::with(|seed| seed.spaces[0].projects[2].triggers.clear()).await;
        world.apply(vec![definition]).await;
        world.until_quiet().await.unwrap();
        world
    }

    /// Applies a file with these triggers.
    pub async fn apply(&self, triggers: Vec<Definition>) {
        let native = Vec::new();
        apply(self.program.store(), &Definitions { triggers, native }).await;
    }
}
