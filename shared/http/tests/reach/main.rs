//! Which addresses are reached: by literal, by name, by a name whose addresses change, by redirect. Over real
//! connections on loopback, where one address is the allowed one.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "in a test a panic is the report"
)]

mod addresses;
mod home;
mod names;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use http_client::{AllowedNetworks, OutboundClient, Surroundings, check_named_server, refusal};
use reqwest::Method;
use url::Url;

use addresses::FORBIDDEN;
use home::Home;
use names::Answers;

/// The allowed address.
const ALLOWED: &str = "127.0.0.2/32";

fn client(names: &Arc<Answers>, allowed: &str) -> OutboundClient {
    OutboundClient::within(&surroundings(names), allowed.parse().unwrap()).unwrap()
}

fn surroundings(names: &Arc<Answers>) -> Surroundings {
    Surroundings {
        names: Arc::clone(names) as Arc<dyn http_client::Names>,
        certificates: None,
        proxies: Default::default(),
    }
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The outcome of a GET: the address that answered, or the address that was refused.
async fn get(client: &OutboundClient, url: Url) -> Result<SocketAddr, IpAddr> {
    let request = client.request(Method::GET, url);
    let request = request.map_err(|refused| refused.address)?;
    match request.send().await {
        Ok(response) => Ok(response.remote_addr().unwrap()),
        Err(error) => match refusal(&error) {
            Some(refused) => Err(refused.address),
            None => panic!("neither answered nor refused: {error:?}"),
        },
    }
}

/// Each address by literal, by name, beside an allowed one, by a second answer of its name, and by redirects to
/// each of these: none is reached.
#[tokio::test]
async fn forbidden_address_is_never_reached() {
    let home = Home::start().await;
    let spies = home.spies().await;
    let names = Arc::new(Answers::default());
    let client = client(&names, ALLOWED);
    let port = home.address.port();
    let mut tried = 0;
    for (number, (spelling, address)) in FORBIDDEN.into_iter().enumerate() {
        let address: IpAddr = address.parse().unwrap();
        let canonical = address.to_canonical();
        let is_it = |refused: IpAddr| refused.to_canonical() == canonical;
        let literal = format!("http://{spelling}:{port}/");
        let refused = get(&client, url(&literal)).await.unwrap_err();
        assert!(is_it(refused), "{spelling}: {refused}");

        let name = format!("inside-{number}.test");
        names.answer(&name, &[&[address]]);
        let by_name = format!("http://{name}:{port}/");
        let refused = get(&client, url(&by_name)).await.unwrap_err();
        assert!(is_it(refused), "{spelling} by name: {refused}");

        let mixed = format!("mixed-{number}.test");
        names.answer(&mixed, &[&[address, home.address.ip(), address]]);
        let reached = get(&client, url(&format!("http://{mixed}:{port}/"))).await;
        assert_eq!(
            reached,
            Ok(home.address),
            "{spelling} beside an allowed one"
        );

        let rebound = format!("rebound-{number}.test");
        names.answer(&rebound, &[&[home.address.ip()], &[address]]);
        let twice = url(&format!("http://{rebound}:{port}/"));
        let first = get(&client, twice.clone()).await;
        assert_eq!(first, Ok(home.address), "{spelling}");
        assert_eq!(
            names.asked(&rebound),
            1,
            "one look-up, whose answer is used"
        );
        let second = get(&client, twice).await.unwrap_err();
        assert!(is_it(second), "{spelling} by a second answer: {second}");

        // A redirect with user information is refused for that reason, and a header cannot contain other characters.
        let mut ways = vec![by_name];
        ways.extend((!spelling.contains('@') && literal.is_ascii()).then_some(literal));
        tried += 4 + ways.len();
        for target in ways {
            let redirected = get(&client, home.redirect(&target)).await.unwrap_err();
            assert!(is_it(redirected), "{spelling} by redirect to {target}");
        }
    }
    assert!(spies.connections().is_empty(), "{:?}", spies.connections());
    println!(
        "R9: {} addresses, {tried} attempts, 0 reached",
        FORBIDDEN.len()
    );
    assert!(FORBIDDEN.len() >= 80);
}

/// An allowed network permits its own addresses only, and no metadata address.
#[tokio::test]
async fn allowed_network_permits_its_addresses_only() {
    for (spelling, address) in FORBIDDEN {
        let target = url(&format!("http://{spelling}/"));
        let address: IpAddr = address.parse().unwrap();
        let own = AllowedNetworks::from_iter([address.into()]);
        let names = Arc::new(Answers::default());
        let allowing = OutboundClient::within(&surroundings(&names), own).unwrap();
        let other = client(&names, "198.19.255.255/32");
        let refused = other.check(&target).unwrap_err().to_string();
        let is_metadata = refused.contains("metadata address of a cloud");
        assert_eq!(
            allowing.check(&target).is_err(),
            is_metadata,
            "{spelling} in an allowed network: {refused}"
        );
        assert!(
            is_metadata
                || refused.contains("--allow-network") && refused.contains("AllowedNetworks"),
            "{spelling}: {refused}"
        );
    }
}

/// A client for a public feed reaches no allowed network: by literal, by name, by redirect.
#[tokio::test]
async fn public_only_client_reaches_no_allowed_network() {
    let home = Home::start().await;
    let names = Arc::new(Answers::default());
    let client = client(&names, ALLOWED);
    let port = home.address.port();
    names.answer("inside.test", &[&[home.address.ip()]]);
    let by_name = url(&format!("http://inside.test:{port}/"));
    assert_eq!(get(&client, by_name.clone()).await, Ok(home.address));
    let public = client.public_only();
    for target in [
        by_name,
        url(&format!("http://{}/", home.address)),
        url(&format!("http://[::ffff:{}]:{port}/", home.address.ip())),
    ] {
        assert!(get(&public, target.clone()).await.is_err(), "{target}");
    }
    assert!(public.check(&url("https://8.8.8.8/")).is_ok());
}

/// A confined client is refused even if a name resolves to an outside address after the check.
#[tokio::test]
async fn confined_client_refuses_outside_address_of_name() {
    let home = Home::start().await;
    let names = Arc::new(Answers::default());
    let client = client(&names, ALLOWED);
    let outside: IpAddr = "8.8.8.8".parse().unwrap();
    names.answer("rebound.test", &[&[home.address.ip()], &[outside]]);
    let target = url("http://rebound.test/");
    assert!(client.is_within_allowed(&target).await);
    let error = client.confined().request(Method::GET, target).unwrap();
    let error = error.send().await.unwrap_err();
    let refused = refusal(&error).unwrap();
    assert_eq!(refused.address, outside);
    assert!(refused.to_string().contains("use https"), "{refused}");
    assert!(client.confined().check(&url("http://8.8.8.8/")).is_err());

    names.answer("inside.test", &[&[home.address.ip()]]);
    let inside = url(&format!("http://inside.test:{}/", home.address.port()));
    assert_eq!(get(&client.confined(), inside).await, Ok(home.address));
}

/// A server that the user configured is reached at a private address, and never at a metadata address.
#[tokio::test]
async fn configured_server_at_metadata_address_is_refused() {
    let home = Home::start().await;
    let names = Arc::new(Answers::default());
    let client = surroundings(&names).named_server_client().unwrap();
    names.answer("octopus.test", &[&[home.address.ip()]]);
    let octopus = format!("http://octopus.test:{}/", home.address.port());
    assert!(client.get(octopus).send().await.is_ok());
    for address in [
        "169.254.169.254",
        "169.254.170.2",
        "100.100.100.200",
        "fd00:ec2::254",
        "fe80::1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
    ] {
        names.answer("metadata.test", &[&[address.parse().unwrap()]]);
        let error = client
            .get("http://metadata.test/")
            .send()
            .await
            .unwrap_err();
        let refused = refusal(&error).unwrap().to_string();
        assert!(
            refused.contains("metadata address of a cloud"),
            "{address}: {refused}"
        );
        let host = match address.parse().unwrap() {
            IpAddr::V4(v4) => v4.to_string(),
            IpAddr::V6(v6) => format!("[{v6}]"),
        };
        assert!(check_named_server(&url(&format!("http://{host}/"))).is_err());
    }
    assert!(check_named_server(&url("http://10.0.0.1/")).is_ok());
    assert!(check_named_server(&url("https://octopus.example.com/")).is_ok());
}
