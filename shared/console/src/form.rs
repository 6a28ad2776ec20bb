//! The fields of a query or of a form.

use std::borrow::Cow;

/// Fields by name, in their order. A name may stand there more than once, as ticked boxes do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Of an address.
    pub(crate) fn of_query(query: Option<&str>) -> Self {
        Self::of_body(query.unwrap_or_default().as_bytes())
    }

    /// Of a body of the type `application/x-www-form-urlencoded`.
    pub(crate) fn of_body(body: &[u8]) -> Self {
        let owned =
            |(name, value): (Cow<'_, str>, Cow<'_, str>)| (name.into_owned(), value.into_owned());
        Self(form_urlencoded::parse(body).map(owned).collect())
    }

    /// The field's text without the blanks around it; nothing if it is empty or not there.
    pub(crate) fn one(&self, name: &str) -> Option<String> {
        self.all(name).next()
    }

    /// The texts of all fields of this name that are not empty.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = String> + 'a {
        let of_name = self.0.iter().filter(move |(own, _)| own == name);
        of_name
            .map(|(_, value)| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    /// Whether a box is ticked.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.one(name).is_some()
    }
}
