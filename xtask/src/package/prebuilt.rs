//! `template-prebuilt.yaml`: the template with the packaged functions instead of their sources, for `sam deploy`
//! without a compiler.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

/// The nested templates, next to the prebuilt one.
const NESTED: [&str; 2] = ["alarms.yaml", "dashboard.yaml"];

/// Writes the template and its nested templates beside the packages. Returns the template's path.
pub(super) fn write(source: &Path, architecture: &str, out: &Path) -> anyhow::Result<PathBuf> {
    let template = fs::read_to_string(source.join("template.yaml"))?;
    let prebuilt = prebuilt(&template, architecture)?;
    let path = out.join("template-prebuilt.yaml");
    fs::write(&path, prebuilt)?;
    for name in NESTED {
        let from = source.join("infra").join(name);
        fs::copy(&from, out.join(name))
            .with_context(|| format!("cannot copy {}", from.display()))?;
    }
    Ok(path)
}

/// The template with the archives of one architecture.
fn prebuilt(template: &str, architecture: &str) -> anyhow::Result<String> {
    const BUILD: &str = "    Metadata:\n      BuildMethod: rust-cargolambda\n";
    const SOURCE: &str = "      CodeUri: functions/";
    const CHOICE: &str = "    Default: arm64\n    AllowedValues: [arm64, x86_64]\n";
    ensure!(
        template.contains(CHOICE)
            && template.matches(BUILD).count() == template.matches(SOURCE).count(),
        "cannot recognise the functions and the architecture in template.yaml"
    );
    let fixed = format!("    Default: {architecture}\n    AllowedValues: [{architecture}]\n");
    let text = template.replace(BUILD, "").replace(CHOICE, &fixed);
    let mut prebuilt = String::with_capacity(text.len());
    for line in text.lines() {
        match line.strip_prefix(SOURCE) {
            Some(name) => prebuilt.push_str(&format!("      CodeUri: {name}-{architecture}.zip")),
            None => prebuilt.push_str(&line.replace("Location: infra/", "Location: ")),
        }
        prebuilt.push('\n');
    }
    Ok(prebuilt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prebuilt_template_refers_to_archives_of_one_architecture() {
        let template = include_str!("../../../template.yaml");
        let prebuilt = prebuilt(template, "x86_64").unwrap();
        for name in [
            "scheduler",
            "feed-checker",
            "release-creator",
            "push-receiver",
            "hook-receiver",
            "console",
        ] {
            let line = format!("      CodeUri: {name}-x86_64.zip\n");
            assert!(prebuilt.contains(&line), "{line}");
        }
        for name in NESTED {
            assert!(
                prebuilt.contains(&format!("      Location: {name}\n")),
                "{name}"
            );
        }
        assert!(prebuilt.contains("    Default: x86_64\n    AllowedValues: [x86_64]\n"));
        assert!(!prebuilt.contains("functions/") && !prebuilt.contains("rust-cargolambda"));
    }
}
