//! Reads what ECR records of an image: the findings of its scan, and the status of its signature by a signing profile.
//!
//! ECR scans images, not indexes, so a scan of an index is that of all its images. It is finished when all of theirs are.

use aws_sdk_ecr::error::ProvideErrorMetadata;
use aws_sdk_ecr::operation::describe_image_scan_findings::DescribeImageScanFindingsOutput;
use aws_sdk_ecr::types::{ImageIdentifier, ImageSigningStatus};
use domain::metadata::{EcrRecord, VersionMetadata};
use domain::scan::{Findings, Severity};

use super::failure::Failure;
use super::images::Repository;
use super::index::{self, Part};

/// The images of an index whose scans are read. Each costs a request.
const MAX_IMAGES: usize = 16;

/// The number of findings to return. The counts by severity, which decide, do not depend on it.
const FINDINGS: i32 = 1;

/// An image of a repository.
pub(super) struct Image<'a> {
    pub(super) repository: &'a Repository<'a>,
    pub(super) tag: &'a str,
    /// The digest, if it is known. Otherwise the tag names the image.
    pub(super) digest: Option<&'a str>,
}

impl Image<'_> {
    pub(super) async fn read(&self, record: &EcrRecord) -> Result<VersionMetadata, Failure> {
        match record {
            EcrRecord::Scan => self.scan().await,
            EcrRecord::Signing { profile } => self.signature(profile).await,
        }
    }

    async fn scan(&self) -> Result<VersionMetadata, Failure> {
        let manifest = self.repository.manifest(self.id()).await?;
        let metadata = VersionMetadata::new([], [], Some(manifest.digest.clone()));
        let parts = match index::parts(&manifest.text) {
            None => return Ok(metadata.with_scan(self.repository.scan(&manifest.digest).await?)),
            Some(parts) => parts,
        };
        if parts.is_empty() || parts.len() > MAX_IMAGES {
            let why = format!(
                "its index has {} images, and the scans of 1 to {MAX_IMAGES} are read",
                parts.len()
            );
            return Ok(metadata.with_scan(Err(why)));
        }
        let mut all = Findings::default();
        for Part { digest, platform } in parts {
            match self.repository.scan(&digest).await? {
                Ok(findings) => findings
                    .counts()
                    .for_each(|(severity, count)| all.add(severity, count)),
                Err(why) => {
                    return Ok(metadata.with_scan(Err(format!("the image for {platform}: {why}"))));
                }
            }
        }
        Ok(metadata.with_scan(Ok(all)))
    }

    async fn signature(&self, profile: &str) -> Result<VersionMetadata, Failure> {
        let statuses = self.repository.signing_statuses(self.id()).await?;
        let is_of = |one: &&ImageSigningStatus| one.signing_profile_arn() == Some(profile);
        let signature = match statuses.iter().find(is_of) {
            Some(status) => signature(status),
            None if statuses.is_empty() => Err(format!(
                "ECR has not signed it; check that a rule of managed signing with {profile} selects the repository"
            )),
            None => {
                let others = statuses
                    .iter()
                    .filter_map(ImageSigningStatus::signing_profile_arn);
                let others: Vec<_> = others.take(3).collect();
                Err(format!(
                    "ECR has not signed it with {profile}, but with {}",
                    others.join(", ")
                ))
            }
        };
        let digest = self.digest.map(str::to_owned);
        Ok(VersionMetadata::new([], [], digest).with_signature(signature))
    }

    fn id(&self) -> ImageIdentifier {
        let id = ImageIdentifier::builder();
        match self.digest {
            Some(digest) => id.image_digest(digest),
            None => id.image_tag(self.tag),
        }
        .build()
    }
}

