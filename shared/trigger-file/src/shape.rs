//! The shape of a file as data: its fields and their permitted values.
//!
//! The reader and the schema use the same table ([`crate::fields`]), so they cannot disagree.

use domain::pattern::Pattern;
use domain::similar::unknown;
use domain::window::{Date, TimeOfDay};

use crate::duration;
use crate::fault::FileError;
use crate::tree::{Content, Node};

/// The permitted values of a field.
pub(crate) enum Shape {
    /// Text that is not empty; of this pattern, if there is one, which is described in words.
    Text(Option<(&'static str, &'static str)>),
    /// Text that may be empty.
    AnyText,
    Truth,
    /// A whole number from 1.
    Count(u32),
    Duration,
    /// A date, such as `2026-12-24`.
    Date,
    /// A time of a day, such as `09:30`.
    TimeOfDay,
    /// One of these words, each with its meaning.
    Choice(&'static [(&'static str, &'static str)]),
    Record(&'static Record),
    List {
        of: &'static Shape,
        least: usize,
        most: usize,
    },
    /// Any names, each with a value of this shape.
    Named(&'static Shape),
    /// A word, or fields.
    Either(&'static [(&'static str, &'static str)], &'static Record),
}

/// Fields that belong together.
pub(crate) struct Record {
    /// The name in the schema and in errors.
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) fields: &'static [&'static [Field]],
    /// Exactly one of these groups must be present, without fields of another one; empty for no such rule.
    pub(crate) one_of: &'static [Group],
}

/// Fields that are either absent, or have all required ones.
pub(crate) struct Group {
    pub(crate) required: &'static [&'static str],
    pub(crate) optional: &'static [&'static str],
}

impl Group {
    pub(crate) fn fields(&self) -> impl Iterator<Item = &'static str> {
        self.required.iter().chain(self.optional).copied()
    }
}

/// A field.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) is_required: bool,
    pub(crate) shape: Shape,
    pub(crate) about: &'static str,
    /// Example values.
    pub(crate) examples: &'static [&'static str],
}

impl Record {
    pub(crate) fn fields(&self) -> impl Iterator<Item = &'static Field> {
        self.fields.iter().copied().flatten()
    }
}

impl Shape {
    /// Reports every difference between a value and this shape.
    pub(crate) fn check(&self, node: &Node, faults: &mut Vec<FileError>) {
        match (self, &node.content) {
            (Self::Text(pattern), Content::Text(text)) => {
                if let Some(problem) = text_problem(text, *pattern) {
                    faults.push(FileError::new(node.place, problem));
                }
            }
            (Self::Duration, Content::Text(text)) => {
                let problem = duration::parse(text).err();
                faults.extend(problem.map(|problem| FileError::new(node.place, problem)));
            }
            (Self::Date, Content::Text(text)) => {
                let problem = text.parse::<Date>().err();
                faults
                    .extend(problem.map(|problem| FileError::new(node.place, problem.to_string())));
            }
            (Self::TimeOfDay, Content::Text(text)) => {
                let problem = text.parse::<TimeOfDay>().err();
                faults
                    .extend(problem.map(|problem| FileError::new(node.place, problem.to_string())));
            }
            (Self::Count(most), Content::Number(text)) => {
                let is_within = text.parse().is_ok_and(|count| (1..=*most).contains(&count));
                if !is_within {
                    let problem = format!("{text} is no whole number from 1 to {most}");
                    faults.push(FileError::new(node.place, problem));
                }
            }
            (Self::Choice(words) | Self::Either(words, _), Content::Text(text)) => {
                if !words.iter().any(|(word, _)| word == text) {
                    let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
                    let problem = unknown("value", text, &words);
                    faults.push(FileError::new(node.place, problem));
                }
            }
            (Self::List { of, least, most }, Content::List(items)) => {
                if !(*least..=*most).contains(&items.len()) {
                    let count = items.len();
                    let problem = format!(
                        "the list has {count} items; it must have {least} to {most} of them"
                    );
                    faults.push(FileError::new(node.place, problem));
                }
                items.iter().for_each(|item| of.check(item, faults));
            }
            (Self::Named(of), Content::Map(entries)) => {
                entries
                    .iter()
                    .for_each(|(_, value)| of.check(value, faults));
            }
            (Self::Record(record) | Self::Either(_, record), Content::Map(_)) => {
                record.check(node, faults);
            }
            (Self::AnyText, Content::Text(_)) | (Self::Truth, Content::Truth(_)) => {}
            _ => faults.push(FileError::new(node.place, self.mismatch(node))),
        }
    }

