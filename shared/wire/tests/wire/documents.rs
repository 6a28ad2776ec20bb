//! The copy of a project's documents, in the database and in Git.

use domain::ids::{ChannelId, FeedId, PackageId, ProjectId};
use domain::process::{
    Action, ChannelRule, PackageIdentity, ReleaseTemplate, RuleNames, TemplatePackage, Versioning,
};
use domain::rule::{RuleStrategy, VersionRule};
use engine::ports::{Channel, Documents, Process, Project};
use wire::rows::documents;

use crate::fixtures::check_compressed_row;
use crate::samples;

fn process() -> Process {
    let action = "Deploy web".to_owned();
    Process {
        actions: vec![Action {
            slug: Some("deploy-web".into()),
            name: action.clone(),
            is_disabled: false,
            package_references: vec![String::new()],
        }],
        rule_names: RuleNames {
            actions: vec![("deploy-web".into(), action.clone())],
            packages: vec![("1f".into(), String::new())],
        },
        identities: vec![PackageIdentity {
            action_id: "a1".into(),
            action_slug: "deploy-web".into(),
            action_name: action.clone(),
            reference_id: "1f".into(),
            package_reference: String::new(),
            package: "acme/web".into(),
        }],
        template: ReleaseTemplate {
            packages: vec![TemplatePackage {
                action_name: action,
                package_reference: String::new(),
                feed: FeedId::new("Feeds-1001"),
                package: PackageId::new("acme/web"),
                is_resolvable: true,
                fixed_version: None,
            }],
            versioning: Versioning::Template {
                next: Some("0.0.7".into()),
            },
        },
    }
}

fn in_database() -> Documents {
    Documents {
        project: Project {
            id: ProjectId::new("Projects-101"),
            space: samples::space(),
            name: "Web shop".into(),
            is_disabled: false,
            process_id: Some("deploymentprocess-Projects-101".into()),
            git_ref: None,
        },
        channel: Channel {
            id: ChannelId::new("Channels-201"),
            name: "Stable".into(),
            rules: Vec::new(),
            custom_fields: Vec::new(),
        },
        process: process(),
    }
}

/// With every field.
fn in_git() -> Documents {
    let mut documents = in_database();
    documents.project.git_ref = Some("refs/heads/main".into());
    documents.project.is_disabled = true;
    documents.channel.custom_fields = vec!["Ticket".into()];
    documents.channel.rules = vec![ChannelRule {
        packages: vec![("Deploy web".into(), String::new())],
        rule: VersionRule {
            range: Some("[1.0,2.0)".into()),
            pre_release_tag: Some("^$".into()),
            version_tag_regex: Some("^v".into()),
            strategy: RuleStrategy::MostRecentlyPublished,
        },
    }];
    let process = &mut documents.process;
    process.actions[0].is_disabled = true;
    process.template.packages[0].fixed_version = Some("1.2.3".into());
    process.template.versioning = Versioning::Donor {
        action_name: "Deploy web".into(),
        package_reference: String::new(),
    };
    documents
}

#[test]
fn documents_match_fixtures() {
    for (name, value) in [
        ("row-documents", in_database()),
        ("row-documents-git", in_git()),
    ] {
        let value = ("0123456789abcdef".to_owned(), value);
        let written = documents::encode(&value.0, &value.1);
        check_compressed_row(name, &value, written, documents::decode);
    }
}
