//! Links to the public pages of package versions, and to their sources.

pub mod source;

use crate::feed::{Feed, FeedKind};
use crate::version::VersionFormat;

/// The page of a package's version. `None`: its registry has no known public pages.
pub fn page(feed: &Feed, package: &str, version: &str) -> Option<String> {
    if feed.kind.version_format() != VersionFormat::Docker || feed.kind == FeedKind::OciRegistry {
        return None;
    }
    let host = host(feed.uri.as_deref()?)?;
    let prefix = feed.registry_path.as_deref().unwrap_or_default();
    let path = format!("{}/{package}", prefix.trim_matches('/'));
    let path = path.trim_start_matches('/');
    match host.as_str() {
        "docker.io" | "index.docker.io" | "registry-1.docker.io" | "registry.hub.docker.com" => {
            let page = match path.strip_prefix("library/") {
                Some(official) => format!("_/{official}"),
                None if path.contains('/') => format!("r/{path}"),
                None => format!("_/{path}"),
            };
            Some(format!("https://hub.docker.com/{page}/tags?name={version}"))
        }
        "quay.io" => Some(format!(
            "https://quay.io/repository/{path}?tab=tags&tag={version}"
        )),
        "ghcr.io" => {
            let (owner, name) = path.split_once('/')?;
            let name = name.replace('/', "%2F");
            Some(format!(
                "https://github.com/{owner}/packages/container/package/{name}"
            ))
        }
        "public.ecr.aws" => Some(format!("https://gallery.ecr.aws/{path}")),
        _ => None,
    }
}

/// The host of an address, in lower case.
fn host(uri: &str) -> Option<String> {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?.split(':').next()?;
    Some(host.to_lowercase()).filter(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{FeedId, SpaceId};

    #[test]
    fn link_exists_for_registries_with_public_pages() {
        let feed = |kind: FeedKind, uri: &str, path: Option<&str>| Feed {
            id: FeedId::new("Feeds-1"),
            space: SpaceId::new("Spaces-1"),
            name: "Feed".into(),
            kind,
            uri: Some(uri.into()),
            registry_path: path.map(str::to_owned),
            region: None,
            account: None,
            has_credentials: false,
        };
        for (uri, path, package, expected) in [
            (
                "https://index.docker.io",
                None,
                "acme/web",
                Some("https://hub.docker.com/r/acme/web/tags?name=1.0"),
            ),
            (
                "https://index.docker.io/v1",
                None,
                "nginx",
                Some("https://hub.docker.com/_/nginx/tags?name=1.0"),
            ),
            (
                "https://QUAY.io:443",
                Some("acme"),
                "web",
                Some("https://quay.io/repository/acme/web?tab=tags&tag=1.0"),
            ),
            (
                "https://ghcr.io",
                None,
                "acme/shop/web",
                Some("https://github.com/acme/packages/container/package/shop%2Fweb"),
            ),
            (
                "https://public.ecr.aws",
                None,
                "acme/web",
                Some("https://gallery.ecr.aws/acme/web"),
            ),
            ("https://registry.acme.example", None, "acme/web", None),
            ("https://quay.io.evil.example", None, "acme/web", None),
        ] {
            let found = page(&feed(FeedKind::Docker, uri, path), package, "1.0");
            assert_eq!(found.as_deref(), expected, "{uri}");
        }
        assert_eq!(
            page(&feed(FeedKind::Helm, "https://quay.io", None), "a", "1"),
            None
        );
    }
}
