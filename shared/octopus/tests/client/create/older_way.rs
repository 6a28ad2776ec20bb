//! Releases created through `POST releases`, for old servers and for plans beyond the override grammar.

use super::*;

/// The body of the legacy request for [`input`], with the chart's version selected by Octopus.
fn legacy_body(input: &Input, action: &str, version: &str) -> Value {
    json!({
        "ProjectId": "Projects-101",
        "ChannelId": "Channels-201",
        "Version": "1.4.8",
        "ReleaseNotes": input.plan.stamped_notes(),
        "SelectedPackages": [
            {"ActionName": action, "PackageReferenceName": "web", "Version": version},
            {"ActionName": "Upgrade chart", "PackageReferenceName": "", "Version": "3.0.0"},
        ],
    })
}

#[tokio::test]
async fn legacy_create_is_used_where_the_grammar_is_too_narrow() {
    for (server_version, action, version) in [
        ("2025.4.10679", "Deploy web/shop", "2.31.0"), // no escapes
        ("2026.2.8841", "Deploy web", "main-3fa85f6"), // not a version in the grammar
        ("2022.3.5511", "Deploy web", "2.31.0"),       // no such call
        ("unknown", "Deploy web", "2.31.0"),
    ] {
        let script = server(server_version).await;
        script
            .on(LEGACY, Reply::new(201, fixture!("release").to_string()))
            .on(TEMPLATE, json!({"Packages": []}))
            .on(
                &latest("acme-chart", ""),
                json!({"Items": [{"Version": "3.0.0"}]}),
            );
        let mut input = input();
        input.process.template.packages[0].action_name = action.into();
        input.plan.packages[0] = planned(action, "web", version);
        let release = input.send(&script.client()).await.unwrap();
        assert_eq!(
            body_of(&script, LEGACY),
            legacy_body(&input, action, version)
        );
        assert!(!script.lines().contains(&CREATE.to_owned()));
        assert_eq!(release.id.as_str(), "Releases-1187");
        assert_eq!(release.selected.len(), 2);
    }
}

#[tokio::test]
async fn legacy_create_is_used_without_create_v1() {
    for status in [404, 405] {
        let script = server("2026.2.8841").await;
        script
            .on(CREATE, Reply::new(status, ""))
            .on(LEGACY, Reply::new(201, fixture!("release").to_string()))
            .on(TEMPLATE, json!({"Packages": []}))
            .on(
                &latest("acme-chart", ""),
                json!({"Items": [{"Version": "3.0.0"}]}),
            );
        let input = input();
        input.send(&script.client()).await.unwrap();
        assert_eq!(
            body_of(&script, LEGACY),
            legacy_body(&input, "Deploy web", "2.31.0")
        );
    }
}

#[tokio::test]
async fn legacy_create_is_used_after_a_refusal_of_create_v1_alone() {
    for (status, text) in [
        (404, "Project named 'Web Shop' was not found."),
        (
            400,
            "Channel named 'Default' within project 'Web Shop' was not found.",
        ),
        (
            400,
            "The package version 'Deploy web:web:2.31.0' is not in the form Step:Version.",
        ),
    ] {
        let refusal = Reply::new(status, json!({"Errors": [text]}).to_string());
        let latest = latest("acme-chart", "");
        let script = server("2026.2.8841").await;
        script
            .on(CREATE, refusal.clone())
            .on(LEGACY, Reply::new(201, fixture!("release").to_string()))
            .on(TEMPLATE, json!({"Packages": []}))
            .on(&latest, json!({"Items": [{"Version": "3.0.0"}]}));
        let input = input();
        input.send(&script.client()).await.unwrap();
        let expected = legacy_body(&input, "Deploy web", "2.31.0");
        assert_eq!(body_of(&script, LEGACY), expected);

        let script = server("2026.2.8841").await;
        let disabled = r#"{"Errors": ["The project is disabled, so releases cannot be created"]}"#;
        script
            .on(CREATE, refusal)
            .on(LEGACY, Reply::new(400, disabled))
            .on(TEMPLATE, json!({"Packages": []}))
            .on(&latest, json!({"Items": [{"Version": "3.0.0"}]}));
        let error = input.send(&script.client()).await.unwrap_err();
        assert_eq!(error.kind, OctopusErrorKind::Invalid);
        for part in ["The project is disabled", text.trim_end_matches('.')] {
            assert!(error.message.contains(part), "{error}");
        }
    }
}

