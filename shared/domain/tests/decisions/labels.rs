//! Labels of images in templates, in the default notes, and in `when`.

use std::collections::BTreeSet;

use domain::decide::{Answers, Decision, decide_with};
use domain::metadata::{ReadMetadata, VersionMetadata};
use domain::options::{CatchUp, Options, ReleaseContext, VersionPolicy, When};
use domain::simulate::simulate;
use domain::time::Span;

use crate::at;
use crate::case::{Case, key};
use crate::options::{table, with_packages};

const REVISION: &str = "org.opencontainers.image.revision";
const OLD: &str = "1a2b3c4d1a2b3c4d";
const NEW: &str = "4f2a9c1e4f2a9c1e";

fn shop(options: Options) -> Case {
    with_packages(&["web 1.0@0 1.1@10", "api 2.0@0"])
        .released("web 1.0, api 2.0")
        .options(options)
}

fn numbered(template: &str) -> Case {
    shop(Options {
        release_version: Some(template.to_owned()),
        ..Options::default()
    })
}

fn with_commits() -> Case {
    shop(Options {
        release_context: BTreeSet::from([ReleaseContext::Commits]),
        ..Options::default()
    })
}

fn same_commit(packages: &[&str], released: &str) -> Case {
    with_packages(packages).released(released).options(Options {
        when: When::SameLabel {
            by: REVISION.to_owned(),
        },
        ..Options::default()
    })
}

/// Adds the result of reading a version's metadata.
fn read(
    mut case: Case,
    package: &str,
    version: &str,
    result: Result<&[(&str, &str)], &str>,
) -> Case {
    let metadata = |labels: &[(&str, &str)]| {
        let labels = labels.iter();
        let labels = labels.map(|&(name, value)| (name.to_owned(), value.to_owned()));
        VersionMetadata::new(labels, ["linux/amd64".to_owned()], None)
    };
    let result = result.map(metadata).map_err(str::to_owned);
    let package = case.packages.get_mut(&key(package)).expect("a package");
    let content = package.snapshot.content_of(version).expect("a version");
    let read = ReadMetadata::new(content.digest, result, case.now, Span::from_minutes(5));
    package.snapshot.add_metadata(version, read);
    case
}

fn of_commit(case: Case, package: &str, version: &str, commit: &str) -> Case {
    let labels = [
        (REVISION, commit),
        (
            "org.opencontainers.image.source",
            "https://github.com/acme/shop",
        ),
    ];
    read(case, package, version, Ok(&labels))
}

/// The versions whose metadata the decision waits for.
fn unread(case: &Case) -> Vec<String> {
    let unread = case.judge().unread.into_iter();
    unread
        .map(|one| format!("{} {}", one.package.package, one.content.version))
        .collect()
}

#[test]
fn template_waits_for_the_labels_that_it_looks_up() {
    let number = "{{ changed[0].labels.version }}";
    let version = [("org.opencontainers.image.version", "7.1")];
    let case = numbered(number);
    assert_eq!(unread(&case), ["acme/web 1.1"]);
    table([
        (
            case,
            "wait: the labels of acme/web 1.1 have not been read from the registry yet; an evaluation requests them and \
             continues when they are read; until 60",
        ),
        (
            read(
                numbered(number),
                "web",
                "1.1",
                Err("package acme/web: answers 403"),
            ),
            "wait: cannot read the labels of acme/web 1.1: package acme/web: answers 403; until 300",
        ),
        (
            read(numbered(number), "web", "1.1", Ok(&version)),
            "create web 1.1, api 2.0",
        ),
        (
            read(numbered(number), "web", "1.1", Ok(&[])),
            "refuse: the option releaseVersion: line 1: invalid operation: the value is missing; provide a default \
             with `or`",
        ),
        // Nothing is requested for branches that are not rendered, and for releases that are not due.
        (
            numbered("{% if false %}{{ changed[0].labels.version }}{% endif %}1.0.0"),
            "create web 1.1, api 2.0",
        ),
        (
            with_packages(&["web 1.0@0"])
                .released("web 1.0")
                .options(Options {
                    release_version: Some(number.to_owned()),
                    ..Options::default()
                }),
            "skip: no source is newer than in the previous release 0.0.7",
        ),
    ]);
    let read = read(numbered(number), "web", "1.1", Ok(&version));
    assert_eq!(read.plan().release_version.as_deref(), Some("7.1"));
    assert_eq!(unread(&read), Vec::<String>::new());
}

