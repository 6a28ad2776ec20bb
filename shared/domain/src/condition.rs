//! Conditions on a release (`if`), as expressions in the language of Jinja: `packages.web.change != "major"`.
//!
//! The names that an expression may use:
//!
//! | name | meaning |
//! |---|---|
//! | `packages` | the packages of the possible release: a list, and a map by package reference, package name, action or `action:reference` |
//! | `changed` | those of them that changed |
//! | `previous` | the channel's previous release: `version` and `created` |
//! | `channel`, `project` | their names |
//! | `now` | the time of the decision |
//!
//! [`PACKAGE_NAMES`] are the names of a package. Times are in seconds since 1970; a missing value is `none`. An unknown
//! name is an error, and the result must be true or false. The length and the work of an expression are bounded.

mod lexer;
mod package;
mod paths;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, ErrorKind, Expression, UndefinedBehavior, Value};

pub use package::{ChangeLevel, PACKAGE_NAMES, PackageFacts};
use package::{Packages, UnknownNames};
use paths::{Known, Path, RELEASE_NAMES};

use crate::metadata::VersionMetadata;
use crate::time::Timestamp;

/// The longest condition, in bytes.
pub const MAX_CONDITION_BYTES: usize = 4 * 1024;

/// The maximum number of steps of one evaluation: enough for some hundred packages.
const FUEL: u64 = 20_000;

/// The maximum number of characters of a value that [`Evaluator::values`] returns.
const MAX_VALUE_CHARACTERS: usize = 200;

/// The maximum number of values that [`Evaluator::values`] returns.
const MAX_VALUES: usize = 8;

/// A parsed condition.
#[derive(Clone, Debug)]
pub struct ReleaseCondition {
    text: String,
    environment: Environment<'static>,
}

/// A possible release, as a condition uses it.
#[derive(Clone, Debug, Default)]
pub struct ReleaseFacts {
    pub packages: Vec<PackageFacts>,
    /// The number of the channel's previous release, and when it was created.
    pub previous: Option<(String, Option<Timestamp>)>,
    pub channel: String,
    pub project: String,
    pub now: Timestamp,
}

/// A condition that cannot be parsed or evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConditionError {
    #[error("it has more than {MAX_CONDITION_BYTES} bytes; shorten it")]
    TooLong,
    /// Invalid syntax, an unknown name, or a value of the wrong kind.
    #[error("{0}")]
    Invalid(String),
    #[error("it results in {0}, not in true or false; write a comparison")]
    NotABoolean(String),
    #[error("it needs too much work; shorten it")]
    TooMuchWork,
}

impl ReleaseCondition {
    /// Parses a condition.
    ///
    /// # Errors
    /// If the text is too long or not an expression.
    pub fn parse(text: &str) -> Result<Self, ConditionError> {
        if text.len() > MAX_CONDITION_BYTES {
            return Err(ConditionError::TooLong);
        }
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        let condition = Self {
            text: text.to_owned(),
            environment,
        };
        condition.compiled()?;
        Ok(condition)
    }

    /// An error for each unknown name, in all branches, and for a result that is neither true nor false with sample
    /// packages. Names of packages are not known here.
    pub fn problems(&self) -> Vec<String> {
        let is_known = |kind: Known, name: &str| self.is_known(kind, name);
        let mut problems = paths::unknown_names(&self.text, is_known);
        if problems.is_empty()
            && let Ok(evaluator) = self.evaluator()
            && let Err(error @ ConditionError::NotABoolean(_)) = evaluator.is_met(&sample())
        {
            problems.push(error.to_string());
        }
        problems
    }

    /// Prepares evaluations of several possible releases.
    ///
    /// # Errors
    /// None, after [`ReleaseCondition::parse`].
    pub fn evaluator(&self) -> Result<Evaluator<'_>, ConditionError> {
        Ok(Evaluator {
            condition: self,
            expression: self.compiled()?,
        })
    }

    fn compiled(&self) -> Result<Expression<'_, '_>, ConditionError> {
        let compiled = self.environment.compile_expression(&self.text);
        compiled.map_err(|error| condition_error(&error))
    }

    /// Whether the language has a filter, test or function.
    fn is_known(&self, kind: Known, name: &str) -> bool {
        let probe = match kind {
            Known::Function => return self.environment.globals().any(|(known, _)| known == name),
            Known::Filter => "name is filter",
            Known::Test => "name is test",
        };
        let result = self.environment.compile_expression(probe);
        let result =
            result.and_then(|probe| probe.eval(BTreeMap::from([("name", Value::from(name))])));
        result.is_ok_and(|known| known.is_true())
    }
}

