//! Packages of the previous release whose action, reference or package has changed since.

use domain::decide::{Decision, PreviousRelease};
use domain::ids::{FeedId, PackageId, ReleaseId};
use domain::plan::SelectedDigest;
use domain::process::{
    CurrentPlace, PackageIdentity, ReleaseTemplate, Renames, TemplatePackage, Versioning,
};

use crate::case::{Case, action};

/// An identity of few words: `action-id/slug/Name reference-id/reference package`.
fn identity(text: &str) -> PackageIdentity {
    let [of_action, of_reference, package] = parts(text, ' ');
    let [action_id, action_slug, action_name] = parts(&of_action, '/');
    let [reference_id, package_reference, _] = parts(&format!("{of_reference}/"), '/');
    PackageIdentity {
        action_id,
        action_slug,
        action_name,
        reference_id,
        package_reference,
        package,
    }
}

fn parts(text: &str, separator: char) -> [String; 3] {
    let mut parts = text.splitn(3, separator).map(str::to_owned);
    [(); 3].map(|()| parts.next().unwrap_or_default())
}

fn identities(texts: &[&str]) -> Vec<PackageIdentity> {
    texts.iter().map(|text| identity(text)).collect()
}

/// A template with the packages of the process; `#{Image}` is `acme/image`.
fn template(now: &[PackageIdentity]) -> ReleaseTemplate {
    let package = |one: &PackageIdentity| TemplatePackage {
        action_name: one.action_name.clone(),
        package_reference: one.package_reference.clone(),
        feed: FeedId::new("Feeds-1001"),
        package: PackageId::new(one.package.replace("#{Image}", "acme/image")),
        is_resolvable: true,
        fixed_version: None,
    };
    ReleaseTemplate {
        packages: now.iter().map(package).collect(),
        versioning: Versioning::Template { next: None },
    }
}

/// The current place of the package `Web` with the reference `web`.
#[track_caller]
fn check(then: Option<&[&str]>, now: &[&str], expected: &str) {
    let then_identities = then.map(identities);
    let now_identities = identities(now);
    let renames = Renames {
        then: then_identities.as_deref(),
        now: &now_identities,
        template: &template(&now_identities),
    };
    let place = match renames.place("Web", "web") {
        CurrentPlace::Found(action, reference) => format!("{action} {reference}"),
        CurrentPlace::Replaced {
            action_name,
            package_reference,
            former,
        } => format!("{action_name} {package_reference} instead of {former}"),
        CurrentPlace::Removed => "removed".to_owned(),
        CurrentPlace::Unknown => "unknown".to_owned(),
    };
    assert_eq!(place, expected, "{then:?} -> {now:?}");
}

const WEB: &str = "a1/web/Web p1/web acme/web";

#[test]
fn renamed_action_and_reference_are_found_by_their_identifiers() {
    for (now, expected) in [
        (WEB, "Web web"),
        ("a1/web/Site p1/web acme/web", "Site web"),
        ("a1/web/Web p1/image acme/web", "Web image"),
        ("a1/site/Site p1/image acme/web", "Site image"),
        // Clients that write a process again may change its ids.
        ("a9/web/Site p9/web acme/web", "Site web"),
        ("a9/x/Web p9/web acme/web", "Web web"),
        ("a9/web/Site p9/image acme/web", "Site image"),
        ("a1/web/Web p9/image acme/web", "Web image"),
        // The action was replaced by one with the same image.
        ("a9/x/Site p9/image acme/web", "Site image"),
        ("a1/web/Web p1/web acme/new", "Web web instead of acme/web"),
        ("a1/web/Site p1/x acme/new", "Site x instead of acme/web"),
        ("a9/x/Site p9/image acme/new", "removed"),
    ] {
        check(Some(&[WEB]), &[now], expected);
    }
}

#[test]
fn name_of_another_action_or_reference_is_not_the_same_package() {
    let api = "a2/api/Api p2/api acme/api";
    // The names were exchanged.
    let exchanged = ["a1/web/Api p1/api acme/web", "a2/api/Web p2/web acme/api"];
    check(Some(&[WEB, api]), &exchanged, "Api api");
    // The name of the removed action was given to another one.
    check(
        Some(&[WEB, api]),
        &["a2/api/Web p2/web acme/api"],
        "removed",
    );
    let by_slug = ["a9/api/Web p9/web acme/api"];
    check(Some(&[WEB, api]), &by_slug, "removed");
    let references = ["a1/web/Web p1/first acme/web", "a1/web/Web p3/web acme/api"];
    check(
        Some(&[WEB, "a1/web/Web p3/second acme/api"]),
        &references,
        "Web first",
    );
    check(
        Some(&[WEB, "a1/web/Web p3/second acme/api"]),
        &references[1..],
        "removed",
    );
}

