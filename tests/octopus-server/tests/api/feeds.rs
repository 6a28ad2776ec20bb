//! Versions from real feeds, over HTTP.

use crate::support::{Shop, each, error};
use anyhow::Result;
use octopus_server::Seed;
use octopus_server::seed::{Feed, Space};
use registry_server::{Fault, FaultKind, HelmRepository, Registry};

/// A server with one feed.
async fn with_feed(feed: Feed) -> Result<Shop> {
    let feed = Feed {
        name: "Feed".to_owned(),
        ..feed
    };
    let space = Space {
        name: "Default".to_owned(),
        feeds: vec![feed],
        ..Space::default()
    };
    Shop::of(Seed {
        spaces: vec![space],
        ..Seed::default()
    })
    .await
}

fn feed(kind: &str, uri: String) -> Feed {
    Feed {
        kind: kind.to_owned(),
        uri: Some(uri),
        ..Feed::default()
    }
}

const WEB: &str = "/api/Spaces-1/feeds/feed/packages/versions?packageId=acme%2Fweb";

#[tokio::test]
async fn versions_of_a_registry_include_every_page() -> Result<()> {
    let registry = Registry::start().await?;
    registry.set_page_size(2);
    for tag in ["1.0.0", "1.2.0", "1.10.0", "latest", "2.0.0-rc.1"] {
        registry.push("acme/web", tag, tag);
    }
    let shop = with_feed(feed("Docker", registry.url())).await?;
    let versions = shop.read(WEB).await?;
    assert_eq!(
        each(&versions, "Version"),
        ["2.0.0-rc.1", "1.10.0", "1.2.0", "1.0.0", "latest"]
    );
    let narrowed = shop
        .read(&format!(
            "{WEB}&versionRange=[1.0,2.0)&preReleaseTag=^$&take=1"
        ))
        .await?;
    assert_eq!(each(&narrowed, "Version"), ["1.10.0"]);
    let nothing = shop
        .read("/api/Spaces-1/feeds/feed/packages/versions?packageId=acme/none")
        .await?;
    assert_eq!(nothing["TotalResults"], 0);
    Ok(())
}

#[tokio::test]
async fn versions_use_the_credentials_of_the_feed() -> Result<()> {
    for by_token in [false, true] {
        let registry = Registry::start().await?;
        registry.push("acme/web", "1.0.0", "x");
        if by_token {
            registry.require_token(Some(("reader", "secret")));
        } else {
            registry.require_basic("reader", "secret");
        }
        let known = Feed {
            username: Some("reader".to_owned()),
            password: Some("secret".into()),
            ..feed("Docker", registry.url())
        };
        let shop = with_feed(known).await?;
        assert_eq!(each(&shop.read(WEB).await?, "Version"), ["1.0.0"]);
        let shop = with_feed(feed("Docker", registry.url())).await?;
        let (status, document) = shop.get(WEB).await?;
        assert_eq!(
            (status, error(&document)),
            (400, "The feed 'Feed' answered 401 Unauthorized.")
        );
    }
    Ok(())
}

#[tokio::test]
async fn versions_of_charts_are_read_from_index_or_registry() -> Result<()> {
    let repository = HelmRepository::start().await?;
    repository.publish("shop", "1.0.0");
    repository.publish("shop", "1.1.0");
    let shop = with_feed(feed("Helm", repository.url())).await?;
    let path = "/api/Spaces-1/feeds/feed/packages/versions?packageId=shop";
    let versions = shop.read(path).await?;
    assert_eq!(each(&versions, "Version"), ["1.1.0", "1.0.0"]);
    assert_eq!(each(&versions, "Published").len(), 2);
    let search = "/api/Spaces-1/feeds/feed/packages/search?term=";
    assert_eq!(
        each(&shop.read(&format!("{search}SHO")).await?, "Id"),
        ["shop"]
    );
    assert_eq!(
        each(&shop.read(&format!("{search}web")).await?, "Id").len(),
        0
    );

    let registry = Registry::start().await?;
    registry.push("charts/shop", "1.0.0_build.1", "x");
    let shop = with_feed(feed(
        "OciRegistry",
        format!("{}/charts", registry.url().replace("http://", "oci://")),
    ))
    .await?;
    assert_eq!(each(&shop.read(path).await?, "Version"), ["1.0.0+build.1"]);
    Ok(())
}

#[tokio::test]
async fn failed_feed_is_a_bad_request() -> Result<()> {
    let registry = Registry::start().await?;
    registry.push("acme/web", "1.0.0", "x");
    let shop = with_feed(feed("Docker", registry.url())).await?;
    registry.fault(Fault::new(
        "/v2/",
        1,
        FaultKind::Status(500, Vec::new(), String::new()),
    ));
    let (status, document) = shop.get(WEB).await?;
    assert_eq!(
        (status, error(&document)),
        (400, "The feed 'Feed' answered 500 Internal Server Error.")
    );
    // No process listens there.
    shop.server
        .state()
        .set_feed_uri("Feed", "http://127.0.0.1:1")?;
    let (status, document) = shop.get(WEB).await?;
    assert_eq!(status, 400);
    assert!(
        error(&document).starts_with("The feed 'Feed' could not be reached."),
        "{document}"
    );
    Ok(())
}
