//! A cursor in a text that moves forward only.

pub(super) struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// The offset of the next byte.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    /// Consumes the next character if the predicate accepts it.
    pub(super) fn eat(&mut self, accepts: impl Fn(char) -> bool) -> bool {
        let found = self.peek().filter(|c| accepts(*c));
        self.at += found.map_or(0, char::len_utf8);
        found.is_some()
    }

    /// Consumes characters while the predicate accepts them.
    pub(super) fn take_while(&mut self, accepts: impl Fn(char) -> bool) -> &'t str {
        let rest = &self.text[self.at..];
        let taken = &rest[..rest.find(|c| !accepts(c)).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    pub(super) fn skip_white(&mut self) {
        self.take_while(char::is_whitespace);
    }

    /// Runs an attempt; if it returns `None`, the cursor does not move.
    pub(super) fn attempt<T>(&mut self, attempt: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let before = self.at;
        let result = attempt(self);
        if result.is_none() {
            self.at = before;
        }
        result
    }
}
