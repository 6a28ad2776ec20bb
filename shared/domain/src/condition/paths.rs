//! The names in an expression: which are unknown, and which paths, such as `packages.web.version`, it uses.

use super::lexer::{Word, WordKind, words};
use super::package::PACKAGE_NAMES;
use crate::similar::unknown;

/// The names of a release.
pub(super) const RELEASE_NAMES: [&str; 6] = [
    "packages", "changed", "previous", "channel", "project", "now",
];

/// The names of the previous release.
const PREVIOUS_NAMES: [&str; 2] = ["version", "created"];

/// The words of the language.
const KEYWORDS: [&str; 13] = [
    "and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "True", "False", "None",
];

/// Filters whose first argument is the name of a value of a package.
const ATTRIBUTE_FILTERS: [&str; 4] = ["selectattr", "rejectattr", "groupby", "attr"];

/// The names of filters, for the nearest one to an unknown name.
const FILTERS: [&str; 22] = [
    "selectattr",
    "rejectattr",
    "select",
    "reject",
    "map",
    "length",
    "count",
    "first",
    "last",
    "list",
    "min",
    "max",
    "sort",
    "unique",
    "join",
    "split",
    "lower",
    "upper",
    "trim",
    "default",
    "int",
    "sum",
];

/// The names of tests, for the nearest one to an unknown name.
const TESTS: [&str; 12] = [
    "none",
    "defined",
    "startingwith",
    "endingwith",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "in",
    "number",
];

/// A name that the language defines.
#[derive(Clone, Copy)]
pub(super) enum Known {
    Filter,
    Test,
    Function,
}

/// A name of the release, followed by names and literal subscripts.
pub(super) struct Path<'t> {
    pub(super) root: &'t str,
    pub(super) text: &'t str,
    /// The names; `None` is a number.
    parts: Vec<Option<&'t str>>,
}

impl Path<'_> {
    /// Whether the value is one of the labels or platforms of a package.
    pub(super) fn is_of_metadata(&self) -> bool {
        let mut parts = self.parts.iter();
        parts.any(|part| matches!(part, Some("labels" | "platforms")))
    }
}

/// The paths of an expression, in its order.
pub(super) fn paths(text: &str) -> Vec<Path<'_>> {
    let words = words(text);
    let mut paths = Vec::new();
    let mut index = 0;
    while index < words.len() {
        match path(text, &words, index) {
            Some((path, next)) => {
                paths.push(path);
                index = next;
            }
            None => index += 1,
        }
    }
    paths
}

/// The path at a word, and the index after it.
fn path<'t>(text: &'t str, words: &[Word<'t>], index: usize) -> Option<(Path<'t>, usize)> {
    let WordKind::Name(root) = words.get(index)?.kind else {
        return None;
    };
    if role(words, index) != Role::Variable {
        return None;
    }
    let (mut parts, mut next) = (Vec::new(), index + 1);
    let kind = |index: usize| words.get(index).map(|word| word.kind);
    loop {
        match (kind(next), kind(next + 1), kind(next + 2)) {
            (Some(WordKind::Sign('.')), Some(WordKind::Name(name)), _) => {
                parts.push(Some(name));
                next += 2;
            }
            (
                Some(WordKind::Sign('[')),
                Some(subscript @ (WordKind::Literal(_) | WordKind::Number)),
                Some(WordKind::Sign(']')),
            ) => {
                parts.push(match subscript {
                    WordKind::Literal(name) => Some(name),
                    _ => None,
                });
                next += 3;
            }
            _ => break,
        }
    }
    let text = &text[words[index].start..words[next - 1].end];
    Some((Path { root, text, parts }, next))
}

/// The role of a name in an expression.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Variable,
    /// A name after a dot.
    Attribute,
    Filter,
    Test,
    Function,
    /// A keyword, or the name of an argument.
    Other,
}

