//! Octopus's API key is sent only to the server that the user named.

use domain::ids::SpaceId;
use engine::ports::OctopusReader;
use hostile::{Origins, Planted, Reply};
use octopus::{FixedKey, OctopusClient};

const KEY: Planted = Planted {
    user: "",
    secret: "API-PLANTED0KEY0PLANTED0KEY",
};
const HOME: &str = "https://octopus.test";

#[tokio::test]
async fn api_key_is_sent_only_to_the_named_server() {
    let origins = Origins::start().await;
    let http = origins.surroundings().named_server_client().unwrap();
    let other = format!("https://octopus.test:{}", origins.other_port());
    let places = [
        "https://evil.test",
        "https://octopus.test.evil.test",
        "https://sub.octopus.test",
        "https://octopus.test.",
        "https://octopus.test@evil.test",
        "http://octopus.test",
        "//evil.test",
        "\\\\evil.test",
        "/\\evil.test",
        "https:evil.test",
        other.as_str(),
    ];
    let mut cases = 0;
    for place in places {
        for code in [301, 302, 303, 307, 308] {
            let to = Reply::Redirect(code, format!("{place}/api/Spaces-1/feeds"));
            origins.answer(vec![(format!("{HOME}/api/Spaces-1/feeds"), to)]);
            assert_sent_to_home_only(&origins, &http, &format!("{code} to {place}")).await;
            cases += 1;
        }
        let next = format!(
            r#"{{"Items":[],"TotalResults":9,"Links":{{"Page.Next":"{}/api?skip=100"}}}}"#,
            place.replace('\\', "\\\\")
        );
        origins.answer(vec![(HOME.to_owned(), Reply::Body(next))]);
        assert_sent_to_home_only(&origins, &http, &format!("a next page at {place}")).await;
        cases += 1;
    }
    println!("R8: {cases} hostile cases with the API key, 0 leaks");
    assert!(cases >= 60);
}

async fn assert_sent_to_home_only(origins: &Origins, http: &reqwest::Client, case: &str) {
    let client = OctopusClient::new(http.clone(), HOME, FixedKey::new(KEY.secret)).unwrap();
    let outcome = client.feeds(&SpaceId::new("Spaces-1")).await;
    let seen = origins.seen();
    assert!(!seen.is_empty(), "{case}");
    for (origin, request) in seen {
        let found = KEY.found_in(&request);
        assert_eq!(
            found.is_empty(),
            origin != HOME,
            "{case}: {origin}; {outcome:?}"
        );
    }
}
