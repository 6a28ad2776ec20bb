//! The fields of a query or of a form.

use std::borrow::Cow;

/// Fields in their order. A name may repeat, as with checkboxes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Parses the query of an address.
    pub(crate) fn of_query(query: Option<&str>) -> Self {
        Self::of_body(query.unwrap_or_default().as_bytes())
    }

    /// Parses a body of the type `application/x-www-form-urlencoded`.
    pub(crate) fn of_body(body: &[u8]) -> Self {
        let owned =
            |(name, value): (Cow<'_, str>, Cow<'_, str>)| (name.into_owned(), value.into_owned());
        Self(form_urlencoded::parse(body).map(owned).collect())
    }

    /// Fields with these values; `None` omits a field.
    pub(crate) fn of_fields<const N: usize>(fields: [(&str, Option<String>); N]) -> Self {
        let fields = fields.into_iter();
        Self(
            fields
                .filter_map(|(name, value)| Some((name.to_owned(), value?)))
                .collect(),
        )
    }

    /// All fields with their names.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The trimmed text of the first field with this name; `None` if it is empty or missing.
    pub(crate) fn one(&self, name: &str) -> Option<String> {
        self.all(name).next()
    }

    /// The trimmed texts of all non-empty fields with this name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = String> + 'a {
        let of_name = self.0.iter().filter(move |(own, _)| own == name);
        of_name
            .map(|(_, value)| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    /// Whether a checkbox is checked.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.one(name).is_some()
    }
}
