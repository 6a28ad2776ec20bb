//! One type name has one meaning in all that is shipped, and none hides a name of Rust's prelude.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::collections::{BTreeMap, BTreeSet};

use layering::crates::{Target, packages, targets};

/// The types and traits of `std::prelude::rust_2024`.
const PRELUDE: &[&str] = &[
    "AsMut",
    "AsRef",
    "AsyncFn",
    "AsyncFnMut",
    "AsyncFnOnce",
    "Box",
    "Clone",
    "Copy",
    "Default",
    "DoubleEndedIterator",
    "Drop",
    "Eq",
    "ExactSizeIterator",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "Future",
    "Into",
    "IntoFuture",
    "IntoIterator",
    "Iterator",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Send",
    "Sized",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Unpin",
    "Vec",
];

/// Public names that several crates declare, with the reason.
const SHARED: &[(&str, &str)] = &[];

/// The shipped crates' libraries and programs.
fn shipped() -> impl Iterator<Item = (String, Target)> {
    let packages = packages().unwrap().into_iter();
    packages
        .filter(|package| !package.starts_with("tests/") && package != "xtask")
        .flat_map(|package| {
            let targets = targets(&package).unwrap().into_iter();
            targets.map(move |target| (package.clone(), target))
        })
        .filter(|(_, target)| target.name.contains(": src/"))
}

#[test]
fn public_type_names_have_one_meaning() {
    let mut crates = BTreeMap::<String, BTreeSet<String>>::new();
    for (package, target) in shipped() {
        let types = target.modules.iter().flat_map(|(_, source)| &source.types);
        for one in types.filter(|one| one.is_public) {
            crates
                .entry(one.name.clone())
                .or_default()
                .insert(package.clone());
        }
    }
    crates.retain(|_, packages| packages.len() > 1);
    let is_known = |name: &str| SHARED.iter().any(|(shared, _)| *shared == name);
    let unknown: Vec<_> = crates.iter().filter(|(name, _)| !is_known(name)).collect();
    assert!(unknown.is_empty(), "several crates declare {unknown:#?}");
    for (name, reason) in SHARED {
        assert!(
            crates.contains_key(*name),
            "unused exception: {name}, {reason}"
        );
    }
}

#[test]
fn type_names_hide_no_name_of_the_prelude() {
    let mut hiding = Vec::new();
    for (_, target) in shipped() {
        for (path, source) in &target.modules {
            let names = source.types.iter().map(|one| one.name.as_str());
            let hidden = names.filter(|name| PRELUDE.contains(name));
            hiding
                .extend(hidden.map(|name| format!("{}: {}: {name}", target.name, path.join("::"))));
        }
    }
    assert!(hiding.is_empty(), "\n{}\n", hiding.join("\n"));
}
