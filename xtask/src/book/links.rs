//! Follows every link of the built pages to its file and its anchor, and sees that no page loads anything
//! from the network. The pages are mdBook's, so attributes have double quotes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, bail};

/// A page as far as links are concerned.
struct Page {
    anchors: BTreeSet<String>,
    links: Vec<String>,
    loads: Vec<String>,
}

/// Whether every link inside the book leads somewhere.
///
/// # Errors
/// Names every one that does not, with its page.
pub(super) fn check(book: &Path) -> anyhow::Result<()> {
    let mut pages = BTreeMap::new();
    read_pages(book, &mut pages)?;
    let mut faults = Vec::new();
    let mut followed = 0;
    for (path, page) in &pages {
        let here = path.strip_prefix(book).unwrap_or(path).display();
        for link in page.links.iter().filter(|link| !leads_out(link)) {
            followed += 1;
            if let Err(fault) = follow(path, link, &pages) {
                faults.push(format!("{here}: {link}: {fault}"));
            }
        }
        let from_elsewhere = page.loads.iter().filter(|from| leads_out(from));
        faults.extend(from_elsewhere.map(|from| format!("{here}: loads {from}")));
    }
    if !faults.is_empty() {
        bail!("links of the book are broken:\n  {}", faults.join("\n  "));
    }
    println!("{} pages, {followed} links, none broken", pages.len());
    Ok(())
}

fn read_pages(folder: &Path, pages: &mut BTreeMap<PathBuf, Page>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read_pages(&path, pages)?;
        } else if path.extension().is_some_and(|ending| ending == "html") {
            let html = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            pages.insert(path, Page::read(&html));
        }
    }
    Ok(())
}

impl Page {
    fn read(html: &str) -> Self {
        let stylesheets = html.split("<link").skip(1);
        let stylesheets = stylesheets.filter_map(|tag| tag.split('>').next());
        let mut loads = values(html, " src=\"");
        loads.extend(stylesheets.flat_map(|tag| values(tag, " href=\"")));
        let mut links = values(html, " href=\"");
        links.extend(loads.iter().cloned());
        Self {
            anchors: values(html, " id=\"").into_iter().collect(),
            links,
            loads,
        }
    }
}

/// The values of an attribute in all elements.
fn values(html: &str, attribute: &str) -> Vec<String> {
    let found = html.split(attribute).skip(1);
    let found = found.filter_map(|rest| rest.split('"').next());
    found.map(|value| value.replace("&amp;", "&")).collect()
}

fn leads_out(link: &str) -> bool {
    link.starts_with("//") || link.contains("://") || link.starts_with("mailto:")
}

fn follow(page: &Path, link: &str, pages: &BTreeMap<PathBuf, Page>) -> Result<(), &'static str> {
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = if file.is_empty() {
        page.to_owned()
    } else {
        resolved(&page.with_file_name(file))
    };
    if !target.is_file() {
        return Err("there is no such file");
    }
    let has_anchor = |page: &Page| anchor.is_empty() || page.anchors.contains(anchor);
    if pages.get(&target).is_none_or(has_anchor) {
        Ok(())
    } else {
        Err("there is no such anchor")
    }
}

/// The path without `.` and `..`, as a browser resolves it.
fn resolved(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}