/// A compiled condition.
pub struct Evaluator<'c> {
    condition: &'c ReleaseCondition,
    expression: Expression<'c, 'c>,
}

impl Evaluator<'_> {
    /// Whether a release meets the condition.
    ///
    /// # Errors
    /// If the expression uses an unknown name, exceeds the bound on work, or results in something else than true or false.
    pub fn is_met(&self, release: &ReleaseFacts) -> Result<bool, ConditionError> {
        let unknown = UnknownNames::default();
        let value = self.expression.eval(context(release, &unknown));
        let is_undefined = match &value {
            Ok(value) => value.is_undefined(),
            Err(error) => error.kind() == ErrorKind::UndefinedError,
        };
        let unknown = unknown.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(problem) = unknown.first().filter(|_| is_undefined) {
            return Err(ConditionError::Invalid(problem.clone()));
        }
        let value = value.map_err(|error| condition_error(&error))?;
        match value.kind() {
            ValueKind::Bool => Ok(value.is_true()),
            kind => Err(ConditionError::NotABoolean(match kind {
                ValueKind::None | ValueKind::Undefined => "no value".to_owned(),
                kind => format!("a {kind}"),
            })),
        }
    }

    /// The values that decided: each name of the condition with its value, as text, at most eight of them.
    pub fn values(&self, release: &ReleaseFacts) -> Vec<(String, String)> {
        let context = context(release, &UnknownNames::default());
        let paths = paths::paths(&self.condition.text).into_iter();
        let known = paths.filter(|path| RELEASE_NAMES.contains(&path.root));
        let value = |path: Path<'_>| {
            let environment = &self.condition.environment;
            let compiled = environment.compile_expression(path.text).ok()?;
            let value = compiled.eval(&context).ok()?;
            let value = match value.is_undefined() {
                // It was not read, because another part of the condition decided.
                true if path.is_of_metadata() => return None,
                true => "undefined".to_owned(),
                false => shortened(&package::text(&value)),
            };
            Some((path.text.to_owned(), value))
        };
        let mut values: Vec<(String, String)> = Vec::new();
        for (path, value) in known.filter_map(value) {
            if values.len() < MAX_VALUES && !values.iter().any(|(known, _)| *known == path) {
                values.push((path, value));
            }
        }
        values
    }
}

fn context(release: &ReleaseFacts, unknown: &UnknownNames) -> Value {
    let packages = |packages: Vec<PackageFacts>| {
        Value::from_object(Packages {
            packages,
            unknown: Arc::clone(unknown),
        })
    };
    let changed = release.packages.iter().filter(|one| one.is_changed);
    let (version, created) = match &release.previous {
        Some((version, created)) => (Value::from(version.as_str()), *created),
        None => (Value::from(()), None),
    };
    let created = created.map_or(Value::from(()), |at| Value::from(at.as_seconds()));
    Value::from(BTreeMap::from([
        ("packages", packages(release.packages.clone())),
        ("changed", packages(changed.cloned().collect())),
        (
            "previous",
            Value::from(BTreeMap::from([("version", version), ("created", created)])),
        ),
        ("channel", Value::from(release.channel.as_str())),
        ("project", Value::from(release.project.as_str())),
        ("now", Value::from(release.now.as_seconds())),
    ]))
}

/// A release of two packages with a value for every name.
fn sample() -> ReleaseFacts {
    let package = PackageFacts {
        is_sample: true,
        version: "1.0.1".to_owned(),
        previous: Some("1.0.0".to_owned()),
        digest: Some("sha256:1".to_owned()),
        previous_digest: Some("sha256:0".to_owned()),
        published: Some(Timestamp::default()),
        change: ChangeLevel::Patch,
        is_changed: true,
        metadata: Some(VersionMetadata::default()),
        ..PackageFacts::default()
    };
    ReleaseFacts {
        packages: vec![package.clone(), package],
        previous: Some(("1.0.0".to_owned(), Some(Timestamp::default()))),
        ..ReleaseFacts::default()
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_VALUE_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn condition_error(error: &Error) -> ConditionError {
    if error.kind() == ErrorKind::OutOfFuel {
        return ConditionError::TooMuchWork;
    }
    ConditionError::Invalid(match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    })
}
