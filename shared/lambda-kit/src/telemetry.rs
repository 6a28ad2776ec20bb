//! Writes log lines: one JSON object per line, with the usual keys of Lambda logs.
//!
//! A line contains the fields of its event and of the enclosing spans (`service`, `function_request_id`,
//! `correlation_id`, `cold_start` and others), so that each line is complete and can be filtered by field. The
//! level is that of the function's `LoggingConfig`.

use std::fmt;
use std::io::Write;
use std::str::FromStr;
use std::sync::Mutex;

use host::log::may_be_logged;
use jiff::Timestamp;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

use crate::env::{self, Env};

/// Starts writing log lines to standard output.
///
/// A level that does not parse counts as `info`; a second call changes nothing.
pub fn init(env: &Env) {
    drop(tracing::subscriber::set_global_default(lines(
        env,
        std::io::stdout(),
    )));
}

/// The subscriber of [`init`], with another output.
pub fn lines<W: Write + Send + 'static>(
    env: &Env,
    out: W,
) -> impl Subscriber + Send + Sync + use<W> {
    let level = env
        .get(env::LOG_LEVEL)
        .and_then(|level| Level::from_str(level).ok());
    let service = env
        .get(env::SERVICE_NAME)
        .unwrap_or("feed-triggers")
        .to_owned();
    let lines = JsonLines {
        service,
        level: level.unwrap_or(Level::INFO),
        out: Mutex::new(out),
    };
    Registry::default().with(lines)
}

struct JsonLines<W> {
    service: String,
    level: Level,
    out: Mutex<W>,
}

/// The fields of a span, stored as its extension.
struct Fields(Map<String, Value>);

impl<S, W> Layer<S> for JsonLines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Write + 'static,
{
    fn enabled(&self, metadata: &tracing::Metadata<'_>, _: Context<'_, S>) -> bool {
        may_be_logged(metadata, self.level)
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields(Map::new());
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let mut line = Fields(Map::new());
        line.put("timestamp", Timestamp::now().to_string().into());
        line.put("level", metadata.level().as_str().into());
        line.put("message", Value::Null);
        line.put("service", self.service.clone().into());
        line.put("location", metadata.target().into());
        if let Some(scope) = context.event_scope(event) {
            for span in scope.from_root() {
                if let Some(fields) = span.extensions().get::<Fields>() {
                    line.0.extend(fields.0.clone());
                }
            }
        }
        event.record(&mut line);
        if let Ok(mut text) = serde_json::to_string(&line.0)
            && let Ok(mut out) = self.out.lock()
        {
            text.push('\n');
            drop(out.write_all(text.as_bytes()));
        }
    }
}

impl Fields {
    fn put(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field.name(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field.name(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), value.into());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.put(field.name(), engine::with_causes(value).into());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[derive(Clone, Default)]
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn lines_at(level: Level, act: impl FnOnce()) -> Vec<Value> {
        let captured = Captured::default();
        let out = Mutex::new(captured.clone());
        let lines = JsonLines {
            service: "test".into(),
            level,
            out,
        };
        tracing::subscriber::with_default(Registry::default().with(lines), act);
        let bytes = captured.0.lock().unwrap().clone();
        let text = String::from_utf8(bytes).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn a_line_has_the_fields_of_its_spans() {
        let lines = lines_at(Level::INFO, || {
            let _outer = tracing::info_span!("invoke", function_request_id = "r-1").entered();
            let _inner = tracing::info_span!("message", correlation_id = "c-1").entered();
            tracing::info!(feed = "ECR prod", changed = 2_u64, "packages changed");
        });
        let line = &lines[0];
        assert_eq!(line["message"], "packages changed");
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["service"], "test");
        assert_eq!(line["function_request_id"], "r-1");
        assert_eq!(line["correlation_id"], "c-1");
        assert_eq!(
            (&line["feed"], &line["changed"]),
            (&"ECR prod".into(), &2.into())
        );
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
    }

    #[test]
    fn the_level_is_heeded_and_libraries_are_quiet() {
        let lines = lines_at(Level::DEBUG, || {
            tracing::trace!(target: "feeds", "too fine");
            tracing::debug!(target: "feeds::session", "ours");
            tracing::debug!(target: "a_library", "theirs too");
            tracing::debug!(target: "hyper::client", "theirs");
            tracing::warn!(target: "aws_config", "their warning");
        });
        let messages: Vec<_> = lines
            .iter()
            .map(|line| line["message"].as_str().unwrap())
            .collect();
        assert_eq!(messages, ["ours", "their warning"]);
    }
}
