//! The tables of Octopus's behaviour as text, one row a line; those that begin with `# ` are remarks.
//! External tests of versions read the same files.

/// The rows of a table.
pub(crate) fn rows(table: &str) -> impl Iterator<Item = &str> {
    table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("# "))
}

/// The rows `a relation b` of a table, with `<`, `=` or `>`.
pub(crate) fn relations(table: &str) -> Vec<(&str, char, &str)> {
    let relation = |row| {
        let columns: Vec<&str> = str::split_whitespace(row).collect();
        match columns[..] {
            [a, relation, b] if relation.len() == 1 => (a, char::from(relation.as_bytes()[0]), b),
            _ => panic!("{row} is no relation"),
        }
    };
    rows(table).map(relation).collect()
}

/// A condition with versions that it lets in and versions that it keeps out.
#[derive(Debug)]
pub(crate) struct Condition<'t> {
    pub(crate) text: &'t str,
    pub(crate) inside: Vec<&'t str>,
    pub(crate) outside: Vec<&'t str>,
}

/// The rows `condition  in: versions  out: versions` of a table.
pub(crate) fn conditions(table: &str) -> Vec<Condition<'_>> {
    let condition = |row| {
        let (rest, outside) = str::split_once(row, "  out: ").unwrap_or((row, ""));
        let (text, inside) = rest.split_once("  in: ").unwrap_or((rest, ""));
        Condition {
            text,
            inside: inside.split_whitespace().collect(),
            outside: outside.split_whitespace().collect(),
        }
    };
    rows(table).map(condition).collect()
}

/// The rows `byte text` of a table: a text and the place at which it goes wrong.
pub(crate) fn faults(table: &str) -> Vec<(usize, &str)> {
    let fault = |row| {
        let (offset, text) = str::split_once(row, ' ').unwrap_or_else(|| panic!("{row}"));
        let offset = offset.parse().unwrap_or_else(|_| panic!("{row}"));
        (offset, text)
    };
    rows(table).map(fault).collect()
}

/// The rows `byte fault text` of a table: the same with the fault's name.
pub(crate) fn named_faults(table: &str) -> Vec<(usize, &str, &str)> {
    let named = |(offset, rest)| {
        let (name, text) = str::split_once(rest, ' ').unwrap_or_else(|| panic!("{rest}"));
        (offset, name, text)
    };
    faults(table).into_iter().map(named).collect()
}

macro_rules! tables {
    ($($name:ident: $file:literal)*) => {
        $(pub(crate) const $name: &str = include_str!(concat!("tables/", $file, ".txt"));)*
    };
}

tables! {
    ORDER_SEMVER: "order-semver"
    ORDER_DOCKER: "order-docker"
    ORDER_MAVEN: "order-maven"
    RISING_MAVEN: "rising-maven"
    NONE_SEMVER: "none-semver"
    NONE_DOCKER: "none-docker"
    RANGES_SEMVER: "ranges-semver"
    RANGES_DOCKER: "ranges-docker"
    RANGES_MAVEN: "ranges-maven"
    NO_RANGES_NUGET: "no-ranges-nuget"
    NO_RANGES_MAVEN: "no-ranges-maven"
    TAGS: "tags"
    TAGS_DOCKER: "tags-docker"
    REGEXES_DOCKER: "regexes-docker"
    NO_PATTERNS: "no-patterns"
    DOTNET_PATTERNS: "dotnet-patterns"
}