#[test]
fn package_that_several_places_may_have_is_unknown() {
    let two = ["a8/x/X p8/x acme/web", "a9/y/Y p9/y acme/web"];
    check(Some(&[WEB]), &two, "unknown");
    let other = "a2/api/Api p2/api acme/web";
    check(Some(&[WEB, other]), &["a9/y/Y p9/y acme/web"], "unknown");
    check(Some(&[WEB, other]), &[other, two[0]], "X x");
}

#[test]
fn packages_from_variables_are_compared_by_their_text() {
    let with_variable = "a1/web/Web p1/web #{Image}";
    check(Some(&[with_variable]), &[with_variable], "Web web");
    check(
        Some(&["a1/web/Web p1/web acme/image"]),
        &[with_variable],
        "Web web",
    );
    check(
        Some(&[WEB]),
        &[with_variable],
        "Web web instead of acme/web",
    );
    check(Some(&[with_variable]), &[WEB], "unknown");
}

#[test]
fn process_that_is_not_known_is_compared_by_name() {
    check(None, &[WEB], "Web web");
    check(None, &["a1/web/Site p1/web acme/web"], "unknown");
    check(Some(&["a2/api/Api p2/api acme/api"]), &[WEB], "Web web");
}

/// The decision about `web` with the versions 1.0 and 1.1 after this release.
fn after(change: impl FnOnce(&mut PreviousRelease)) -> Decision {
    let mut case = Case::new().image("web", "1.0 1.1").released("api 3.0");
    if let Some(previous) = &mut case.previous {
        change(previous);
    }
    case.judge().decision
}

#[test]
fn versions_of_a_replaced_package_are_not_compared() {
    let decision = after(|previous| {
        previous.replaced = vec![(action("web"), "web".to_owned(), "acme/old".to_owned())];
        previous.unidentified = vec![("Old".to_owned(), "x".to_owned())];
    });
    assert_eq!(
        decision.to_string(),
        "create: acme/web replaces acme/old in the process since the previous release; their versions are not compared, \
         and 1.1 is the latest version of acme/web"
    );
}

#[test]
fn package_that_may_have_another_name_is_refused() {
    let unidentified = |previous: &mut PreviousRelease| {
        previous.unidentified = vec![("Old web".to_owned(), "image".to_owned())];
    };
    assert_eq!(
        after(unidentified).to_string(),
        "refuse: cannot compare acme/web with the previous release 0.0.7: its package Old web:image is not found in the \
         current process, and may be this one under another name; create a release in this channel in Octopus, with which \
         the next ones are compared"
    );
    // Another package of the release does not matter to a package that is found.
    let decision = after(|previous| {
        unidentified(previous);
        let web = (action("web"), "web".to_owned(), "1.0".to_owned());
        previous.selected.push(web);
    });
    assert!(matches!(decision, Decision::Create(..)), "{decision}");
}

#[test]
fn release_gets_the_current_names() {
    let now = identities(&[
        "a1/web/Site p1/image acme/web",
        "a2/api/Api p2/api acme/new",
    ]);
    let then = identities(&[
        WEB,
        "a2/api/Api p2/api acme/api",
        "a3/old/Old p3/old acme/old",
    ]);
    let renames = Renames {
        then: Some(&then),
        now: &now,
        template: &template(&now),
    };
    let selected = |action: &str, reference: &str, version: &str| {
        (action.to_owned(), reference.to_owned(), version.to_owned())
    };
    let digest = |action: &str, reference: &str| SelectedDigest {
        action_name: action.to_owned(),
        package_reference: reference.to_owned(),
        digest: "sha256:aa".to_owned(),
    };
    let release = PreviousRelease {
        id: ReleaseId::new("Releases-7"),
        version: "0.0.7".to_owned(),
        assembled: None,
        selected: vec![
            selected("web", "WEB", "2.0.0"),
            selected("Api", "api", "5.0.0"),
            selected("Old", "old", "1.0.0"),
            selected("Gone", "", "1.0.0"),
        ],
        digests: vec![digest("Web", "web"), digest("Api", "api")],
        replaced: Vec::new(),
        unidentified: Vec::new(),
        repeats: None,
    };
    let renamed = release.renamed(&renames);
    assert_eq!(renamed.selected, [selected("Site", "image", "2.0.0")]);
    assert_eq!(renamed.digests, [digest("Site", "image")]);
    assert_eq!(renamed.replaced, [selected("Api", "api", "acme/api")]);
    assert_eq!(renamed.unidentified, [("Gone".to_owned(), String::new())]);
}
