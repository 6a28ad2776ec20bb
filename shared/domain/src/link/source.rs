//! Links to the sources of an image: the repository, a commit, and the difference of two commits.
//!
//! The texts come from labels, which every user who pushes an image can set. Only addresses with https or http, without user
//! information and without characters that end a link in Markdown, become links.

/// The longest address, in bytes.
const MAX_BYTES: usize = 500;

/// The digits of a commit: Git accepts abbreviations from 4 digits on, and prints at least 7. A SHA-256 has 64.
const COMMIT_DIGITS: std::ops::RangeInclusive<usize> = 7..=64;

/// The digits of a commit in notes, as Git prints it in large repositories.
const SHOWN_DIGITS: usize = 10;

/// A hosted Git repository with known pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    host: Host,
    /// The address of the repository without a slash at the end.
    address: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Host {
    GitHub,
    GitLab,
    Bitbucket,
    Azure,
}

/// The address, if it may be a link.
pub fn safe(address: &str) -> Option<&str> {
    let address = address.trim();
    let rest = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let is_safe = |char: char| char.is_ascii_graphic() && !r#"<>()[]{}"'`\|^*"#.contains(char);
    let is_host = |char: char| char.is_ascii_alphanumeric() || ".-:".contains(char);
    let is_link = address.len() <= MAX_BYTES
        && !authority.is_empty()
        && authority.chars().all(is_host)
        && address.chars().all(is_safe);
    is_link.then_some(address)
}

/// The text, if it is a commit: hexadecimal digits only.
pub fn commit(revision: &str) -> Option<&str> {
    let revision = revision.trim();
    let is_commit = COMMIT_DIGITS.contains(&revision.len())
        && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_commit.then_some(revision)
}

/// The text as a commit in Markdown: its first digits as code. `None`: it is no commit.
pub fn short_commit(revision: &str) -> Option<String> {
    let commit = commit(revision)?;
    let digits = commit.get(..SHOWN_DIGITS).unwrap_or(commit);
    Some(format!("`{digits}`"))
}

impl Repository {
    /// The repository of a source label: the address of a repository or of a page in it, or a form that Git accepts.
    /// `None`: its host has no known pages.
    pub fn parse(source: &str) -> Option<Self> {
        let source = source.trim();
        let source = source.strip_prefix("git+").unwrap_or(source);
        let over_https = match (source.strip_prefix("ssh://"), source.strip_prefix("git@")) {
            (Some(rest), _) => {
                let rest = rest.strip_prefix("git@").unwrap_or(rest);
                Some(format!("https://{rest}"))
            }
            (None, Some(rest)) => {
                let (host, path) = rest.split_once(':')?;
                Some(format!("https://{host}/{path}"))
            }
            (None, None) => source
                .strip_prefix("git://")
                .map(|rest| format!("https://{rest}")),
        };
        let address = safe(over_https.as_deref().unwrap_or(source))?;
        let (scheme, rest) = address.split_once("://")?;
        let rest = rest.split(['?', '#']).next()?;
        let (authority, path) = rest.split_once('/')?;
        let path = path.trim_matches('/');
        let host = Host::of(&authority.to_ascii_lowercase())?;
        let path = host.repository(path)?;
        Some(Self {
            host,
            address: format!("{scheme}://{authority}/{path}"),
        })
    }

    /// The page of a commit.
    pub fn commit(&self, revision: &str) -> Option<String> {
        let (revision, address) = (commit(revision)?, &self.address);
        Some(match self.host {
            Host::GitHub | Host::Azure => format!("{address}/commit/{revision}"),
            Host::GitLab => format!("{address}/-/commit/{revision}"),
            Host::Bitbucket => format!("{address}/commits/{revision}"),
        })
    }

    /// The page with the changes from one commit to another. `None` if they are the same.
    pub fn diff(&self, old: &str, new: &str) -> Option<String> {
        let (old, new, address) = (commit(old)?, commit(new)?, &self.address);
        if old.eq_ignore_ascii_case(new) {
            return None;
        }
        Some(match self.host {
            Host::GitHub => format!("{address}/compare/{old}...{new}"),
            Host::GitLab => format!("{address}/-/compare/{old}...{new}"),
            Host::Bitbucket => format!("{address}/branches/compare/{new}%0D{old}"),
            Host::Azure => {
                format!("{address}/branchCompare?baseVersion=GC{old}&targetVersion=GC{new}")
            }
        })
    }
}

impl Host {
    /// The host of an authority in lower case. Servers of an organisation are recognised by their first label.
    fn of(authority: &str) -> Option<Self> {
        match authority.split(':').next()? {
            "github.com" | "www.github.com" => Some(Self::GitHub),
            "gitlab.com" => Some(Self::GitLab),
            "bitbucket.org" => Some(Self::Bitbucket),
            "dev.azure.com" => Some(Self::Azure),
            host if host.ends_with(".visualstudio.com") => Some(Self::Azure),
            host if host.starts_with("github.") && !host.starts_with("github.com.") => {
                Some(Self::GitHub)
            }
            host if host.starts_with("gitlab.") => Some(Self::GitLab),
            _ => None,
        }
    }

