//! Creation of releases: packages, numbers and refusals.

use crate::support::{Shop, each, error};
use anyhow::Result;
use reqwest::Method;
use serde_json::{Value, json};

/// Action, reference and version of each package of the newest release.
fn packages(shop: &Shop, project: &str) -> Result<Vec<String>> {
    let newest = shop.server.state().releases(project)?.remove(0);
    Ok(newest
        .packages
        .iter()
        .map(|p| format!("{}:{}:{}", p.action, p.reference, p.version))
        .collect())
}

#[tokio::test]
async fn create_selects_versions_that_the_caller_omits() -> Result<()> {
    let shop = Shop::start().await?;
    let (status, created) = shop
        .create("fire project", json!({"releaseNotes": "by hand"}))
        .await?;
    assert_eq!(
        (status, &created["ReleaseVersion"]),
        (201, &json!("0.1.8")),
        "{created}"
    );
    // No pre-release by the rule; no fixed packages, disabled actions or actions of other channels.
    assert_eq!(
        packages(&shop, "Fire Project")?,
        [
            "Deploy web:web:1.1.0",
            "Deploy web:api:1.0.0",
            "Install tool::2.5"
        ]
    );

    let template = shop
        .read("/api/Spaces-1/projects/Projects-1/deploymentprocesses/template")
        .await?;
    assert_eq!(template["NextVersionIncrement"], "0.1.9");
    assert_eq!(
        each(&template["Packages"], "VersionSelectedLastRelease"),
        ["1.1.0", "1.0.0", "2.5"]
    );
    assert_eq!(each(&template["Packages"], "FixedVersion"), ["1.29"]);
    assert_eq!(
        each(&template["Packages"], "PackageId"),
        ["acme/web", "acme/api", "nginx", "pterm"]
    );

    let releases = shop
        .read("/api/Spaces-1/projects/Projects-1/releases")
        .await?;
    assert_eq!(each(&releases, "Version"), ["0.1.8", "0.1.7"]);
    assert_eq!(releases["Items"][0]["ReleaseNotes"], "by hand");
    let events = shop
        .read("/api/Spaces-1/events?documentTypes=Releases&eventCategories=Created")
        .await?;
    assert_eq!(
        each(&events, "Message"),
        ["Release 0.1.8 was created for project Fire Project"]
    );
    let id = &releases["Items"][0]["Id"];
    let progression = shop
        .read(&format!(
            "/api/Spaces-1/releases/{}/progression",
            id.as_str().unwrap_or_default()
        ))
        .await?;
    assert_eq!(
        each(&progression["Phases"], "Progress"),
        ["Complete", "Current"]
    );
    assert_eq!(
        each(&shop.read("/api/tasks?name=Deploy").await?, "State"),
        ["Success"]
    );
    Ok(())
}

#[tokio::test]
async fn create_applies_overrides() -> Result<()> {
    for (command, expected) in [
        (
            json!({"packages": ["Deploy web:web:1.0.0"]}),
            ["1.0.0", "1.0.0", "2.5"],
        ),
        (
            json!({"packages": ["Deploy web:0.9.0", "Deploy web:web:1.1.0"]}),
            ["1.1.0", "0.9.0", "2.5"],
        ),
        (
            json!({"packages": ["acme\\/api:0.9.0"], "packageVersion": "1.0.0"}),
            ["1.0.0", "0.9.0", "1.0.0"],
        ),
        (
            json!({"Packages": ["*:web:1.0.0"], "PACKAGEVERSION": "1.0"}),
            ["1.0.0", "1.0", "1.0"],
        ),
    ] {
        let shop = Shop::start().await?;
        let (status, document) = shop.create("Fire Project", command.clone()).await?;
        assert_eq!(status, 201, "{document}");
        let newest = shop.server.state().releases("Fire Project")?.remove(0);
        let versions: Vec<_> = newest
            .packages
            .iter()
            .map(|package| package.version.as_str())
            .collect();
        assert_eq!(versions, expected, "{command}");
    }
    let shop = Shop::start().await?;
    assert_eq!(
        shop.create("Fire Project", json!({"packages": ["fish"]}))
            .await?
            .0,
        400
    );
    shop.server.state().set_version("2025.4.10679");
    let (status, _) = shop
        .create(
            "Fire Project",
            json!({"packages": ["acme\\/api:0.9.0:1:2"]}),
        )
        .await?;
    assert_eq!(status, 400, "without escapes that is five components");
    Ok(())
}

