//! Asks a token server by the POST form, with a credential that is itself a token.

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
use crate::auth::token::{TOKEN_BYTES, Token, TokenKey};

impl Session<'_> {
    /// A token for a credential that is one. `None` if the credential is of another kind, or the server
    /// does not know this form: it is then asked by the usual one.
    pub(super) async fn granted(
        &self,
        get: &Get<'_>,
        realm: &Url,
        bearer: &Bearer,
        credential: &HeaderValue,
    ) -> Result<Option<Token>, FeedError> {
        let Some(grant) = Grant::of(credential) else {
            return Ok(None);
        };
        let refreshes = &self.shared.memory.refreshes;
        // A refresh token is good for every repository.
        let everywhere = Bearer {
            scopes: Vec::new(),
            ..bearer.clone()
        };
        let key = TokenKey::new(&self.base, realm, &everywhere, Some(credential));
        if let Some(kept) = refreshes.get(&key) {
            let response = self.refresh(get, realm, bearer, &kept).await?;
            if response.status() == StatusCode::OK {
                return self.keep(get, response, key).await.map(Some);
            }
            refreshes.forget(&key);
        }
        let first = match grant {
            Grant::Refresh(token) => token,
            Grant::Entra(token) => {
                let given = self.exchange_entra(get, realm, bearer, &token).await?;
                refreshes.keep(key.clone(), given.clone());
                given
            }
        };
        let response = self.refresh(get, realm, bearer, &first).await?;
        match response.status().as_u16() {
            // The answers of those that do not know the form: Azure, Artifactory, Google and others.
            400 | 401 | 404 | 405 => Ok(None),
            _ => self.keep(get, response, key).await.map(Some),
        }
    }

    /// The token in the answer; the refresh token that came with it takes the old one's place.
    async fn keep(
        &self,
        get: &Get<'_>,
        response: Response,
        key: TokenKey,
    ) -> Result<Token, FeedError> {
        let token = self.token_in(get, response).await?;
        if let Some(refresh) = &token.refresh {
            self.shared.memory.refreshes.keep(key, refresh.clone());
        }
        Ok(token)
    }

    /// Asks for a token for the challenge's scopes.
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

    /// Azure's first step: a refresh token for an access token of Microsoft Entra ID.
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
                let body = body.map_err(|error| get.subject.unread(&asked.url, error))?;
                let given: Result<Given, _> = from_json(&body);
                return given.map(|given| given.refresh_token).map_err(|_| {
                    let what = "gives no refresh token; check the feed's URL and credential";
                    get.subject.at(FeedErrorKind::Malformed, &asked.url, what)
                });
            }
            408 | 500.. => FeedErrorKind::Unavailable,
            _ => FeedErrorKind::Denied,
        };
        Err(self.told(&asked, kind, response).await)
    }

    /// Posts a form to a token server. Its answer may not be a redirect.
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
