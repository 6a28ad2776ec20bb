//! Templates of a release's number, notes and custom fields, in the language of Jinja.
//!
//! The names that a template may use:
//!
//! | name | meaning |
//! |---|---|
//! | `packages` | every package of the plan, each with `package`, `version`, `previous`, `digest`, `previousDigest`, `action`, `reference`, `link`, `changed`, `labels`, `platforms`, `commitLink`, `diffLink` |
//! | `changed` | the changed packages |
//! | `reason` | the reason for the release |
//! | `trigger`, `project`, `channel` | their names |
//! | `previous` | the number of the channel's previous release |
//! | `next` | the next number by the project's own versioning, if the server reports it |
//! | `gitRef` | the branch or tag, for projects in Git |
//!
//! Labels, platforms and links of commits are read from the registry only if a template looks them up: until then they are
//! `none`, and [`Lookups`] records the lookup.
//!
//! An unknown name is an error, not an empty text. A missing value is `none`, and an error too unless the template
//! provides a default with `or`. The work and the length of the result are bounded.

mod names;
mod values;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::PoisonError;

use minijinja::{
    Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value, escape_formatter,
};

use crate::metadata::VersionMetadata;
use crate::similar::unknown;
pub(crate) use values::Labels;
pub use values::Lookups;
use values::Partial;

/// The maximum number of steps of one rendering: enough for some thousand lines of notes.
const FUEL: u64 = 200_000;

/// The longest template, in bytes.
pub const MAX_TEMPLATE_BYTES: usize = 16 * 1024;

/// The longest result of a template, in bytes.
pub const MAX_RENDERED_BYTES: usize = 64 * 1024;

const NAME: &str = "template";

/// A parsed template.
#[derive(Clone, Debug)]
pub struct Template {
    environment: Environment<'static>,
}

/// The values of a template's names.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    known: Vec<(&'static str, Value)>,
    pending: Vec<(&'static str, Lookups)>,
}

/// A template that cannot be parsed or rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    #[error("it has more than {MAX_TEMPLATE_BYTES} bytes; shorten it")]
    TooLong,
    /// Invalid syntax, or an unknown name.
    #[error("line {line}: {problem}")]
    Invalid {
        /// The line, counted from 1.
        line: usize,
        problem: String,
    },
    #[error("it needs too many steps; simplify it")]
    TooMuchWork,
    #[error("its result has more than {MAX_RENDERED_BYTES} bytes; shorten it")]
    TooMuchText,
}

impl Facts {
    /// Adds a text; `None` becomes `none`.
    pub fn text(&mut self, name: &'static str, text: Option<&str>) {
        self.known
            .push((name, text.map_or(Value::from(()), Value::from)));
    }

    pub fn truth(&mut self, name: &'static str, truth: bool) {
        self.known.push((name, Value::from(truth)));
    }

    /// Adds a list of texts.
    pub fn texts(&mut self, name: &'static str, texts: &[String]) {
        self.known.push((name, Value::from(texts.to_vec())));
    }

    /// Adds the labels of a version.
    pub fn labels(&mut self, name: &'static str, metadata: &VersionMetadata) {
        let labels = Labels(metadata.clone());
        self.known.push((name, Value::from_object(labels)));
    }