fn role(words: &[Word<'_>], index: usize) -> Role {
    let kind = |index: Option<usize>| Some(words.get(index?)?.kind);
    let WordKind::Name(name) = words[index].kind else {
        return Role::Other;
    };
    let (before, after) = (kind(index.checked_sub(1)), kind(Some(index + 1)));
    let is_argument = after == Some(WordKind::Sign('='))
        && kind(Some(index + 2)) != Some(WordKind::Sign('='))
        && matches!(before, Some(WordKind::Sign('(' | ',')));
    match before {
        Some(WordKind::Sign('.')) => Role::Attribute,
        Some(WordKind::Sign('|')) => Role::Filter,
        Some(WordKind::Name("is")) if name != "not" => Role::Test,
        Some(WordKind::Name("not")) if kind(index.checked_sub(2)) == Some(WordKind::Name("is")) => {
            Role::Test
        }
        _ if KEYWORDS.contains(&name) || is_argument => Role::Other,
        _ if after == Some(WordKind::Sign('(')) => Role::Function,
        _ => Role::Variable,
    }
}

/// An error for each unknown name, each once.
pub(super) fn unknown_names(text: &str, is_known: impl Fn(Known, &str) -> bool) -> Vec<String> {
    let words = words(text);
    let mut problems = Vec::new();
    let mut index = 0;
    while index < words.len() {
        if let Some((path, next)) = path(text, &words, index) {
            problems.extend(of_path(&path));
            index = next;
            continue;
        }
        problems.extend(of_word(&words, index, &is_known));
        index += 1;
    }
    let mut known = Vec::new();
    problems.retain(|problem| {
        let is_new = !known.contains(problem);
        known.push(problem.clone());
        is_new
    });
    problems
}

fn of_path(path: &Path<'_>) -> Option<String> {
    let Path { root, parts, .. } = path;
    let (names, what, rest) = match *root {
        // The first part selects a package.
        "packages" | "changed" => (
            &PACKAGE_NAMES[..],
            PACKAGE,
            parts.get(1..).unwrap_or_default(),
        ),
        "previous" => (&PREVIOUS_NAMES[..], "name of `previous`", &parts[..]),
        root if RELEASE_NAMES.contains(&root) => (&[][..], "", &parts[..]),
        root => return Some(unknown("name", root, &RELEASE_NAMES)),
    };
    let (first, rest) = rest.split_first()?;
    match first {
        Some(name) if names.contains(name) && rest.is_empty() => None,
        // A label may have any name.
        Some("labels") if names.contains(&"labels") && rest.len() == 1 => None,
        Some(name) if !names.is_empty() && !names.contains(name) => {
            Some(unknown(what, name, names))
        }
        _ => {
            let text = path.text;
            Some(format!(
                "`{text}`: a text or number has no values of its own"
            ))
        }
    }
}

const PACKAGE: &str = "name of a package";

/// Whether a name follows `.labels` or `["labels"]`.
fn is_label(words: &[Word<'_>], index: usize) -> bool {
    let before = |distance: usize| Some(words.get(index.checked_sub(distance)?)?.kind);
    before(2) == Some(WordKind::Name("labels"))
        || before(2) == Some(WordKind::Sign(']')) && before(3) == Some(WordKind::Literal("labels"))
}

/// The error of a word that is not part of a path.
fn of_word(
    words: &[Word<'_>],
    index: usize,
    is_known: impl Fn(Known, &str) -> bool,
) -> Option<String> {
    let of_package = |name: &str| {
        let name = name.split('.').next().unwrap_or_default();
        (!PACKAGE_NAMES.contains(&name)).then(|| unknown(PACKAGE, name, &PACKAGE_NAMES))
    };
    let kind = |index: Option<usize>| Some(words.get(index?)?.kind);
    match words[index].kind {
        WordKind::Name(name) => match role(words, index) {
            Role::Attribute if is_label(words, index) => None,
            Role::Attribute => of_package(name),
            Role::Filter if !is_known(Known::Filter, name) => {
                Some(unknown("filter", name, &FILTERS))
            }
            Role::Test if !is_known(Known::Test, name) => Some(unknown("test", name, &TESTS)),
            Role::Function if !is_known(Known::Function, name) => {
                Some(unknown("function", name, &["range", "dict"]))
            }
            _ => None,
        },
        WordKind::Literal(name) => {
            let before = kind(index.checked_sub(1));
            let named = kind(index.checked_sub(2));
            let is_first_argument = before == Some(WordKind::Sign('('))
                && matches!(named, Some(WordKind::Name(filter)) if ATTRIBUTE_FILTERS.contains(&filter));
            let is_attribute =
                before == Some(WordKind::Sign('=')) && named == Some(WordKind::Name("attribute"));
            // A subscript of something that is no path.
            let is_subscript = before == Some(WordKind::Sign('['))
                && kind(Some(index + 1)) == Some(WordKind::Sign(']'))
                && matches!(named, Some(WordKind::Sign(')' | ']')))
                && !is_label(words, index);
            (is_first_argument || is_attribute || is_subscript)
                .then(|| of_package(name))
                .flatten()
        }
        WordKind::Number | WordKind::Sign(_) => None,
    }
}
