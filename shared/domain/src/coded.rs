//! Texts for users that programs can read, too: a code, and the values that the text names.

use std::collections::BTreeMap;
use std::fmt;

/// A set of codes. Codes are only added.
pub trait Code: Copy + Default + PartialEq + 'static {
    /// The name in JSON.
    fn name(self) -> &'static str;

    /// The code with this name; the default if there is none.
    fn from_name(name: &str) -> Self;
}

/// A code with the values that its text names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details<C> {
    pub code: C,
    /// The values by name, such as `package` or `failedChecks`.
    pub values: BTreeMap<String, DetailValue>,
}

/// A value that a text names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DetailValue {
    Text(String),
    /// A count, or a span in seconds if the name ends in `Seconds`.
    Number(i64),
}

/// A text for users with its code and values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coded<C> {
    pub details: Details<C>,
    /// The text, which contains the values.
    pub message: String,
}

impl<C: Code> Details<C> {
    pub fn of(code: C) -> Self {
        Self {
            code,
            values: BTreeMap::new(),
        }
    }

    /// The same with a text.
    #[must_use]
    pub fn text(mut self, name: &str, value: impl Into<String>) -> Self {
        let value = DetailValue::Text(value.into());
        self.values.insert(name.to_owned(), value);
        self
    }

    /// The same with a number.
    #[must_use]
    pub fn number(mut self, name: &str, value: impl TryInto<i64>) -> Self {
        let value = DetailValue::Number(value.try_into().unwrap_or(i64::MAX));
        self.values.insert(name.to_owned(), value);
        self
    }
}

impl<C: Code> Coded<C> {
    pub fn new(code: C, message: impl Into<String>) -> Self {
        Self {
            details: Details::of(code),
            message: message.into(),
        }
    }

    /// The same with a text as value.
    #[must_use]
    pub fn text(self, name: &str, value: impl Into<String>) -> Self {
        Self {
            details: self.details.text(name, value),
            ..self
        }
    }

    /// The same with a number as value.
    #[must_use]
    pub fn number(self, name: &str, value: impl TryInto<i64>) -> Self {
        Self {
            details: self.details.number(name, value),
            ..self
        }
    }

    /// The same with another message about it.
    #[must_use]
    pub fn with_message(self, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..self
        }
    }
}

impl<C> fmt::Display for Coded<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// A text without a code, as rows of earlier versions contain it.
impl<C: Code> From<String> for Coded<C> {
    fn from(message: String) -> Self {
        Self::new(C::default(), message)
    }
}

impl<C: Code> From<&str> for Coded<C> {
    fn from(message: &str) -> Self {
        Self::new(C::default(), message)
    }
}

/// A text with a code of any set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodedText {
    /// The name of the code.
    pub code: &'static str,
    /// The values by name.
    pub values: BTreeMap<String, DetailValue>,
    pub message: String,
}

impl CodedText {
    /// A text about details.
    pub fn new<C: Code>(details: Details<C>, message: impl Into<String>) -> Self {
        Self {
            code: details.code.name(),
            values: details.values,
            message: message.into(),
        }
    }
}

impl<C: Code> From<Coded<C>> for CodedText {
    fn from(coded: Coded<C>) -> Self {
        Self::new(coded.details, coded.message)
    }
}

impl fmt::Display for CodedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Declares an enumeration of codes whose default is `Other`.
#[macro_export]
macro_rules! codes {
    ($(#[$of_type:meta])* $type:ident: $($(#[$doc:meta])* $code:ident),* $(,)?) => {
        $(#[$of_type])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub enum $type {
            $($(#[$doc])* $code,)*
            /// A code of another version of this program, or none.
            #[default]
            Other,
        }

        impl $type {
            /// All codes except `Other`.
            pub const ALL: &[Self] = &[$(Self::$code),*];
        }

        impl $crate::coded::Code for $type {
            fn name(self) -> &'static str {
                match self {
                    $(Self::$code => stringify!($code),)*
                    Self::Other => "Other",
                }
            }

            fn from_name(name: &str) -> Self {
                let mut all = Self::ALL.iter().copied();
                all.find(|code| code.name() == name).unwrap_or_default()
            }
        }
    };
}
