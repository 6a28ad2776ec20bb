//! A place in a text that moves forward only.

/// Reads a text from left to right.
pub(super) struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// The byte that comes next.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    /// Takes the next character if it is one of those asked for.
    pub(super) fn eat(&mut self, wanted: impl Fn(char) -> bool) -> bool {
        let found = self.peek().filter(|c| wanted(*c));
        self.at += found.map_or(0, char::len_utf8);
        found.is_some()
    }

    /// Takes characters as long as they are wanted.
    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'t str {
        let rest = &self.text[self.at..];
        let taken = &rest[..rest.find(|c| !wanted(c)).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    pub(super) fn skip_white(&mut self) {
        self.take_while(char::is_whitespace);
    }

    /// Runs an attempt; where it gives nothing, nothing has been read.
    pub(super) fn attempt<T>(&mut self, attempt: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let before = self.at;
        let result = attempt(self);
        if result.is_none() {
            self.at = before;
        }
        result
    }
}
