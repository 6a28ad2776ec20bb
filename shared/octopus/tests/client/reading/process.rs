//! Deployment processes and release templates.

use super::*;

async fn process(script: &Script, project: &Project) -> Process {
    script
        .client()
        .process(project, &ChannelId::new("Channels-201"))
        .await
        .unwrap()
}

#[tokio::test]
async fn process_contains_actions_and_template() {
    let script = Script::start().await;
    script
        .on(PROCESS, fixture!("process"))
        .on(TEMPLATE, fixture!("template"));
    let process = process(&script, &database_project()).await;
    let action = &process.actions[0];
    assert_eq!(action.slug.as_deref(), Some("deploy-web-container"));
    assert_eq!(action.name, "Deploy web container");
    assert_eq!(action.package_references, ["web"]);
    let pair = |other: &str, name: &str| (other.to_owned(), name.to_owned());
    let expected = RuleNames {
        actions: vec![
            pair(
                "b0a7e1d0-1a52-4ed9-9a0e-5f1f0f1c3d77",
                "Deploy web container",
            ),
            pair("deploy-web-container", "Deploy web container"),
        ],
        packages: vec![pair("2c1d8b51-6c0b-45b5-8a6e-0d5d8e6a3a01", "web")],
    };
    assert_eq!(process.rule_names, expected);
    let packages: Vec<_> = process
        .template
        .packages
        .iter()
        .map(|one| {
            let name = (one.action_name.as_str(), one.package_reference.as_str());
            (
                name,
                one.feed.as_str(),
                one.package.as_str(),
                one.is_resolvable,
            )
        })
        .collect();
    assert_eq!(
        packages,
        [
            (
                ("Deploy web container", "web"),
                "Feeds-1001",
                "acme/web-shop",
                true
            ),
            (
                ("Migrate database", ""),
                "feeds-builtin",
                "#{DbPackage}",
                false
            ),
        ]
    );
    assert_eq!(
        process.template.versioning,
        Versioning::Donor {
            action_name: "Deploy web container".into(),
            package_reference: "web".into()
        }
    );
}

#[tokio::test]
async fn template_omits_actions_of_other_channels() {
    let action = |name: &str, fields: Value| {
        let mut action = json!({"Name": name, "Slug": name, "Packages": [{"Name": null}]});
        action
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        action
    };
    let script = Script::start().await;
    let actions = [
        action("always", json!({})),
        action("here", json!({"Channels": ["Channels-201", "Channels-9"]})),
        action("elsewhere", json!({"Channels": ["Channels-9"]})),
        action("by-slug", json!({"Channels": ["stable-1"]})),
        action("by-name", json!({"Channels": ["other", "stable"]})),
        action("by-another", json!({"Channels": ["stable-2", "Stab"]})),
        action("off", json!({"IsDisabled": true})),
        action(
            "old",
            json!({"Packages": null, "Properties": {"Octopus.Action.Package.PackageId": "p"}}),
        ),
        action(
            "none",
            json!({"Packages": [], "Properties": {"Octopus.Action.Package.PackageId": ""}}),
        ),
    ];
    let packages: Vec<Value> = actions
        .iter()
        .map(|action| json!({"ActionName": action["Name"], "FeedId": "Feeds-1", "PackageId": "p"}))
        .collect();
    script
        .on(
            PROCESS,
            json!({"Steps": [{"Actions": actions}, {"Actions": null}]}),
        )
        .on(
            TEMPLATE,
            json!({"Packages": packages, "NextVersionIncrement": "0.0.7"}),
        )
        .on(
            "GET /api/Spaces-1/channels/Channels-201",
            json!({"Id": "Channels-201", "Name": "Stable", "Slug": "stable-1", "Rules": null}),
        );
    let process = process(&script, &database_project()).await;
    let names: Vec<_> = process
        .template
        .packages
        .iter()
        .map(|one| one.action_name.as_str())
        .collect();
    assert_eq!(
        names,
        ["always", "here", "by-slug", "by-name", "old", "none"]
    );
    assert_eq!(
        process.template.versioning,
        Versioning::Template {
            next: Some("0.0.7".into())
        }
    );
    let references: Vec<_> = process
        .actions
        .iter()
        .map(|action| action.package_references.len())
        .collect();
    assert_eq!(references, [1, 1, 1, 1, 1, 1, 1, 1, 0]);
    assert!(process.actions[6].is_disabled);
}

#[tokio::test]
async fn process_in_git_is_read_at_the_default_branch() {
    let script = Script::start().await;
    let base = "GET /api/Spaces-1/projects/Projects-102/refs%2Fheads%2Fmain";
    script
        .on(&format!("{base}/deploymentprocesses"), fixture!("process"))
        .on(
            &format!("{base}/deploymentprocesses/template?channel=Channels-201"),
            json!({"Packages": [], "NextVersionIncrement": null}),
        )
        .on(&format!("{base}/deploymentsettings"), fixture!("settings"));
    let process = process(&script, &git_project()).await;
    let donor = Versioning::Donor {
        action_name: "Deploy web container".into(),
        package_reference: "web".into(),
    };
    assert_eq!(process.template.versioning, donor);
}

#[tokio::test]
async fn versioning_reads_legacy_donor_step_id() {
    let donor = |action: &str, reference: &str| Versioning::Donor {
        action_name: action.into(),
        package_reference: reference.into(),
    };
    let id = "b0a7e1d0-1a52-4ed9-9a0e-5f1f0f1c3d77";
    for (strategy, expected) in [
        (
            json!({"DonorPackageStepId": id}),
            donor("Deploy web container", ""),
        ),
        (
            json!({"DonorPackageStepId": "Migrate:db"}),
            donor("Migrate", "db"),
        ),
        (
            json!({"Template": "#{Octopus.Version.NextPatch}"}),
            Versioning::Template { next: None },
        ),
        (Value::Null, Versioning::Template { next: None }),
    ] {
        let script = Script::start().await;
        let mut project = fixture!("project");
        project["VersioningStrategy"] = strategy;
        script
            .on(PROCESS, fixture!("process"))
            .on(TEMPLATE, json!({"Packages": null}))
            .on("GET /api/Spaces-1/projects/Projects-101", project);
        assert_eq!(
            process(&script, &database_project())
                .await
                .template
                .versioning,
            expected
        );
    }
}

#[tokio::test]
async fn empty_document_is_malformed() {
    let script = Script::start().await;
    script
        .on(PROCESS, json!({}))
        .on(TEMPLATE, json!({"Packages": []}));
    let channel = ChannelId::new("Channels-201");
    let error = script
        .client()
        .process(&database_project(), &channel)
        .await
        .unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Malformed);

    let script = Script::start().await;
    script
        .on(PROCESS, fixture!("process"))
        .on(TEMPLATE, json!({}));
    let error = script
        .client()
        .process(&database_project(), &channel)
        .await
        .unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Malformed);
}

#[tokio::test]
async fn process_in_git_reports_the_error_of_octopus() {
    let script = Script::start().await;
    let body = json!({"ErrorMessage": "x", "Errors": ["Could not reach the repository."]});
    script.on(
        "GET /api/Spaces-1/projects/Projects-102/refs%2Fheads%2Fmain/deploymentprocesses",
        Reply::new(400, body.to_string()),
    );
    let channel = ChannelId::new("Channels-201");
    let error = script
        .client()
        .process(&git_project(), &channel)
        .await
        .unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Invalid);
    assert!(
        error
            .message
            .contains("refused with 400 Bad Request: Could not reach"),
        "{error}"
    );
}
