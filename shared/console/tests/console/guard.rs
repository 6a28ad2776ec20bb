//! Authentication of requests and protection of forms.

use bytes::Bytes;
use http::{Request, StatusCode};
use web_console::{Guard, MAX_BODY_BYTES};

use crate::world::{Browser, HOST, ask, basic, console, get, text, with_guard};

const TRIGGER: &str = "/triggers/Spaces-1/file%3A%3Cscript%3Ealert%281%29%3C%2Fscript%3E%22%27%26%3Cimg%20src%3Dx%20onerror%3Dy%3E";

#[test]
fn address_with_the_key_opens_the_console_without_a_cookie() {
    let console = console();
    let browser = Browser::of(&console);
    let response = browser.get("/");
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    // An absolute address, so that the browser drops the credentials from it.
    assert_eq!(
        response.headers()["location"],
        format!("http://{HOST}/triggers")
    );
    let response = browser.get("/triggers");
    assert_eq!(response.status(), StatusCode::OK);
    assert!(!response.headers().contains_key("set-cookie"));
}

#[test]
fn request_without_the_key_is_challenged() {
    let console = console();
    let key = Browser::of(&console).authorization().to_owned();
    let wrong = [
        None,
        Some(basic(&format!("feedctl:{}", "0".repeat(64)))),
        Some(basic("feedctl:")),
        Some("Basic not base64".to_owned()),
        Some(key.replace("Basic", "Bearer")),
    ];
    for path in ["/", "/triggers", "/feeds", "/health", "/nowhere"] {
        for authorization in &wrong {
            let mut request = get(path);
            if let Some(value) = authorization {
                let headers = request.headers_mut();
                headers.insert("authorization", value.parse().unwrap());
            }
            let response = ask(&console, &request);
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
            let challenge = response.headers()["www-authenticate"].to_str().unwrap();
            assert!(challenge.starts_with("Basic realm="), "{challenge}");
        }
    }
}

/// Browsers send cookies to every port of a machine, so the key in a cookie authenticates nothing.
#[test]
fn cookie_with_the_key_is_not_accepted_on_loopback() {
    let console = console();
    let address = console.guard.address().unwrap();
    let (credentials, _) = address.split_once('@').unwrap();
    let key = &credentials[credentials.len() - 64..];
    for name in ["feed-triggers-8066", "__Host-feed-triggers"] {
        let mut request = get("/triggers");
        let cookie = format!("{name}={key}").parse().unwrap();
        request.headers_mut().insert("cookie", cookie);
        assert_eq!(ask(&console, &request).status(), StatusCode::UNAUTHORIZED);
    }
    let query = get(&format!("/?key={key}"));
    assert_eq!(ask(&console, &query).status(), StatusCode::UNAUTHORIZED);
}

#[test]
fn request_for_another_host_is_refused_despite_the_key() {
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
        let authorization = browser.authorization().parse().unwrap();
        headers.insert("authorization", authorization);
        let response = ask(&console, &request);
        assert_eq!(response.status(), StatusCode::MISDIRECTED_REQUEST, "{host}");
    }
    for host in ["localhost:8066", "[::1]:8066", HOST] {
        let mut request = get("/triggers");
        let headers = request.headers_mut();
        headers.insert("host", host.parse().unwrap());
        let authorization = browser.authorization().parse().unwrap();
        headers.insert("authorization", authorization);
        assert_eq!(ask(&console, &request).status(), StatusCode::OK, "{host}");
    }
}

#[test]
fn own_form_is_executed() {
    let console = console();
    let browser = Browser::of(&console);
    let token = browser.token(TRIGGER);
    let place = format!("{TRIGGER}/evaluate");
    let response = ask(&console, &browser.form(&place, &token));
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let location = response.headers()["location"].to_str().unwrap();
    assert_eq!(location, format!("{TRIGGER}?done=requested"));
    assert_eq!(console.actions.evaluated.borrow().len(), 1);
    let response = ask(&console, &browser.form("/health/redrive/checks", &token));
    let location = response.headers()["location"].to_str().unwrap();
    assert_eq!(location, "/health?redriven=checks&done=1&left=0");
    assert_eq!(console.actions.redriven().len(), 1);
}

#[test]
fn foreign_form_is_refused() {
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
        assert!(text(&response).contains("No action taken"), "{name}");
    }
    let mut request = browser.form(&place, &token);
    request.headers_mut().remove("authorization");
    assert_eq!(ask(&console, &request).status(), StatusCode::UNAUTHORIZED);
    assert!(console.actions.evaluated.borrow().is_empty());
}

#[test]
fn actions_need_post() {
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
fn large_body_is_refused() {
    let console = console();
    let browser = Browser::of(&console);
    let mut request = browser.form("/health/redrive/checks", "x");
    *request.body_mut() = Bytes::from(vec![b'x'; MAX_BODY_BYTES + 1]);
    assert_eq!(
        ask(&console, &request).status(),
        StatusCode::PAYLOAD_TOO_LARGE
    );
}

#[test]
fn gateway_protects_forms_with_a_secure_cookie() {
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
