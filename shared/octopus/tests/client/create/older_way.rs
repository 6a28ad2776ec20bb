//! Releases that are created as documents, for servers and names that the newer call is nothing for.

use super::*;

/// What the older request holds for [`order`], with the chart's version chosen by Octopus.
fn legacy_body(order: &Order, action: &str, version: &str) -> Value {
    json!({
        "ProjectId": "Projects-101",
        "ChannelId": "Channels-201",
        "Version": "1.4.8",
        "ReleaseNotes": order.plan.stamped_notes(),
        "SelectedPackages": [
            {"ActionName": action, "PackageReferenceName": "web", "Version": version},
            {"ActionName": "Upgrade chart", "PackageReferenceName": "", "Version": "3.0.0"},
        ],
    })
}

#[tokio::test]
async fn what_the_grammar_cannot_say_goes_the_older_way() {
    for (server_version, action, version) in [
        ("2025.4.10679", "Deploy web/shop", "2.31.0"), // no escapes
        ("2026.2.8841", "Deploy web", "main-3fa85f6"), // no version to the grammar
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
        let mut order = order();
        order.process.template.packages[0].action_name = action.into();
        order.plan.packages[0] = planned(action, "web", version);
        let release = order.send(&script.client()).await.unwrap();
        assert_eq!(
            body_of(&script, LEGACY),
            legacy_body(&order, action, version)
        );
        assert!(!script.lines().contains(&CREATE.to_owned()));
        assert_eq!(release.id.as_str(), "Releases-1187");
        assert_eq!(release.selected.len(), 2);
    }
}

#[tokio::test]
async fn a_server_without_the_newer_call_is_asked_the_older_way() {
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
        let order = order();
        order.send(&script.client()).await.unwrap();
        assert_eq!(
            body_of(&script, LEGACY),
            legacy_body(&order, "Deploy web", "2.31.0")
        );
    }
}

#[tokio::test]
async fn the_older_way_asks_by_the_rules_and_takes_what_is_in_git_from_its_tip() {
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
    let mut order = order();
    order.project.git_ref = Some("refs/heads/main".into());
    order.plan.release_version = None;
    order.process.template.versioning = Versioning::Donor {
        action_name: "upgrade chart".into(),
        package_reference: String::new(),
    };
    let mut fixed = package("Fixed", "", "fixed");
    fixed.fixed_version = Some("1.0".into());
    order.process.template.packages.push(fixed);
    order.channel.rules = vec![ChannelRule {
        packages: vec![("Upgrade chart".into(), String::new())],
        rule: VersionRule {
            range: Some("[2.0,3.0)".into()),
            pre_release_tag: Some("^$".into()),
            version_tag_regex: Some("^2".into()),
            strategy: RuleStrategy::MostRecentlyPublished,
        },
    }];
    order.send(&script.client()).await.unwrap();
    let body = body_of(&script, LEGACY);
    assert_eq!(body["Version"], "2.9.0", "the number is the donor's");
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
async fn a_package_that_cannot_be_chosen_stops_the_older_way_before_it_writes() {
    let script = server("2021.1.1").await;
    script.on(&latest("acme-chart", ""), json!({"Items": []}));
    let error = order().send(&script.client()).await.unwrap_err();
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

    let mut order = order();
    order.process.template.packages[1].is_resolvable = false;
    let error = order.send(&script.client()).await.unwrap_err();
    assert!(error.message.contains("variables"), "{error}");

    order.process.template.packages.pop();
    order.plan.release_version = None;
    order.process.template.versioning = Versioning::Template { next: None };
    let error = order.send(&script.client()).await.unwrap_err();
    assert!(
        error.message.contains("how its next release is numbered"),
        "{error}"
    );
    assert!(!script.lines().iter().any(|line| line.starts_with("POST")));
}
