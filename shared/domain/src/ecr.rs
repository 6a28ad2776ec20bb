//! Private registries of Amazon ECR: an account and a region, known by the feed's kind or by its host.
//!
//! A host says both: `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, `dkr.ecr-fips` for FIPS, `dkr-ecr` below
//! `on.aws` for dual stack, and each partition of AWS has a domain of its own. Only whole names count, so
//! that nobody's bucket, load balancer or lookalike passes for a registry.

use std::fmt;

use crate::feed::{Feed, FeedKind};
use crate::ids::PackageId;

/// The longest name of a region that is believed; the longest real one has 16 letters.
const LONGEST_REGION: usize = 32;

/// The partitions that are not the public one: how their regions begin, and their domains for plain and
/// for dual-stack hosts.
const PARTITIONS: [(&str, &str, &str); 6] = [
    ("cn-", "amazonaws.com.cn", "on.amazonwebservices.com.cn"),
    ("eusc-", "amazonaws.eu", "on.aws"),
    ("us-iso-", "c2s.ic.gov", "on.aws"),
    ("us-isob-", "sc2s.sgov.gov", "on.aws"),
    ("us-isof-", "csp.hci.ic.gov", "on.aws"),
    ("eu-isoe-", "cloud.adc-e.uk", "on.aws"),
];

/// A private registry, as a feed names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EcrRegistry {
    /// Its account of twelve digits; `None` is this program's own.
    pub account: Option<String>,
    /// Its region.
    pub region: String,
    /// What stands before every repository's name, with a slash at its end, or nothing.
    prefix: String,
}

impl EcrRegistry {
    /// The registry that the feed is; `None` if it is none, or if its region cannot be told.
    pub fn of(feed: &Feed) -> Option<Self> {
        let path = feed.registry_path.as_deref();
        match feed.kind {
            FeedKind::AwsElasticContainerRegistry => Some(Self {
                account: feed.account.clone(),
                region: feed.region.clone().filter(|region| is_region(region))?,
                prefix: prefix(path.unwrap_or_default()),
            }),
            FeedKind::Docker | FeedKind::OciRegistry => {
                let (host, own_path) = split(feed.uri.as_deref()?)?;
                let RegistryHost { account, region } = RegistryHost::parse(host)?;
                Some(Self {
                    account: Some(account),
                    region,
                    prefix: prefix(path.unwrap_or(own_path)),
                })
            }
            _ => None,
        }
    }

    /// The name of a package's repository.
    pub fn repository(&self, package: &PackageId) -> String {
        format!("{}{package}", self.prefix)
    }
}

/// The host of a URL and the prefix in it. ECR serves https alone, and nothing below a path, so what has
/// either is no ECR registry; only Helm's `oci://` form has the prefix behind the host.
fn split(uri: &str) -> Option<(&str, &str)> {
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

/// What the host name of a private registry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryHost {
    /// The account: twelve digits.
    pub account: String,
    /// The region.
    pub region: String,
}

impl RegistryHost {
    /// From an account and a region, if they are such.
    pub fn new(account: &str, region: &str) -> Option<Self> {
        (is_account(account) && is_region(region)).then(|| Self {
            account: account.to_owned(),
            region: region.to_owned(),
        })
    }

    /// Reads a host name, in any case and without a port; `None` for every host but ECR's.
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
impl fmt::Display for RegistryHost {
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

/// Words and a number, such as `us-gov-west-1`. A region becomes part of a host name, so nothing else is
/// believed.
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
