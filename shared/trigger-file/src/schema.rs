//! The JSON Schema of a file, generated from the table of fields, for editors and other validators. It covers
//! everything except what only the program can check: whether ranges, patterns and templates compile, and
//! whether options and triggers contradict each other.

use serde_json::{Map, Value, json};

use crate::duration;
use crate::fields::FILE;
use crate::shape::{Field, Group, Record, Shape};

/// The pattern of a date.
const DATE: &str = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$";

/// The pattern of a time of a day.
const TIME_OF_DAY: &str = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$";

/// The schema, in the 2020-12 form.
pub fn schema() -> Value {
    let mut definitions = Map::new();
    let mut schema = record(&FILE, &mut definitions);
    if let Some(schema) = schema.as_object_mut() {
        let draft = "https://json-schema.org/draft/2020-12/schema";
        schema.insert("$schema".to_owned(), json!(draft));
        schema.insert("title".to_owned(), json!("External feed triggers"));
        schema.insert("minProperties".to_owned(), json!(1));
        schema.insert("$defs".to_owned(), Value::Object(definitions));
    }
    schema
}

fn record(record: &Record, definitions: &mut Map<String, Value>) -> Value {
    let mut properties = Map::new();
    for one in record.fields() {
        properties.insert(one.name.to_owned(), field(one, definitions));
    }
    let required = record.fields().filter(|one| one.is_required);
    let required: Vec<_> = required.map(|one| one.name).collect();
    let mut schema = json!({
        "type": "object",
        "description": record.about,
        "additionalProperties": false,
        "properties": properties,
        "required": required,
    });
    if !record.one_of.is_empty() {
        let groups = record.one_of.iter().map(|group| only(group, record.one_of));
        schema["oneOf"] = groups.collect();
    }
    schema
}

/// A group's required fields, and none of the other groups'.
fn only(group: &Group, all: &[Group]) -> Value {
    let own: Vec<_> = group.fields().collect();
    let others = all.iter().flat_map(Group::fields);
    let others = others.filter(|name| !own.contains(name));
    let forbidden: Map<_, _> = others.map(|name| (name.to_owned(), json!(false))).collect();
    json!({ "required": group.required, "properties": forbidden })
}

fn field(field: &Field, definitions: &mut Map<String, Value>) -> Value {
    let mut schema = shape(&field.shape, definitions);
    schema["description"] = json!(field.about);
    if !field.examples.is_empty() {
        let example = |text: &&str| match field.shape {
            Shape::Truth | Shape::Count(_) => text.parse().unwrap_or_else(|_| json!(text)),
            _ => json!(text),
        };
        schema["examples"] = field.examples.iter().map(example).collect();
    }
    schema
}

fn shape(shape: &Shape, definitions: &mut Map<String, Value>) -> Value {
    match shape {
        Shape::Text(None) => json!({ "type": "string", "pattern": "\\S" }),
        Shape::Text(Some((pattern, _))) => json!({ "type": "string", "pattern": pattern }),
        Shape::AnyText => json!({ "type": "string" }),
        Shape::Truth => json!({ "type": "boolean" }),
        Shape::Count(most) => json!({ "type": "integer", "minimum": 1, "maximum": most }),
        Shape::Date => json!({ "type": "string", "format": "date", "pattern": DATE }),
        Shape::TimeOfDay => json!({ "type": "string", "pattern": TIME_OF_DAY }),
        Shape::Duration => json!({ "type": "string", "pattern": duration::PATTERN }),
        Shape::Choice(words) => json!({ "oneOf": choices(words) }),
        Shape::Record(one) => reference(one, definitions),
        Shape::List { of, least, most } => json!({
            "type": "array",
            "items": self::shape(of, definitions),
            "minItems": least,
            "maxItems": most,
        }),
        Shape::Named(of) => json!({
            "type": "object",
            "additionalProperties": self::shape(of, definitions),
        }),
        Shape::Either(words, one) => {
            let mut forms = choices(words);
            forms.push(reference(one, definitions));
            json!({ "oneOf": forms })
        }
    }
}

/// Each word with its meaning, which editors show beside it.
fn choices(words: &[(&str, &str)]) -> Vec<Value> {
    let words = words.iter();
    words
        .map(|(word, about)| json!({ "const": word, "description": about }))
        .collect()
}

fn reference(one: &Record, definitions: &mut Map<String, Value>) -> Value {
    let name = one.name.trim_start_matches("a ").replace('`', "");
    let name = name.replace(' ', "-");
    if !definitions.contains_key(&name) {
        // Inserted before its content, so that a recursive record ends here.
        definitions.insert(name.clone(), Value::Null);
        let schema = record(one, definitions);
        definitions.insert(name.clone(), schema);
    }
    json!({ "$ref": format!("#/$defs/{name}") })
}
