//! Names of repositories and tags, by the grammar of the OCI distribution specification.

use crate::address::{DOCKER_HUB_REGISTRY, Registry};

/// The longest name that clients accept.
const LONGEST_NAME: usize = 255;

/// The longest tag that the specification allows.
const LONGEST_TAG: usize = 128;

/// A package whose name no repository can have.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{name:?} is not the name of a repository, which is lower case, such as team/web; correct the \
     package's name or the feed's registry path"
)]
pub(super) struct NameError {
    name: String,
}

/// The repository of a package: below the registry's prefix, and below `library/` on Docker Hub where the
/// name has no other namespace.
pub(super) fn repository(registry: &Registry, package: &str) -> Result<String, NameError> {
    let mut name = format!("{}{package}", registry.prefix);
    if registry.base.host_str() == Some(DOCKER_HUB_REGISTRY) && !name.contains('/') {
        name.insert_str(0, "library/");
    }
    if name.len() <= LONGEST_NAME && name.split('/').all(is_component) {
        Ok(name)
    } else {
        Err(NameError { name })
    }
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn is_component(text: &str) -> bool {
    let is_alphanumeric = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit();
    let mut rest = text;
    loop {
        let Some(after) = rest.strip_prefix(is_alphanumeric) else {
            return false;
        };
        let after = after.trim_start_matches(is_alphanumeric);
        if after.is_empty() {
            return true;
        }
        rest = match after.strip_prefix('-') {
            Some(dashed) => dashed.trim_start_matches('-'),
            None => match after
                .strip_prefix("__")
                .or_else(|| after.strip_prefix(['.', '_']))
            {
                Some(rest) => rest,
                None => return false,
            },
        };
    }
}

/// Whether a tag is one (`[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`) and stands for a version, and not for a
/// signature, attestation, bill of materials or list of referrers, whose tags are made of a digest.
pub(super) fn is_version(tag: &str) -> bool {
    let mut bytes = tag.bytes();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    tag.len() <= LONGEST_TAG
        && bytes.next().is_some_and(is_word)
        && bytes.all(|byte| is_word(byte) || byte == b'.' || byte == b'-')
        && !is_made_of_digest(tag)
}

/// An algorithm and the first 64 hexadecimal digits, with an ending or without.
fn is_made_of_digest(tag: &str) -> bool {
    let Some((algorithm, rest)) = tag.split_once('-') else {
        return false;
    };
    let (digits, ending) = rest.split_once('.').unwrap_or((rest, ""));
    ["sha256", "sha512"].contains(&algorithm)
        && digits.len() == 64
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        && ["", "sig", "att", "sbom"].contains(&ending)
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{Registry, is_version, repository};

    #[test]
    fn names_are_put_together_and_checked() {
        let registry = |base: &str, prefix: &str| Registry {
            base: Url::parse(base).unwrap(),
            prefix: prefix.to_owned(),
        };
        let hub = registry("https://registry-1.docker.io", "");
        let own = registry("https://registry.example.com", "team/");
        for (registry, package, expected) in [
            (&hub, "nginx", Some("library/nginx")),
            (&hub, "acme/web", Some("acme/web")),
            (&own, "web", Some("team/web")),
            (&own, "a/b__c.d-e--f_0", Some("team/a/b__c.d-e--f_0")),
            (&own, "Web", None),
            (&own, "", None),
            (&own, "a//b", None),
            (&own, "a..b", None),
            (&own, "a___b", None),
            (&own, "-a", None),
            (&own, "a-", None),
            (&own, "../../v2/_catalog", None),
            (&own, "a?x=1", None),
            (&own, "a%2fb", None),
            (&own, "a:1", None),
            (&own, "ü", None),
        ] {
            assert_eq!(
                repository(registry, package).ok().as_deref(),
                expected,
                "{package}"
            );
        }
        assert!(repository(&own, &"a".repeat(251)).is_err());
    }

    #[test]
    fn tags_that_stand_for_versions_are_kept() {
        let digits = "0123456789abcdef".repeat(4);
        for tag in [
            "1.0.0",
            "v1",
            "latest",
            "_x",
            "1.0.0_b1",
            "A-b.c",
            &"1".repeat(128),
            "sha256-abc",
            &format!("abc-{digits}"),
        ] {
            assert!(is_version(tag), "{tag}");
        }
        for tag in [
            "",
            ".hidden",
            "-x",
            "a+b",
            "a/b",
            "a:b",
            "ü",
            "a b",
            &"1".repeat(129),
            &format!("sha256:{digits}"),
            &format!("sha256-{digits}"),
            &format!("sha256-{digits}.sig"),
            &format!("sha256-{digits}.att"),
            &format!("sha256-{digits}.sbom"),
            &format!("sha512-{digits}"),
        ] {
            assert!(!is_version(tag), "{tag}");
        }
    }
}
