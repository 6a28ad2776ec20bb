//! A registry that points elsewhere: by its realm, by redirects, by links.

use hostile::Reply;

use super::{HOME, LIST, at, basic, bearer, case, eager, look_alikes, perhaps};
use crate::Case;

pub(super) fn realms(port: u16) -> Vec<Case> {
    let realm = |place: String| {
        let rules = vec![at(format!("{HOME}/v2/"), bearer(&format!("{place}/token")))];
        perhaps(case(format!("realm {place:?}"), rules, &[]))
    };
    let ascii = |place: &String| place.is_ascii();
    let mut cases: Vec<_> = look_alikes(port)
        .into_iter()
        .filter(ascii)
        .map(realm)
        .collect();
    let both = format!("Bearer realm=\"https://evil.test/token\", Basic realm=\"{HOME}\"");
    cases.push(case(
        "a realm elsewhere beside Basic",
        vec![at(format!("{HOME}/v2/"), Reply::Challenge(both))],
        &[],
    ));
    cases
}

/// A registry that received the password and then redirects: with each code, and to each look-alike.
pub(super) fn redirects(port: u16) -> Vec<Case> {
    let redirect = |code: u16, to: &str| {
        let rules = vec![at(
            format!("{HOME}{LIST}"),
            Reply::Redirect(code, to.to_owned()),
        )];
        eager(case(format!("{code} to {to:?}"), rules, &[HOME]))
    };
    let to = |place: String| format!("{place}{LIST}");
    let ascii = |place: &String| place.is_ascii();
    let mut cases: Vec<_> = [301, 302, 303, 307, 308]
        .into_iter()
        .map(|code| redirect(code, &to("https://evil.test".to_owned())))
        .collect();
    let places = look_alikes(port).into_iter().filter(ascii);
    cases.extend(places.map(|place| redirect(307, &to(place))));
    cases
}

/// Chains of redirects, some returning to the registry.
pub(super) fn chains(port: u16) -> Vec<Case> {
    let index = format!("{HOME}/index.yaml");
    let hop = |from: &str, to: &str| at(from, Reply::Redirect(302, to.to_owned()));
    let chain = |name: &str, hops: &[(&str, &str)]| {
        let rules = hops.iter().map(|(from, to)| hop(from, to)).collect();
        eager(case(name, rules, &[HOME]))
    };
    let other = format!("https://registry.test:{port}/index.yaml");
    let back = format!("{HOME}/again");
    vec![
        chain(
            "away and back",
            &[
                (&index, "https://evil.test/a"),
                ("https://evil.test/a", &back),
            ],
        ),
        chain(
            "away, on, and back",
            &[
                (&index, "https://evil.test/a"),
                ("https://evil.test/a", "https://more.test/b"),
                ("https://more.test/b", &back),
            ],
        ),
        chain(
            "another port and back",
            &[(&index, &other), (&other, &back)],
        ),
        chain(
            "within, then away",
            &[(&index, &back), (&back, "https://evil.test/a")],
        ),
        chain(
            "to http and back",
            &[
                (&index, "http://registry.test/a"),
                ("http://registry.test/a", &back),
            ],
        ),
        chain(
            "in circles",
            &[
                (&index, "https://evil.test/a"),
                ("https://evil.test/a", &index),
            ],
        ),
    ]
}

pub(super) fn links(port: u16) -> Vec<Case> {
    let link = |place: String| {
        let to = format!("{place}{LIST}?last=1");
        let rules = vec![at(format!("{HOME}{LIST}?n="), basic()), at(HOME, basic())];
        let mut case = perhaps(case(format!("link {place:?}"), rules, &[]));
        // The registry itself is anonymous; the server that the link names requests a credential.
        case.rules[0].1 = Reply::Linked(to);
        case
    };
    let ascii = |place: &String| place.is_ascii();
    look_alikes(port)
        .into_iter()
        .filter(ascii)
        .map(link)
        .collect()
}
