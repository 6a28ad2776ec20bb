//! Parses an index in YAML, event by event.
//!
//! Only the watched charts are kept. Skipped values may have anything that YAML allows. In watched charts, aliases of
//! short texts and of versions of the same chart are replaced by their values; other aliases are refused, and none is
//! ever expanded. Depth, long values and the number of anchors are limited.

use std::cell::Cell;
use std::collections::HashMap;
use std::io::BufRead;
use std::rc::Rc;

use saphyr_parser::{BufferedInput, Event, Parser, ScalarStyle};

use super::bytes::{Allowance, Chars, FirstError};
use super::chart::{Chart, Entry, Index, Versions};
use super::error::IndexError;
use super::labels::Labels;
use super::long_tokens::{LongTokens, MAX_KEPT, Position};
use super::selected::Selected;

/// The maximum depth. Annotations and dependencies of charts reach 10.
const MAX_DEPTH: usize = 64;

/// The maximum number of characters without an event, after [`LongTokens`]. Only values without an end that it
/// recognizes reach it: a plain text with a lot of punctuation, or comments.
const MAX_VALUE: usize = 256 << 10;

/// The maximum number of anchors. The parser keeps their names, some 100 bytes each.
const MAX_ANCHORS: usize = 20_000;

/// The maximum length of a text that an alias may refer to: versions, dates and digests are shorter.
const MAX_ANCHORED_TEXT: usize = 256;

/// The maximum number of texts and versions that are kept for aliases.
const MAX_ANCHORED: usize = 4_096;

/// The watched charts in an index.
pub(super) fn index(
    bytes: impl BufRead + 'static,
    selected: Selected,
    first_error: &FirstError,
) -> Result<Index, IndexError> {
    let allowance = Allowance::new(MAX_VALUE);
    let ended = Rc::new(Cell::new(false));
    let chars = Chars::new(
        bytes,
        allowance.clone(),
        Rc::clone(&ended),
        first_error.clone(),
    );
    let position = Position::default();
    let parser = Parser::new_from_iter(LongTokens::new(chars, position.clone(), allowance.clone()));
    let mut reader = Reader {
        parser,
        position,
        is_shortened: false,
        allowance,
        ended,
        depth: 0,
        selected,
        index: Index::default(),
        texts: HashMap::new(),
        entries: HashMap::new(),
    };
    reader.read()?;
    Ok(reader.index)
}

/// The state of reading an index.
struct Reader<I: Iterator<Item = char>> {
    parser: Parser<'static, BufferedInput<I>>,
    position: Position,
    /// Whether the value of the last event was shortened.
    is_shortened: bool,
    allowance: Allowance,
    ended: Rc<Cell<bool>>,
    depth: usize,
    selected: Selected,
    index: Index,
    /// Short texts with an anchor, by its id; `None` for null.
    texts: HashMap<usize, Option<String>>,
    /// Versions with an anchor, by its id.
    entries: HashMap<usize, Entry>,
}

impl<I: Iterator<Item = char>> Reader<I> {
    fn read(&mut self) -> Result<(), IndexError> {
        let (mut has_version, mut has_entries) = (false, false);
        // The starts of stream and document; an empty stream has no document.
        self.next()?;
        if matches!(self.next()?, Event::StreamEnd) {
            return Err(IndexError::Empty);
        }
        let first = self.next()?;
        self.expect_mapping(&first)?;
        while let Some(key) = self.key()? {
            match key.as_str() {
                "apiVersion" if has_version => return Err(IndexError::Twice(key)),
                "apiVersion" => has_version = self.scalar()?.is_some(),
                "entries" if has_entries => return Err(IndexError::Twice(key)),
                "entries" => {
                    has_entries = true;
                    self.entries()?;
                }
                "serverInfo" => self.index.chart_museum = self.server_info()?,
                _ => self.skip()?,
            }
        }
        self.expect_end()?;
        match (has_version, has_entries) {
            (false, _) => Err(IndexError::NoApiVersion),
            (true, false) => Err(IndexError::NoEntries),
            (true, true) => Ok(()),
        }
    }

    /// Reads to the end of the stream. Empty documents, such as after a trailing `---`, are ignored; another document
    /// would be another index.
    fn expect_end(&mut self) -> Result<(), IndexError> {
        self.next()?;
        loop {
            match self.next()? {
                Event::StreamEnd => return Ok(()),
                Event::DocumentStart(_) | Event::DocumentEnd => {}
                event if is_null(&event) => {}
                _ => {
                    return Err(IndexError::Unexpected {
                        what: "a second document",
                        expected: "its end",
                    });
                }
            }
        }
    }

    fn entries(&mut self) -> Result<(), IndexError> {
        let first = self.next()?;
        if is_null(&first) {
            return Ok(());
        }
        self.expect_mapping(&first)?;
        while let Some(chart) = self.key()? {
            if !self.selected.charts.contains(&chart) {
                self.skip()?;
                continue;
            }
            let versions = self.versions(&chart)?;
            if self.index.charts.contains_key(&chart) {
                return Err(IndexError::Twice(chart));
            }
            self.index.charts.insert(chart, versions);
        }
        Ok(())
    }