impl Repository<'_> {
    /// The findings of an image's scan, or why no scan is finished.
    async fn scan(&self, digest: &str) -> Result<Result<Findings, String>, Failure> {
        self.count_request();
        let call = self
            .client
            .describe_image_scan_findings()
            .set_registry_id(self.registry.account.clone())
            .repository_name(&self.name)
            .image_id(ImageIdentifier::builder().image_digest(digest).build())
            .max_results(FINDINGS);
        match call.send().await {
            Ok(answer) => Ok(findings(&answer)),
            Err(error) if error.code() == Some("ScanNotFoundException") => Ok(Err(
                "ECR has no scan of it; turn on scanning on push for the repository, or start a scan".to_owned(),
            )),
            Err(error) => Err(self.failure("ecr:DescribeImageScanFindings", error)),
        }
    }

    /// The status of the signature by each profile.
    async fn signing_statuses(
        &self,
        id: ImageIdentifier,
    ) -> Result<Vec<ImageSigningStatus>, Failure> {
        self.count_request();
        let call = self
            .client
            .describe_image_signing_status()
            .set_registry_id(self.registry.account.clone())
            .repository_name(&self.name)
            .image_id(id);
        let answer = call.send().await;
        let answer =
            answer.map_err(|error| self.failure("ecr:DescribeImageSigningStatus", error))?;
        Ok(answer.signing_statuses.unwrap_or_default())
    }
}

/// The findings, or why the scan is not finished. `ACTIVE` is the status of enhanced scanning, before and after its first
/// scan; the findings have a time or counts only after it.
fn findings(answer: &DescribeImageScanFindingsOutput) -> Result<Findings, String> {
    let status = answer.image_scan_status();
    let name = status.and_then(|status| status.status());
    let name = name.map_or("none", |name| name.as_str());
    let found = answer.image_scan_findings();
    let finished = found.filter(|found| {
        found.image_scan_completed_at().is_some() || found.finding_severity_counts().is_some()
    });
    let why = match (name, finished) {
        ("COMPLETE" | "ACTIVE", Some(found)) => {
            let counts = found.finding_severity_counts().into_iter().flatten();
            let counts = counts.filter(|(severity, _)| severity.as_str() != "TOTAL");
            return Ok(counts
                .map(|(severity, count)| {
                    let severity = Severity::parse(severity.as_str());
                    let count = u32::try_from(*count).unwrap_or(0);
                    (severity.unwrap_or(Severity::Undefined), count)
                })
                .collect());
        }
        ("COMPLETE", None) => "ECR has not stored the findings of its scan yet",
        ("ACTIVE", None) => "enhanced scanning has not finished its first scan yet",
        ("IN_PROGRESS", _) => "ECR is scanning it",
        ("PENDING", _) => "ECR has not started its scan yet",
        ("FAILED", _) => "its scan failed; start another one",
        ("UNSUPPORTED_IMAGE", _) => {
            "ECR cannot scan an image with its operating system; remove `scan` for this package"
        }
        ("SCAN_ELIGIBILITY_EXPIRED", _) => {
            "enhanced scanning no longer scans an image of its age; extend the duration of scanning in Amazon Inspector"
        }
        ("FINDINGS_UNAVAILABLE", _) => "ECR cannot return the findings of its scan now",
        ("LIMIT_EXCEEDED", _) => "the account has reached its limit of scans",
        ("IMAGE_ARCHIVED", _) => "ECR does not scan archived images; restore it",
        _ => "ECR reports a status that this version does not know",
    };
    let description = status.and_then(|status| status.description());
    let description = description.filter(|text| !text.is_empty());
    Err(match description {
        Some(description) => format!("{why} (status {name}: {description})"),
        None => format!("{why} (status {name})"),
    })
}

/// Whether ECR has signed the image, or why not.
fn signature(status: &ImageSigningStatus) -> Result<(), String> {
    match status.status().map(|status| status.as_str()) {
        Some("COMPLETE") => Ok(()),
        Some("IN_PROGRESS") => Err("ECR is signing it".to_owned()),
        Some("FAILED") => Err(format!(
            "ECR failed to sign it: {} ({}); correct the cause, and push it again",
            status.failure_reason().unwrap_or("no reason"),
            status.failure_code().unwrap_or("no code"),
        )),
        other => Err(format!(
            "ECR reports the status {} of its signature, which this version does not know",
            other.unwrap_or("none")
        )),
    }
}
