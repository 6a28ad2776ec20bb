//! `releaseVersion`, `releaseNotes`, `customFields`, and the notes without a template.

use domain::feed::FeedKind;
use domain::options::{Options, VersionPolicy};
use domain::process::Versioning;

use super::{table, with_packages};
use crate::case::{Case, action};

fn shaped(options: Options) -> Case {
    with_packages(&["web 1.0@0 1.1@10", "api 2.0@0"])
        .released("web 1.0, api 2.0")
        .options(options)
}

fn numbered(template: &str) -> Case {
    shaped(Options {
        release_version: Some(template.to_owned()),
        ..Options::default()
    })
}

#[test]
fn the_number_is_a_template_or_the_projects_own() {
    let number = |case: Case| case.plan().release_version;
    let of_donor = |case: Case| {
        case.versioning(Versioning::Donor {
            action_name: action("web"),
            package_reference: "web".to_owned(),
        })
    };
    for (case, expected) in [
        (shaped(Options::default()), "0.0.8"),
        (of_donor(shaped(Options::default())), "1.1"),
        (
            numbered("{{ changed[0].version }}+{{ trigger|lower|replace(' ', '-') }}"),
            "1.1+new-images",
        ),
        (of_donor(numbered("{{ packages[0].version }}")), "2.0"),
        (numbered(" 3.{{ next }} \n"), "3.0.0.8"),
        (numbered("1.2.i"), "1.2.i"),
        (
            numbered(
                "{% for one in packages if one.reference == 'web' %}{{ one.version }}{% endfor %}",
            ),
            "1.1",
        ),
    ] {
        assert_eq!(number(case).as_deref(), Some(expected));
    }
}

#[test]
fn a_template_that_gives_no_number_is_refused() {
    table([
        (
            numbered("{{ packages[0].digest }}"),
            "refuse: the option releaseVersion: line 1: invalid operation: the value is missing; provide a \
             default with `or`",
        ),
        (
            numbered("1.0+a+b c/d"),
            "refuse: the option releaseVersion: it results in `1.0+a+b c/d`: \"1.0+a+b c/d\" is not a \
             version in the Octopus format: the character 'c' is not allowed here (byte 8)",
        ),
        (
            numbered("{{ nothing }}"),
            "refuse: the option releaseVersion: line 1: undefined value",
        ),
        (
            numbered("{{ packages[0].version"),
            "refuse: the option releaseVersion: line 1: syntax error: unexpected end of input, expected end of variable block",
        ),
    ]);
}

#[test]
fn notes_have_a_table_of_changes_and_list_unchanged_packages() {
    let plan = shaped(Options::default()).plan();
    assert_eq!(
        plan.notes,
        "Created by the feed trigger \"New images\".\n\n\
         | Package | Previous | New |\n\
         |---|---|---|\n\
         | acme/web | 1.0 | 1.1 |\n\n\
         Unchanged: acme/api 2.0."
    );
    let template = "{{ project }}/{{ channel }}: {{ reason }}\n\
        {% for one in changed %}* {{ one.package }} {{ one.previous }} -> {{ one.version }}{% endfor %}";
    let plan = shaped(Options {
        release_notes: Some(template.to_owned()),
        ..Options::default()
    })
    .plan();
    assert_eq!(
        plan.notes,
        "Shop/Default: acme/web 1.1 is newer than 1.0 in the previous release\n* acme/web 1.0 -> 1.1"
    );
    assert!(
        plan.stamped_notes()
            .ends_with(&format!("Feed trigger plan: `{}`", plan.key()))
    );
}

#[test]
fn notes_link_to_registries_that_have_pages() {
    let mut case = shaped(Options::default());
    for package in case.packages.values_mut() {
        package.feed.kind = FeedKind::Docker;
        package.feed.uri = Some("https://index.docker.io".to_owned());
    }
    let notes = case.plan().notes;
    let link = "| [acme/web](https://hub.docker.com/r/acme/web/tags?name=1.1) | 1.0 | 1.1 |";
    assert!(notes.contains(link), "{notes}");
}

#[test]
fn custom_fields_are_filled_or_asked_for() {
    let with = |fields: &[&str], templates: &[(&str, &str)]| {
        let mut case = shaped(Options {
            custom_fields: templates
                .iter()
                .map(|&(name, text)| (name.to_owned(), text.to_owned()))
                .collect(),
            ..Options::default()
        });
        case.custom_fields = fields.iter().map(|&field| field.to_owned()).collect();
        case
    };
    let ticket = with(
        &["Ticket"],
        &[("ticket", "FT-{{ changed[0].version }}"), ("Unused", "x")],
    );
    let fields: Vec<_> = ticket.plan().custom_fields.into_iter().collect();
    assert_eq!(fields, [("Ticket".to_owned(), "FT-1.1".to_owned())]);
    table([(
        with(&["Ticket"], &[]),
        "refuse: Octopus requires the custom field `Ticket` of releases in this channel; set its value in the trigger's \
         `customFields`",
    )]);

    let mut followed = with_packages(&["web latest@0!aa"]).select(&VersionPolicy {
        follow: Some("latest".to_owned()),
        ..VersionPolicy::default()
    });
    followed.custom_fields = vec!["Image digest".to_owned()];
    let fields: Vec<_> = followed.plan().custom_fields.into_values().collect();
    assert_eq!(fields, ["acme/web:latest@sha256:aa"]);
}
