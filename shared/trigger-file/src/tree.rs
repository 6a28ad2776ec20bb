//! The file as a tree of values with their places.
//!
//! Builds the tree from the parser's events and bounds its size: aliases are copies, and copies count. Errors of
//! single entries are collected; only invalid YAML ends the reading.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, StrInput, Tag};

use crate::fault::{FileError, Place};

/// The largest file, in bytes: a thousand triggers with notes of a page each.
pub const MAX_FILE_BYTES: usize = 1024 * 1024;

/// The deepest nesting; the fields need 8 levels.
const DEEPEST: usize = 16;

/// The most values of a file, including copies by alias.
const MAX_NODES: usize = 200_000;

/// A value with its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) content: Content,
}

/// A value.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Null,
    Truth(bool),
    Number(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A key with its place.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) place: Place,
    pub(crate) name: String,
}

/// The tree of a text and the errors of its entries.
///
/// # Errors
/// When the text is not valid YAML or exceeds a limit.
pub(crate) fn parse(text: &str) -> Result<(Node, Vec<FileError>), Vec<FileError>> {
    let start = Place { line: 1, column: 1 };
    if text.len() > MAX_FILE_BYTES {
        let problem = format!("the file has more than {MAX_FILE_BYTES} bytes; split it");
        return Err(vec![FileError::new(start, problem)]);
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut builder = Builder {
        text,
        parser: Parser::new_from_str(text),
        anchors: BTreeMap::new(),
        nodes: 0,
        faults: Vec::new(),
    };
    match builder.document() {
        Ok(node) => Ok((node, builder.faults)),
        Err(fault) => {
            builder.faults.push(fault);
            Err(builder.faults)
        }
    }
}

struct Builder<'a> {
    text: &'a str,
    parser: Parser<'a, StrInput<'a>>,
    /// The values of anchors, with their sizes.
    anchors: BTreeMap<usize, (Node, usize)>,
    nodes: usize,
    faults: Vec<FileError>,
}

