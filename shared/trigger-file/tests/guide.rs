//! The examples of docs/TRIGGERS.md are valid.

use trigger_file::read;

const GUIDE: &str = include_str!("../../../docs/TRIGGERS.md");

/// The YAML in the guide, block by block.
fn examples() -> Vec<&'static str> {
    let blocks = GUIDE.split("```yaml\n").skip(1);
    let until_fence = |block: &'static str| block.split("\n```").next().unwrap_or_default();
    blocks.map(until_fence).collect()
}

/// A whole file as it is; the options of a trigger, within a trigger.
fn in_a_file(example: &str) -> String {
    if example.contains("\ntriggers:") {
        return example.to_owned();
    }
    let packages = if example.starts_with("packages:") {
        ""
    } else {
        "    packages: ['*']\n"
    };
    let lines = example.lines().map(|line| format!("    {line}\n"));
    format!(
        "triggers:\n  - name: Example\n    project: Shop\n{packages}{}",
        lines.collect::<String>()
    )
}

#[test]
fn every_example_can_be_applied() {
    let examples = examples();
    assert!(examples.len() >= 9, "{} examples found", examples.len());
    for example in examples {
        let file = in_a_file(example);
        if let Err(faults) = read("example.yaml", &file) {
            panic!("{faults}\n{file}");
        }
    }
}

#[test]
fn every_field_is_described() {
    let schema = trigger_file::schema();
    let mut fields = Vec::new();
    fields_of(&schema, &mut fields);
    assert!(fields.len() >= 30, "{fields:?}");
    for field in fields {
        let is_described = [
            format!("`{field}"),
            format!("### {field}"),
            format!("{field}:"),
        ]
        .iter()
        .any(|mention| GUIDE.contains(mention));
        assert!(is_described, "docs/TRIGGERS.md does not speak of {field}");
    }
}

/// Every name of a property in the schema.
fn fields_of(schema: &serde_json::Value, fields: &mut Vec<String>) {
    if let Some(properties) = schema["properties"].as_object() {
        fields.extend(properties.keys().cloned());
    }
    match schema {
        serde_json::Value::Object(object) => object.values().for_each(|one| fields_of(one, fields)),
        serde_json::Value::Array(list) => list.iter().for_each(|one| fields_of(one, fields)),
        _ => {}
    }
}
