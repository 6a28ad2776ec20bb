//! The URLs of feeds: the base URL and the prefix of repository names.

use domain::budget::DOCKER_HUB;
pub(crate) use domain::budget::DOCKER_HUB_REGISTRY;
use domain::ecr::EcrHost;
use domain::feed::{Feed, FeedKind};
use engine::ports::{FeedError, FeedErrorKind};
use url::Url;

use crate::error::{Subject, caused_by};

/// An OCI registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Registry {
    /// The URL before `/v2/`. Its path has no slash at the end.
    pub(crate) base: Url,
    /// The prefix of every repository's name, with a slash at its end; may be empty.
    pub(crate) prefix: String,
}

/// The host of a registry's feed, with the port if it is not the scheme's default, and the prefix of its repositories'
/// names. `None`: the feed has no usable URL.
pub fn registry_host(feed: &Feed) -> Option<(String, String)> {
    let Registry { base, prefix } = registry(feed).ok()?;
    Some((authority(&base), prefix))
}

/// The host of a URL, with the port if it is not the scheme's default.
pub(crate) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// The registry of a feed.
pub(crate) fn registry(feed: &Feed) -> Result<Registry, FeedError> {
    let (mut base, mut prefix) = match (&feed.uri, &feed.kind) {
        (None, FeedKind::AwsElasticContainerRegistry) => (parse(feed, &ecr_uri(feed)?)?, ""),
        (None, _) => return Err(unusable(feed, "it has no URL")),
        // Helm's form: the path is a prefix of the repository names.
        (Some(uri), _) => match uri.strip_prefix("oci://").map(|rest| rest.split_once('/')) {
            Some(Some((host, path))) => (parse(feed, &format!("https://{host}"))?, path),
            Some(None) => (parse(feed, &uri.replacen("oci", "https", 1))?, ""),
            None => (parse(feed, uri)?, ""),
        },
    };
    if base
        .host_str()
        .is_some_and(|host| DOCKER_HUB.contains(&host))
    {
        base.set_host(Some(DOCKER_HUB_REGISTRY))
            .map_err(|_| unusable(feed, "its URL has no host"))?;
        base.set_path("");
    }
    let path = base.path().trim_end_matches('/');
    let path = path
        .strip_suffix("/v2")
        .or_else(|| path.strip_suffix("/v1"))
        .unwrap_or(path);
    let path = path.to_owned();
    base.set_path(&path);
    base.set_query(None);
    if let Some(path) = &feed.registry_path {
        prefix = path;
    }
    let prefix = match prefix.trim_matches('/') {
        "" => String::new(),
        prefix => format!("{prefix}/"),
    };
    Ok(Registry { base, prefix })
}

/// The URL of a Helm repository's index. A query of the repository's URL is kept, as Helm does.
pub(crate) fn helm_index(feed: &Feed) -> Result<Url, FeedError> {
    let uri = feed
        .uri
        .as_deref()
        .ok_or_else(|| unusable(feed, "it has no URL"))?;
    let mut url = parse(feed, uri)?;
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix("/index.yaml").unwrap_or(path);
    let path = format!("{path}/index.yaml");
    url.set_path(&path);
    Ok(url)
}

fn ecr_uri(feed: &Feed) -> Result<String, FeedError> {
    let account = feed.account.as_deref().ok_or_else(|| {
        unusable(
            feed,
            "its AWS account is not known; name the account where this feed is set up",
        )
    })?;
    let region = feed
        .region
        .as_deref()
        .ok_or_else(|| unusable(feed, "it has no AWS region"))?;
    let host = EcrHost::new(account, region)
        .ok_or_else(|| unusable(feed, "its AWS account or region is not one"))?;
    Ok(format!("https://{host}"))
}

fn parse(feed: &Feed, uri: &str) -> Result<Url, FeedError> {
    let uri = uri.trim();
    let whole = if uri.contains("://") {
        uri.to_owned()
    } else {
        format!("https://{uri}")
    };
    let mut url = Url::parse(&whole).map_err(|source| {
        caused_by(
            unusable(feed, format!("its URL {uri:?} cannot be read")),
            source,
        )
    })?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(unusable(feed, "its URL is neither http nor https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(unusable(
            feed,
            "its URL contains a user name or password; enter them as its credential",
        ));
    }
    url.set_fragment(None);
    Ok(url)
}

fn unusable(feed: &Feed, what: impl std::fmt::Display) -> FeedError {
    Subject::feed(feed).error(
        FeedErrorKind::Misconfigured,
        format_args!("{what}; correct the feed in Octopus"),
    )
}

