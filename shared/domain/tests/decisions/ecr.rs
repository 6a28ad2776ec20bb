//! Which hosts and feeds are private registries of ECR.

use domain::ecr::EcrHost;
use domain::feed::{Access, Feed, FeedKind, Route};
use domain::ids::{FeedId, PackageId, SpaceId};

const OWN: &str = "123456789012";

fn feed(kind: FeedKind, uri: &str, path: Option<&str>) -> Feed {
    Feed {
        id: FeedId::new("Feeds-1"),
        space: SpaceId::new("Spaces-1"),
        name: "Images".to_owned(),
        kind,
        uri: Some(uri.to_owned()),
        registry_path: path.map(str::to_owned),
        region: None,
        account: None,
        has_credentials: false,
    }
}

#[test]
fn ecr_host_contains_account_and_region() {
    for (host, region) in [
        ("123456789012.dkr.ecr.us-east-1.amazonaws.com", "us-east-1"),
        ("123456789012.DKR.ECR.EU-WEST-1.AmazonAWS.com", "eu-west-1"),
        (
            "123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com",
            "us-gov-west-1",
        ),
        (
            "123456789012.dkr-ecr.ap-southeast-2.on.aws",
            "ap-southeast-2",
        ),
        ("123456789012.dkr-ecr-fips.us-east-2.on.aws", "us-east-2"),
        (
            "123456789012.dkr.ecr.cn-northwest-1.amazonaws.com.cn",
            "cn-northwest-1",
        ),
        (
            "123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn",
            "cn-north-1",
        ),
        (
            "123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu",
            "eusc-de-east-1",
        ),
        (
            "123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov",
            "us-iso-east-1",
        ),
        (
            "123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov",
            "us-isob-east-1",
        ),
        (
            "123456789012.dkr.ecr.us-isof-south-1.csp.hci.ic.gov",
            "us-isof-south-1",
        ),
        (
            "123456789012.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk",
            "eu-isoe-west-1",
        ),
    ] {
        let found = EcrHost::parse(host).unwrap();
        assert_eq!(
            (found.account.as_str(), found.region.as_str()),
            (OWN, region)
        );
        let plain = found.to_string();
        assert_eq!(EcrHost::parse(&plain), Some(found), "{plain}");
    }
}

#[test]
fn other_hosts_are_not_ecr_however_they_look() {
    for host in [
        "",
        "123456789012",
        "amazonaws.com",
        "dkr.ecr.us-east-1.amazonaws.com",
        "public.ecr.aws",
        "bucket.s3.amazonaws.com",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com.evil.example",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com.",
        "123456789012.dkr.ecr.us-east-1.notamazonaws.com",
        "123456789012.dkr.ecr.us-east-1.evil.example",
        "123456789012.dkr.ecr.bucket.s3.amazonaws.com",
        "123456789012.dkr.ecr.name.amazonaws.com",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com.cn",
        "123456789012.dkr.ecr.cn-north-1.amazonaws.com",
        "123456789012.dkr-ecr.us-east-1.amazonaws.com",
        "123456789012.dkr.ecr.us-east-1.on.aws",
        "evil.123456789012.dkr.ecr.us-east-1.amazonaws.com",
        "12345678901.dkr.ecr.us-east-1.amazonaws.com",
        "1234567890123.dkr.ecr.us-east-1.amazonaws.com",
        "12345678901x.dkr.ecr.us-east-1.amazonaws.com",
        "123456789012.dkr.ecr..amazonaws.com",
        "123456789012.dkr.ecr.us-east-.amazonaws.com",
        "123456789012.dkr.ecr.us--1.amazonaws.com",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com:5000",
        "me@123456789012.dkr.ecr.us-east-1.amazonaws.com",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com#.evil.example",
        "１23456789012.dkr.ecr.us-east-1.amazonaws.com",
    ] {
        assert_eq!(EcrHost::parse(host), None, "{host}");
    }
    let long = format!("{}-1", "us-".repeat(12) + "east");
    for (account, region) in [
        ("1", "us-east-1"),
        (OWN, "evil.example/"),
        (OWN, "us east 1"),
        (OWN, long.as_str()),
    ] {
        assert_eq!(EcrHost::new(account, region), None, "{region}");
    }
}

