//! Where the server is. Everything below `/api` is built here, so a server in a virtual directory
//! (`https://host/octopus`) needs no thought elsewhere.

use engine::ports::{OctopusError, OctopusErrorKind};
use url::Url;

use crate::error::error;

/// The address of an Octopus Server, with its virtual directory and without `/api`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address(Url);

impl Address {
    /// Reads what the user configured. A trailing `/api...` is cut off, as Octopus's own clients do.
    ///
    /// # Errors
    /// [`OctopusErrorKind::Invalid`] where it is no `http` or `https` URL or holds a user name or password.
    /// The text itself is not repeated, because it may hold one.
    pub(crate) fn parse(text: &str) -> Result<Self, OctopusError> {
        let mut url = Url::parse(text.trim()).map_err(|error| OctopusError {
            source: Some(Box::new(error)),
            ..unusable("is no URL")
        })?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(unusable("is not an http or https URL"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(unusable(
                "holds a user name or password, which Octopus has no use for",
            ));
        }
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

    /// `/api` and the segments below it, each percent-encoded as one segment.
    pub(crate) fn api(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push("api").extend(segments);
        }
        url
    }

    /// A page of the web portal.
    pub(crate) fn page(&self, path: &str) -> String {
        format!("{self}/app#/{path}")
    }

    /// Whether a URL belongs to the server: only then may it be sent the API key.
    pub(crate) fn is_origin_of(&self, url: &Url) -> bool {
        self.0.origin() == url.origin()
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

fn unusable(why: &str) -> OctopusError {
    error(
        OctopusErrorKind::Invalid,
        format!("the Octopus Server's address {why}; write it like https://octopus.example.com"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_what_stands_before_api() {
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
    fn a_segment_stays_one_segment() {
        let address = Address::parse("https://o.example").unwrap();
        let url = address.api(&["refs/heads/a b%", "x"]);
        assert_eq!(
            url.as_str(),
            "https://o.example/api/refs%2Fheads%2Fa%20b%25/x"
        );
    }

    #[test]
    fn what_is_no_address_is_refused_without_being_repeated() {
        for text in [
            "octopus",
            "ftp://o.example",
            "https://me:secret@o.example",
            "https://",
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