    /// Adds names whose values are not known yet.
    pub fn pending(&mut self, names: &[&'static str], lookups: &Lookups) {
        let pending = names.iter().map(|name| (*name, lookups.clone()));
        self.pending.extend(pending);
    }

    /// Adds a list of items with their own values.
    pub fn list(&mut self, name: &'static str, items: impl IntoIterator<Item = Facts>) {
        let items: Vec<Value> = items.into_iter().map(Facts::value).collect();
        self.known.push((name, Value::from(items)));
    }

    fn value(self) -> Value {
        let known: BTreeMap<_, _> = self.known.into_iter().collect();
        match self.pending {
            none if none.is_empty() => Value::from(known),
            pending => Value::from_object(Partial { known, pending }),
        }
    }
}

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// If the text is too long or not a template.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        if text.len() > MAX_TEMPLATE_BYTES {
            return Err(TemplateError::TooLong);
        }
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment.set_formatter(format);
        environment.set_fuel(Some(FUEL));
        environment
            .add_template_owned(NAME, text.to_owned())
            .map_err(|error| template_error(&error))?;
        Ok(Self { environment })
    }

    /// An error for each unknown name in the template. Names of the release are found in all branches; names of
    /// packages, filters and functions only in branches that a release with two changed packages reaches.
    pub fn unknown_names(&self) -> Vec<String> {
        let Ok(template) = self.environment.get_template(NAME) else {
            return Vec::new();
        };
        let is_function = |name: &str| self.environment.globals().any(|(global, _)| global == name);
        let mut top: Vec<_> = template.undeclared_variables(false).into_iter().collect();
        top.retain(|name| !names::RELEASE.contains(&name.as_str()) && !is_function(name));
        top.sort_unstable();
        let lookups = names::Unknown::default();
        // The text does not matter: values of real releases differ.
        let rendered = template.render_captured_to(names::sample(&lookups), Capped::default());
        let of_language = rendered.err().filter(names_nothing);
        let of_language = of_language.map(|error| template_error(&error).to_string());
        let lookups = lookups.lock().unwrap_or_else(PoisonError::into_inner);
        let of_release = top
            .iter()
            .map(|name| unknown("name", name, &names::RELEASE));
        let of_package = lookups.iter();
        let of_package = of_package.map(|name| unknown("name of a package", name, &names::PACKAGE));
        of_release.chain(of_package).chain(of_language).collect()
    }

    /// Renders the template.
    ///
    /// # Errors
    /// If it uses an unknown name, or exceeds the bounds on work and length.
    pub fn render(&self, facts: &Facts) -> Result<String, TemplateError> {
        let mut text = Capped::default();
        let template = self.environment.get_template(NAME);
        let rendered = template
            .and_then(|template| template.render_captured_to(facts.clone().value(), &mut text));
        match rendered {
            Ok(_) => Ok(String::from_utf8_lossy(&text.bytes).into_owned()),
            Err(_) if text.is_full => Err(TemplateError::TooMuchText),
            Err(error) => Err(template_error(&error)),
        }
    }
}

/// Writes a value. A missing value is an error, not the text `none`.
fn format(output: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_none() {
        let detail = "the value is missing; provide a default with `or`";
        return Err(Error::new(ErrorKind::InvalidOperation, detail));
    }
    escape_formatter(output, state, value)
}

/// Accepts at most [`MAX_RENDERED_BYTES`].
#[derive(Default)]
struct Capped {
    bytes: Vec<u8>,
    is_full: bool,
}

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > MAX_RENDERED_BYTES {
            self.is_full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether a filter, test, function or method does not exist.
fn names_nothing(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::UnknownFilter
            | ErrorKind::UnknownTest
            | ErrorKind::UnknownFunction
            | ErrorKind::UnknownMethod
    )
}

