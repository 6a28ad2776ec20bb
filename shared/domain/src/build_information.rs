//! Build information of a package's version, as build servers push it to Octopus, for release notes.

use crate::link::source::{safe, short_commit};
use crate::markdown::{escaped, linked};

/// The commits and work items in the notes. The others are counted.
const MAX_ENTRIES: usize = 20;

/// The build of a version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildInformation {
    /// The build's number.
    pub number: Option<String>,
    /// The build's page.
    pub url: Option<String>,
    pub branch: Option<String>,
    /// The commits since the previous build.
    pub commits: Vec<BuildEntry>,
    pub work_items: Vec<BuildEntry>,
}

/// A commit or a work item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildEntry {
    pub id: String,
    pub link: Option<String>,
    /// The commit's message, or the work item's title.
    pub text: Option<String>,
}

impl BuildInformation {
    /// The section of the notes about the build of a version.
    pub fn section(&self, package: &str, version: &str) -> String {
        let name = format!("{} {}", escaped(package), escaped(version));
        let number = self.number.as_deref().map_or("build".into(), escaped);
        let mut head = format!(
            "Build of {name}: {}",
            linked(&number, self.url.as_deref().and_then(safe))
        );
        if let Some(branch) = &self.branch {
            head.push_str(&format!(", branch {}", escaped(branch)));
        }
        let mut blocks = vec![head];
        blocks.extend(list("Work items", &self.work_items));
        blocks.extend(list("Commits", &self.commits));
        blocks.join("\n\n")
    }
}

fn list(title: &str, entries: &[BuildEntry]) -> Option<String> {
    if entries.is_empty() {
        return None;
    }
    let mut lines = vec![format!("{title}:")];
    lines.extend(entries.iter().take(MAX_ENTRIES).map(BuildEntry::line));
    let more = entries.len().saturating_sub(MAX_ENTRIES);
    if more > 0 {
        lines.push(format!("- and {more} more"));
    }
    Some(lines.join("\n"))
}

impl BuildEntry {
    fn line(&self) -> String {
        let id = short_commit(&self.id).unwrap_or_else(|| escaped(&self.id));
        // The first line of a message is its subject.
        let text = self
            .text
            .as_deref()
            .and_then(|text| text.trim().lines().next());
        let text = text.map(|text| format!(" {}", escaped(text)));
        let id = linked(&id, self.link.as_deref().and_then(safe));
        format!("- {id}{}", text.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, link: &str, text: &str) -> BuildEntry {
        BuildEntry {
            id: id.to_owned(),
            link: Some(link.to_owned()),
            text: Some(text.to_owned()),
        }
    }

    #[test]
    fn section_lists_build_work_items_and_commits() {
        let build = BuildInformation {
            number: Some("118".to_owned()),
            url: Some("https://ci.example.com/118".to_owned()),
            branch: Some("main".to_owned()),
            commits: vec![
                entry(
                    "4f2a9c1e4f2a9c1e",
                    "https://git.example.com/4f2a",
                    "Fix the cart\n\nDetails",
                ),
                entry("1", "javascript:alert(1)", "[x](y)"),
            ],
            work_items: vec![entry(
                "SHOP-12",
                "https://jira.example.com/12",
                "Cart is empty",
            )],
        };
        assert_eq!(
            build.section("acme/web", "1.5.0"),
            "Build of acme/web 1.5.0: [118](https://ci.example.com/118), branch main\n\n\
             Work items:\n- [SHOP-12](https://jira.example.com/12) Cart is empty\n\n\
             Commits:\n- [`4f2a9c1e4f`](https://git.example.com/4f2a) Fix the cart\n- 1 \\[x\\](y)"
        );
        let empty = BuildInformation::default();
        assert_eq!(empty.section("web", "1"), "Build of web 1: build");
        let many = BuildInformation {
            commits: vec![entry("1", "", "x"); MAX_ENTRIES + 3],
            ..BuildInformation::default()
        };
        let section = many.section("web", "1");
        assert!(section.ends_with("- and 3 more"), "{section}");
    }
}