#[tokio::test]
async fn create_v1_refusals_of_the_release_itself_are_final() {
    for text in [
        "The project is disabled, so releases cannot be created",
        "Release '2.31.0' already exists for this project. Please use a different version.",
    ] {
        let script = server("2026.2.8841").await;
        script.on(
            CREATE,
            Reply::new(400, json!({"Errors": [text]}).to_string()),
        );
        input().send(&script.client()).await.unwrap_err();
        assert_eq!(script.lines(), ["GET /api", CREATE], "{text}");
    }
}

#[tokio::test]
async fn legacy_create_applies_rules_and_selects_git_tips() {
    let script = server("2021.1.1").await;
    let conditions = "&versionRange=%5B2.0%2C3.0%29&preReleaseTag=%5E%24&versionTagRegex=%5E2&versioningStrategy=MostRecentlyPublished";
    let git = "GET /api/Spaces-1/projects/Projects-101/refs%2Fheads%2Fmain/deploymentprocesses/template?channel=Channels-201";
    script
        .on(LEGACY, Reply::new(201, fixture!("release").to_string()))
        .on(git, fixture!("template"))
        .on(
            &latest("acme-chart", conditions),
            json!({"Items": [{"Version": "2.9.0"}]}),
        );
    let mut input = input();
    input.project.git_ref = Some("refs/heads/main".into());
    input.plan.release_version = None;
    input.process.template.versioning = Versioning::Donor {
        action_name: "upgrade chart".into(),
        package_reference: String::new(),
    };
    let mut fixed = package("Fixed", "", "fixed");
    fixed.fixed_version = Some("1.0".into());
    input.process.template.packages.push(fixed);
    input.channel.rules = vec![ChannelRule {
        packages: vec![("Upgrade chart".into(), String::new())],
        rule: VersionRule {
            range: Some("[2.0,3.0)".into()),
            pre_release_tag: Some("^$".into()),
            version_tag_regex: Some("^2".into()),
            strategy: RuleStrategy::MostRecentlyPublished,
        },
    }];
    input.send(&script.client()).await.unwrap();
    let body = body_of(&script, LEGACY);
    assert_eq!(
        body["Version"], "2.9.0",
        "the number comes from the donor package"
    );
    assert_eq!(body["SelectedPackages"].as_array().unwrap().len(), 2);
    assert_eq!(
        body["VersionControlReference"],
        json!({"GitRef": "refs/heads/main"})
    );
    assert_eq!(
        body["SelectedGitResources"],
        json!([{
            "ActionName": "Apply manifests",
            "GitResourceReferenceName": "",
            "GitReferenceResource": {"GitRef": "refs/heads/main"},
        }])
    );
}

#[tokio::test]
async fn legacy_create_without_a_version_sends_nothing() {
    let script = server("2021.1.1").await;
    script.on(&latest("acme-chart", ""), json!({"Items": []}));
    let error = input().send(&script.client()).await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Invalid);
    for part in [
        "acme-chart",
        "Upgrade chart",
        "Web Shop",
        "Default",
        "no version",
    ] {
        assert!(error.message.contains(part), "{error}");
    }

    let mut input = input();
    input.process.template.packages[1].is_resolvable = false;
    let error = input.send(&script.client()).await.unwrap_err();
    assert!(error.message.contains("variables"), "{error}");

    input.process.template.packages.pop();
    input.plan.release_version = None;
    input.process.template.versioning = Versioning::Template { next: None };
    let error = input.send(&script.client()).await.unwrap_err();
    assert!(
        error.message.contains("cannot number the next release"),
        "{error}"
    );
    assert!(!script.lines().iter().any(|line| line.starts_with("POST")));
}
