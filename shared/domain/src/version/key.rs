//! The order key: a string whose byte order is the order of versions.
//!
//! Text ends with a character below all others, so that a prefix sorts before the text that it starts. A number
//! is written as the count of its digits and then the digits, so that the longer of two numbers is the greater.
//! Where different kinds of items are possible, each kind starts with its own tag.

/// A key under construction.
pub(super) struct OrderKey(String);

/// Ends a text and a list of labels.
const END: char = '\0';
const NUMERIC_LABEL: char = '\u{1}';
const TEXT_LABEL: char = '\u{2}';
/// Replaces the labels of a version that has none; above every label.
const NO_LABELS: char = '\u{3}';

impl OrderKey {
    /// An empty key, with capacity for a version of the text's length.
    pub(super) fn for_text(text: &str) -> Self {
        Self(String::with_capacity(text.len() + 16))
    }

    /// One character, for the formats' own tags.
    pub(super) fn tag(&mut self, tag: char) {
        self.0.push(tag);
    }

    /// A number of any length, from its digits.
    pub(super) fn number(&mut self, digits: &str) {
        let significant = digits.trim_start_matches('0');
        let count = u32::try_from(significant.len())
            .ok()
            .and_then(char::from_u32);
        self.0.push(count.unwrap_or(char::MAX));
        self.0.push_str(significant);
    }

    /// Text in ordinal order.
    pub(super) fn text(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push(END);
    }

    /// ASCII text in ordinal order, regardless of case.
    pub(super) fn text_without_case(&mut self, text: &str) {
        self.0.extend(text.chars().map(|c| c.to_ascii_uppercase()));
        self.0.push(END);
    }

    /// For a version without labels, which is above all versions with labels.
    pub(super) fn no_labels(&mut self) {
        self.0.push(NO_LABELS);
    }

    /// Labels, compared pair by pair: a label that fits a signed 32-bit integer as a number, below all other
    /// labels. The shorter of two lists with the same start is the lower.
    pub(super) fn labels<'t>(&mut self, labels: impl Iterator<Item = &'t str>) {
        for label in labels {
            match label.parse::<i32>() {
                Ok(number) => {
                    self.0.push(NUMERIC_LABEL);
                    // Counted from the lowest, so that negative ones sort as well.
                    self.number(&(i64::from(number) - i64::from(i32::MIN)).to_string());
                }
                Err(_) => {
                    self.0.push(TEXT_LABEL);
                    self.text_without_case(label);
                }
            }
        }
        self.0.push(END);
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}
