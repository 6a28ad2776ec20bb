//! `require` with each other option: the version that it concerns, and the option that waits first.

use std::num::NonZeroU32;

use domain::metadata::{MetadataOf, ReadMetadata, VersionMetadata};
use domain::options::{
    CatchUp, FirstSight, Options, ReleaseContext, Requirements, SignedBy, VersionConditions,
    VersionOrder, VersionPolicy, When,
};
use domain::time::Span;

use super::require::KEY;
use super::window::window;
use super::with_packages;
use crate::at;
use crate::case::{Case, key};

fn signed() -> Requirements {
    Requirements {
        signed: Some(SignedBy {
            profile: None,
            keys: vec![KEY.to_owned()],
            within: Some(Span::from_seconds(1_000)),
        }),
        ..Requirements::default()
    }
}

/// `web` requires a signature; `api`, if there is one, nothing.
fn requiring(packages: &[&str], released: &str, options: Options, policy: VersionPolicy) -> Case {
    let mut case = with_packages(packages).options(options);
    if !released.is_empty() {
        case = case.released(released);
    }
    case.trigger.sources[0].policy = VersionPolicy {
        require: signed(),
        ..policy
    };
    case.at(200)
}

fn with_options(packages: &[&str], released: &str, options: Options) -> Case {
    requiring(packages, released, options, VersionPolicy::default())
}

fn with_conditions(packages: &[&str], versions: VersionConditions) -> Case {
    let policy = VersionPolicy {
        versions,
        ..VersionPolicy::default()
    };
    requiring(packages, "web 1.0", Options::default(), policy)
}

/// The versions of `web` whose signature the decision requests.
fn requested(case: &Case) -> Vec<MetadataOf> {
    let unread = case.judge().unread.into_iter();
    let unread = unread.filter(|one| one.package == key("web"));
    unread.map(|one| one.content).collect()
}

/// The case after the requested signatures were read.
fn read(case: &Case, signature: Result<(), &str>) -> Case {
    let mut read = case.clone();
    for content in requested(case) {
        let metadata = VersionMetadata::new([], [], content.digest.clone());
        let metadata = metadata.with_signature(signature.map_err(str::to_owned));
        let digest = content.digest.clone();
        let result = ReadMetadata::new(digest, Ok(metadata), case.now, Span::from_minutes(5));
        let package = read.packages.get_mut(&key("web")).expect("a package");
        let result = result.with_keys_of(&content);
        package.snapshot.add_metadata(&content.version, result);
    }
    read
}

fn check(case: &Case, expected: &str) {
    let decided = case.decided();
    assert!(decided.starts_with(expected), "{decided}\n{expected}");
}

/// Checks that this version must be signed: it waits for the check, then for a signature, and is released with one.
fn is_of(case: &Case, version: &str, expected: &str) {
    let unread = requested(case);
    let [content] = unread.as_slice() else {
        panic!("{unread:?}: {}", case.decided());
    };
    assert_eq!(content.version, version);
    check(
        case,
        &format!("wait: acme/web {version} has not been checked"),
    );
    check(
        &read(case, Err("none")),
        &format!("wait: acme/web {version} is not signed yet: none"),
    );
    check(&read(case, Ok(())), expected);
}

/// Checks that another option decides before any signature is requested.
fn comes_first(case: &Case, expected: &str) {
    check(case, expected);
    assert_eq!(requested(case), []);
}