    /// The context path of a ChartMuseum; `None` if it is null.
    fn server_info(&mut self) -> Result<Option<String>, IndexError> {
        let before = self.depth;
        if !matches!(self.next()?, Event::MappingStart(..)) {
            while self.depth > before {
                self.next()?;
            }
            return Ok(None);
        }
        let mut path = String::new();
        while let Some(key) = self.key()? {
            match key.as_str() {
                "contextPath" => path = self.advisory()?.unwrap_or_default(),
                _ => self.skip()?,
            }
        }
        Ok(Some(path))
    }

    fn versions(&mut self, chart: &str) -> Result<Chart, IndexError> {
        let mut versions = Versions::with_labels_of(self.selected.described(chart));
        let first = self.next()?;
        if is_null(&first) {
            return Ok(versions.into_chart());
        }
        if matches!(first, Event::Alias(_)) {
            return Err(IndexError::Alias);
        }
        if !matches!(first, Event::SequenceStart(..)) {
            return Err(unexpected(&first, "a list of versions"));
        }
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(versions.into_chart()),
                event if is_null(&event) => {}
                Event::Alias(id) => match self.entries.get(&id) {
                    Some(entry) => versions.add(entry.clone()),
                    None => return Err(IndexError::Alias),
                },
                event => {
                    self.expect_mapping(&event)?;
                    let entry = self.entry(versions.has_labels())?;
                    if let Event::MappingStart(id @ 1.., _) = event
                        && self.entries.len() < MAX_ANCHORED
                    {
                        // Versions that are kept for aliases have no labels.
                        let labels = Labels::default();
                        let kept = Entry {
                            version: entry.version.clone(),
                            created: entry.created.clone(),
                            digest: entry.digest.clone(),
                            removed: entry.removed,
                            labels,
                        };
                        self.entries.insert(id, kept);
                    }
                    versions.add(entry);
                }
            }
        }
    }

    fn entry(&mut self, with_labels: bool) -> Result<Entry, IndexError> {
        let mut entry = Entry::default();
        let mut removed = None;
        let mut merged = None;
        while let Some(key) = self.key()? {
            let value = match key.as_str() {
                "version" => &mut entry.version,
                "created" => &mut entry.created,
                "digest" => &mut entry.digest,
                "removed" => &mut removed,
                "<<" => {
                    let Event::Alias(id) = self.next()? else {
                        return Err(IndexError::Alias);
                    };
                    merged = self.entries.get(&id).cloned();
                    if merged.is_none() {
                        return Err(IndexError::Alias);
                    }
                    continue;
                }
                name => {
                    match with_labels {
                        true => self.label(name, &mut entry.labels)?,
                        false => self.skip()?,
                    }
                    continue;
                }
            };
            if value.is_some() {
                return Err(IndexError::Twice(key));
            }
            *value = match key.as_str() {
                "version" => self.scalar()?,
                _ => self.advisory()?,
            };
        }
        if let Some(merged) = merged {
            entry.version = entry.version.or(merged.version);
            entry.created = entry.created.or(merged.created);
            entry.digest = entry.digest.or(merged.digest);
        }
        entry.removed = removed.as_deref() == Some("true");
        Ok(entry)
    }

    /// Reads a field of an entry for its labels. The first value of a repeated field counts.
    fn label(&mut self, name: &str, labels: &mut Labels) -> Result<(), IndexError> {
        match name {
            "annotations" => self.annotations(labels)?,
            "sources" => {
                let first = self.first_text()?;
                labels.source = labels.source.take().or(first);
            }
            "home" => {
                let home = self.advisory()?;
                labels.home = labels.home.take().or(home);
            }
            "appVersion" => {
                let version = self.advisory()?;
                labels.app_version = labels.app_version.take().or(version);
            }
            _ => self.skip()?,
        }
        Ok(())
    }

    fn annotations(&mut self, labels: &mut Labels) -> Result<(), IndexError> {
        let before = self.depth;
        if !matches!(self.next()?, Event::MappingStart(..)) {
            return self.leave(before);
        }
        loop {
            let before = self.depth;
            match self.next()? {
                Event::MappingEnd => return Ok(()),
                Event::Scalar(name, ..) if !self.is_shortened => {
                    let value = self.advisory()?;
                    labels.annotate(name.into_owned(), value);
                }
                _ => {
                    // A key that is no short text, and its value.
                    self.leave(before)?;
                    self.skip()?;
                }
            }
        }
    }

    /// The first text of a list. `None`: it is none, or is empty.
    fn first_text(&mut self) -> Result<Option<String>, IndexError> {
        let before = self.depth;
        let mut first = None;
        if matches!(self.next()?, Event::SequenceStart(..)) {
            while self.depth > before {
                match self.next()? {
                    Event::Scalar(text, ..) if self.depth == before + 1 && !self.is_shortened => {
                        first.get_or_insert(text.into_owned());
                    }
                    _ => {}
                }
            }
        }
        self.leave(before)?;
        Ok(first)
    }

    /// Skips to the end of a value that began at this depth.
    fn leave(&mut self, before: usize) -> Result<(), IndexError> {
        while self.depth > before {
            self.next()?;
        }
        Ok(())
    }

    /// The next key of a mapping; `None` at its end.
    fn key(&mut self) -> Result<Option<String>, IndexError> {
        let before = self.depth;
        match self.next()? {
            Event::MappingEnd => Ok(None),
            Event::Scalar(..) if self.is_shortened => Err(IndexError::LongText { limit: MAX_KEPT }),
            Event::Scalar(text, ..) => Ok(Some(text.into_owned())),
            Event::Alias(id) => Ok(Some(
                self.texts.get(&id).cloned().flatten().unwrap_or_default(),
            )),
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                // A key that is no text is not one that is read.
                while self.depth > before {
                    self.next()?;
                }
                Ok(Some(String::new()))
            }
            other => Err(unexpected(&other, "a name")),
        }
    }

    /// A value that is text; `None` if it is null.
    fn scalar(&mut self) -> Result<Option<String>, IndexError> {
        match self.next()? {
            event if is_null(&event) => Ok(None),
            Event::Scalar(..) if self.is_shortened => Err(IndexError::LongText { limit: MAX_KEPT }),
            Event::Scalar(text, ..) => Ok(Some(text.into_owned())),
            Event::Alias(id) => self.texts.get(&id).cloned().ok_or(IndexError::Alias),
            other => Err(unexpected(&other, "text")),
        }
    }

    /// A value that is not required: `None` if it is null, too long, or a list or a mapping, which is skipped.
    fn advisory(&mut self) -> Result<Option<String>, IndexError> {
        let before = self.depth;
        let event = self.next()?;
        if is_null(&event) {
            return Ok(None);
        }
        match event {
            Event::Scalar(text, ..) if !self.is_shortened => {
                return Ok(Some(text.into_owned()));
            }
            Event::Alias(id) => return Ok(self.texts.get(&id).cloned().flatten()),
            _ => {}
        }
        while self.depth > before {
            self.next()?;
        }
        Ok(None)
    }

    /// Skips a value.
    fn skip(&mut self) -> Result<(), IndexError> {
        let before = self.depth;
        loop {
            self.next()?;
            if self.depth == before {
                return Ok(());
            }
        }
    }

    fn expect_mapping(&self, event: &Event<'_>) -> Result<(), IndexError> {
        match event {
            Event::MappingStart(..) => Ok(()),
            other => Err(unexpected(other, "a mapping")),
        }
    }

    fn next(&mut self) -> Result<Event<'static>, IndexError> {
        let event = match self.parser.next_event() {
            Some(Ok((event, span))) => {
                self.is_shortened = self.position.event(span.end.index());
                event
            }
            // A syntax error at the end of the text means that the text was cut.
            Some(Err(_)) | None if self.ended.get() => return Err(IndexError::Cut),
            Some(Err(error)) => {
                return Err(IndexError::Yaml {
                    info: error.info().to_owned(),
                    line: Some(error.marker().line() + self.position.dropped_lines()),
                    column: error.marker().col() + 1,
                });
            }
            None => return Err(IndexError::Cut),
        };
        self.allowance.reset();
        match &event {
            Event::Scalar(_, _, id, _)
            | Event::SequenceStart(id, _)
            | Event::MappingStart(id, _)
                if *id > MAX_ANCHORS =>
            {
                return Err(IndexError::Anchors { limit: MAX_ANCHORS });
            }
            Event::Scalar(text, _, id @ 1.., _)
                if text.len() <= MAX_ANCHORED_TEXT && self.texts.len() < MAX_ANCHORED =>
            {
                let text = (!is_null(&event)).then(|| text.to_string());
                self.texts.insert(*id, text);
            }
            _ => {}
        }
        match event {
            Event::SequenceStart(..) | Event::MappingStart(..) => self.depth += 1,
            Event::SequenceEnd | Event::MappingEnd => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if self.depth > MAX_DEPTH {
            return Err(IndexError::Depth { limit: MAX_DEPTH });
        }
        Ok(event)
    }
}

/// Whether a scalar is null by YAML's core schema.
fn is_null(event: &Event<'_>) -> bool {
    matches!(event, Event::Scalar(text, ScalarStyle::Plain, ..)
        if matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL"))
}

fn unexpected(event: &Event<'_>, expected: &'static str) -> IndexError {
    let what = match event {
        Event::Scalar(..) => "text",
        Event::SequenceStart(..) => "a list",
        Event::MappingStart(..) => "a mapping",
        _ => "an end",
    };
    IndexError::Unexpected { what, expected }
}
