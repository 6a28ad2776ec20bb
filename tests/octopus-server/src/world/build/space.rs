//! Spaces, feeds, environments and lifecycles.

use anyhow::Context;

use super::project;
use crate::seed::{self, PackageVersion};
use crate::world::{
    Environment, Feed, Ids, Lifecycle, Phase, Space, StoredPackage, StoredVersion, World, guid,
    same, slug,
};

/// Adds a space.
pub(super) fn add(world: &mut World, seed: seed::Space) -> anyhow::Result<()> {
    let now = world.now();
    let ids = &mut world.ids;
    let mut space = Space {
        id: seed.id.unwrap_or_else(|| ids.next("Spaces")),
        slug: slug(&seed.name),
        name: seed.name,
        is_default: seed.is_default,
        feeds: Vec::new(),
        lifecycles: Vec::new(),
        environments: seed
            .environments
            .into_iter()
            .map(|seed| environment(seed, ids))
            .collect(),
        projects: Vec::new(),
        dotnet: seed.dotnet_patterns,
        builds: Vec::new(),
    };
    space.feeds = feeds(seed.feeds, space.is_default, ids);
    let mut lifecycles = seed.lifecycles;
    if lifecycles.is_empty() {
        lifecycles.push(seed::Lifecycle {
            name: "Default Lifecycle".to_owned(),
            ..seed::Lifecycle::default()
        });
    }
    for lifecycle in lifecycles {
        space
            .lifecycles
            .push(self::lifecycle(lifecycle, &space.environments, ids)?);
    }
    for seed in seed.projects {
        let name = seed.name.clone();
        let project =
            project::build(seed, &space, ids, now).with_context(|| format!("project '{name}'"))?;
        space.projects.push(project);
    }
    world.spaces.push(space);
    Ok(())
}

/// The seed's feeds, after the two that every space has. Only the default space's carry well-known ids.
fn feeds(seeds: Vec<seed::Feed>, well_known: bool, ids: &mut Ids) -> Vec<Feed> {
    let own = [
        ("BuiltIn", "feeds-builtin", "Octopus Server (built-in)"),
        (
            "OctopusProject",
            "feeds-builtin-releases",
            "Octopus Server Releases (built-in)",
        ),
    ];
    let mut feeds: Vec<Feed> = Vec::new();
    for (kind, id, name) in own {
        let seed = seed::Feed {
            id: well_known.then(|| id.to_owned()),
            kind: kind.to_owned(),
            name: name.to_owned(),
            ..seed::Feed::default()
        };
        feeds.push(feed(seed, ids));
    }
    for seed in seeds {
        match feeds
            .iter_mut()
            .find(|feed| feed.is_built_in() && seed.kind == feed.kind)
        {
            Some(built_in) => built_in.stock.extend(seed.packages.into_iter().map(stock)),
            None => feeds.push(feed(seed, ids)),
        }
    }
    feeds
}

fn feed(seed: seed::Feed, ids: &mut Ids) -> Feed {
    Feed {
        id: seed.id.unwrap_or_else(|| ids.next("Feeds")),
        slug: slug(&seed.name),
        name: seed.name,
        kind: seed.kind,
        uri: seed.uri,
        registry_path: seed.registry_path,
        username: seed.username,
        password: seed.password,
        region: seed.region,
        access_key: seed.access_key,
        secret_key: seed.secret_key,
        use_machine_credentials: seed.use_machine_credentials,
        stock: seed.packages.into_iter().map(stock).collect(),
    }
}

fn stock(seed: seed::Package) -> StoredPackage {
    let stored = |version: PackageVersion| match version {
        PackageVersion::Undated(version) => StoredVersion {
            version,
            published: None,
        },
        PackageVersion::Dated { version, published } => StoredVersion {
            version,
            published: Some(published),
        },
    };
    StoredPackage {
        id: seed.id,
        versions: seed.versions.into_iter().map(stored).collect(),
    }
}

fn environment(seed: seed::Environment, ids: &mut Ids) -> Environment {
    Environment {
        id: seed.id.unwrap_or_else(|| ids.next("Environments")),
        slug: slug(&seed.name),
        name: seed.name,
    }
}

fn lifecycle(
    seed: seed::Lifecycle,
    environments: &[Environment],
    ids: &mut Ids,
) -> anyhow::Result<Lifecycle> {
    let id = seed.id.unwrap_or_else(|| ids.next("Lifecycles"));
    let resolve = |names: Vec<String>| -> anyhow::Result<Vec<String>> {
        let find = |name: &String| {
            environments
                .iter()
                .find(|environment| same(&environment.name, name))
        };
        let resolve = |name: String| {
            let found = find(&name).map(|environment| environment.id.clone());
            found.with_context(|| {
                format!(
                    "lifecycle '{}' names environment '{name}', which the space lacks",
                    seed.name
                )
            })
        };
        names.into_iter().map(resolve).collect()
    };
    let phase = |phase: seed::Phase| -> anyhow::Result<Phase> {
        Ok(Phase {
            id: guid(&format!("{id}/{}", phase.name)),
            automatic: resolve(phase.automatic)?,
            optional: resolve(phase.optional)?,
            name: phase.name,
            is_optional: phase.is_optional,
        })
    };
    let phases = seed
        .phases
        .into_iter()
        .map(phase)
        .collect::<anyhow::Result<_>>()?;
    Ok(Lifecycle {
        slug: slug(&seed.name),
        name: seed.name,
        phases,
        id,
    })
}
