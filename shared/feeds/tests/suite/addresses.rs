//! Addresses that are not reached, however they are written.

use crate::common::{Known, docker, error, helm, read};
use engine::ports::FeedErrorKind;
use feeds::{AllowedNetworks, DirectFeeds, Limits, OutboundClient};
use registry_server::Registry;

#[tokio::test]
async fn no_feed_leads_inside() {
    let hosts = [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0x7f.1",
        "127.0.0.1.",
        "0",
        "0.0.0.0",
        "localhost",
        "LOCALHOST",
        "10.0.0.1",
        "10.255.255.255",
        "172.16.0.1",
        "172.31.255.254",
        "192.168.1.1",
        "100.64.0.1",
        "100.100.100.200",
        "169.254.169.254",
        "2852039166",
        "0xa9fea9fe",
        "169.254.170.2",
        "192.0.0.192",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b::a9fe:a9fe]",
        "[64:ff9b:1::1]",
        "[fd00:ec2::254]",
        "[fc00::1]",
        "[fe80::1]",
        "[fec0::1]",
        "[ff02::1]",
        "[2002:7f00:1::]",
        "[2001:db8::1]",
        "[100::1]",
        "%31%32%37.0.0.1",
        "①②⑦.0.0.1",
        "127。0。0。1",
    ];
    let client = OutboundClient::new(AllowedNetworks::none()).unwrap();
    let reader = DirectFeeds::new(client, Known::default(), Limits::default());
    for host in hosts {
        for feed in [
            docker(&format!("http://{host}:5000")),
            helm(&format!("https://{host}/charts")),
        ] {
            let (kind, text) = error(&read(&reader, &feed, "acme/web").await);
            assert_eq!(kind, FeedErrorKind::Forbidden, "{host}: {text}");
            // No allowed network makes a metadata address reachable, so no option is named for it.
            let names_option = text.contains("--allow-network") && text.contains("AllowedNetworks");
            let is_metadata = text.contains("which is the metadata address of a cloud");
            assert_ne!(names_option, is_metadata, "{host}: {text}");
        }
    }
}

/// The networks that the user allows are reached, and those alone.
#[tokio::test]
async fn what_is_allowed_is_reached() {
    let registry = Registry::start().await.unwrap();
    registry.push("acme/web", "1", "1");
    let named = registry.url().replace("127.0.0.1", "localhost");
    for (allowed, reached) in [
        ("127.0.0.0/8", true),
        ("127.0.0.1", true),
        ("10.0.0.0/8", false),
    ] {
        let client = OutboundClient::new(allowed.parse().unwrap()).unwrap();
        let reader = DirectFeeds::new(client, Known::default(), Limits::default());
        for url in [registry.url(), named.clone()] {
            assert_eq!(
                read(&reader, &docker(&url), "acme/web").await.is_ok(),
                reached,
                "{allowed} {url}"
            );
        }
    }
}