#[tokio::test]
async fn create_enforces_channel_rules() -> Result<()> {
    let shop = Shop::start().await?;
    let command = json!({"channelName": "Default", "packages": ["Deploy web:web:2.0.0-rc.1"]});
    let (status, document) = shop.create("Fire Project", command.clone()).await?;
    assert_eq!(
        (status, error(&document)),
        (
            400,
            "The requested package versions for the following steps violate the channel version rules: Deploy web. Please specify a different package version, channel or provide the `ignoreChannelRules` parameter to override this check."
        )
    );
    let mut ignoring = command;
    ignoring["ignoreChannelRules"] = json!(true);
    assert_eq!(shop.create("Fire Project", ignoring).await?.0, 201);

    // Without a channel, the one whose rules the packages fit.
    let (status, _) = shop
        .create(
            "Fire Project",
            json!({"packages": ["Deploy web:web:2.0.0-rc.1"]}),
        )
        .await?;
    assert_eq!(status, 201);
    assert_eq!(
        shop.server.state().releases("Fire Project")?[0].channel,
        "Channels-2"
    );
    assert_eq!(
        packages(&shop, "Fire Project")?.last().map(String::as_str),
        Some("Only in beta::1.1.0")
    );
    Ok(())
}

#[tokio::test]
async fn create_selects_by_date_if_the_rule_requires_it() -> Result<()> {
    let mut seed = crate::support::shop()?;
    seed.spaces[0].projects[1].channels[0].rules = vec![octopus_server::seed::Rule {
        packages: vec![octopus_server::seed::RulePackage {
            action: "Deploy chart".to_owned(),
            ..Default::default()
        }],
        strategy: Some("MostRecentlyPublished".to_owned()),
        ..Default::default()
    }];
    let shop = Shop::of(seed).await?;
    let (_, created) = shop
        .create("CaC Project", json!({"gitRef": "main"}))
        .await?;
    assert_eq!(
        created["ReleaseVersion"], "1.0.0",
        "the donor is the chart that was published last"
    );
    shop.server.state().publish(
        "Charts",
        "shop",
        "0.9.0",
        Some("2026-02-01T00:00:00Z".parse()?),
    )?;
    let (_, created) = shop
        .create("CaC Project", json!({"gitRef": "main"}))
        .await?;
    assert_eq!(created["ReleaseVersion"], "0.9.0");
    Ok(())
}

#[tokio::test]
async fn create_numbers_by_template_donor_or_mask() -> Result<()> {
    let shop = Shop::start().await?;
    let state = shop.server.state();
    state.set_clock(Some("2026-11-05T12:00:00Z".parse()?));
    for expected in ["2026.11.0", "2026.11.1"] {
        let (_, created) = shop
            .create("Variables", json!({"packageVersion": "3.0"}))
            .await?;
        assert_eq!(created["ReleaseVersion"], expected);
    }
    let (_, created) = shop
        .create("CaC Project", json!({"gitRef": "refs/heads/main"}))
        .await?;
    assert_eq!(created["ReleaseVersion"], "1.1.0");
    let (_, created) = shop
        .create("Fire Project", json!({"releaseVersion": "0.i"}))
        .await?;
    assert_eq!(created["ReleaseVersion"], "0.2.0");
    let (status, document) = shop
        .create("Fire Project", json!({"releaseVersion": "no version!"}))
        .await?;
    assert_eq!(status, 400);
    assert!(
        error(&document)
            .starts_with("The release number 'no version!' does not appear to be a valid")
    );
    Ok(())
}

