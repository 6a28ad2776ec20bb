//! A private registry of ECR: its images are those of the feed Images, and it has a scan of each.
//!
//! The protocol of ECR's API is tested in `aws`; here a scan is a value that changes.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use domain::feed::{Feed, FeedKind};
use domain::metadata::{EcrRecord, VersionMetadata};
use domain::push::EcrRepository;
use domain::scan::{Findings, Severity};
use engine::ports::{FeedAnswer, FeedReader, MetadataAnswer, MetadataRequest, ReadRequest};
use feeds::DirectFeeds;

/// The account of the program and of the registry.
pub(crate) const ACCOUNT: &str = "111111111111";

/// The region of the registry.
pub(crate) const REGION: &str = "eu-west-1";

/// The scans of the images of the feed Ecr.
#[derive(Clone, Debug, Default)]
pub struct Ecr {
    /// The address of the registry over its own protocol.
    url: String,
    findings: Rc<RefCell<BTreeMap<String, Findings>>>,
    reads: Rc<Cell<usize>>,
}

impl Ecr {
    pub(crate) fn of(url: String) -> Self {
        Self {
            url,
            ..Self::default()
        }
    }

    /// The event of a finished scan in a repository.
    pub fn event(repository: &str) -> EcrRepository {
        EcrRepository {
            account: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            name: repository.to_owned(),
        }
    }

    /// Finishes the scan of an image, `repository:tag`.
    pub fn finish(&self, image: &str, findings: &[(Severity, u32)]) {
        let findings = findings.iter().copied().collect();
        self.findings
            .borrow_mut()
            .insert(image.to_owned(), findings);
    }

    /// The number of scans that were read since the last call.
    pub fn reads(&self) -> usize {
        self.reads.take()
    }

    fn scan(&self, request: &MetadataRequest) -> VersionMetadata {
        assert_eq!(request.record, Some(EcrRecord::Scan), "only scans are read");
        self.reads.set(self.reads.get() + 1);
        let image = format!("{}:{}", request.package, request.version);
        let found = self.findings.borrow().get(&image).cloned();
        VersionMetadata::new([], [], request.digest.clone())
            .with_scan(found.ok_or_else(|| "the scan is IN_PROGRESS".to_owned()))
    }
}

/// Reads registries over their own protocol, and scans in ECR.
pub(crate) struct EcrAndRegistries {
    pub(crate) ecr: Ecr,
    pub(crate) registries: DirectFeeds,
}

impl FeedReader for EcrAndRegistries {
    async fn read(&self, feed: &Feed, requests: &[ReadRequest]) -> FeedAnswer {
        if feed.ecr_registry().is_none() {
            return self.registries.read(feed, requests).await;
        }
        let feed = Feed {
            kind: FeedKind::Docker,
            uri: Some(self.ecr.url.clone()),
            ..feed.clone()
        };
        self.registries.read(&feed, requests).await
    }

    async fn read_metadata(&self, feed: &Feed, requests: &[MetadataRequest]) -> MetadataAnswer {
        if feed.ecr_registry().is_none() {
            return self.registries.read_metadata(feed, requests).await;
        }
        let readings = requests.iter().map(|request| Ok(self.ecr.scan(request)));
        MetadataAnswer {
            readings: readings.collect(),
            requests: requests.len(),
            quota: None,
        }
    }
}
