//! URLs for messages, and comparison of origins.

use url::Url;

/// The URL without user information, query and fragment, which may contain secrets.
pub fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // These fail only for URLs without a host, which have no user information.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

/// Whether scheme, host and port are equal. Credentials are never sent to another origin.
pub fn same_origin(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host() == other.host()
        && one.port_or_known_default() == other.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use super::{Url, same_origin, shown};

    #[test]
    fn user_info_query_and_fragment_are_not_shown() {
        let url = Url::parse("https://joe:secret@host:8443/a/b?X-Amz-Signature=1#top").unwrap();
        assert_eq!(shown(&url), "https://host:8443/a/b");
    }

    #[test]
    fn origins_are_equal_if_scheme_host_and_port_are() {
        let origin = Url::parse("https://Registry.example.com/v2/").unwrap();
        for (other, same) in [
            ("https://registry.example.com:443/x", true),
            ("https://registry.example.com:444/", false),
            ("http://registry.example.com/", false),
            ("http://registry.example.com:443/", false),
            ("https://registry.example.com./", false),
            ("https://registry.example.com.evil.net/", false),
            ("https://registry.example.com@evil.net/", false),
            ("https://registry.exаmple.com/", false),
        ] {
            assert_eq!(
                same_origin(&origin, &Url::parse(other).unwrap()),
                same,
                "{other}"
            );
        }
    }
}
