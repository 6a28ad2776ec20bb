//! Requests tokens: by the GET form of the token specification, or by the OAuth2 POST form where the
//! credential is itself a token.

use engine::ports::{FeedError, FeedErrorKind};
use http_client::{from_json, read_capped};
use reqwest::header::HeaderValue;
use reqwest::{Method, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::{Get, Session};
use crate::auth::challenge::Bearer;
use crate::auth::grant::{CLIENT_ID, Grant};
use crate::auth::token_request::{self, TOKEN_BYTES, Token, TokenKey};
use crate::error::caused_by;

impl Session<'_> {
    /// Requests a token: by the POST form where the credential is itself a token and the server supports it,
    /// else by the GET form. Redirects are not followed.
    pub(super) async fn fetch(
        &self,
        get: &Get<'_>,
        realm: &Url,
        bearer: &Bearer,
        credential: Option<&HeaderValue>,
    ) -> Result<Token, FeedError> {
        if let Some(credential) = credential
            && let Some(token) = self.granted(get, realm, bearer, credential).await?
        {
            return Ok(token);
        }
        let url = token_request::url(realm, bearer);
        let get = Get {
            url,
            headers: Vec::new(),
            ..*get
        };
        let request = || {
            self.client_for(&get.url)
                .request_without_redirects(Method::GET, get.url.clone())
        };
        let response = self.exchange(&get, credential, request).await?;
        self.token_in(&get, response).await
    }

    /// The token in a token server's answer.
    async fn token_in(&self, get: &Get<'_>, response: Response) -> Result<Token, FeedError> {
        let kind = match response.status().as_u16() {
            200 => {
                let body = read_capped(response, TOKEN_BYTES).await;
                let body = body.map_err(|error| get.subject.incomplete_body(&get.url, error))?;
                return token_request::parse(&body).map_err(|error| {
                    let what = "returns no token; check the registry's token server";
                    caused_by(
                        get.subject.at(FeedErrorKind::Malformed, &get.url, what),
                        error,
                    )
                });
            }
            400..=403 => FeedErrorKind::Denied,
            408 | 500.. => FeedErrorKind::Unavailable,
            _ => FeedErrorKind::Malformed,
        };
        Err(self.status_error(get, kind, response).await)
    }

    /// A token for a credential that is itself a token. `None` if the credential is of another kind, or the
    /// server does not support the POST form.
    async fn granted(
        &self,
        get: &Get<'_>,
        realm: &Url,
        bearer: &Bearer,
        credential: &HeaderValue,
    ) -> Result<Option<Token>, FeedError> {
        let Some(grant) = Grant::of(credential) else {
            return Ok(None);
        };
        let refresh_tokens = &self.shared.memory.refresh_tokens;
        // A refresh token is valid for every repository.
        let without_scope = Bearer {
            scopes: Vec::new(),
            ..bearer.clone()
        };
        let key = TokenKey::new(&self.base, realm, &without_scope, Some(credential));
        if let Some(kept) = refresh_tokens.get(&key) {
            let response = self.refresh(get, realm, bearer, &kept).await?;
            if response.status() == StatusCode::OK {
                return self.keep(get, response, key).await.map(Some);
            }
            refresh_tokens.remove(&key);
        }
        let first = match grant {
            Grant::Refresh(token) => token,
            Grant::Entra(token) => {
                let given = self.exchange_entra(get, realm, bearer, &token).await?;
                refresh_tokens.insert(key.clone(), given.clone());
                given
            }
        };
        let response = self.refresh(get, realm, bearer, &first).await?;
        match response.status().as_u16() {
            // Answers of servers without this form: Azure, Artifactory, Google and others.
            400 | 401 | 404 | 405 => Ok(None),
            _ => self.keep(get, response, key).await.map(Some),
        }
    }

    /// The token in the answer. A refresh token in it replaces the cached one.
    async fn keep(
        &self,
        get: &Get<'_>,
        response: Response,
        key: TokenKey,
    ) -> Result<Token, FeedError> {
        let token = self.token_in(get, response).await?;
        if let Some(refresh) = &token.refresh {
            self.shared
                .memory
                .refresh_tokens
                .insert(key, refresh.clone());
        }
        Ok(token)
    }

    /// Requests a token for the challenge's scopes.
    async fn refresh(
        &self,
        get: &Get<'_>,
        realm: &Url,
        bearer: &Bearer,
        token: &SecretString,
    ) -> Result<Response, FeedError> {
        let scope = bearer.scopes.join(" ");
        let mut form = vec![
            ("grant_type", "refresh_token"),
            ("client_id", CLIENT_ID),
            ("refresh_token", token.expose_secret()),
        ];
        form.extend(
            bearer
                .service
                .iter()
                .map(|service| ("service", service.as_str())),
        );
        if !scope.is_empty() {
            form.push(("scope", &scope));
        }
        self.post(get, realm, &form).await
    }

    /// Azure's first step: exchanges an access token of Microsoft Entra ID for a refresh token.
    async fn exchange_entra(
        &self,
        get: &Get<'_>,
        realm: &Url,
        bearer: &Bearer,
        token: &SecretString,
    ) -> Result<SecretString, FeedError> {
        #[derive(Deserialize)]
        struct Given {
            refresh_token: SecretString,
        }
        let mut url = realm.clone();
        url.set_path("/oauth2/exchange");
        url.set_query(None);
        let service = bearer.service.as_deref().or(realm.host_str());
        let form = [
            ("grant_type", "access_token"),
            ("service", service.unwrap_or_default()),
            ("access_token", token.expose_secret()),
        ];
        let response = self.post(get, &url, &form).await?;
        let asked = Get {
            url,
            headers: Vec::new(),
            ..*get
        };
        let kind = match response.status().as_u16() {
            200 => {
                let body = read_capped(response, TOKEN_BYTES).await;
                let body = body.map_err(|error| get.subject.incomplete_body(&asked.url, error))?;
                let given: Result<Given, _> = from_json(&body);
                return given.map(|given| given.refresh_token).map_err(|_| {
                    let what = "returns no refresh token; check the feed's URL and credential";
                    get.subject.at(FeedErrorKind::Malformed, &asked.url, what)
                });
            }
            408 | 500.. => FeedErrorKind::Unavailable,
            _ => FeedErrorKind::Denied,
        };
        Err(self.status_error(&asked, kind, response).await)
    }

    /// Posts a form to a token server. Redirects are not followed.
    async fn post(
        &self,
        get: &Get<'_>,
        url: &Url,
        form: &[(&str, &str)],
    ) -> Result<Response, FeedError> {
        let asked = Get {
            url: url.clone(),
            headers: Vec::new(),
            ..*get
        };
        for (field, value) in form {
            if field.ends_with("_token") {
                self.meter.redactor.secret(value);
            }
        }
        let request = || {
            let client = self.client_for(url);
            let request = client.request_without_redirects(Method::POST, url.clone())?;
            Ok(request.form(form))
        };
        self.exchange(&asked, None, request).await
    }
}
