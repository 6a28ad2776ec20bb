//! A minimal browser for the console: it stores the cookie and sends the origin of its forms.

use anyhow::{Context, ensure};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use serde_json::{Value, json};

use local_cloud::api::{Api, text};

/// A browser session.
pub(crate) struct Browser {
    target: Target,
    cookie: String,
}

/// The server that the browser sends requests to.
enum Target {
    /// An HTTP server: client and origin.
    Loopback(reqwest::Client, String),
    /// A function behind a Function URL: its name, and the ARN of the user who signed the request.
    Function(Api, String, Option<String>),
}

/// A response of the console.
pub(crate) struct Answer {
    pub(crate) status: u64,
    pub(crate) location: String,
    pub(crate) page: String,
    cookie: Option<String>,
}

impl Browser {
    /// Opens the address that `feedctl console` printed.
    pub(crate) async fn on_loopback(address: &str) -> anyhow::Result<Self> {
        let origin = address
            .strip_suffix('/')
            .context("the address has no path")?;
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none());
        let mut browser = Self {
            target: Target::Loopback(http.build()?, origin.to_owned()),
            cookie: String::new(),
        };
        let answer = browser.get("/").await?;
        ensure!(
            answer.status == 303,
            "the printed address answered {}",
            answer.status
        );
        Ok(browser)
    }

    /// Sends requests to a function, signed by a user, or unsigned.
    pub(crate) fn of_function(api: &Api, function: &str, signed_by: Option<&str>) -> Self {
        let signed_by = signed_by.map(str::to_owned);
        Self {
            target: Target::Function(api.clone(), function.to_owned(), signed_by),
            cookie: String::new(),
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> anyhow::Result<Answer> {
        self.ask("GET", path, None).await
    }

    /// Submits a form that contains only its token.
    pub(crate) async fn post(&mut self, path: &str, token: &str) -> anyhow::Result<Answer> {
        self.ask("POST", path, Some(format!("token={token}"))).await
    }

    async fn ask(
        &mut self,
        method: &str,
        path: &str,
        form: Option<String>,
    ) -> anyhow::Result<Answer> {
        let answer = match &self.target {
            Target::Loopback(http, origin) => {
                let request = http.request(method.parse()?, format!("{origin}{path}"));
                let request = request.header("sec-fetch-site", "same-origin");
                let request = request.header(COOKIE, &self.cookie);
                of_server(request.body(form.unwrap_or_default())).await?
            }
            Target::Function(api, function, signed_by) => {
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

/// The event of a Function URL (AWS Lambda Developer Guide, "Invoking Lambda function URLs").
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
