//! Private registries of Amazon ECR: an account and a region, by the feed's kind or by its host.
//!
//! A host contains both: `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, `dkr.ecr-fips` for FIPS, `dkr-ecr` below
//! `on.aws` for dual stack, with a domain per AWS partition. Only whole names match, so that no bucket, load
//! balancer or lookalike host is mistaken for a registry.

use std::fmt;

use crate::ids::PackageId;

/// The longest accepted region; the longest real one has 16 characters.
const LONGEST_REGION: usize = 32;

/// The AWS partitions other than the public one: the prefix of their regions, and their domains for plain and
/// for dual-stack hosts.
const PARTITIONS: [(&str, &str, &str); 6] = [
    ("cn-", "amazonaws.com.cn", "on.amazonwebservices.com.cn"),
    ("eusc-", "amazonaws.eu", "on.aws"),
    ("us-iso-", "c2s.ic.gov", "on.aws"),
    ("us-isob-", "sc2s.sgov.gov", "on.aws"),
    ("us-isof-", "csp.hci.ic.gov", "on.aws"),
    ("eu-isoe-", "cloud.adc-e.uk", "on.aws"),
];

/// A private registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EcrRegistry {
    /// The account, twelve digits. `None`: this program's own.
    pub account: Option<String>,
    pub region: String,
    /// The prefix of every repository's name: empty, or with a slash at its end.
    prefix: String,
}

impl EcrRegistry {
    /// A registry in a region; `path` is the prefix of its repositories. `None`: the region is not valid.
    pub fn new(account: Option<String>, region: &str, path: &str) -> Option<Self> {
        is_region(region).then(|| Self {
            account,
            region: region.to_owned(),
            prefix: prefix(path),
        })
    }

    /// The prefix of every repository's name: empty, or with a slash at its end.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The name of a package's repository.
    pub fn repository(&self, package: &PackageId) -> String {
        format!("{}{package}", self.prefix)
    }
}

/// The host of a URL and the prefix of repositories in it. ECR serves only https and no path, so other URLs are
/// not ECR's; only Helm's `oci://` form has a prefix after the host.
pub(crate) fn split_url(uri: &str) -> Option<(&str, &str)> {
    let uri = uri.trim();
    if let Some(rest) = uri.strip_prefix("oci://") {
        return Some(rest.split_once('/').unwrap_or((rest, "")));
    }
    let rest = uri.strip_prefix("https://").unwrap_or(uri);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    matches!(path.trim_end_matches('/'), "" | "v1" | "v2").then_some((host, ""))
}

fn prefix(path: &str) -> String {
    match path.trim_matches('/') {
        "" => String::new(),
        path => format!("{path}/"),
    }
}

/// The account and region in the host name of a private registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EcrHost {
    /// The account: twelve digits.
    pub account: String,
    pub region: String,
}

impl EcrHost {
    /// Checks the account and the region.
    pub fn new(account: &str, region: &str) -> Option<Self> {
        (is_account(account) && is_region(region)).then(|| Self {
            account: account.to_owned(),
            region: region.to_owned(),
        })
    }

    /// Parses a host name, in any case and without a port. `None`: not a host of ECR.
    pub fn parse(host: &str) -> Option<Self> {
        let host = host.to_ascii_lowercase();
        let (account, rest) = host.split_once('.')?;
        let plain = ["dkr.ecr.", "dkr.ecr-fips."];
        let dual = ["dkr-ecr.", "dkr-ecr-fips."];
        let after = |services: [&str; 2]| services.iter().find_map(|name| rest.strip_prefix(name));
        let (place, is_dual) = match after(plain) {
            Some(place) => (place, false),
            None => (after(dual)?, true),
        };
        let (region, domain) = place.split_once('.')?;
        let (plain, dual) = domains(region);
        (domain == if is_dual { dual } else { plain }).then_some(())?;
        Self::new(account, region)
    }
}

/// The plain host.
impl fmt::Display for EcrHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (domain, _) = domains(&self.region);
        write!(f, "{}.dkr.ecr.{}.{domain}", self.account, self.region)
    }
}

/// The domains of a region, for plain and for dual-stack hosts.
fn domains(region: &str) -> (&'static str, &'static str) {
    let found = PARTITIONS
        .iter()
        .find(|(start, ..)| region.starts_with(start));
    found.map_or(("amazonaws.com", "on.aws"), |(_, plain, dual)| {
        (plain, dual)
    })
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Words and a number, such as `us-gov-west-1`. A region becomes part of a host name, so no other text is
/// accepted.
fn is_region(text: &str) -> bool {
    let Some((words, number)) = text.rsplit_once('-') else {
        return false;
    };
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
    text.len() <= LONGEST_REGION
        && words.contains('-')
        && words.split('-').all(is_word)
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}
