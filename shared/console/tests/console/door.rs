//! Who is let in, and whose forms are taken.

use bytes::Bytes;
use http::{Request, StatusCode};
use web_console::{Guard, MOST_BODY};

use crate::world::{Browser, HOST, ask, console, get, text, with_guard};

const TRIGGER: &str = "/triggers/Spaces-1/file%3A%3Cscript%3Ealert%281%29%3C%2Fscript%3E%22%27%26%3Cimg%20src%3Dx%20onerror%3Dy%3E";

#[test]
fn whoever_has_the_address_comes_in_and_is_known_from_then_on() {
    let console = console();
    let response = ask(&console, &get(&console.guard.entrance()));
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()["location"], "/triggers");
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    assert!(
        cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"),
        "{cookie}"
    );
    let browser = Browser::of(&console);
    assert_eq!(browser.get("/triggers").status(), StatusCode::OK);
}

#[test]
fn nobody_else_comes_in() {
    let console = console();
    let wrong = format!("/?key={}", "0".repeat(64));
    for path in ["/", "/triggers", "/feeds", "/health", &wrong, "/nowhere"] {
        let response = ask(&console, &get(path));
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
        assert!(!response.headers().contains_key("set-cookie"), "{path}");
    }
}

#[test]
fn a_name_that_was_made_to_point_here_is_refused_whatever_it_brings() {
    let console = console();
    let browser = Browser::of(&console);
    for host in [
        "evil.example:8066",
        "127.0.0.1",
        "127.0.0.1:80",
        "127.0.0.1.evil.example:8066",
        "",
    ] {
        let mut request = get("/triggers");
        let headers = request.headers_mut();
        headers.insert("host", host.parse().unwrap());
        headers.insert("cookie", browser.cookie().parse().unwrap());
        let response = ask(&console, &request);
        assert_eq!(response.status(), StatusCode::MISDIRECTED_REQUEST, "{host}");
    }
    for host in ["localhost:8066", "[::1]:8066", HOST] {
        let mut request = get(&console.guard.entrance());
        request.headers_mut().insert("host", host.parse().unwrap());
        assert_eq!(
            ask(&console, &request).status(),
            StatusCode::SEE_OTHER,
            "{host}"
        );
    }
}

#[test]
fn a_form_of_the_consoles_own_is_carried_out() {
    let console = console();
    let browser = Browser::of(&console);
    let token = browser.token(TRIGGER);
    let place = format!("{TRIGGER}/evaluate");
    let response = ask(&console, &browser.form(&place, &token));
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let location = response.headers()["location"].to_str().unwrap();
    assert_eq!(location, format!("{TRIGGER}?done=asked"));
    assert_eq!(console.actions.evaluated.borrow().len(), 1);
    let response = ask(&console, &browser.form("/health/redrive/checks", &token));
    let location = response.headers()["location"].to_str().unwrap();
    assert_eq!(location, "/health?redriven=checks&done=1&left=0");
    assert_eq!(console.actions.redriven().len(), 1);
}

#[test]
fn a_form_from_anywhere_else_does_nothing() {
    let console = console();
    let browser = Browser::of(&console);
    let token = browser.token(TRIGGER);
    let place = format!("{TRIGGER}/evaluate");
    type Change = fn(&mut Request<Bytes>);
    let changes: [(&str, Change); 7] = [
        ("another site", |request| {
            request
                .headers_mut()
                .insert("sec-fetch-site", "cross-site".parse().unwrap());
        }),
        ("another port of this machine", |request| {
            request
                .headers_mut()
                .insert("sec-fetch-site", "same-site".parse().unwrap());
        }),
        ("another origin", |request| {
            request
                .headers_mut()
                .insert("origin", "http://127.0.0.1:3000".parse().unwrap());
        }),
        ("no origin at all", |request| {
            request.headers_mut().remove("origin");
            request.headers_mut().remove("sec-fetch-site");
        }),
        ("a page without an origin", |request| {
            request
                .headers_mut()
                .insert("origin", "null".parse().unwrap());
        }),
        ("no token", |request| *request.body_mut() = Bytes::new()),
        ("another token", |request| {
            *request.body_mut() = Bytes::from(format!("token={}", "0".repeat(64)));
        }),
    ];
    for (name, change) in changes {
        let mut request = browser.form(&place, &token);
        change(&mut request);
        let response = ask(&console, &request);
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{name}");
        assert!(text(&response).contains("Nothing was done"), "{name}");
    }
    let mut request = browser.form(&place, &token);
    request.headers_mut().remove("cookie");
    assert_eq!(ask(&console, &request).status(), StatusCode::UNAUTHORIZED);
    assert!(console.actions.evaluated.borrow().is_empty());
}

#[test]
fn looking_changes_nothing_and_forms_are_only_posted() {
    let console = console();
    let browser = Browser::of(&console);
    for path in [
        format!("{TRIGGER}/evaluate"),
        "/health/redrive/checks".into(),
    ] {
        let response = browser.get(&path);
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(response.headers()["allow"], "POST");
    }
    let token = browser.token(TRIGGER);
    let response = ask(&console, &browser.form("/feeds", &token));
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert!(console.actions.evaluated.borrow().is_empty());
}

#[test]
fn a_large_body_is_refused() {
    let console = console();
    let browser = Browser::of(&console);
    let mut request = browser.form("/health/redrive/checks", "x");
    *request.body_mut() = Bytes::from(vec![b'x'; MOST_BODY + 1]);
    assert_eq!(
        ask(&console, &request).status(),
        StatusCode::PAYLOAD_TOO_LARGE
    );
}

#[test]
fn behind_a_gateway_a_browser_is_known_by_its_own_cookie() {
    let console = with_guard(Guard::gateway());
    let response = ask(&console, &get("/health"));
    assert_eq!(response.status(), StatusCode::OK);
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-feed-triggers="), "{cookie}");
    assert!(
        cookie.ends_with("HttpOnly; SameSite=Strict; Secure"),
        "{cookie}"
    );
    let page = text(&response);
    let token = page.split("name=\"token\" value=\"").nth(1).unwrap();
    let token = token.split('"').next().unwrap();
    let form = |site: Option<&str>| {
        let mut request = Request::post("/health/redrive/checks")
            .header("host", "abc.lambda-url.eu-west-1.on.aws")
            .header("cookie", cookie.split(';').next().unwrap());
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        request.body(Bytes::from(format!("token={token}"))).unwrap()
    };
    assert_eq!(ask(&console, &form(None)).status(), StatusCode::FORBIDDEN);
    assert_eq!(
        ask(&console, &form(Some("cross-site"))).status(),
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        ask(&console, &form(Some("same-origin"))).status(),
        StatusCode::SEE_OTHER
    );
}
