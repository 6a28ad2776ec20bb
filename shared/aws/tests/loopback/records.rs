//! Reading scans and managed signatures from a fake registry with state.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws::EcrImages;
use domain::ids::PackageId;
use domain::metadata::{EcrRecord, VersionMetadata};
use engine::ports::{FeedError, FeedErrorKind, FeedReader, MetadataRequest};
use serde_json::{Value, json};

use crate::ecr::ecr;
use crate::script::{Script, aws_of};

const PROFILE: &str = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/release";

/// A repository: its images by digest, its tags, its scans and signatures.
#[derive(Default)]
struct Registry {
    images: BTreeMap<String, String>,
    tags: BTreeMap<String, String>,
    scans: BTreeMap<String, Value>,
    signing: BTreeMap<String, Value>,
    is_throttled: bool,
}

type Shared = Arc<Mutex<Registry>>;

fn digest(letter: char) -> String {
    format!("sha256:{}", letter.to_string().repeat(64))
}

fn refusal(code: &str) -> (u16, Value) {
    (400, json!({ "__type": code, "message": "AWS's message" }))
}

impl Registry {
    /// The response, or the error that ECR documents for the call.
    fn answer(&self, operation: &str, input: &Value) -> (u16, Value) {
        if self.is_throttled {
            return refusal("ThrottlingException");
        }
        let name = input["repositoryName"].as_str().unwrap_or_default();
        let is_name = |text: &str| (2..=256).contains(&text.len()) && text == text.to_lowercase();
        if !is_name(name)
            || input["registryId"]
                .as_str()
                .is_some_and(|id| id.len() != 12)
        {
            return refusal("InvalidParameterException");
        }
        if name != "web" {
            return refusal("RepositoryNotFoundException");
        }
        if operation == "BatchGetImage" {
            return self.manifest(&input["imageIds"][0]);
        }
        let Some(image) = self.resolve(&input["imageId"]) else {
            return refusal("ImageNotFoundException");
        };
        match operation {
            "DescribeImageScanFindings" => {
                let most = &input["maxResults"];
                if !most.is_null()
                    && !most
                        .as_u64()
                        .is_some_and(|most| (1..=1_000).contains(&most))
                {
                    return refusal("InvalidParameterException");
                }
                match self.scans.get(&image) {
                    Some(scan) => (200, scan.clone()),
                    None => refusal("ScanNotFoundException"),
                }
            }
            "DescribeImageSigningStatus" => {
                let statuses = self.signing.get(&image).cloned().unwrap_or(json!([]));
                (
                    200,
                    json!({ "imageId": { "imageDigest": image }, "signingStatuses": statuses }),
                )
            }
            _ => refusal("UnknownOperationException"),
        }
    }

    /// The digest of an image. `None`: there is none, or the id names none.
    fn resolve(&self, id: &Value) -> Option<String> {
        let digest = id["imageDigest"].as_str().map(str::to_owned);
        let tagged = || self.tags.get(id["imageTag"].as_str()?).cloned();
        let digest = digest.or_else(tagged)?;
        self.images.contains_key(&digest).then_some(digest)
    }

    fn manifest(&self, id: &Value) -> (u16, Value) {
        let Some(digest) = self.resolve(id) else {
            let failure = json!({ "imageId": id, "failureCode": "ImageNotFound" });
            return (200, json!({ "images": [], "failures": [failure] }));
        };
        let image =
            json!({ "imageId": { "imageDigest": digest }, "imageManifest": self.images[&digest] });
        (200, json!({ "images": [image], "failures": [] }))
    }

    /// An image with a status of its scan, and its counts of findings.
    fn scanned(&mut self, image: char, status: &str, counts: &Value) {
        let manifest = json!({ "schemaVersion": 2, "config": {}, "layers": [] });
        self.images.insert(digest(image), manifest.to_string());
        let mut scan = json!({ "imageScanStatus": { "status": status } });
        if counts.is_object() {
            scan["imageScanFindings"] = json!({
                "findingSeverityCounts": counts, "imageScanCompletedAt": 1_700_000_000.0,
            });
        }
        self.scans.insert(digest(image), scan);
    }