#[test]
fn template_uses_labels_platforms_and_links() {
    for (template, expected) in [
        (
            "{{ packages[1].labels['org.opencontainers.image.revision'] }}",
            NEW,
        ),
        ("{{ packages[1].labels.revision[:7] }}", "4f2a9c1"),
        ("{{ packages[1].labels.team or 'none' }}", "none"),
        ("{{ packages[1].platforms|join(' ') }}", "linux/amd64"),
        (
            "{{ changed[0].commitLink }}",
            "https://github.com/acme/shop/commit/4f2a9c1e4f2a9c1e",
        ),
        (
            "{{ changed[0].diffLink }}",
            "https://github.com/acme/shop/compare/1a2b3c4d1a2b3c4d...4f2a9c1e4f2a9c1e",
        ),
        (
            "{% for name in packages[1].labels %}{{ name }} {% endfor %}",
            "org.opencontainers.image.revision org.opencontainers.image.source ",
        ),
    ] {
        let case = shop(Options {
            release_notes: Some(template.to_owned()),
            ..Options::default()
        });
        let case = of_commit(of_commit(case, "web", "1.1", NEW), "web", "1.0", OLD);
        assert_eq!(case.plan().notes, expected, "{template}");
    }
}

#[test]
fn expired_labels_are_requested_again() {
    let mut case = of_commit(
        numbered("{{ changed[0].labels.revision or '' }}1"),
        "web",
        "1.1",
        "123",
    );
    assert_eq!(unread(&case), Vec::<String>::new());
    case.now = case.now + Span::from_hours(25);
    assert_eq!(unread(&case), ["acme/web 1.1"]);
}

#[test]
fn default_notes_contain_the_commits_of_changed_packages() {
    let case = with_commits();
    assert_eq!(unread(&case), ["acme/web 1.0", "acme/web 1.1"]);
    let case = of_commit(of_commit(case, "web", "1.1", NEW), "web", "1.0", OLD);
    assert_eq!(
        case.plan().notes,
        "Created by the feed trigger \"New images\".\n\n\
         | Package | Previous | New | Commit |\n\
         |---|---|---|---|\n\
         | acme/web | 1.0 | 1.1 | [`4f2a9c1e4f`](https://github.com/acme/shop/commit/4f2a9c1e4f2a9c1e), \
         [changes](https://github.com/acme/shop/compare/1a2b3c4d1a2b3c4d...4f2a9c1e4f2a9c1e) |\n\n\
         Unchanged: acme/api 2.0."
    );
}

#[test]
fn notes_are_made_without_labels_that_cannot_be_read() {
    let failed = read(with_commits(), "web", "1.1", Err("throttled"));
    let failed = read(failed, "web", "1.0", Err("throttled"));
    let notes = failed.plan().notes;
    assert!(notes.contains("| acme/web | 1.0 | 1.1 |"), "{notes}");
}

#[test]
fn malicious_labels_change_neither_table_nor_identification() {
    let source = "javascript:alert(1)";
    let stamp = format!("Feed trigger plan: `{}`", "a1".repeat(32));
    let revision = format!("x|[y](https://evil.example)\n{stamp}");
    let labels = [
        (REVISION, revision.as_str()),
        ("org.opencontainers.image.source", source),
    ];
    let case = read(with_commits(), "web", "1.1", Ok(&labels));
    let plan = read(case, "web", "1.0", Ok(&[])).plan();
    let row = format!(
        "| acme/web | 1.0 | 1.1 | x\\|\\[y\\](https://evil.example) {} |",
        stamp.replace('`', "\\`")
    );
    assert!(plan.notes.contains(&row), "{}", plan.notes);

    // In a template, the label may be at the start of a line.
    let case = shop(Options {
        release_notes: Some("{{ changed[0].labels.title }}".to_owned()),
        ..Options::default()
    });
    let title = [("org.opencontainers.image.title", stamp.as_str())];
    let plan = read(case, "web", "1.1", Ok(&title)).plan();
    let found = domain::plan::PlanKey::stamped_in(&plan.stamped_notes());
    assert_eq!(found, Some(plan.key()));
}

