//! Restricts where the SDK sends requests. Signed requests go to Amazon's endpoints and to emulators on this
//! machine only, whatever endpoint the environment or a profile names.

use http::{HeaderMap, Uri};

/// The domain suffixes of Amazon's endpoints in all partitions, each with its leading dot.
const AMAZON: [&str; 14] = [
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".amazonaws.eu",
    ".api.aws",
    ".api.amazonwebservices.com.cn",
    ".api.amazonwebservices.eu",
    ".aws.amazon.com",
    ".c2s.ic.gov",
    ".api.aws.ic.gov",
    ".sc2s.sgov.gov",
    ".api.aws.scloud",
    ".cloud.adc-e.uk",
    ".csp.hci.ic.gov",
    ".api.aws.hci.ic.gov",
];

/// Names of this machine, including the one that containers use.
const LOOPBACK_NAMES: [&str; 3] = ["localhost", "host.docker.internal", "[::1]"];

/// The instance and container metadata services, which issue credentials. Unsigned requests only.
const METADATA_SERVICES: [&str; 5] = [
    "169.254.169.254",
    "169.254.170.2",
    "169.254.170.23",
    "[fd00:ec2::254]",
    "[fd00:ec2::23]",
];

/// The prefix of an AWS signature.
const SIGNATURE: &str = "AWS4-";

/// A request that was blocked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "cannot send a signed AWS request to {origin}: it is neither an Amazon endpoint with https nor an emulator \
     on this machine; check AWS_ENDPOINT_URL and the profile"
)]
pub(crate) struct ForeignEndpoint {
    origin: String,
}

/// Allows or blocks a request before it is sent.
pub(crate) fn check_destination(uri: &Uri, headers: &HeaderMap) -> Result<(), ForeignEndpoint> {
    let host = uri.host().unwrap_or_default().to_ascii_lowercase();
    let is_amazon =
        uri.scheme_str() == Some("https") && AMAZON.iter().any(|end| host.ends_with(end));
    let is_metadata_service = METADATA_SERVICES.contains(&host.as_str()) && !is_signed(headers);
    if is_amazon || is_loopback(&host) || is_metadata_service {
        return Ok(());
    }
    let scheme = uri.scheme_str().unwrap_or_default();
    let origin = format!("{scheme}://{host}");
    Err(ForeignEndpoint { origin })
}

fn is_loopback(host: &str) -> bool {
    let address = host.parse::<std::net::Ipv4Addr>();
    LOOPBACK_NAMES.contains(&host) || address.is_ok_and(|address| address.is_loopback())
}

fn is_signed(headers: &HeaderMap) -> bool {
    let authorization = headers.get(http::header::AUTHORIZATION);
    authorization.is_some_and(|value| value.as_bytes().starts_with(SIGNATURE.as_bytes()))
        || headers.contains_key("x-amz-security-token")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_allowed(uri: &str, authorization: &str) -> bool {
        let headers = [(http::header::AUTHORIZATION, authorization.parse().unwrap())];
        check_destination(&uri.parse().unwrap(), &HeaderMap::from_iter(headers)).is_ok()
    }

    #[test]
    fn signed_requests_are_allowed_to_amazon_and_loopback() {
        for uri in [
            "https://dynamodb.eu-west-1.amazonaws.com/",
            "https://DynamoDB.EU-West-1.AmazonAWS.com/",
            "https://api.ecr-fips.us-east-1.amazonaws.com/",
            "https://ecr.us-east-1.api.aws/",
            "https://api.ecr.cn-north-1.amazonaws.com.cn/",
            "https://api.ecr.eusc-de-east-1.amazonaws.eu/",
            "https://api.ecr.us-iso-east-1.c2s.ic.gov/",
            "https://vpce-1-2.dynamodb.us-east-1.vpce.amazonaws.com/",
            "http://127.0.0.1:4566/",
            "http://localhost:4566/",
            "http://host.docker.internal:4566/",
            "http://[::1]:4566/",
        ] {
            assert!(is_allowed(uri, "AWS4-HMAC-SHA256 x"), "{uri}");
        }
    }

    #[test]
    fn signed_requests_are_blocked_elsewhere() {
        for uri in [
            "http://dynamodb.eu-west-1.amazonaws.com/",
            "https://amazonaws.com.evil.net/",
            "https://dynamodb.eu-west-1.amazonaws.com.evil.net/",
            "https://dynamodb.eu-west-1.amazonaws.com./",
            "https://evilamazonaws.com/",
            "https://dynamodb.amazonaws.co/",
            "https://amazonaws.com:pw@evil.net/",
            "https://dynamodb.eu-west-1.amazonaws.com@evil.net/",
            "https://evil.net/dynamodb.eu-west-1.amazonaws.com",
            "https://evil.net/?x=.amazonaws.com",
            "https://api.aws/",
            "https://my.aws/",
            "http://127.0.0.1.evil.net/",
            "http://localhost.evil.net/",
            "http://evil.net/",
            "https://10.0.0.1/",
            "http://192.168.0.1:4566/",
            "http://169.254.169.254/",
            "http://169.254.170.2/v2/credentials/",
            "http://[fd00:ec2::254]/",
            "http://[::ffff:169.254.169.254]/",
            "http://0.0.0.0:4566/",
        ] {
            assert!(!is_allowed(uri, "AWS4-HMAC-SHA256 x"), "{uri}");
        }
    }

    #[test]
    fn metadata_services_are_allowed_for_unsigned_requests() {
        assert!(is_allowed("http://169.254.169.254/latest/api/token", ""));
        assert!(is_allowed(
            "http://169.254.170.2/v2/credentials/x",
            "Bearer x"
        ));
        assert!(!is_allowed("http://169.254.169.253/", ""));
        assert!(!is_allowed("https://evil.net/", ""));
    }
}