    fn index(&mut self, index: char, images: &[(char, &str)]) {
        let entry = |&(image, platform): &(char, &str)| {
            let (os, architecture) = platform.split_once('/').expect("os/architecture");
            let platform = json!({ "os": os, "architecture": architecture });
            json!({ "digest": digest(image), "platform": platform })
        };
        let manifests: Vec<_> = images.iter().map(entry).collect();
        let manifest = json!({ "schemaVersion": 2, "manifests": manifests });
        self.images.insert(digest(index), manifest.to_string());
    }
}

async fn registry() -> (EcrImages, Shared, Script) {
    let shared = Shared::default();
    let registry = Arc::clone(&shared);
    let (aws, script) =
        aws_of(move |operation, input| registry.lock().expect("registry").answer(operation, input))
            .await;
    (EcrImages::new(&aws), shared, script)
}

async fn read(
    images: &EcrImages,
    digest: Option<String>,
    record: EcrRecord,
) -> Result<VersionMetadata, FeedError> {
    let request = MetadataRequest {
        package: PackageId::new("web"),
        version: "1.1".to_owned(),
        digest,
        keys: Vec::new(),
        record: Some(record),
    };
    let mut answer = images.read_metadata(&ecr(), &[request]).await;
    answer.readings.pop().expect("one reading")
}

/// The findings, or why the scan is not finished.
async fn scan(images: &EcrImages, image: char) -> String {
    let read = read(images, Some(digest(image)), EcrRecord::Scan).await;
    match read.expect("read").scan().expect("a scan") {
        Ok(findings) => format!("found {findings}"),
        Err(why) => why.clone(),
    }
}

async fn signature(images: &EcrImages, image: char) -> Result<(), String> {
    let profile = PROFILE.to_owned();
    let read = read(images, Some(digest(image)), EcrRecord::Signing { profile }).await;
    read.expect("read").signature().expect("a status").clone()
}

#[tokio::test]
async fn scan_has_findings_or_the_reason_for_its_status() {
    let (images, shared, script) = registry().await;
    for (status, counts, expected) in [
        (
            "COMPLETE",
            json!({ "HIGH": 2, "CRITICAL": 1 }),
            "found 1 CRITICAL, 2 HIGH",
        ),
        ("COMPLETE", json!({}), "found "),
        (
            "ACTIVE",
            json!({ "UNTRIAGED": 1, "TOTAL": 5, "LOW": 4 }),
            "found 4 LOW, 1 UNDEFINED",
        ),
        (
            "ACTIVE",
            Value::Null,
            "enhanced scanning has not finished its first scan yet (status ACTIVE)",
        ),
        (
            "IN_PROGRESS",
            json!({ "LOW": 1 }),
            "ECR is scanning it (status IN_PROGRESS)",
        ),
        (
            "PENDING",
            Value::Null,
            "ECR has not started its scan yet (status PENDING)",
        ),
        (
            "FAILED",
            Value::Null,
            "its scan failed; start another one (status FAILED)",
        ),
        (
            "UNSUPPORTED_IMAGE",
            Value::Null,
            "ECR cannot scan an image with its operating system",
        ),
        (
            "SCAN_ELIGIBILITY_EXPIRED",
            json!({}),
            "enhanced scanning no longer scans an image of its age",
        ),
        (
            "FINDINGS_UNAVAILABLE",
            Value::Null,
            "ECR cannot return the findings of its scan now",
        ),
        (
            "LIMIT_EXCEEDED",
            Value::Null,
            "the account has reached its limit of scans",
        ),
        (
            "IMAGE_ARCHIVED",
            Value::Null,
            "ECR does not scan archived images",
        ),
        (
            "NEW",
            json!({}),
            "ECR reports a status that this version does not know (status NEW)",
        ),
    ] {
        shared
            .lock()
            .expect("registry")
            .scanned('a', status, &counts);
        let found = scan(&images, 'a').await;
        assert!(found.starts_with(expected), "{status}: {found}");
    }
    let calls = script.take_calls();
    let last = json!({
        "registryId": "123456789012", "repositoryName": "web", "maxResults": 1,
        "imageId": { "imageDigest": digest('a') },
    });
    assert_eq!(calls[1], ("DescribeImageScanFindings".to_owned(), last));
    assert_eq!(calls.len(), 26, "two requests for each read");
}

