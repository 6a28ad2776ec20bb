//! Resolving a trigger's source to a package, and the reason where that fails.

use domain::feed::{Feed, FeedKind};
use domain::ids::{FeedId, PackageId, SpaceId};
use domain::process::{Action, ReleaseTemplate, TemplatePackage, Versioning, resolve_source};
use domain::trigger::SourceRef;

/// A process with one action that has one package, and the feed that has it.
struct Project {
    action: Action,
    package: Option<TemplatePackage>,
    feed: Feed,
}

fn project() -> Project {
    Project {
        action: Action {
            slug: Some("deploy-web".to_owned()),
            name: "Deploy web".to_owned(),
            is_disabled: false,
            package_references: vec![String::new(), "web".to_owned()],
        },
        package: Some(TemplatePackage {
            action_name: "Deploy web".to_owned(),
            package_reference: "web".to_owned(),
            feed: FeedId::new("Feeds-1001"),
            package: PackageId::new("acme/web"),
            is_resolvable: true,
            fixed_version: None,
        }),
        feed: Feed {
            id: FeedId::new("Feeds-1001"),
            space: SpaceId::new("Spaces-1"),
            name: "Registry".to_owned(),
            kind: FeedKind::Docker,
            uri: None,
            registry_path: None,
            region: None,
            account: None,
            has_credentials: false,
        },
    }
}

/// Checks the package of a source, after `change`.
#[track_caller]
fn check(slug: &str, package_reference: &str, change: fn(&mut Project), expected: &str) {
    let mut project = project();
    change(&mut project);
    let reference = SourceRef {
        action_slug: slug.to_owned(),
        package_reference: package_reference.to_owned(),
    };
    let template = ReleaseTemplate {
        packages: project.package.into_iter().collect(),
        versioning: Versioning::Template { next: None },
    };
    let space = SpaceId::new("Spaces-1");
    let source = resolve_source(
        &space,
        &reference,
        &[project.action],
        &template,
        &[project.feed],
    );
    assert_eq!(source.reference, reference);
    let found = match source.resolution {
        Ok(resolved) => format!("{} for {}", resolved.package, resolved.action_name),
        Err(why) => why.message,
    };
    assert_eq!(found, expected);
}

#[test]
fn source_resolves_to_a_package() {
    let expected = "acme/web of Feeds-1001 for Deploy web";
    check("deploy-web", "web", |_| {}, expected);
    check("Deploy-Web", "WEB", |_| {}, expected);
    let primary = |project: &mut Project| {
        if let Some(package) = &mut project.package {
            package.package_reference.clear();
        }
    };
    check("deploy-web", "", primary, expected);
}

#[test]
fn an_action_or_reference_that_is_gone_is_chosen_again() {
    check(
        "deploy-api",
        "web",
        |_| {},
        "the process has no action `deploy-api`; choose the source again in the trigger",
    );
    check(
        "deploy-web",
        "web",
        |project| project.action.slug = None,
        "the process has no action `deploy-web`; choose the source again in the trigger",
    );
    check(
        "deploy-web",
        "sidecar",
        |_| {},
        "the action `Deploy web` has no package reference `sidecar`; choose the source again in the trigger",
    );
}

#[test]
fn an_action_that_does_not_run_cannot_be_followed() {
    check(
        "deploy-web",
        "web",
        |project| project.action.is_disabled = true,
        "the action `Deploy web` is disabled; enable it, or remove the source from the trigger",
    );
    check(
        "deploy-web",
        "web",
        |project| project.package = None,
        "the action `Deploy web` does not run in this channel; remove the source from the trigger",
    );
}

#[test]
fn a_package_without_a_choice_of_versions_cannot_be_followed() {
    fn package(project: &mut Project) -> &mut TemplatePackage {
        project.package.as_mut().unwrap()
    }
    check(
        "deploy-web",
        "web",
        |project| package(project).fixed_version = Some("1.2.3".to_owned()),
        "the process fixes `acme/web` to version 1.2.3; remove the source from the trigger",
    );
    check(
        "deploy-web",
        "web",
        |project| {
            package(project).package = PackageId::new("#{Image}");
            package(project).is_resolvable = false;
        },
        "`#{Image}` depends on variables that have no value before a deployment; remove their scopes",
    );
}

#[test]
fn feed_must_exist_and_have_packages() {
    check(
        "deploy-web",
        "web",
        |project| project.feed.id = FeedId::new("Feeds-9"),
        "the feed `Feeds-1001` of `acme/web` does not exist, or is hidden from the API key's user; choose another feed in the \
             step, or grant FeedView",
    );
    check(
        "deploy-web",
        "web",
        |project| project.feed.kind = FeedKind::OctopusProject,
        "`Registry` contains a project's releases, not packages; choose another source in the trigger",
    );
}