fn template_error(error: &Error) -> TemplateError {
    if error.kind() == ErrorKind::OutOfFuel {
        return TemplateError::TooMuchWork;
    }
    let problem = match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    };
    TemplateError::Invalid {
        line: error.line().unwrap_or(1),
        problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        let mut package = Facts::default();
        package.text("version", Some("1.5.0"));
        package.text("digest", None);
        package.truth("changed", true);
        let mut facts = Facts::default();
        facts.list("packages", [package]);
        facts.text("reason", Some("<new>"));
        facts
    }

    #[test]
    fn template_renders_or_fails_with_its_line() {
        for (template, expected) in [
            ("{{ packages[0].version }}", Ok("1.5.0")),
            ("{{ packages[0].digest }}", Err(1)),
            ("{{ packages[0].digest or 'no digest' }}", Ok("no digest")),
            (
                "{% for one in packages %}- {{ one.version }}{% endfor %}",
                Ok("- 1.5.0"),
            ),
            ("{{ reason }}", Ok("<new>")),
            ("{% if packages[0].changed %}new{% endif %}", Ok("new")),
            (
                "#{Octopus.Version.NextPatch}",
                Ok("#{Octopus.Version.NextPatch}"),
            ),
            ("one\n{{ nothing }}", Err(2)),
            ("one\ntwo\n{{ packages[0", Err(3)),
            ("{{ packages[7].version }}", Err(1)),
        ] {
            let rendered = Template::parse(template).and_then(|one| one.render(&facts()));
            match (rendered, expected) {
                (Ok(text), Ok(expected)) => assert_eq!(text, expected, "{template}"),
                (Err(TemplateError::Invalid { line, .. }), Err(expected)) => {
                    assert_eq!(line, expected, "{template}");
                }
                (other, _) => panic!("{template}: {other:?}"),
            }
        }
    }

    #[test]
    fn template_reports_unknown_names_with_the_nearest() {
        for (text, expected) in [
            ("{{ reason }} {{ changed[0].version }}", &[][..]),
            (
                "{% for one in packages %}{{ one.link or 'none' }}{% endfor %}",
                &[],
            ),
            (
                "{% for n in range(3) %}{{ n }}{{ loop.index }}{% endfor %}",
                &[],
            ),
            (
                "{{ version }}",
                &[
                    "unknown name `version`; the known ones are packages, changed, reason, trigger, project, channel, previous, next, gitRef",
                ],
            ),
            (
                "{{ pakages[0].version }}",
                &["unknown name `pakages`; did you mean `packages`?"],
            ),
            (
                "{% if false %}{{ chanel }}{% endif %}",
                &["unknown name `chanel`; did you mean `channel`?"],
            ),
            (
                "{{ changed[0].verison }}",
                &["unknown name of a package `verison`; did you mean `version`?"],
            ),
            (
                "{% for one in packages %}{{ one.digset or 'none' }}{% endfor %}",
                &["unknown name of a package `digset`; did you mean `digest`?"],
            ),
            (
                "{{ reason | uper }}",
                &["line 1: unknown filter: filter uper is unknown"],
            ),
            (
                "{{ x }}",
                &[
                    "unknown name `x`; the known ones are packages, changed, reason, trigger, project, channel, previous, \
                   next, gitRef",
                ],
            ),
        ] {
            let found = Template::parse(text).unwrap().unknown_names();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn template_work_and_length_are_bounded() {
        let endless =
            "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
        let long = "{% for a in range(9999) %}0123456789{% endfor %}";
        let render = |text| Template::parse(text).and_then(|one| one.render(&facts()));
        assert_eq!(render(endless), Err(TemplateError::TooMuchWork));
        assert_eq!(render(long), Err(TemplateError::TooMuchText));
        let huge = "x".repeat(MAX_TEMPLATE_BYTES + 1);
        assert_eq!(
            Template::parse(&huge).map(drop),
            Err(TemplateError::TooLong)
        );
        assert!(Template::parse(&huge[1..]).is_ok());
    }

    #[test]
    fn template_result_may_have_the_maximum_length() {
        let twice = "x".repeat(MAX_RENDERED_BYTES / 8);
        let template = |more: &str| {
            let text = format!("{{% for a in range(8) %}}{{{{ reason }}}}{{% endfor %}}{more}");
            let mut facts = Facts::default();
            facts.text("reason", Some(&twice));
            Template::parse(&text).and_then(|one| one.render(&facts))
        };
        assert_eq!(template("").map(|text| text.len()), Ok(MAX_RENDERED_BYTES));
        assert_eq!(template("x"), Err(TemplateError::TooMuchText));
    }
}
