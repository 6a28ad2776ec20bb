//! Lenient reading of JSON that others write: a missing object, a `null` or a wrong type is an absent value.

use serde_json::Value;

/// A value and the ways down from it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Body<'a>(Option<&'a Value>);

impl<'a> Body<'a> {
    pub(crate) fn new(value: &'a Value) -> Self {
        Self(Some(value))
    }

    /// The value under a path of names, such as `["package", "owner"]`.
    pub(crate) fn at(self, path: &[&str]) -> Self {
        let mut value = self.0;
        for name in path {
            value = value.and_then(|value| value.get(name));
        }
        Self(value)
    }

    /// The text at a path, unless it is absent or empty.
    pub(crate) fn text(self, path: &[&str]) -> Option<&'a str> {
        let text = self.at(path).0?.as_str()?;
        Some(text).filter(|text| !text.is_empty())
    }

    /// The items of the list at a path; none if there is no list.
    pub(crate) fn items(self, path: &[&str]) -> impl Iterator<Item = Body<'a>> {
        let list = self.at(path).0.and_then(Value::as_array);
        list.into_iter().flatten().map(|value| Self(Some(value)))
    }

    pub(crate) fn is_object(self) -> bool {
        self.0.is_some_and(Value::is_object)
    }

    pub(crate) fn is_list(self) -> bool {
        self.0.is_some_and(Value::is_array)
    }

    /// Whether there is a value other than `null`.
    pub(crate) fn is_present(self) -> bool {
        self.0.is_some_and(|value| !value.is_null())
    }
}
