//! Repository names, by the grammar of the OCI distribution specification.

use domain::registry::repository_name;

use crate::address::Registry;

/// The maximum length of a name that clients accept.
const LONGEST_NAME: usize = 255;

/// An error for a package name that is not a valid repository name.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{name:?} is not the name of a repository, which is lower case, such as team/web; correct the \
     package's name or the feed's registry path"
)]
pub(super) struct NameError {
    name: String,
}

/// The repository of a package: below the registry's prefix, and below `library/` on Docker Hub if the name has
/// no namespace. Names of GitHub may contain capitals, which its registry writes in lower case.
pub(super) fn repository(registry: &Registry, package: &str) -> Result<String, NameError> {
    let name = [&registry.prefix, package].concat();
    let name = repository_name(registry.base.host_str().unwrap_or_default(), name);
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

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{Registry, repository};

    #[test]
    fn repository_name_is_built_and_validated() {
        let registry = |base: &str, prefix: &str| Registry {
            base: Url::parse(base).unwrap(),
            prefix: prefix.to_owned(),
        };
        let hub = registry("https://registry-1.docker.io", "");
        let github = registry("https://ghcr.io", "Acme/");
        let own = registry("https://registry.example.com", "team/");
        for (registry, package, expected) in [
            (&hub, "nginx", Some("library/nginx")),
            (&hub, "acme/web", Some("acme/web")),
            (&github, "Web", Some("acme/web")),
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
}
