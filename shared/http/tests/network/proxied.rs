//! Requests to a proxy, and the hosts that it is not asked for.

use http_client::{AllowedNetworks, NotApproved, OutboundClient, Proxies, refusal};
use reqwest::Method;
use url::Url;

use crate::names::Addresses;
use crate::proxy::Proxy;
use crate::server::{self, Identity};
use crate::surroundings;

/// Names with public, private and mixed addresses. The proxy's own address is private.
fn names() -> Addresses {
    Addresses::new(&[
        ("proxy.test", &["127.0.0.1"]),
        ("registry.test", &["8.8.8.8"]),
        ("blobs.test", &["1.1.1.1", "2600:1f18::1"]),
        ("intranet.test", &["10.1.2.3"]),
        ("mixed.test", &["8.8.8.8", "10.1.2.3"]),
        ("metadata.test", &["169.254.169.254"]),
    ])
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

struct World {
    proxy: Proxy,
    client: OutboundClient,
}

/// A client behind a proxy, which leads to a server with a certificate for all names.
async fn world(except: &str, allowed: &str) -> World {
    let identity = Identity::self_signed(&["registry.test", "blobs.test", "intranet.test"]);
    let proxy = Proxy::start(server::with_tls(&identity).await).await;
    let address = format!("http://joe:pw@proxy.test:{}", proxy.address.port());
    let proxies = Proxies::parse(&address, "", except).unwrap();
    let surroundings = surroundings(&names(), Some(identity.pem()), proxies);
    let allowed: AllowedNetworks = allowed.parse().unwrap();
    World {
        proxy,
        client: OutboundClient::within(&surroundings, allowed).unwrap(),
    }
}

#[tokio::test]
async fn https_is_tunnelled_with_the_proxys_credential() {
    let World { proxy, client } = world("", "").await;
    let target = url("https://registry.test/v2/");
    client.approve(&target).await.unwrap();
    let request = client.request(Method::GET, target).unwrap();
    let response = client.send(request).await.unwrap();
    assert_eq!(response.text().await.unwrap(), "ok");
    assert_eq!(proxy.requested(), ["CONNECT registry.test:443 am9lOnB3"]);
}

#[tokio::test]
async fn plain_http_is_requested_by_absolute_address() {
    let proxy = Proxy::start(server::plain().await).await;
    let address = format!("http://{}", proxy.address);
    let proxies = Proxies::parse("", &address, "").unwrap();
    let surroundings = surroundings(&names(), None, proxies);
    let client = OutboundClient::within(&surroundings, AllowedNetworks::none()).unwrap();
    let request = client
        .request(Method::GET, url("http://registry.test/a"))
        .unwrap();
    assert_eq!(client.send(request).await.unwrap().status(), 200);
    assert_eq!(proxy.requested(), ["GET http://registry.test/a"]);
    // Octopus is requested in the same way, also at a name that only the proxy resolves.
    let octopus = surroundings.named_server_client().unwrap();
    let answer = octopus.get("http://octopus.only.proxy/api").send().await;
    assert_eq!(answer.unwrap().status(), 200);
    assert_eq!(proxy.requested(), ["GET http://octopus.only.proxy/api"]);
}

/// The proxy connects where the client may not: so it is never asked for such a host.
#[tokio::test]
async fn forbidden_host_is_not_requested_from_proxy() {
    let World { proxy, client } = world("", "").await;
    for (host, address) in [
        ("intranet.test", "10.1.2.3"),
        ("mixed.test", "10.1.2.3"),
        ("metadata.test", "169.254.169.254"),
        ("proxy.test", "127.0.0.1"),
    ] {
        let error = client
            .approve(&url(&format!("https://{host}/")))
            .await
            .unwrap_err();
        let NotApproved::Refused(refused) = error else {
            panic!("{host}: {error}");
        };
        assert_eq!(refused.address.to_string(), address, "{host}");
    }
    for literal in [
        "https://10.1.2.3/",
        "https://169.254.169.254/",
        "https://[::1]/",
    ] {
        assert!(
            client.request(Method::GET, url(literal)).is_err(),
            "{literal}"
        );
    }
    let error = client
        .approve(&url("https://unknown.test/"))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("NO_PROXY"), "{error}");
    assert_eq!(proxy.requested(), [""; 0]);
}

#[tokio::test]
async fn redirect_is_checked_before_proxy_is_asked() {
    let World { proxy, client } = world("", "").await;
    let get = async |target: &str| {
        let request = client.request(Method::GET, url(target)).unwrap();
        client.send(request).await
    };
    let response = get("https://registry.test/to/blobs.test/layer")
        .await
        .unwrap();
    assert_eq!(response.url().as_str(), "https://blobs.test/layer");
    let requested = proxy.requested();
    assert_eq!(requested.last().unwrap(), "CONNECT blobs.test:443 am9lOnB3");
    for host in ["intranet.test", "mixed.test", "metadata.test", "10.1.2.3"] {
        let error = get(&format!("https://registry.test/to/{host}/x"))
            .await
            .unwrap_err();
        assert!(refusal(&error).is_some(), "{host}: {error:?}");
    }
    let error = get("https://registry.test/to/unknown.test/x")
        .await
        .unwrap_err();
    assert!(error.is_redirect(), "{error:?}");
    for line in proxy.requested() {
        assert!(line.starts_with("CONNECT registry.test:443"), "{line}");
    }
}

/// Hosts in `NO_PROXY`, and plain http to an allowed network, are connected to directly.
#[tokio::test]
async fn excepted_host_is_connected_to_directly() {
    let home = server::plain().await;
    let names = Addresses::new(&[
        ("inside.test", &["127.0.0.1"]),
        ("sub.inside.test", &["127.0.0.1"]),
    ]);
    let proxy = Proxy::start(home).await;
    let address = format!("http://{}", proxy.address);
    let direct = |except: &str| {
        let proxies = Proxies::parse(&address, &address, except).unwrap();
        let surroundings = surroundings(&names, None, proxies);
        OutboundClient::within(&surroundings, "127.0.0.1".parse().unwrap()).unwrap()
    };
    let get = async |client: &OutboundClient, host: &str| {
        let target = url(&format!("http://{host}:{}/", home.port()));
        let request = client.request(Method::GET, target).unwrap();
        client.send(request).await.unwrap().status()
    };
    for (except, host) in [
        ("inside.test", "inside.test"),
        (".inside.test", "sub.inside.test"),
        ("other.test, inside.test", "sub.inside.test"),
        ("*", "inside.test"),
        ("", "127.0.0.1"),
    ] {
        assert_eq!(get(&direct(except), host).await, 200, "{except} {host}");
        assert_eq!(proxy.requested(), [""; 0], "{except} {host}");
    }
    assert_eq!(get(&direct("other.test"), "inside.test").await, 200);
    assert_eq!(proxy.requested().len(), 1);
    assert_eq!(get(&direct("").confined(), "inside.test").await, 200);
    assert_eq!(proxy.requested(), [""; 0]);
}