#[tokio::test]
async fn create_refuses_existing_numbers() -> Result<()> {
    let shop = Shop::start().await?;
    let again = json!({"releaseVersion": "0.1.7"});
    let (status, document) = shop.create("Fire Project", again.clone()).await?;
    assert_eq!(
        (status, error(&document)),
        (
            400,
            "Release '0.1.7' already exists for this project. Please use a different version, or look at using a mask to auto-increment the number."
        )
    );
    let mut tolerant = again;
    tolerant["ignoreIfAlreadyExists"] = json!(true);
    let (status, document) = shop.create("Fire Project", tolerant).await?;
    assert_eq!(
        (status, document),
        (
            201,
            json!({"ReleaseId": "Releases-1", "ReleaseVersion": "0.1.7"})
        )
    );
    assert_eq!(shop.server.state().releases("Fire Project")?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn create_requires_versions_of_unresolvable_packages() -> Result<()> {
    let shop = Shop::start().await?;
    let template = shop
        .read("/api/Spaces-1/projects/variables/deploymentprocesses/template")
        .await?;
    let package = &template["Packages"][0];
    assert_eq!(
        (&package["IsResolvable"], &package["PackageId"]),
        (&json!(false), &json!("#{DbPackage}"))
    );
    let (status, document) = shop.create("Variables", json!({})).await?;
    assert_eq!(status, 400);
    assert!(error(&document).contains("#{DbPackage}"), "{document}");
    assert_eq!(
        shop.create("Variables", json!({"packages": ["Migrate:1.9.0"]}))
            .await?
            .0,
        201
    );

    let mut seed = crate::support::shop()?;
    seed.spaces[0].feeds[0].packages.clear();
    let shop = Shop::of(seed).await?;
    let (status, document) = shop.create("Fire Project", json!({})).await?;
    assert_eq!(
        (status, &document["ErrorMessage"], &document["Errors"]),
        (
            500,
            &json!("Object reference not set to an instance of an object."),
            &json!([])
        )
    );
    Ok(())
}

#[tokio::test]
async fn create_requires_git_references_for_version_controlled_projects() -> Result<()> {
    let shop = Shop::start().await?;
    for (project, command, expected) in [
        (
            "CaC Project",
            json!({}),
            "Creating a release for a version controlled process requires GitRef to be set on VersionControlReference",
        ),
        (
            "Fire Project",
            json!({"gitRef": "main"}),
            "Unexpected VersionControlReference provided. Please remove this value or enable version control on this project",
        ),
        (
            "CaC Project",
            json!({"gitRef": "develop"}),
            "The Git reference 'refs/heads/develop' does not satisfy the Git reference rules of the channel 'Default'.",
        ),
        (
            "Disabled",
            json!({}),
            "The project is disabled, so releases cannot be created",
        ),
        (
            "Fire Project",
            json!({"channelName": "Ticketed"}),
            "The custom field 'ChangeTicket' is required by the channel 'Ticketed'.",
        ),
    ] {
        let (status, document) = shop.create(project, command).await?;
        assert_eq!((status, error(&document)), (400, expected));
    }
    assert_eq!(
        shop.create(
            "CaC Project",
            json!({"gitRef": "develop", "ignoreChannelRules": true})
        )
        .await?
        .0,
        201
    );
    let release = shop.server.state().releases("CaC Project")?.remove(0);
    assert_eq!(
        (release.version.as_str(), release.git.map(|git| git.git_ref)),
        ("9.9.0", Some("refs/heads/develop".to_owned()))
    );
    let fields = json!({"channelName": "Ticketed", "customFields": {"changeticket": "CHG001"}});
    assert_eq!(shop.create("Fire Project", fields).await?.0, 201);
    assert_eq!(shop.create("Nowhere", json!({})).await?.0, 404);
    Ok(())
}

/// The common part of a legacy body.
fn legacy(changes: Value) -> Value {
    let mut body = json!({
        "ProjectId": "Projects-1", "Version": "3.0.0",
        "SelectedPackages": [
            {"ActionName": "Deploy web", "PackageReferenceName": "web", "Version": "1.1.0"},
            {"StepName": "Deploy web", "PackageReferenceName": "api", "Version": "1.0.0"},
            {"ActionName": "Install tool", "Version": "2.5"},
        ],
    });
    if let (Value::Object(body), Value::Object(changes)) = (&mut body, changes) {
        body.extend(changes);
    }
    body
}

#[tokio::test]
async fn legacy_create_requires_every_package() -> Result<()> {
    let shop = Shop::start().await?;
    let post = |body: Value| shop.send(Method::POST, "/api/Spaces-1/releases", body);
    let (status, release) = post(legacy(json!({}))).await?;
    assert_eq!(
        (status, &release["Version"], &release["ChannelId"]),
        (201, &json!("3.0.0"), &json!("Channels-1"))
    );
    assert_eq!(
        each(&release["SelectedPackages"], "Version"),
        ["1.1.0", "1.0.0", "2.5"]
    );

    for (changes, expected) in [
        (
            json!({"SelectedPackages": []}),
            "A version must be specified for every included package.",
        ),
        (json!({"ProjectId": null}), "No project ID was specified."),
        (json!({"Version": null}), "Model validation failed."),
        (
            json!({}),
            "Release '3.0.0' already exists for this project. Please use a different version, or look at using a mask to auto-increment the number.",
        ),
        (
            json!({"ChannelId": "Channels-4"}),
            "The channel Default specified for this release belongs to the project Projects-2. It does not belong to the same project as the release.",
        ),
        (
            json!({"VersionControlReference": {"GitRef": "main"}}),
            "Unexpected VersionControlReference provided. Please remove this value or enable version control on this project",
        ),
        (
            json!({"ProjectId": "Projects-4", "SelectedPackages": []}),
            "The project is disabled, so releases cannot be created",
        ),
    ] {
        let (status, document) = post(legacy(changes)).await?;
        assert_eq!((status, error(&document)), (400, expected));
    }
    let (status, document) =
        crate::support::answer(shop.request(Method::POST, "/api/Spaces-1/releases")).await?;
    assert_eq!(
        (status, error(&document)),
        (400, "No request body was supplied.")
    );
    Ok(())
}
