//! A browser as far as the console asks for one: it keeps its cookie, and says where its forms come from.

use anyhow::{Context, ensure};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use serde_json::{Value, json};

use super::super::api::{Api, text};

/// The browser.
pub(super) struct Browser {
    door: Door,
    cookie: String,
}

/// What it stands before.
enum Door {
    /// A server, by its origin.
    Loopback(reqwest::Client, String),
    /// A function, to which a Function URL would hand what this one signed.
    Function(Api, String, Option<String>),
}

/// What the console answered.
pub(super) struct Answer {
    pub(super) status: u64,
    pub(super) location: String,
    pub(super) page: String,
    cookie: Option<String>,
}

impl Browser {
    /// Comes in by the address that was printed.
    pub(super) async fn on_loopback(address: &str) -> anyhow::Result<Self> {
        let (origin, _) = address.split_once("/?").context("an address without key")?;
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none());
        let mut browser = Self {
            door: Door::Loopback(http.build()?, origin.to_owned()),
            cookie: String::new(),
        };
        let answer = browser.get(&address[origin.len()..]).await?;
        ensure!(
            answer.status == 303,
            "the entrance answered {}",
            answer.status
        );
        Ok(browser)
    }

    /// Before the function.
    pub(super) fn of_function(api: &Api, function: &str, signed_by: Option<&str>) -> Self {
        let signed_by = signed_by.map(str::to_owned);
        Self {
            door: Door::Function(api.clone(), function.to_owned(), signed_by),
            cookie: String::new(),
        }
    }

    pub(super) async fn get(&mut self, path: &str) -> anyhow::Result<Answer> {
        self.ask("GET", path, None).await
    }

    /// A form with its token alone.
    pub(super) async fn post(&mut self, path: &str, token: &str) -> anyhow::Result<Answer> {
        self.ask("POST", path, Some(format!("token={token}"))).await
    }

    async fn ask(
        &mut self,
        method: &str,
        path: &str,
        form: Option<String>,
    ) -> anyhow::Result<Answer> {
        let answer = match &self.door {
            Door::Loopback(http, origin) => {
                let request = http.request(method.parse()?, format!("{origin}{path}"));
                let request = request.header("sec-fetch-site", "same-origin");
                let request = request.header(COOKIE, &self.cookie);
                of_server(request.body(form.unwrap_or_default())).await?
            }
            Door::Function(api, function, signed_by) => {
                let event = event(
                    method,
                    path,
                    form.as_deref(),
                    &self.cookie,
                    signed_by.as_deref(),
                );
                of_function(&api.invoke(function, &event).await?)?
            }
        };
        if let Some(cookie) = &answer.cookie {
            self.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        }
        Ok(answer)
    }
}

async fn of_server(request: reqwest::RequestBuilder) -> anyhow::Result<Answer> {
    let response = request.send().await?;
    let header = |name| {
        response
            .headers()
            .get(name)?
            .to_str()
            .ok()
            .map(str::to_owned)
    };
    Ok(Answer {
        status: response.status().as_u16().into(),
        location: header(LOCATION).unwrap_or_default(),
        cookie: header(SET_COOKIE),
        page: response.text().await?,
    })
}

/// The event of a Function URL, as the Lambda guide has it.
fn event(
    method: &str,
    path: &str,
    form: Option<&str>,
    cookie: &str,
    signed_by: Option<&str>,
) -> Value {
    let cookies: Vec<_> = Some(cookie)
        .filter(|cookie| !cookie.is_empty())
        .into_iter()
        .collect();
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "cookies": cookies,
        "headers": { "host": "abc.lambda-url.us-east-1.on.aws", "sec-fetch-site": "same-origin" },
        "requestContext": {
            "authorizer": signed_by.map(|user| json!({ "iam": { "userArn": user } })),
            "http": { "method": method, "path": path },
        },
        "body": form,
        "isBase64Encoded": false,
    })
}

fn of_function(answer: &Value) -> anyhow::Result<Answer> {
    let status = answer["statusCode"].as_u64();
    Ok(Answer {
        status: status.with_context(|| format!("the function answered {answer}"))?,
        location: answer["headers"]["location"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        cookie: answer["cookies"][0].as_str().map(str::to_owned),
        page: text(answer, "body")?,
    })
}