    fn mismatch(&self, node: &Node) -> String {
        let expected = self.expected();
        match (self, &node.content) {
            (_, Content::Null) => format!("{expected} is expected; remove the field for none"),
            (Self::Text(_) | Self::AnyText, Content::Number(text)) => {
                format!("text is expected, not a number; write it in quotes: \"{text}\"")
            }
            (Self::Text(_) | Self::AnyText, Content::Truth(truth)) => {
                format!("text is expected; write it in quotes: \"{truth}\"")
            }
            _ => format!("{expected} is expected, not {}", node.kind()),
        }
    }

    fn expected(&self) -> String {
        match self {
            Self::Text(_) | Self::AnyText => "text".to_owned(),
            Self::Truth => "true or false".to_owned(),
            Self::Count(most) => format!("a whole number from 1 to {most}"),
            Self::Date => "a date like 2026-12-24".to_owned(),
            Self::TimeOfDay => "a time of day like 09:30".to_owned(),
            Self::Duration => "a duration like 90s, 5m, 24h, 7d or 1h30m".to_owned(),
            Self::Choice(words) => format!("one of {}", listed(words)),
            Self::Record(record) => format!("{} with its fields", record.name),
            Self::List { .. } => "a list".to_owned(),
            Self::Named(_) => "names with their values".to_owned(),
            Self::Either(words, record) => {
                format!("{}, or {} with its fields", listed(words), record.name)
            }
        }
    }
}

fn listed(words: &[(&str, &str)]) -> String {
    let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
    words.join(", ")
}

fn text_problem(text: &str, pattern: Option<(&str, &str)>) -> Option<String> {
    if text.trim().is_empty() {
        return Some("it is empty; write a value, or remove the field".to_owned());
    }
    let (pattern, words) = pattern?;
    let matches = Pattern::parse(pattern).is_ok_and(|one| one.is_match(text).unwrap_or(false));
    (!matches).then(|| format!("`{text}` is not {words}"))
}

impl Record {
    fn check(&self, node: &Node, faults: &mut Vec<FileError>) {
        let Content::Map(entries) = &node.content else {
            return;
        };
        for (key, value) in entries {
            match self.fields().find(|field| field.name == key.name) {
                Some(field) => field.shape.check(value, faults),
                None => {
                    let known: Vec<_> = self.fields().map(|field| field.name).collect();
                    faults.push(FileError::new(
                        key.place,
                        unknown("field", &key.name, &known),
                    ));
                }
            }
        }
        for field in self.fields() {
            if field.is_required && node.get(field.name).is_none() {
                let problem = format!("{} has no `{}`; add it", self.name, field.name);
                faults.push(FileError::new(node.place, problem));
            }
        }
        self.check_groups(node, faults);
    }

    fn check_groups(&self, node: &Node, faults: &mut Vec<FileError>) {
        if self.one_of.is_empty() {
            return;
        }
        let has = |name: &str| node.get(name).is_some();
        let begun = || self.one_of.iter().filter(|group| group.fields().any(has));
        let is_full = |group: &Group| group.required.iter().all(|name| has(name));
        if begun().count() != 1 || !begun().all(is_full) {
            let groups = self.one_of.iter();
            let groups: Vec<_> = groups
                .map(|group| format!("`{}`", group.required.join("` and `")))
                .collect();
            let problem = format!("{} is named by {}", self.name, groups.join(", or by "));
            faults.push(FileError::new(node.place, problem));
        }
    }
}
