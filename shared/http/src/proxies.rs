//! The proxies of the environment: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, also in lower case.

use reqwest::{ClientBuilder, NoProxy, Proxy};
use url::Url;

use crate::client_error::ClientError;

/// The variable with the proxy for https.
pub(crate) const HTTPS_PROXY: &str = "HTTPS_PROXY";
/// The variable with the proxy for plain http.
pub(crate) const HTTP_PROXY: &str = "HTTP_PROXY";
/// The variable with the hosts that are connected to directly.
pub(crate) const NO_PROXY: &str = "NO_PROXY";

/// Hosts that no proxy is used for, as in Go and .NET: a proxy would connect to itself.
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

/// The proxies of a client. The default has none.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    https: Option<Url>,
    http: Option<Url>,
    except: String,
}

impl Proxies {
    /// Parses the values of `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`; an empty one counts as absent. A proxy without
    /// a scheme is one for plain http, as in `proxy.example.com:3128`. `NO_PROXY` lists host names, which include their
    /// subdomains, IP addresses and networks, separated by commas; `*` matches every host.
    ///
    /// # Errors
    /// [`ClientError::Proxy`] for a proxy that is not a URL with `http` or `https`.
    pub fn parse(https: &str, http: &str, except: &str) -> Result<Self, ClientError> {
        Ok(Self {
            https: proxy(HTTPS_PROXY, https)?,
            http: proxy(HTTP_PROXY, http)?,
            except: format!("{LOOPBACK},{except}"),
        })
    }

    /// The proxies of the process's environment.
    ///
    /// # Errors
    /// As for [`parse`](Self::parse).
    pub fn of_process() -> Result<Self, ClientError> {
        let [https, http, except] = [HTTPS_PROXY, HTTP_PROXY, NO_PROXY].map(variable);
        Self::parse(&https, &http, &except)
    }

    /// Whether no request is sent to a proxy.
    pub(crate) fn is_empty(&self) -> bool {
        self.https.is_none() && self.http.is_none()
    }

    /// The host names of the proxies.
    pub(crate) fn names(&self) -> Vec<String> {
        let proxies = [&self.https, &self.http].into_iter().flatten();
        proxies
            .filter_map(|proxy| proxy.domain().map(str::to_owned))
            .collect()
    }

    /// A client that uses these proxies and no others.
    pub(crate) fn apply(&self, mut builder: ClientBuilder) -> Result<ClientBuilder, ClientError> {
        let except = NoProxy::from_string(&self.except);
        builder = builder.no_proxy();
        if let Some(proxy) = &self.https {
            builder = builder.proxy(Proxy::https(proxy.clone())?.no_proxy(except.clone()));
        }
        if let Some(proxy) = &self.http {
            builder = builder.proxy(Proxy::http(proxy.clone())?.no_proxy(except));
        }
        Ok(builder)
    }
}

impl std::fmt::Debug for Proxies {
    /// Without the proxies' passwords.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = |proxy: &Option<Url>| proxy.as_ref().map(crate::shown);
        f.debug_struct("Proxies")
            .field("https", &shown(&self.https))
            .field("http", &shown(&self.http))
            .field("except", &self.except)
            .finish()
    }
}

/// The value of a variable in upper case, else in lower case.
fn variable(name: &str) -> String {
    let value = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    value(name)
        .or_else(|| value(&name.to_ascii_lowercase()))
        .unwrap_or_default()
}

fn proxy(variable: &'static str, value: &str) -> Result<Option<Url>, ClientError> {
    let value = value.trim();
    if value.is_empty() {
        return Ok(None);
    }
    let url = if value.contains("://") {
        Url::parse(value)
    } else {
        Url::parse(&format!("http://{value}"))
    };
    match url {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(Some(url)),
        // The value may contain a password and is not printed.
        _ => Err(ClientError::Proxy { variable }),
    }
}

#[cfg(test)]
mod tests {
    use super::Proxies;

    #[test]
    fn proxy_is_parsed_in_every_form() {
        for (value, expected) in [
            (
                "http://proxy.example.com:3128",
                "http://proxy.example.com:3128/",
            ),
            ("proxy.example.com:3128", "http://proxy.example.com:3128/"),
            (
                " https://joe:pw@proxy.example.com ",
                "https://joe:pw@proxy.example.com/",
            ),
            ("10.1.2.3:8080", "http://10.1.2.3:8080/"),
        ] {
            let proxies = Proxies::parse(value, "", "").unwrap();
            assert_eq!(proxies.https.unwrap().as_str(), expected, "{value}");
        }
        assert!(Proxies::parse("", " ", "intranet").unwrap().is_empty());
        assert!(Proxies::default().is_empty());
    }

    #[test]
    fn unusable_proxy_names_its_variable_and_not_its_password() {
        for value in [
            "socks5://joe:secret@proxy:1080",
            "http://",
            "ftp://secret@proxy",
        ] {
            let error = Proxies::parse("", value, "").unwrap_err().to_string();
            assert!(error.contains("HTTP_PROXY"), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
        let proxies = Proxies::parse("http://joe:secret@proxy:3128", "", "").unwrap();
        assert!(!format!("{proxies:?}").contains("secret"));
    }
}