#[tokio::test]
async fn scan_of_an_index_is_that_of_all_its_images() {
    let (images, shared, _) = registry().await;
    let with = |change: fn(&mut Registry)| change(&mut shared.lock().expect("registry"));
    with(|registry| {
        registry.scanned('a', "COMPLETE", &json!({ "HIGH": 1 }));
        registry.scanned('b', "COMPLETE", &json!({ "HIGH": 2, "LOW": 1 }));
        let all = [
            ('a', "linux/amd64"),
            ('b', "linux/arm64"),
            ('c', "unknown/unknown"),
        ];
        registry.index('d', &all);
    });
    assert_eq!(scan(&images, 'd').await, "found 3 HIGH, 1 LOW");
    with(|registry| drop(registry.scans.remove(&digest('b'))));
    with(|registry| registry.scanned('e', "COMPLETE", &json!({})));
    assert_eq!(
        scan(&images, 'd').await,
        "the image for linux/arm64: ECR has no scan of it; turn on scanning on push for the repository, or start a scan"
    );
    with(|registry| registry.index('f', &[('a', "linux/amd64"); 17]));
    assert_eq!(
        scan(&images, 'f').await,
        "its index has 17 images, and the scans of 1 to 16 are read"
    );
}

#[tokio::test]
async fn unknown_image_and_throttling_are_errors() {
    let (images, shared, _) = registry().await;
    let kind = async || {
        let read = read(&images, None, EcrRecord::Scan).await;
        read.err().map(|error| error.kind)
    };
    assert_eq!(kind().await, Some(FeedErrorKind::NotFound));
    {
        let mut registry = shared.lock().expect("registry");
        registry.scanned('a', "COMPLETE", &json!({}));
        registry.tags.insert("1.1".to_owned(), digest('a'));
    }
    assert_eq!(kind().await, None, "a tag names its image");
    shared.lock().expect("registry").is_throttled = true;
    assert_eq!(kind().await, Some(FeedErrorKind::Throttled(None)));
}

#[tokio::test]
async fn signature_counts_if_it_is_complete_and_of_the_profile() {
    let (images, shared, _) = registry().await;
    let status = |arn: &str, status: &str| json!({ "signingProfileArn": arn, "status": status });
    let other = format!("{PROFILE}2");
    for (statuses, expected) in [
        (
            json!([status(&other, "FAILED"), status(PROFILE, "COMPLETE")]),
            "",
        ),
        (json!([status(PROFILE, "IN_PROGRESS")]), "ECR is signing it"),
        (
            json!([{
                "signingProfileArn": PROFILE, "status": "FAILED", "failureCode": "AccessDenied",
                "failureReason": "no permission",
            }]),
            "ECR failed to sign it: no permission (AccessDenied); correct the cause, and push it again",
        ),
        (
            json!([status(PROFILE, "NEW")]),
            "ECR reports the status NEW of its signature",
        ),
        (
            json!([status(&other, "COMPLETE")]),
            "ECR has not signed it with arn:aws:signer:",
        ),
        (
            json!([]),
            "ECR has not signed it; check that a rule of managed signing",
        ),
    ] {
        {
            let mut registry = shared.lock().expect("registry");
            registry.scanned('a', "PENDING", &Value::Null);
            registry.signing.insert(digest('a'), statuses.clone());
        }
        let found = signature(&images, 'a').await.err().unwrap_or_default();
        assert!(found.starts_with(expected), "{statuses}: {found}");
        assert_eq!(found.is_empty(), expected.is_empty());
    }
}