    /// The path of the repository that contains a page.
    fn repository(self, path: &str) -> Option<String> {
        let of_page = match self {
            Self::GitHub | Self::Bitbucket => {
                let mut parts = path.split('/');
                let (owner, name) = (parts.next()?, parts.next()?);
                format!("{owner}/{name}")
            }
            Self::GitLab => {
                let repository = path.split("/-/").next()?;
                repository.contains('/').then(|| repository.to_owned())?
            }
            Self::Azure => {
                let (project, rest) = path.split_once("_git/")?;
                let name = rest.split('/').next()?;
                format!("{project}_git/{name}")
            }
        };
        let repository = of_page.trim_end_matches('/');
        let repository = repository.strip_suffix(".git").unwrap_or(repository);
        let is_path = repository
            .split('/')
            .all(|part| !matches!(part, "" | "." | ".."));
        is_path.then(|| repository.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "1a2b3c4";
    const NEW: &str = "4f2a9c1d4f2a9c1d4f2a9c1d4f2a9c1d4f2a9c1d";

    #[test]
    fn commit_and_difference_have_pages_on_known_hosts() {
        for (source, commit, diff) in [
            (
                "https://github.com/acme/shop",
                "https://github.com/acme/shop/commit/NEW",
                "https://github.com/acme/shop/compare/OLD...NEW",
            ),
            (
                "https://github.com/acme/shop.git#refs/heads/main",
                "https://github.com/acme/shop/commit/NEW",
                "https://github.com/acme/shop/compare/OLD...NEW",
            ),
            (
                "https://github.com/acme/shop/tree/main/web/",
                "https://github.com/acme/shop/commit/NEW",
                "https://github.com/acme/shop/compare/OLD...NEW",
            ),
            (
                "git@github.com:acme/shop.git",
                "https://github.com/acme/shop/commit/NEW",
                "https://github.com/acme/shop/compare/OLD...NEW",
            ),
            (
                "git+ssh://git@github.com/acme/shop.git",
                "https://github.com/acme/shop/commit/NEW",
                "https://github.com/acme/shop/compare/OLD...NEW",
            ),
            (
                "https://github.acme.example/team/web",
                "https://github.acme.example/team/web/commit/NEW",
                "https://github.acme.example/team/web/compare/OLD...NEW",
            ),
            (
                "https://gitlab.com/acme/group/shop/-/tree/main",
                "https://gitlab.com/acme/group/shop/-/commit/NEW",
                "https://gitlab.com/acme/group/shop/-/compare/OLD...NEW",
            ),
            (
                "http://gitlab.acme.example:8080/team/web.git",
                "http://gitlab.acme.example:8080/team/web/-/commit/NEW",
                "http://gitlab.acme.example:8080/team/web/-/compare/OLD...NEW",
            ),
            (
                "https://bitbucket.org/acme/shop/src/main/",
                "https://bitbucket.org/acme/shop/commits/NEW",
                "https://bitbucket.org/acme/shop/branches/compare/NEW%0DOLD",
            ),
            (
                "https://dev.azure.com/acme/Web%20Shop/_git/shop?path=/web",
                "https://dev.azure.com/acme/Web%20Shop/_git/shop/commit/NEW",
                "https://dev.azure.com/acme/Web%20Shop/_git/shop/branchCompare?baseVersion=GCOLD&targetVersion=GCNEW",
            ),
            (
                "https://acme.visualstudio.com/shop/_git/shop",
                "https://acme.visualstudio.com/shop/_git/shop/commit/NEW",
                "https://acme.visualstudio.com/shop/_git/shop/branchCompare?baseVersion=GCOLD&targetVersion=GCNEW",
            ),
        ] {
            let expected = |text: &str| text.replace("OLD", OLD).replace("NEW", NEW);
            let found = Repository::parse(source).unwrap_or_else(|| panic!("{source}"));
            assert_eq!(found.commit(NEW), Some(expected(commit)), "{source}");
            assert_eq!(found.diff(OLD, NEW), Some(expected(diff)), "{source}");
            assert_eq!(found.diff(NEW, &NEW.to_uppercase()), None);
        }
    }

    #[test]
    fn unknown_hosts_and_malicious_sources_have_no_pages() {
        for source in [
            "",
            "acme/shop",
            "https://git.acme.example/acme/shop",
            "https://github.com",
            "https://github.com/acme",
            "https://github.com/../shop",
            "https://github.com.evil.example/acme/shop",
            "https://evil.example/github.com/acme/shop",
            "https://user:secret@github.com/acme/shop",
            "https://github.com/acme/shop) [x](https://evil.example",
            "https://github.com/acme/shop\nFeed trigger plan: `x`",
            "https://gitlab.com/acme",
            "https://dev.azure.com/acme/shop",
            "javascript:alert(1)//github.com/acme/shop",
            "git@github.com",
        ] {
            assert_eq!(Repository::parse(source), None, "{source:?}");
        }
        let shop = Repository::parse("https://github.com/acme/shop").unwrap();
        for revision in ["", "main", "123456", "v1.5.0", "../x", &"a".repeat(65)] {
            assert_eq!(shop.commit(revision), None, "{revision}");
            assert_eq!(shop.diff(OLD, revision), None, "{revision}");
        }
    }

    #[test]
    fn only_plain_web_addresses_are_links() {
        for (address, is_safe) in [
            ("https://shop.example.com/a?b=c&d#e", true),
            ("http://localhost:8080", true),
            ("HTTPS://shop.example.com", false),
            ("https://", false),
            ("ftp://shop.example.com", false),
            ("javascript:alert(1)", false),
            ("https://a b", false),
            ("https://shop.example.com/(x)", false),
            ("https://shop.example.com/|x", false),
            ("https://user@shop.example.com", false),
            ("https://shop.example.com/\u{202e}", false),
        ] {
            assert_eq!(safe(address).is_some(), is_safe, "{address}");
        }
        assert_eq!(safe(&format!("https://a/{}", "b".repeat(MAX_BYTES))), None);
    }
}