impl<'a> Builder<'a> {
    fn document(&mut self) -> Result<Node, FileError> {
        self.next()?;
        let (event, place) = self.next()?;
        if matches!(event, Event::StreamEnd) {
            let problem = "the file is empty; write `triggers: []` for a file without triggers";
            return Err(FileError::new(place, problem));
        }
        let (event, place) = self.next()?;
        let node = self.node(event, place, 0)?;
        self.next()?;
        match self.next()? {
            (Event::StreamEnd, _) => Ok(node),
            (_, place) => {
                let problem = "a second document begins here; put all triggers into one";
                Err(FileError::new(place, problem))
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, Place), FileError> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, place(&span.start))),
            Some(Err(error)) => Err(not_yaml(&error, self.text)),
            None => Ok((Event::StreamEnd, Place { line: 1, column: 1 })),
        }
    }

    fn node(&mut self, event: Event<'a>, place: Place, depth: usize) -> Result<Node, FileError> {
        if depth > DEEPEST {
            let problem =
                format!("the nesting is deeper than {DEEPEST} levels; no field is nested so deep");
            return Err(FileError::new(place, problem));
        }
        let before = self.nodes;
        self.count(1, place)?;
        let (content, anchor) = match event {
            Event::Alias(anchor) => return self.alias(anchor, place),
            Event::Scalar(text, style, anchor, tag) => {
                self.no_tag(tag.as_deref(), place);
                let is_plain = style == ScalarStyle::Plain && tag.is_none();
                (scalar(text.into_owned(), is_plain), anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                self.no_tag(tag.as_deref(), place);
                (Content::List(self.list(depth)?), anchor)
            }
            Event::MappingStart(anchor, tag) => {
                self.no_tag(tag.as_deref(), place);
                (Content::Map(self.map(depth)?), anchor)
            }
            _ => return Err(FileError::new(place, "a value is expected here")),
        };
        let node = Node { place, content };
        if anchor > 0 {
            let size = self.nodes - before;
            self.anchors.insert(anchor, (node.clone(), size));
        }
        Ok(node)
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, FileError> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(items),
                (event, place) => items.push(self.node(event, place, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Vec<(Key, Node)>, FileError> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        let mut known: BTreeMap<String, Place> = BTreeMap::new();
        loop {
            let (event, place) = self.next()?;
            let name = match event {
                Event::MappingEnd => return Ok(entries),
                Event::Scalar(name, ..) => name.into_owned(),
                _ => return Err(FileError::new(place, "a field's name is expected here")),
            };
            let (event, value_place) = self.next()?;
            let mut value = self.node(event, value_place, depth + 1)?;
            if matches!(value.content, Content::Null) {
                // An absent value has no place of its own.
                value.place = place;
            }
            if let Some(first) = known.get(&name) {
                let problem = format!(
                    "`{name}` is repeated; remove it here or in line {}",
                    first.line
                );
                self.faults.push(FileError::new(place, problem));
                continue;
            }
            known.insert(name.clone(), place);
            entries.push((Key { place, name }, value));
        }
    }

    fn alias(&mut self, anchor: usize, place: Place) -> Result<Node, FileError> {
        let Some((node, size)) = self.anchors.get(&anchor).cloned() else {
            let problem = "an alias cannot be within its own anchor";
            return Err(FileError::new(place, problem));
        };
        self.count(size, place)?;
        Ok(node)
    }

    fn count(&mut self, nodes: usize, place: Place) -> Result<(), FileError> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES {
            let problem = format!("the file has more than {MAX_NODES} values; split it");
            return Err(FileError::new(place, problem));
        }
        Ok(())
    }

    fn no_tag(&mut self, tag: Option<&Tag>, place: Place) {
        let is_text = |tag: &Tag| tag.is_yaml_core_schema() && tag.suffix == "str";
        if let Some(tag) = tag.filter(|tag| !is_text(tag)) {
            let problem = format!("the tag `{tag}` has no meaning here; remove it");
            self.faults.push(FileError::new(place, problem));
        }
    }
}

fn place(marker: &Marker) -> Place {
    Place {
        line: marker.line(),
        column: marker.col() + 1,
    }
}

fn not_yaml(error: &ScanError, text: &str) -> FileError {
    let mut problem = format!("this is not valid YAML: {}", error.info());
    let line = error.marker().line();
    // The parser may report the line after the value.
    let lines = text.lines().take(line).skip(line.saturating_sub(2));
    if let Some(value) = lines.filter_map(trap).last() {
        problem.push_str(&format!(
            "; `{value}` has a meaning of its own in YAML, so quote it: \"{value}\""
        ));
    } else {
        problem.push_str("; check indentation, brackets and quotes up to this place");
    }
    FileError::new(place(error.marker()), problem)
}

/// A version range such as `[1.0,2.0)` or a `*` that is not quoted.
fn trap(line: &str) -> Option<&str> {
    let is_quoted = |at: usize| line[..at].ends_with(['"', '\'']);
    let starts = line.match_indices(['[', '(']).map(|(at, _)| at);
    for start in starts.filter(|at| !is_quoted(*at)) {
        let rest = &line[start..];
        let end = rest[1..].find([']', ')', '[', '(', '{', '"', '\'']);
        let Some(end) = end.map(|end| end + 2) else {
            continue;
        };
        let value = &rest[..end];
        let is_half_open = value.starts_with('(') || value.ends_with(')');
        let is_range = is_half_open && value.chars().any(|one| one.is_ascii_digit());
        if is_range {
            return Some(value);
        }
    }
    let star = line.match_indices('*').map(|(at, _)| at);
    // A name after the `*` makes it an alias.
    let is_alias = |at: usize| line[at + 1..].starts_with(|next: char| next.is_alphanumeric());
    let mut star = star.filter(|at| !is_quoted(*at) && !is_alias(*at));
    star.next().map(|at| &line[at..=at])
}

/// The value of a scalar by YAML 1.2's core schema; a quoted one is text.
fn scalar(text: String, is_plain: bool) -> Content {
    if !is_plain {
        return Content::Text(text);
    }
    match text.as_str() {
        "" | "~" | "null" | "Null" | "NULL" => Content::Null,
        "true" | "True" | "TRUE" => Content::Truth(true),
        "false" | "False" | "FALSE" => Content::Truth(false),
        other if is_number(other) => Content::Number(text),
        _ => Content::Text(text),
    }
}

fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if let Some(digits) = text.strip_prefix("0x") {
        return !digits.is_empty() && digits.chars().all(|c| c.is_ascii_hexdigit());
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return !digits.is_empty() && digits.chars().all(|c| c.is_digit(8));
    }
    if matches!(
        unsigned,
        ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN"
    ) {
        return true;
    }
    let starts = |c: char| c.is_ascii_digit() || c == '.';
    unsigned.starts_with(starts) && unsigned.parse::<f64>().is_ok()
}

impl Node {
    /// The kind of the value, for errors.
    pub(crate) fn kind(&self) -> &'static str {
        match self.content {
            Content::Null => "nothing",
            Content::Truth(_) => "true or false",
            Content::Number(_) => "a number",
            Content::Text(_) => "text",
            Content::List(_) => "a list",
            Content::Map(_) => "fields",
        }
    }

    /// The value of a field.
    pub(crate) fn get(&self, name: &str) -> Option<&Node> {
        match &self.content {
            Content::Map(entries) => entries
                .iter()
                .find(|(key, _)| key.name == name)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// The items of a list; of anything else, none.
    pub(crate) fn items(&self) -> &[Node] {
        match &self.content {
            Content::List(items) => items,
            _ => &[],
        }
    }

    /// The place of the value at a path of field names and positions in lists, such as
    /// `packages.1.versions.range`; of the nearest existing parent if the path does not exist.
    pub(crate) fn place_of(&self, path: &str) -> Place {
        let mut ends = path
            .match_indices('.')
            .map(|(end, _)| end)
            .chain([path.len()]);
        // A field's name may contain a dot, so every prefix of the path is tried.
        let step = ends.find_map(|end| Some((self.child(&path[..end])?, path.get(end + 1..))));
        match step {
            Some((child, Some(rest))) => child.place_of(rest),
            Some((child, None)) => child.place,
            None => self.place,
        }
    }

    fn child(&self, step: &str) -> Option<&Node> {
        let item = || self.items().get(step.parse::<usize>().ok()?);
        self.get(step).or_else(item)
    }
}
