//! The server's address. Builds every URL below `/api`, including the virtual directory
//! (`https://host/octopus`).

use engine::ports::{OctopusError, OctopusErrorKind};
use url::Url;

/// The address of an Octopus Server, with its virtual directory and without `/api`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address(Url);

impl Address {
    /// Parses the configured URL. A trailing `/api...` is removed, as in Octopus's own clients.
    ///
    /// # Errors
    /// [`OctopusErrorKind::Invalid`] if the text is not an `http` or `https` URL or contains a user name or
    /// password. The error does not repeat the text, because it may contain a password.
    pub(crate) fn parse(text: &str) -> Result<Self, OctopusError> {
        let mut url = Url::parse(text.trim()).map_err(|_| unusable("is not a URL"))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(unusable("is not an http or https URL"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(unusable("contains a user name or password"));
        }
        http_client::check_named_server(&url).map_err(|refused| OctopusError {
            source: Some(Box::new(refused)),
            ..unusable("is reserved and never an Octopus Server")
        })?;
        url.set_query(None);
        url.set_fragment(None);
        let path = url.path().to_owned();
        let mut directories: Vec<&str> = path.split('/').filter(|one| !one.is_empty()).collect();
        let api = directories
            .iter()
            .rposition(|one| one.eq_ignore_ascii_case("api"));
        directories.truncate(api.unwrap_or(directories.len()));
        url.set_path(&directories.join("/"));
        Ok(Self(url))
    }

    /// The URL of `/api` and these segments, each percent-encoded as one segment.
    pub(crate) fn api(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push("api").extend(segments);
        }
        url
    }

    /// The URL of a page in the web portal.
    pub(crate) fn page(&self, path: &str) -> String {
        format!("{self}/app#/{path}")
    }

    /// Whether a URL has the server's origin. Only such URLs may receive the API key.
    pub(crate) fn is_origin_of(&self, url: &Url) -> bool {
        self.0.origin() == url.origin()
    }
}

/// Checks the URL of an Octopus Server, without a request.
///
/// # Errors
/// [`OctopusErrorKind::Invalid`] if [`OctopusClient`](crate::OctopusClient) cannot use it.
pub fn check_address(text: &str) -> Result<(), OctopusError> {
    Address::parse(text).map(drop)
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

fn unusable(cause: &str) -> OctopusError {
    OctopusError {
        kind: OctopusErrorKind::Invalid,
        source: None,
        message: format!(
            "cannot use the address of the Octopus Server: it {cause}; write it like \
             https://octopus.example.com"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_removes_api_and_what_follows() {
        for (text, shown, feeds) in [
            (
                "https://o.example",
                "https://o.example",
                "https://o.example/api/Spaces-1/feeds",
            ),
            (
                "https://o.example/",
                "https://o.example",
                "https://o.example/api/Spaces-1/feeds",
            ),
            (
                "https://o.example/api/",
                "https://o.example",
                "https://o.example/api/Spaces-1/feeds",
            ),
            (
                "http://o:81/x/y/",
                "http://o:81/x/y",
                "http://o:81/x/y/api/Spaces-1/feeds",
            ),
            (
                "http://o/x/API?a=1#b",
                "http://o/x",
                "http://o/x/api/Spaces-1/feeds",
            ),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!(address.to_string(), shown);
            assert_eq!(address.api(&["Spaces-1", "feeds"]).as_str(), feeds);
        }
    }

    #[test]
    fn api_encodes_each_segment() {
        let address = Address::parse("https://o.example").unwrap();
        let url = address.api(&["refs/heads/a b%", "x"]);
        assert_eq!(
            url.as_str(),
            "https://o.example/api/refs%2Fheads%2Fa%20b%25/x"
        );
    }

    #[test]
    fn parse_refuses_unusable_addresses_without_repeating_them() {
        for text in [
            "octopus",
            "ftp://o.example",
            "https://me:secret@o.example",
            "https://",
            "http://169.254.169.254/latest/",
            "https://[fd00:ec2::254]",
        ] {
            let error = Address::parse(text).unwrap_err();
            assert_eq!(error.kind, OctopusErrorKind::Invalid);
            assert!(!error.message.contains("secret"), "{error}");
            assert!(
                error.message.contains("https://octopus.example.com"),
                "{error}"
            );
        }
    }
}