#[cfg(test)]
mod tests {
    use domain::ids::{FeedId, SpaceId};

    use super::{Feed, FeedKind, helm_index, registry};

    fn feed(kind: FeedKind, uri: Option<&str>, path: Option<&str>) -> Feed {
        Feed {
            id: FeedId::new("Feeds-1"),
            space: SpaceId::new("Spaces-1"),
            name: "Images".to_owned(),
            kind,
            uri: uri.map(str::to_owned),
            registry_path: path.map(str::to_owned),
            region: Some("eu-west-1".to_owned()),
            account: Some("123456789012".to_owned()),
            has_credentials: false,
        }
    }

    #[test]
    fn registry_url_is_read_in_every_form() {
        for (uri, path, base, prefix) in [
            (
                "https://index.docker.io",
                None,
                "https://registry-1.docker.io/",
                "",
            ),
            (
                "https://index.docker.io/v1/",
                None,
                "https://registry-1.docker.io/",
                "",
            ),
            ("docker.io", None, "https://registry-1.docker.io/", ""),
            (
                "https://registry-1.docker.io",
                None,
                "https://registry-1.docker.io/",
                "",
            ),
            (
                "oci://registry-1.docker.io/bitnamicharts",
                None,
                "https://registry-1.docker.io/",
                "bitnamicharts/",
            ),
            ("oci://ghcr.io", None, "https://ghcr.io/", ""),
            (
                "https://Registry.Example.com/v2/",
                Some("/team/web/"),
                "https://registry.example.com/",
                "team/web/",
            ),
            (
                "registry.example.com:5000",
                Some(""),
                "https://registry.example.com:5000/",
                "",
            ),
            ("http://127.0.0.1:5000", None, "http://127.0.0.1:5000/", ""),
            (
                "https://nexus.example.com/repository/docker",
                None,
                "https://nexus.example.com/repository/docker",
                "",
            ),
            (
                "https://jfrog.example.com/artifactory/api/docker/main/v2?x=1#y",
                None,
                "https://jfrog.example.com/artifactory/api/docker/main",
                "",
            ),
        ] {
            let registry = registry(&feed(FeedKind::Docker, Some(uri), path)).unwrap();
            assert_eq!(
                (registry.base.as_str(), registry.prefix.as_str()),
                (base, prefix),
                "{uri}"
            );
        }
    }

    #[test]
    fn ecr_url_is_built_from_account_and_region() {
        let mut ecr = feed(FeedKind::AwsElasticContainerRegistry, None, None);
        assert_eq!(
            registry(&ecr).unwrap().base.as_str(),
            "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/"
        );
        ecr.region = Some("cn-north-1".to_owned());
        assert_eq!(
            registry(&ecr).unwrap().base.as_str(),
            "https://123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/"
        );
        ecr.region = Some("eu-west-1.evil.net/".to_owned());
        assert!(registry(&ecr).is_err());
        ecr.account = None;
        assert!(registry(&ecr).unwrap_err().message.contains("account"));
    }

    #[test]
    fn invalid_url_is_an_error_that_names_the_reason() {
        for (uri, part) in [
            (None, "has no URL"),
            (Some("https://"), "cannot be read"),
            (Some("ftp://host"), "neither http nor https"),
            (Some("file:///etc/passwd"), "neither http nor https"),
            (Some("https://joe:secret@host"), "user name or password"),
        ] {
            let error = registry(&feed(FeedKind::Docker, uri, None)).unwrap_err();
            assert!(error.message.contains(part), "{uri:?}: {}", error.message);
            assert!(error.message.contains("feed \"Images\"") && !error.message.contains("secret"));
        }
    }

    #[test]
    fn index_url_is_below_repository_url() {
        for (uri, expected) in [
            (
                "https://charts.example.com",
                "https://charts.example.com/index.yaml",
            ),
            (
                "https://charts.example.com/stable/",
                "https://charts.example.com/stable/index.yaml",
            ),
            (
                "https://charts.example.com/stable/index.yaml",
                "https://charts.example.com/stable/index.yaml",
            ),
            (
                "https://charts.example.com/a?token=1",
                "https://charts.example.com/a/index.yaml?token=1",
            ),
        ] {
            assert_eq!(
                helm_index(&feed(FeedKind::Helm, Some(uri), None))
                    .unwrap()
                    .as_str(),
                expected
            );
        }
    }
}
