//! The template as data: every short form (`!Ref`, `!GetAtt`, ...) written out.

use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;

const TEMPLATE: &str = include_str!("../../../../template.yaml");

/// The template.
pub(crate) struct Template(Value);

impl Template {
    pub(crate) fn read() -> Self {
        Self::parse(TEMPLATE)
    }

    /// Another template.
    pub(crate) fn parse(text: &str) -> Self {
        let yaml = serde_yaml_ng::from_str(text).expect("the template is YAML");
        Self(written_out(yaml))
    }

    /// The resources of a type with their names.
    pub(crate) fn resources(&self, kind: &str) -> Vec<(&str, &Value)> {
        let all = self.0["Resources"].as_object().expect("resources");
        let found = all.iter().filter(|(_, resource)| resource["Type"] == kind);
        found
            .map(|(name, resource)| (name.as_str(), &resource["Properties"]))
            .collect()
    }

    /// The `DeletionPolicy` of a resource.
    pub(crate) fn deletion_policy(&self, name: &str) -> &Value {
        &self.0["Resources"][name]["DeletionPolicy"]
    }

    /// The condition of a resource.
    pub(crate) fn condition(&self, name: &str) -> Option<&str> {
        self.0["Resources"][name]["Condition"].as_str()
    }

    /// A parameter.
    pub(crate) fn parameter(&self, name: &str) -> &Value {
        &self.0["Parameters"][name]
    }

    /// The properties of all functions.
    pub(crate) fn globals(&self) -> &Value {
        &self.0["Globals"]["Function"]
    }
}

fn written_out(yaml: Yaml) -> Value {
    match yaml {
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = match tag.trim_start_matches('!') {
                "Ref" => "Ref".to_owned(),
                other => format!("Fn::{other}"),
            };
            json!({ name: written_out(tagged.value) })
        }
        Yaml::Sequence(items) => items.into_iter().map(written_out).collect(),
        Yaml::Mapping(fields) => {
            let field = |(name, value): (Yaml, Yaml)| {
                let name = name.as_str().expect("names are texts").to_owned();
                (name, written_out(value))
            };
            Value::Object(fields.into_iter().map(field).collect::<Map<_, _>>())
        }
        plain => serde_json::to_value(plain).expect("plain values are JSON"),
    }
}

/// The statements of a policy. Those that depend on a parameter are there as if it were given.
pub(crate) fn statements(document: &Value) -> Vec<&Value> {
    let all = document["Statement"].as_array().into_iter().flatten();
    all.map(|statement| match statement["Fn::If"].as_array() {
        Some(choice) => &choice[1],
        None => statement,
    })
    .collect()
}

/// A text or a list of texts, as actions and such are written.
pub(crate) fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        other => other
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect(),
    }
}

/// A list, or a single item in place of a list.
pub(crate) fn list(value: &Value) -> Vec<&Value> {
    value
        .as_array()
        .map_or_else(|| vec![value], |items| items.iter().collect())
}

/// The value of `name` if the stack has a customer's key, and if not.
pub(crate) fn with_and_without_key<'a>(properties: &'a Value, name: &str) -> [&'a Value; 2] {
    let choice = properties[name]["Fn::If"].as_array();
    let choice = choice.unwrap_or_else(|| panic!("{name} does not depend on HasOwnKey"));
    assert_eq!(choice[0], "HasOwnKey", "{name}");
    [&choice[1], &choice[2]]
}

/// The customer's key.
pub(crate) fn own_key() -> Value {
    json!({ "Ref": "KmsKeyArn" })
}

/// The absence of a property.
pub(crate) fn nothing() -> Value {
    json!({ "Ref": "AWS::NoValue" })
}