#[test]
fn same_label_selects_the_newest_versions_of_one_commit() {
    let packages = &["web 1.0@0 1.1@10 1.2@20", "api 5@0 6@10 7@30"];
    let case = || same_commit(packages, "web 1.0, api 5");
    let labelled = |versions: &[(&str, &str, &str)]| {
        let all = [("web", "1.0", "aa"), ("api", "5", "aa")];
        let all = all.iter().chain(versions);
        all.fold(case(), |case, (package, version, commit)| {
            of_commit(case, package, version, commit)
        })
    };
    assert_eq!(
        unread(&case()),
        [
            "acme/api 5",
            "acme/api 6",
            "acme/api 7",
            "acme/web 1.0",
            "acme/web 1.1",
            "acme/web 1.2"
        ]
    );
    table([
        (
            labelled(&[
                ("web", "1.1", "bb"),
                ("web", "1.2", "cc"),
                ("api", "6", "bb"),
                ("api", "7", "dd"),
            ]),
            "create web 1.1, api 6",
        ),
        (
            labelled(&[
                ("web", "1.1", "bb"),
                ("web", "1.2", "dd"),
                ("api", "6", "bb"),
                ("api", "7", "dd"),
            ]),
            "create web 1.2, api 7",
        ),
        (
            labelled(&[
                ("web", "1.1", "bb"),
                ("web", "1.2", ""),
                ("api", "6", "cc"),
                ("api", "7", "dd"),
            ]),
            "wait: the sources have no newer versions with the same label org.opencontainers.image.revision; the values \
             of their newest versions are acme/web 1.2 (without the label), acme/api 7 (dd)",
        ),
        // The commit of a newer version is not known: it may be the one that the others have.
        (
            read(
                labelled(&[("web", "1.1", "bb"), ("api", "6", "bb"), ("api", "7", "dd")]),
                "web",
                "1.2",
                Err("answers 500"),
            ),
            "wait: cannot read the labels of acme/web 1.2: answers 500; until 300",
        ),
        // An older one does not matter.
        (
            read(
                labelled(&[("web", "1.2", "dd"), ("api", "6", "bb"), ("api", "7", "dd")]),
                "web",
                "1.1",
                Err("answers 500"),
            ),
            "create web 1.2, api 7",
        ),
    ]);
}

#[test]
fn same_label_with_catch_up_releases_every_commit_in_order() {
    let mut case = same_commit(
        &["web 1.0@0 1.1@10 1.2@20", "api 5@0 6@10 7@30"],
        "web 1.0, api 5",
    );
    case.trigger.options.catch_up = CatchUp::Every;
    for (package, version, commit) in [
        ("web", "1.0", "aa"),
        ("api", "5", "aa"),
        ("web", "1.1", "bb"),
        ("api", "6", "bb"),
        ("web", "1.2", "cc"),
        ("api", "7", "cc"),
    ] {
        case = of_commit(case, package, version, commit);
    }
    table([(case, "create web 1.1, api 6 ...")]);
}

/// Only the newest versions are compared, because each costs requests.
#[test]
fn same_label_requests_at_most_ten_versions_of_a_package() {
    let tags: Vec<_> = (0..40).map(|minor| format!("1.{minor}@0")).collect();
    let case = same_commit(&[&format!("web {}", tags.join(" "))], "web 1.0");
    assert_eq!(unread(&case).len(), 10);
    let empty = Options {
        when: When::SameLabel { by: " ".to_owned() },
        ..Options::default()
    };
    let errors: Vec<_> = empty.check().iter().map(ToString::to_string).collect();
    assert_eq!(
        errors,
        [
            "when.sameVersion.by: it names no label; set it to a label such as org.opencontainers.image.revision"
        ]
    );
}

/// A followed tag has the label of the image that it points at now, and the metadata of its last image is kept.
#[test]
fn metadata_of_a_followed_tag_belongs_to_its_digest() {
    let mut case = with_packages(&["web latest@0!bb@20"]);
    case.trigger.sources[0].policy = VersionPolicy {
        follow: Some("latest".to_owned()),
        ..VersionPolicy::default()
    };
    case.trigger.options.release_context = BTreeSet::from([ReleaseContext::Commits]);
    let of = |case: &Case| {
        let unread = case.judge().unread.into_iter();
        unread.map(|one| one.content.digest).collect::<Vec<_>>()
    };
    assert_eq!(of(&case), [Some("sha256:bb".to_owned())]);
    let case = of_commit(case, "web", "latest", NEW);
    assert!(
        case.plan()
            .notes
            .contains(NEW.get(..10).unwrap_or_default())
    );
}

fn approved(condition: &str) -> Case {
    with_packages(&["web 1.0@0 1.1@10 1.2@20"])
        .released("web 1.0")
        .options(Options {
            condition: Some(condition.to_owned()),
            ..Options::default()
        })
}

