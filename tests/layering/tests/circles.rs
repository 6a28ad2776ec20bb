//! No two modules of a target import each other. `layering::imports` defines what an import is.
//!
//! Where two modules import each other, an item is in the wrong file: move it to the module that owns it, or to a
//! file of its own.

use layering::crates::{Target, packages, targets};
use layering::imports::circles;
use layering::source::Source;

#[test]
fn modules_import_each_other_nowhere() {
    let mut found = Vec::new();
    for package in packages().unwrap() {
        for target in targets(&package).unwrap() {
            for circle in circles(&target) {
                let [a, b] = circle.modules;
                let [there, back] = circle.examples;
                found.push(format!(
                    "{package}, {}: `{a}` and `{b}` import each other: {there}; {back}",
                    target.name
                ));
            }
        }
    }
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[track_caller]
fn check(modules: &[(&str, &str)], expected: &[[&str; 2]]) {
    let modules = modules.iter().map(|(path, text)| {
        let path = path.split("::").filter(|name| !name.is_empty());
        (path.map(str::to_owned).collect(), Source::parse(text))
    });
    let target = Target {
        name: String::new(),
        modules: modules.collect(),
    };
    let found: Vec<_> = circles(&target)
        .into_iter()
        .map(|one| one.modules)
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn siblings_that_import_each_other_are_a_circle() {
    let a = "use crate::b::B; pub struct A;";
    check(
        &[("", ""), ("a", a), ("b", "use super::a::A; pub struct B;")],
        &[["a", "b"]],
    );
    check(
        &[("", ""), ("a", a), ("b", "pub struct B(crate::a::A);")],
        &[["a", "b"]],
    );
    check(&[("", ""), ("a", a), ("b", "pub struct B;")], &[]);
}

#[test]
fn parent_that_uses_its_child_is_a_circle_with_a_child_that_uses_it() {
    let child = "use super::Limit; pub struct A;";
    let parent = "mod a; pub struct Limit; fn f() -> a::A {} use a::A;";
    check(&[("", parent), ("a", child)], &[["crate", "a"]]);
}

#[test]
fn re_exports_are_no_imports() {
    let parent = "mod a; mod b; pub use a::A; pub(crate) use b::B;";
    check(
        &[
            ("", parent),
            ("a", "pub struct A;"),
            ("b", "use crate::A; pub struct B;"),
        ],
        &[],
    );
    let both = "use crate::B; pub struct A;";
    check(
        &[
            ("", parent),
            ("a", both),
            ("b", "use crate::A; pub struct B;"),
        ],
        &[["a", "b"]],
    );
}

#[test]
fn folders_that_import_each_other_through_different_files_are_a_circle() {
    let modules = [
        ("", ""),
        ("a", ""),
        ("a::x", "use crate::b::y::Y;"),
        ("a::z", "pub struct Z;"),
        ("b", ""),
        ("b::y", "pub struct Y;"),
        ("b::w", "use crate::a::z::Z;"),
    ];
    check(&modules, &[["a", "b"]]);
}

#[test]
fn unit_tests_and_comments_are_no_imports() {
    let a = "use crate::b::B; pub struct A;";
    let b = "// use crate::a::A;\npub struct B; #[cfg(test)] mod tests { use crate::a::A; }";
    check(&[("", ""), ("a", a), ("b", b)], &[]);
}