#[test]
fn require_is_of_the_version_that_when_selects() {
    let when = |when| Options {
        when,
        ..Options::default()
    };
    let same = || when(When::SameVersion { extract: None });
    let both = "web 1.0, api 1.0";
    is_of(
        &with_options(&["web 1.0 1.1", "api 1.0"], both, when(When::Any)),
        "1.1",
        "create web 1.1, api 1.0",
    );
    is_of(
        &with_options(&["web 1.0 1.1", "api 1.0 2.0"], both, when(When::All)),
        "1.1",
        "create web 1.1, api 2.0",
    );
    is_of(
        &with_options(&["web 1.0 1.1 1.2", "api 1.0 1.1"], both, same()),
        "1.1",
        "create web 1.1, api 1.1",
    );
    comes_first(
        &with_options(&["web 1.0 1.1", "api 1.0"], both, when(When::All)),
        "wait: nothing newer of acme/api",
    );
    comes_first(
        &with_options(&["web 1.0 1.1", "api 1.0"], both, same()),
        "wait: the sources have no newer version in common",
    );
    // A package that is not newer is part of the release too.
    is_of(
        &with_options(&["web 1.0", "api 1.0 2.0"], both, when(When::Any)),
        "1.0",
        "create web 1.0, api 2.0",
    );
}

#[test]
fn require_with_same_label_reads_labels_before_signatures() {
    let case = with_options(
        &["web 1.0 1.1", "api 1.0 1.1"],
        "web 1.0, api 1.0",
        Options {
            when: When::SameLabel {
                by: "revision".to_owned(),
            },
            ..Options::default()
        },
    );
    let has_keys = |case: &Case| requested(case).iter().any(|one| !one.keys.is_empty());
    assert!(!has_keys(&case), "{:?}", requested(&case));
    let mut labelled = case.clone();
    for name in ["web", "api"] {
        for version in ["1.0", "1.1"] {
            let revision = "org.opencontainers.image.revision".to_owned();
            let labels = [(revision, format!("commit-{version}"))];
            let metadata = VersionMetadata::new(labels, [], None);
            let result = ReadMetadata::new(None, Ok(metadata), case.now, Span::from_minutes(5));
            let package = labelled.packages.get_mut(&key(name)).expect("a package");
            package.snapshot.add_metadata(version, result);
        }
    }
    is_of(&labelled, "1.1", "create web 1.1, api 1.1");
}

#[test]
fn require_is_of_the_next_version_that_catch_up_selects() {
    let catch_up = |catch_up, web: &str| {
        let options = Options {
            catch_up,
            ..Options::default()
        };
        with_options(&[web], "web 1.0.0", options)
    };
    let web = "web 1.0.0 1.1.0 1.1.1 1.2.0";
    is_of(&catch_up(CatchUp::Newest, web), "1.2.0", "create web 1.2.0");
    is_of(
        &catch_up(CatchUp::Every, web),
        "1.1.0",
        "create web 1.1.0 ...",
    );
    is_of(
        &catch_up(CatchUp::NewestPerMinor, web),
        "1.1.1",
        "create web 1.1.1 ...",
    );
    // Versions are released in order: an unsigned one is not skipped.
    let refused = read(&catch_up(CatchUp::Every, web), Err("none")).at(2_000);
    check(&read(&refused, Err("none")), "refuse: acme/web 1.1.0");
}

#[test]
fn other_waits_of_a_trigger_come_before_require() {
    let seconds = |seconds| Some(Span::from_seconds(seconds));
    let one = "web 1.0";
    comes_first(
        &with_options(
            &["web 1.0@0 1.1@190"],
            one,
            Options {
                quiet_period: seconds(60),
                ..Options::default()
            },
        ),
        "wait: ",
    );
    comes_first(
        &with_options(
            &["web 1.0@0 1.1@190"],
            one,
            Options {
                minimum_age: seconds(60),
                ..Options::default()
            },
        ),
        "wait: acme/web 1.1 is only 10 s old",
    );
    is_of(
        &with_options(
            &["web 1.0@0 1.1@100 1.2@190"],
            one,
            Options {
                minimum_age: seconds(60),
                ..Options::default()
            },
        ),
        "1.1",
        "create web 1.1",
    );
    let quiet = |most| Options {
        quiet_period: seconds(60),
        max_wait: seconds(most),
        ..Options::default()
    };
    let busy = "web 1.0@0 1.1@100 1.2@190";
    comes_first(&with_options(&[busy], one, quiet(150)), "wait: ");
    let longest = with_options(&[busy], one, quiet(90));
    is_of(&longest, "1.2", "create web 1.2");
    let limited = Options {
        max_releases_per_hour: NonZeroU32::new(1),
        ..Options::default()
    };
    let mut limited = with_options(&["web 1.0@0 1.1@100"], one, limited);
    is_of(&limited, "1.1", "create web 1.1");
    limited.made = vec![at(150)];
    comes_first(&limited, "wait: 1 releases");
}

