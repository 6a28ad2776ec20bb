//! The changes between two sets of definitions.

use std::collections::BTreeMap;

use domain::definition::{Definition, Definitions, NativeOptions, NativeRef};

use crate::form::{self, Fields, Form};

/// The changes, in the order of the new definitions, with removed triggers last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Each trigger that changes.
    pub changes: Vec<Change>,
}

/// The changes of one trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The trigger: "trigger `New web images`", "native trigger `ProjectTriggers-31`".
    pub subject: String,
    /// Whether it is added, removed or changed.
    pub kind: ChangeKind,
    /// Its fields that change, by name.
    pub edits: Vec<Edit>,
}

/// Whether a trigger is added, removed or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    Added,
    Removed,
    Changed,
}

/// A field that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The field: `quietPeriod`, `packages[deploy-web:web].versions.range`.
    pub field: String,
    /// The previous value; `None` is the default.
    pub before: Option<String>,
    /// The new value; `None` is the default.
    pub after: Option<String>,
}

impl Difference {
    pub fn between(before: &Definitions, after: &Definitions) -> Self {
        let triggers = |all: &Definitions| all.triggers.iter().map(Entry::trigger).collect();
        let native = |all: &Definitions| all.native.iter().map(Entry::native).collect();
        let mut changes = compare(triggers(before), triggers(after));
        changes.extend(compare(native(before), native(after)));
        Self { changes }
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// The field whose items are compared one by one.
const PACKAGES: &str = "packages";

/// A trigger as it is compared.
struct Entry {
    subject: String,
    /// The identity of the trigger, in lower case.
    name: String,
    space: Option<String>,
    fields: BTreeMap<String, String>,
    /// Packages in their order, by which templates count them.
    packages: Vec<String>,
}

impl Entry {
    fn trigger(one: &Definition) -> Self {
        let subject = format!("trigger `{}`", one.name);
        Self::new(
            subject,
            &one.name,
            one.space.as_ref(),
            form::definition(one),
        )
    }

    fn native(one: &NativeOptions) -> Self {
        let fields = form::native_options(one);
        match &one.trigger {
            NativeRef::Id(id) => {
                Self::new(format!("native trigger `{id}`"), id.as_str(), None, fields)
            }
            NativeRef::Named {
                space,
                project,
                name,
            } => {
                let subject = format!("native trigger `{name}` of `{project}`");
                let name = format!("{project}\n{name}");
                Self::new(subject, &name, space.as_ref(), fields)
            }
        }
    }

    fn new(subject: String, name: &str, space: Option<&String>, form: Fields) -> Self {
        let (mut fields, mut packages) = (BTreeMap::new(), Vec::new());
        flatten("", &Form::Fields(form), &mut fields, &mut packages);
        Self {
            subject,
            name: name.trim().to_lowercase(),
            space: space.map(|space| space.to_lowercase()),
            fields,
            packages,
        }
    }
}

fn compare(mut before: Vec<Entry>, after: Vec<Entry>) -> Vec<Change> {
    let mut changes = Vec::new();
    for new in after {
        let same = |old: &Entry| old.name == new.name && old.space == new.space;
        let found = before.iter().position(same);
        let found = found.or_else(|| before.iter().position(|old| old.name == new.name));
        let (kind, edits) = match found.map(|index| before.remove(index)) {
            Some(old) => (ChangeKind::Changed, edits(&old, &new)),
            None => (ChangeKind::Added, edits_from_nothing(&new)),
        };
        if !edits.is_empty() {
            let subject = new.subject;
            changes.push(Change {
                subject,
                kind,
                edits,
            });
        }
    }
    changes.extend(before.into_iter().map(|old| Change {
        subject: old.subject,
        kind: ChangeKind::Removed,
        edits: Vec::new(),
    }));
    changes
}

fn edits_from_nothing(new: &Entry) -> Vec<Edit> {
    let fields = new.fields.iter();
    let edit = |(field, after): (&String, &String)| Edit {
        field: field.clone(),
        before: None,
        after: Some(after.clone()),
    };
    fields.map(edit).collect()
}

fn edits(old: &Entry, new: &Entry) -> Vec<Edit> {
    let mut names: Vec<_> = old.fields.keys().chain(new.fields.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let edit = |name: &String| Edit {
        field: name.clone(),
        before: old.fields.get(name).cloned(),
        after: new.fields.get(name).cloned(),
    };
    let edits = names.into_iter().map(edit);
    let mut edits: Vec<_> = edits.filter(|edit| edit.before != edit.after).collect();
    if edits.is_empty() && old.packages != new.packages {
        edits.push(Edit {
            field: PACKAGES.to_owned(),
            before: Some(old.packages.join(", ")),
            after: Some(new.packages.join(", ")),
        });
    }
    edits
}

/// A form as names with their values, and its packages by name.
fn flatten(
    path: &str,
    form: &Form,
    fields: &mut BTreeMap<String, String>,
    packages: &mut Vec<String>,
) {
    let below = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    match form {
        Form::Text(text) => drop(fields.insert(path.to_owned(), text.clone())),
        Form::Truth(truth) => drop(fields.insert(path.to_owned(), truth.to_string())),
        Form::Count(count) => drop(fields.insert(path.to_owned(), count.to_string())),
        Form::Fields(inner) => {
            for (name, value) in inner {
                flatten(&below(name), value, fields, packages);
            }
        }
        Form::List(_) if path != PACKAGES => drop(fields.insert(path.to_owned(), inline(form))),
        Form::List(items) => {
            for item in items {
                let (name, rest) = package(item);
                let path = format!("{path}[{name}]");
                packages.push(name);
                fields.insert(path.clone(), "watched".to_owned());
                flatten(&path, &Form::Fields(rest), fields, packages);
            }
        }
    }
}

/// A value in one line, as YAML allows it.
fn inline(form: &Form) -> String {
    match form {
        Form::Text(text) => text.clone(),
        Form::Truth(truth) => truth.to_string(),
        Form::Count(count) => count.to_string(),
        Form::List(items) => {
            let items: Vec<_> = items.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        Form::Fields(fields) => {
            let fields = fields.iter();
            let fields: Vec<_> = fields
                .map(|(name, value)| format!("{name}: {}", inline(value)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
    }
}

/// A package's name, as sources are displayed, and its version options.
fn package(item: &Form) -> (String, Fields) {
    let Form::Fields(fields) = item else {
        return ("*".to_owned(), Fields::new());
    };
    let text = |field: &str| {
        fields.iter().find_map(|(name, value)| match value {
            Form::Text(text) if name == field => Some(text.as_str()),
            _ => None,
        })
    };
    let action = text("deploymentActionSlug").unwrap_or_default();
    let name = match text("packageReference") {
        Some(reference) => format!("{action}:{reference}"),
        None => action.to_owned(),
    };
    let is_option = |(name, _): &&(String, Form)| name == "versions" || name == "follow";
    (name, fields.iter().filter(is_option).cloned().collect())
}
