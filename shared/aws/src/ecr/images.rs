//! Lists the versions of a repository: the tags of its images, page by page to the end.

use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};

use aws_sdk_ecr::Client;
use aws_sdk_ecr::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ecr::operation::describe_images::DescribeImagesOutput;
use aws_sdk_ecr::types::{DescribeImagesFilter, ImageDetail, TagStatus};
use domain::ecr::EcrRegistry;
use domain::snapshot::Listed;
use domain::time::Timestamp;
use domain::version::{chart_version, is_version_tag};

use super::failure::Failure;

/// Images per page: ECR's maximum.
const PAGE_SIZE: i32 = 1_000;

/// Pages per repository. ECR stores up to 100,000 images in one and may return short pages.
const MAX_PAGES: usize = 1_000;

/// Tags per repository. An image can have a thousand, so the page limit alone is no bound.
const MAX_TAGS: usize = 250_000;

/// The artifact media type of a Helm chart.
const CHART: &str = "application/vnd.cncf.helm.config.v1+json";

pub(super) struct Repository<'a> {
    pub(super) registry: &'a EcrRegistry,
    pub(super) name: String,
    pub(super) client: &'a Client,
    pub(super) requests: &'a Cell<usize>,
}

impl Repository<'_> {
    /// Every version, each once.
    pub(super) async fn versions(&self) -> Result<Vec<Listed>, Failure> {
        let mut found = BTreeMap::new();
        let mut seen = HashSet::new();
        let mut token: Option<String> = None;
        for page in 1..=MAX_PAGES {
            let answer = self.page(token.clone()).await;
            let answer = answer.map_err(|failure| failure.on_page(page))?;
            let images = answer.image_details.ok_or(Failure::NoList)?;
            images
                .into_iter()
                .for_each(|image| add_tags(&mut found, image));
            if found.len() > MAX_TAGS {
                return Err(Failure::TooMany("tags", MAX_TAGS));
            }
            token = answer.next_token.filter(|token| !token.is_empty());
            let Some(next) = &token else {
                return Ok(found.into_values().collect());
            };
            if !seen.insert(next.clone()) {
                return Err(Failure::Loop(page));
            }
        }
        Err(Failure::TooMany("pages", MAX_PAGES))
    }

    /// A refused call, with the action that the role needs for it.
    pub(super) fn failure<E>(&self, action: &str, error: SdkError<E>) -> Failure
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        Failure::call(self.registry, &self.name, action, error)
    }

    pub(super) fn count_request(&self) {
        self.requests.set(self.requests.get() + 1);
    }

    async fn page(&self, token: Option<String>) -> Result<DescribeImagesOutput, Failure> {
        self.count_request();
        let tagged = DescribeImagesFilter::builder().tag_status(TagStatus::Tagged);
        let call = self
            .client
            .describe_images()
            .set_registry_id(self.registry.account.clone())
            .repository_name(&self.name)
            .filter(tagged.build())
            .max_results(PAGE_SIZE)
            .set_next_token(token);
        let answer = call.send().await;
        answer.map_err(|error| self.failure("ecr:DescribeImages", error))
    }
}

/// Adds the versions of an image's tags. A tag that moves during the read may appear twice; the image that was
/// pushed last wins.
fn add_tags(found: &mut BTreeMap<String, Listed>, image: ImageDetail) {
    let published = image
        .image_pushed_at
        .and_then(|time| time.to_millis().ok())
        .map(Timestamp::from_millis);
    let is_chart = image.artifact_media_type.as_deref() == Some(CHART);
    let tags = image.image_tags.unwrap_or_default();
    for tag in tags.into_iter().filter(|tag| is_version_tag(tag)) {
        let listed = Listed {
            version: version(tag, is_chart),
            digest: image.image_digest.clone(),
            published,
        };
        let existing = found.get(&listed.version);
        if existing.is_none_or(|existing| existing.published <= listed.published) {
            found.insert(listed.version.clone(), listed);
        }
    }
}

/// The version of a tag. Helm writes `_` for `+`, which tags cannot contain.
fn version(tag: String, is_chart: bool) -> String {
    let version = is_chart.then(|| chart_version(&tag)).flatten();
    version.unwrap_or(tag)
}
