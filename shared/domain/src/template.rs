//! Templates for a release's number, notes and custom fields, in the language of Jinja.
//!
//! What a template may use is what a [`crate::plan::Plan`] knows:
//!
//! | name | is |
//! |---|---|
//! | `packages` | every package of the plan, each with `package`, `version`, `previous`, `digest`, `previousDigest`, `action`, `reference`, `link`, `changed` |
//! | `changed` | those of them that changed |
//! | `reason` | why the release is made |
//! | `trigger`, `project`, `channel` | their names |
//! | `previous` | the number of the channel's previous release |
//! | `next` | the number that the project's own versioning would give, where the server says it |
//! | `gitRef` | the branch or tag, for projects in Git |
//!
//! A name that does not exist is an error and not an empty text; what may be absent is `none`, and an error
//! too unless the template says with `or` what stands in for it. The work
//! and the length of what comes out are bounded.

use std::collections::BTreeMap;
use std::io::{self, Write};

use minijinja::{
    Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value, escape_formatter,
};

/// The most steps that one rendering may take: some thousand lines of notes.
const FUEL: u64 = 200_000;

/// The longest template, in bytes.
pub const MAX_TEMPLATE_BYTES: usize = 16 * 1024;

/// The longest text that a template may give, in bytes.
pub const MAX_RENDERED_BYTES: usize = 64 * 1024;

const NAME: &str = "template";

/// A template that is ready to be filled in.
#[derive(Clone, Debug)]
pub struct Template {
    environment: Environment<'static>,
}

/// What a template is filled in with: names with their values.
#[derive(Clone, Debug, Default)]
pub struct Facts(Vec<(&'static str, Value)>);

/// A template that cannot be used, or could not be filled in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It is too long.
    #[error("it has more than {MAX_TEMPLATE_BYTES} bytes; shorten it")]
    TooLong,
    /// It is no template, or uses what there is not.
    #[error("line {line}: {problem}")]
    Invalid {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong there.
        problem: String,
    },
    /// It would take too much work.
    #[error("it takes too many steps; make it simpler")]
    TooMuchWork,
    /// It gave more than is allowed.
    #[error("it gives more than {MAX_RENDERED_BYTES} bytes; shorten it")]
    TooMuchText,
}

impl Facts {
    /// Adds a text; `None` becomes `none`.
    pub fn text(&mut self, name: &'static str, text: Option<&str>) {
        self.0
            .push((name, text.map_or(Value::from(()), Value::from)));
    }

    /// Adds a truth.
    pub fn truth(&mut self, name: &'static str, truth: bool) {
        self.0.push((name, Value::from(truth)));
    }

    /// Adds a list, each of whose items has facts of its own.
    pub fn list(&mut self, name: &'static str, items: impl IntoIterator<Item = Facts>) {
        let items: Vec<Value> = items.into_iter().map(Facts::value).collect();
        self.0.push((name, Value::from(items)));
    }

    fn value(self) -> Value {
        Value::from(self.0.into_iter().collect::<BTreeMap<_, _>>())
    }
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// Where it is too long, or no template; with the line.
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
            .map_err(|error| wrong(&error))?;
        Ok(Self { environment })
    }

    /// Fills the template in.
    ///
    /// # Errors
    /// Where it uses a name that there is not, takes too much work or gives too much text.
    pub fn render(&self, facts: &Facts) -> Result<String, TemplateError> {
        let mut text = Capped::default();
        let template = self.environment.get_template(NAME);
        let rendered = template
            .and_then(|template| template.render_captured_to(facts.clone().value(), &mut text));
        match rendered {
            Ok(_) => Ok(String::from_utf8_lossy(&text.bytes).into_owned()),
            Err(_) if text.is_full => Err(TemplateError::TooMuchText),
            Err(error) => Err(wrong(&error)),
        }
    }
}

/// Writes a value. What is absent is an error and not the word for it.
fn format(output: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_none() {
        let detail = "the value is none; say with `or` what stands in for it";
        return Err(Error::new(ErrorKind::InvalidOperation, detail));
    }
    escape_formatter(output, state, value)
}

/// Takes no more than [`MAX_RENDERED_BYTES`].
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

fn wrong(error: &Error) -> TemplateError {
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
    fn templates_are_filled_in_or_say_where_they_are_wrong() {
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
    fn work_and_text_are_bounded() {
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
    fn a_text_may_be_as_long_as_is_allowed() {
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
