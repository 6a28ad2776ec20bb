//! Where requests of the SDK may go. What is signed with AWS's credentials goes to Amazon, and to an emulator
//! on this machine; nobody else is sent it, whatever the environment or a profile names as an endpoint.

use http::{HeaderMap, Uri};

/// The domains under which Amazon has its endpoints, in all partitions. Each begins with the dot before it.
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

/// This machine, also as a container sees it.
const HERE: [&str; 3] = ["localhost", "host.docker.internal", "[::1]"];

/// Where a machine of Amazon's asks for its own credentials. Nothing that is signed goes there.
const GIVES_CREDENTIALS: [&str; 5] = [
    "169.254.169.254",
    "169.254.170.2",
    "169.254.170.23",
    "[fd00:ec2::254]",
    "[fd00:ec2::23]",
];

/// How a signature of AWS begins.
const SIGNATURE: &str = "AWS4-";

/// A request that is not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{origin} is neither an endpoint of Amazon's with https nor an emulator on this machine, so what AWS's \
     credentials sign is not sent there; see what AWS_ENDPOINT_URL or the profile names"
)]
pub(crate) struct Elsewhere {
    origin: String,
}

/// Judges a request before it is sent.
pub(crate) fn judge(uri: &Uri, headers: &HeaderMap) -> Result<(), Elsewhere> {
    let host = uri.host().unwrap_or_default().to_ascii_lowercase();
    let is_amazon =
        uri.scheme_str() == Some("https") && AMAZON.iter().any(|end| host.ends_with(end));
    let gives_credentials = GIVES_CREDENTIALS.contains(&host.as_str()) && !is_signed(headers);
    if is_amazon || is_here(&host) || gives_credentials {
        return Ok(());
    }
    let scheme = uri.scheme_str().unwrap_or_default();
    let origin = format!("{scheme}://{host}");
    Err(Elsewhere { origin })
}

fn is_here(host: &str) -> bool {
    let address = host.parse::<std::net::Ipv4Addr>();
    HERE.contains(&host) || address.is_ok_and(|address| address.is_loopback())
}

fn is_signed(headers: &HeaderMap) -> bool {
    let authorization = headers.get(http::header::AUTHORIZATION);
    authorization.is_some_and(|value| value.as_bytes().starts_with(SIGNATURE.as_bytes()))
        || headers.contains_key("x-amz-security-token")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(uri: &str, authorization: &str) -> bool {
        let headers = [(http::header::AUTHORIZATION, authorization.parse().unwrap())];
        judge(&uri.parse().unwrap(), &HeaderMap::from_iter(headers)).is_ok()
    }

    #[test]
    fn what_is_signed_goes_to_amazon_and_to_this_machine() {
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
            assert!(judged(uri, "AWS4-HMAC-SHA256 x"), "{uri}");
        }
    }

    #[test]
    fn and_nowhere_else() {
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
            assert!(!judged(uri, "AWS4-HMAC-SHA256 x"), "{uri}");
        }
    }

    #[test]
    fn credentials_are_asked_for_where_amazon_gives_them() {
        assert!(judged("http://169.254.169.254/latest/api/token", ""));
        assert!(judged("http://169.254.170.2/v2/credentials/x", "Bearer x"));
        assert!(!judged("http://169.254.169.253/", ""));
        assert!(!judged("https://evil.net/", ""));
    }
}