#[test]
fn require_is_checked_before_the_window_opens() {
    // 1970-01-01 is a Thursday.
    let options = Options {
        window: Some(window("UTC", "friday 09:00-17:00", "")),
        ..Options::default()
    };
    let case = with_options(&["web 1.0@0 1.1@100"], "web 1.0", options);
    is_of(&case, "1.1", "wait: ");
    check(
        &read(&case, Err("none")),
        "wait: acme/web 1.1 is not signed yet",
    );
    let at_opening = (24 + 9) * 3_600;
    let signed = read(&case, Ok(()));
    assert_eq!(requested(&signed), []);
    // A tag without a digest may have been moved since, so its signature is read again at the opening.
    let opened = signed.at(at_opening);
    assert_eq!(requested(&opened)[0].version, "1.1");
    check(&read(&opened, Ok(())), "create web 1.1");
}

#[test]
fn require_with_first_sight_is_of_later_versions_only() {
    let case = |web: &str, first_sight| {
        let options = Options {
            first_sight,
            ..Options::default()
        };
        let mut case = with_options(&[web], "", options);
        case.trigger.since = at(50);
        case
    };
    is_of(
        &case("web 1.0@0", FirstSight::Compare),
        "1.0",
        "create web 1.0",
    );
    comes_first(&case("web 1.0@0", FirstSight::Baseline), "skip");
    is_of(
        &case("web 1.0@0 1.1@100", FirstSight::Baseline),
        "1.1",
        "create web 1.1",
    );
}

#[test]
fn require_is_of_the_digest_of_a_followed_tag() {
    let case = |web: &str| {
        let policy = VersionPolicy {
            follow: Some("latest".to_owned()),
            ..VersionPolicy::default()
        };
        requiring(&[web], "web 1.0", Options::default(), policy)
    };
    let first = case("web latest@0!aa@100");
    assert_eq!(requested(&first)[0].digest.as_deref(), Some("sha256:aa"));
    is_of(&first, "latest", "create web latest@aa");
    // A signature of the former digest does not count for the next one.
    let metadata = read(&first, Ok(())).packages[&key("web")]
        .snapshot
        .metadata()
        .clone();
    let mut moved = case("web latest@0!bb@150");
    let package = moved.packages.get_mut(&key("web")).expect("a package");
    package.snapshot = package.snapshot.clone().with_metadata(metadata);
    is_of(&moved, "latest", "create web latest@bb");
}

#[test]
fn require_is_of_the_version_that_the_conditions_permit() {
    let text = |text: &str| Some(text.to_owned());
    let none = VersionConditions::default;
    let web = "web 1.0@0 1.1@100 1.2-rc.1@110 2.0@50";
    for (versions, expected) in [
        (none(), "2.0"),
        (
            VersionConditions {
                range: text("[1.0,1.1]"),
                ..none()
            },
            "1.1",
        ),
        (
            VersionConditions {
                pre_release_tag: text("^rc"),
                ..none()
            },
            "1.2-rc.1",
        ),
        (
            VersionConditions {
                include: text(r"^1\."),
                ..none()
            },
            "1.2-rc.1",
        ),
        (
            VersionConditions {
                exclude: text("rc|^2"),
                ..none()
            },
            "1.1",
        ),
        (
            VersionConditions {
                order: Some(VersionOrder::Published),
                ..none()
            },
            "1.2-rc.1",
        ),
        (
            VersionConditions {
                extract: text(r"^(?<version>1\.\d+)$"),
                ..none()
            },
            "1.1",
        ),
        (
            VersionConditions {
                platform: text("linux/arm64"),
                ..none()
            },
            "2.0",
        ),
    ] {
        let created = format!("create web {expected}");
        // For a platform, only versions with a digest of its image are eligible.
        let web = match versions.platform {
            Some(_) => "web 1.0@0!aa 2.0@50!bb",
            None => web,
        };
        is_of(&with_conditions(&[web], versions), expected, &created);
    }
    let rolled_back = VersionConditions {
        exclude: text("^1.0$"),
        roll_back: true,
        ..none()
    };
    is_of(
        &with_conditions(&["web 0.9@0 1.0@10"], rolled_back),
        "0.9",
        "create web 0.9",
    );
}

