//! Selects a trigger or a feed by the id or name that the user typed.

use anyhow::bail;

/// The properties by which users select an item.
pub(crate) struct Label<'a> {
    /// The id, which is unique in a server.
    pub(crate) id: &'a str,
    /// The name, which is unique in a project at most.
    pub(crate) name: &'a str,
    /// The project or space, which distinguishes items of the same name.
    pub(crate) place: &'a str,
}

/// The item with this id or name. An id wins over a name, and the exact spelling of a name over another case.
///
/// # Errors
/// When no item or several match; the message lists their ids with project or space.
pub(crate) fn select<'a, T>(
    items: &'a [T],
    label: impl Fn(&'a T) -> Label<'a>,
    noun: &str,
    typed: &str,
) -> anyhow::Result<&'a T> {
    let lower = typed.to_lowercase();
    let rules: [&dyn Fn(&Label<'_>) -> bool; 3] =
        [&|one| one.id == typed, &|one| one.name == typed, &|one| {
            one.name.to_lowercase() == lower
        }];
    for matches in rules {
        let found: Vec<_> = items.iter().filter(|item| matches(&label(item))).collect();
        match found.as_slice() {
            [] => {}
            [one] => return Ok(one),
            several => bail!(
                "cannot choose between {} {noun}s named `{typed}`; use an id: {}",
                several.len(),
                list(several.iter().map(|item| label(item)))
            ),
        }
    }
    if items.is_empty() {
        bail!(
            "cannot find {noun} `{typed}`: there is no {noun}; {}",
            remedy(noun)
        );
    }
    bail!(
        "cannot find {noun} `{typed}`; the {noun}s are: {}",
        list(items.iter().map(label))
    )
}

/// How a user gets the first item.
fn remedy(noun: &str) -> &'static str {
    match noun {
        "evaluated trigger" => "start `feedctl run`, which evaluates triggers",
        "feed" => "add one to Octopus",
        _ => "create one with `feedctl triggers add`, or run `feedctl triggers list`",
    }
}

/// `New images (ProjectTriggers-1 of Web Shop), ...`
fn list<'a>(labels: impl Iterator<Item = Label<'a>>) -> String {
    let labels = labels.map(|one| match one.place {
        "" => format!("{} ({})", one.name, one.id),
        place => format!("{} ({} of {place})", one.name, one.id),
    });
    labels.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRIGGERS: [(&str, &str, &str); 4] = [
        ("ProjectTriggers-1", "Web", "Shop"),
        ("ProjectTriggers-2", "web", "Shop"),
        ("ProjectTriggers-3", "Api", "Shop"),
        ("ProjectTriggers-4", "Api", "Office"),
    ];

    fn selected(typed: &str) -> Result<&'static str, String> {
        static ITEMS: [(&str, &str, &str); 4] = TRIGGERS;
        let label = |one: &'static (&str, &str, &str)| Label {
            id: one.0,
            name: one.1,
            place: one.2,
        };
        let found = select(&ITEMS, label, "trigger", typed);
        found.map(|one| one.0).map_err(|error| error.to_string())
    }

    #[test]
    fn select_prefers_the_id_then_the_exact_spelling() {
        assert_eq!(selected("ProjectTriggers-4"), Ok("ProjectTriggers-4"));
        assert_eq!(selected("Web"), Ok("ProjectTriggers-1"));
        assert_eq!(selected("web"), Ok("ProjectTriggers-2"));
    }

    #[test]
    fn select_lists_ids_and_projects_of_ambiguous_names() {
        let api = "cannot choose between 2 triggers named `Api`; use an id: \
                   Api (ProjectTriggers-3 of Shop), Api (ProjectTriggers-4 of Office)";
        assert_eq!(selected("Api"), Err(api.to_owned()));
        assert!(selected("WEB").unwrap_err().contains("ProjectTriggers-2"));
        let unknown = selected("Other").unwrap_err();
        assert!(unknown.contains("cannot find trigger `Other`; the triggers are: Web"));
    }
}
