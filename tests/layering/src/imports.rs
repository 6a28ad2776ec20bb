//! Which module imports from which.
//!
//! A module imports from another if a path in it, outside of its unit tests, leads to an item that the other
//! declares. A path to a re-export leads to where the item is declared. Re-exporting (`pub use`, also restricted) and
//! declaring (`mod`) are no imports, so a parent may present what its children contain.

use std::collections::BTreeMap;

use crate::crates::Target;
use crate::source::Source;

type ModulePath = Vec<String>;
type Modules<'a> = BTreeMap<&'a [String], &'a Source>;

/// How often a path may lead on through re-exports.
const MAX_STEPS: usize = 16;

/// Two modules that import each other.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Circle {
    /// The target.
    pub target: String,
    /// Both modules, the first by name first.
    pub modules: [String; 2],
    /// For each direction one import: the importing module and the path.
    pub examples: [String; 2],
}

/// The circles of a target.
///
/// Each import counts between the two modules below the closest common parent: if `oci::page` imports from
/// `auth::token`, then `oci` imports from `auth`. An import from an ancestor counts between the ancestor and its child.
#[must_use]
pub fn circles(target: &Target) -> Vec<Circle> {
    let modules: Modules<'_> = target
        .modules
        .iter()
        .map(|(path, source)| (path.as_slice(), source))
        .collect();
    let mut edges = BTreeMap::<(ModulePath, ModulePath), String>::new();
    for (from, module) in &modules {
        let imports = module.uses.iter().filter(|path| !path.is_public);
        for path in imports.chain(&module.inline) {
            let Some(to) = resolve(&modules, from, &path.segments, MAX_STEPS) else {
                continue;
            };
            if to != **from {
                let example = format!("{} uses {}", shown(from), path.segments.join("::"));
                edges.entry(between(from, &to)).or_insert(example);
            }
        }
    }
    let found = edges.iter().filter_map(|((from, to), example)| {
        let back = edges.get(&(to.clone(), from.clone()))?;
        (from < to).then(|| Circle {
            target: target.name.clone(),
            modules: [shown(from), shown(to)],
            examples: [example.clone(), back.clone()],
        })
    });
    found.collect()
}

/// The importing and the imported module, each as the child of the closest common parent.
fn between(from: &[String], to: &[String]) -> (ModulePath, ModulePath) {
    let common = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    let cut = |path: &[String]| path[..path.len().min(common + 1)].to_vec();
    (cut(from), cut(to))
}

fn shown(path: &[String]) -> String {
    match path.is_empty() {
        true => "crate".to_owned(),
        false => path.join("::"),
    }
}

/// The module that declares what a path in the module `from` leads to; nothing if that is another crate's.
fn resolve(
    modules: &Modules<'_>,
    from: &[String],
    segments: &[String],
    steps: usize,
) -> Option<ModulePath> {
    let (mut at, mut rest) = start(modules, from, segments)?;
    while let Some((name, after)) = rest.split_first() {
        let mut child = at.clone();
        child.push(name.clone());
        if modules.contains_key(child.as_slice()) {
            at = child;
            rest = after;
            continue;
        }
        let module = modules.get(at.as_slice())?;
        if module.items.contains(name) || steps == 0 {
            return Some(at);
        }
        let onward = module
            .uses
            .iter()
            .find(|path| path.alias.as_ref() == Some(name));
        if let Some(path) = onward {
            return resolve(modules, &at, &path.segments, steps - 1);
        }
        let globs = module
            .uses
            .iter()
            .filter(|path| path.segments.last().is_some_and(|last| last == "*"));
        for glob in globs {
            let mut path = glob.segments[..glob.segments.len() - 1].to_vec();
            let declares = resolve(modules, &at, &path, steps - 1)
                .and_then(|inside| modules.get(inside.as_slice()))
                .is_some_and(|inside| inside.items.contains(name));
            if declares {
                path.push(name.clone());
                return resolve(modules, &at, &path, steps - 1);
            }
        }
        return Some(at);
    }
    Some(at)
}

/// Where a path begins, and the rest of it.
fn start<'a>(
    modules: &Modules<'_>,
    from: &[String],
    segments: &'a [String],
) -> Option<(ModulePath, &'a [String])> {
    let mut at = from.to_vec();
    let mut rest = segments;
    match rest.first()?.as_str() {
        "crate" => {
            at.clear();
            rest = &rest[1..];
        }
        "self" => rest = &rest[1..],
        "super" => {
            while rest.first().is_some_and(|first| first == "super") {
                at.pop()?;
                rest = &rest[1..];
            }
        }
        name => {
            let mut child = at.clone();
            child.push(name.to_owned());
            if !modules.contains_key(child.as_slice()) {
                return None;
            }
        }
    }
    Some((at, rest))
}