#[test]
fn a_feed_of_another_kind_is_ecr_by_its_host() {
    const HOST: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
    let registry = |uri: &str, path| {
        let feed = feed(FeedKind::Docker, &uri.replace("HOST", HOST), path);
        let registry = feed.ecr_registry()?;
        assert_eq!(registry.account.as_deref(), Some(OWN));
        assert_eq!(registry.region, "eu-west-1");
        Some(registry.repository(&PackageId::new("web")))
    };
    for (uri, path, repository) in [
        ("https://HOST", None, Some("web")),
        (" HOST ", None, Some("web")),
        ("https://HOST/v2/", Some("/team/a/"), Some("team/a/web")),
        ("oci://HOST", None, Some("web")),
        ("oci://HOST/charts", None, Some("charts/web")),
        ("oci://HOST/charts/", Some(""), Some("web")),
        ("http://HOST", None, None),
        ("https://HOST:8443", None, None),
        ("https://HOST/elsewhere", None, None),
        ("https://HOST?x=1", None, None),
        ("https://evil.example/HOST", None, None),
        ("https://evil.example?HOST", None, None),
        ("https://me@HOST", None, None),
        ("https://HOST@evil.example", None, None),
        ("https://HOST.evil.example", None, None),
    ] {
        assert_eq!(registry(uri, path).as_deref(), repository, "{uri}");
    }
    let helm = feed(FeedKind::Helm, &format!("https://{HOST}"), None);
    assert_eq!(helm.ecr_registry(), None);
}

#[test]
fn ecr_feed_uses_its_region_and_ignores_its_uri() {
    let mut ecr = feed(
        FeedKind::AwsElasticContainerRegistry,
        "https://evil.example",
        None,
    );
    assert_eq!(ecr.ecr_registry(), None, "it names no region");
    ecr.region = Some("evil.example/".to_owned());
    assert_eq!(ecr.ecr_registry(), None, "that is no region");
    ecr.region = Some("eu-west-1".to_owned());
    let registry = ecr.ecr_registry().unwrap();
    assert_eq!(
        (registry.account, registry.region.as_str()),
        (None, "eu-west-1")
    );
}

#[test]
fn the_role_reads_the_own_account_by_whatever_kind_of_feed() {
    let access = |account: Option<&str>, own: &[&str]| Access {
        aws_account: account.map(str::to_owned),
        own_credentials: own.iter().copied().map(FeedId::new).collect(),
    };
    let role = access(Some(OWN), &[]);
    for (host, access, has_credentials, by_role, route) in [
        (
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
            &role,
            false,
            true,
            Route::Direct,
        ),
        (
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
            &role,
            true,
            true,
            Route::Direct,
        ),
        (
            "210987654321.dkr.ecr.eu-west-1.amazonaws.com",
            &role,
            true,
            false,
            Route::Octopus,
        ),
        (
            "123456789012.dkr.ecr.eu-west-1.evil.example",
            &role,
            true,
            false,
            Route::Octopus,
        ),
        (
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
            &access(None, &[]),
            true,
            false,
            Route::Octopus,
        ),
        (
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
            &access(Some(OWN), &["Feeds-1"]),
            true,
            false,
            Route::Direct,
        ),
    ] {
        for kind in [FeedKind::Docker, FeedKind::OciRegistry] {
            let mut feed = feed(kind, &format!("https://{host}"), None);
            feed.has_credentials = has_credentials;
            assert_eq!(access.reads_by_role(&feed), by_role, "{host} {access:?}");
            assert_eq!(feed.route(access).0, route, "{host} {access:?}");
        }
    }
}