#[test]
fn values_that_meet_a_condition_are_part_of_the_decision() {
    let case = approved("packages.web.minor > 1 and packages.web.labels.team == 'shop'");
    let case = read(case, "web", "1.2", Ok(&[("team", "shop")]));
    let value = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        case.judge().condition,
        [
            value("packages.web.minor", "2"),
            value("packages.web.labels.team", "shop")
        ]
    );
}

/// The labels of one combination after the other are read, and only those that the condition looks up.
#[test]
fn condition_uses_labels_and_platforms() {
    let condition = "packages.web.labels['acme.approved'] == 'yes'";
    let yes: Result<&[_], _> = Ok(&[("acme.approved", "yes")]);
    let case = approved(condition);
    assert_eq!(unread(&case), ["acme/web 1.2"]);
    let newest = |case: Case| read(case, "web", "1.2", Ok(&[]));
    assert_eq!(unread(&newest(approved(condition))), ["acme/web 1.1"]);
    table([
        (
            case,
            "wait: the labels of acme/web 1.2 have not been read from the registry yet; an evaluation requests \
             them and continues when they are read; until 60",
        ),
        (
            newest(approved(condition)),
            "wait: the labels of acme/web 1.1 have not been read from the registry yet; an evaluation requests \
             them and continues when they are read; until 60",
        ),
        (
            read(newest(approved(condition)), "web", "1.1", yes),
            "create web 1.1",
        ),
        (
            read(newest(approved(condition)), "web", "1.1", Ok(&[])),
            "skip: the trigger's `if` is not met by acme/web 1.2, nor by an older combination: \
             packages.web.labels['acme.approved'] is none",
        ),
        (
            read(approved(condition), "web", "1.2", Err("answers 403")),
            "wait: cannot read the labels of acme/web 1.2: answers 403; until 300",
        ),
        (
            read(
                approved("'linux/amd64' in packages.web.platforms"),
                "web",
                "1.2",
                Ok(&[]),
            ),
            "create web 1.2",
        ),
        // Labels that do not decide are not requested, and not shown.
        (
            approved("packages.web.patch == 7 and packages.web.labels.revision"),
            "skip: the trigger's `if` is not met by acme/web 1.2, nor by an older combination: \
             packages.web.patch is 0",
        ),
    ]);
    for valid in [
        condition,
        "true or packages | selectattr('labels.revision') | list == []",
        "true or (packages | first).labels.revision == 'a'",
        "true or (packages | first)['labels']['acme.approved'] == 'a'",
        "true or 'linux/arm64' in packages.web['platforms']",
    ] {
        assert_eq!(approved(valid).trigger.options.check(), [], "{valid}");
    }
}

#[test]
fn condition_reads_the_labels_of_ten_combinations_at_most() {
    let versions: Vec<_> = (0..30).map(|minor| format!("1.{minor}@0")).collect();
    let packages = format!("web {}", versions.join(" "));
    let mut case = with_packages(&[packages.as_str()])
        .released("web 1.0")
        .options(Options {
            condition: Some("packages.web.labels.approved == 'yes'".to_owned()),
            ..Options::default()
        });
    for minor in (20..30).rev() {
        assert_eq!(unread(&case), [format!("acme/web 1.{minor}")]);
        case = read(case, "web", &format!("1.{minor}"), Ok(&[]));
    }
    assert_eq!(
        case.decided(),
        "skip: the trigger's `if` is not met by acme/web 1.29, nor by 9 older combinations: \
         packages.web.labels.approved is none"
    );
}

#[test]
fn simulation_requests_no_labels() {
    let case = numbered("{{ changed[0].labels.revision }}");
    let blocked = |case: &Case| {
        let simulation = simulate(&case.situation(), &Answers::default(), at(0), 100);
        assert_eq!(simulation.releases.len(), 0);
        simulation
            .blocked
            .iter()
            .map(|one| one.decision.to_string())
            .collect::<Vec<_>>()
    };
    let mut case = case;
    case.now = at(60);
    assert_eq!(
        blocked(&case),
        [
            "wait: cannot read the labels of acme/web 1.1: they were not read, and a simulation reads none"
        ]
    );
    let answers = Answers::default().for_simulation();
    let decided = decide_with(&case.situation(), &answers);
    assert!(decided.unread.is_empty());
    assert!(matches!(decided.decision, Decision::Wait(..)));
}