#[test]
fn require_is_checked_before_templates_read_labels() {
    let case = |options| with_options(&["web 1.0@0 1.1@100"], "web 1.0", options);
    let number = |template: &str| Options {
        release_version: Some(template.to_owned()),
        ..Options::default()
    };
    let notes = |template: &str| Options {
        release_notes: Some(template.to_owned()),
        ..Options::default()
    };
    let field = |template: &str| Options {
        custom_fields: [("Ticket".to_owned(), template.to_owned())].into(),
        ..Options::default()
    };
    let context = |context| Options {
        release_context: [context].into(),
        ..Options::default()
    };
    let labels = "{{ packages[0].labels.version }}";
    for (options, read_after) in [
        (number("1.2.3"), false),
        (number(labels), true),
        (notes("{{ changed[0].version }}"), false),
        (notes(labels), true),
        (field("FT-{{ changed[0].version }}"), false),
        (field(labels), true),
        (context(ReleaseContext::Commits), true),
        (context(ReleaseContext::BuildInformation), false),
    ] {
        let expected = match read_after {
            // The labels are requested once the image is signed.
            true => "wait: the labels of acme/web 1.1",
            false => "create web 1.1",
        };
        let mut case = case(options);
        case.custom_fields = vec!["Ticket".to_owned()];
        case.trigger
            .options
            .custom_fields
            .entry("Ticket".to_owned())
            .or_insert_with(|| "none".to_owned());
        is_of(&case, "1.1", expected);
    }
}

#[test]
fn require_is_checked_before_a_missing_custom_field_refuses_the_release() {
    let mut case = with_options(&["web 1.0@0 1.1@100"], "web 1.0", Options::default());
    case.custom_fields = vec!["Ticket".to_owned()];
    is_of(
        &case,
        "1.1",
        "refuse: Octopus requires the custom field `Ticket`",
    );
}

#[test]
fn signed_version_is_released_from_its_git_ref() {
    let options = Options {
        git_ref: Some("release".to_owned()),
        ..Options::default()
    };
    let mut case = with_options(&["web 1.0@0 1.1@100"], "web 1.0", options);
    case.git_ref = Some("refs/heads/release");
    is_of(&case, "1.1", "create web 1.1");
    let plan = read(&case, Ok(())).plan();
    assert_eq!(plan.git_ref.as_deref(), Some("refs/heads/release"));
}

#[test]
fn require_applies_to_dry_runs() {
    let options = Options {
        dry_run: true,
        ..Options::default()
    };
    let case = with_options(&["web 1.0@0 1.1@100"], "web 1.0", options);
    is_of(&case, "1.1", "create web 1.1");
}

#[test]
fn require_is_of_the_version_that_the_condition_permits() {
    let when = |condition: &str| Options {
        condition: Some(condition.to_owned()),
        ..Options::default()
    };
    let case = |condition| with_options(&["web 1.0 1.1 2.0"], "web 1.0", when(condition));
    is_of(
        &case("packages.web.change != 'major'"),
        "1.1",
        "create web 1.1",
    );
    let refused = case("packages.web.change == 'none'").judge();
    assert_eq!(refused.unread, []);
}
