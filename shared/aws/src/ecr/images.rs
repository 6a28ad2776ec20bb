//! The versions of a repository: the tags of its images, page by page to the end.

use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};

use aws_sdk_ecr::Client;
use aws_sdk_ecr::operation::describe_images::DescribeImagesOutput;
use aws_sdk_ecr::types::{DescribeImagesFilter, ImageDetail, TagStatus};
use domain::ecr::Registry;
use domain::snapshot::Listed;
use domain::time::Timestamp;
use domain::version::{is_version_tag, parse_helm_tag};

use super::failure::Failure;

/// Images of a page: the most that ECR gives.
const PAGE: i32 = 1_000;

/// Pages of one repository. ECR holds 100,000 images in one, and may give pages with few of them.
const PAGES: usize = 1_000;

/// Tags of one repository. An image can have a thousand, so the pages alone are no bound.
const TAGS: usize = 250_000;

/// What an image is whose content is a Helm chart.
const CHART: &str = "application/vnd.cncf.helm.config.v1+json";

/// A repository of a registry.
pub(super) struct Repository<'a> {
    pub(super) registry: &'a Registry,
    pub(super) name: String,
    pub(super) client: &'a Client,
    /// Counts the calls.
    pub(super) requests: &'a Cell<usize>,
}

impl Repository<'_> {
    /// Every version, each once.
    pub(super) async fn versions(&self) -> Result<Vec<Listed>, Failure> {
        let mut found = BTreeMap::new();
        let mut seen = HashSet::new();
        let mut token: Option<String> = None;
        for page in 1..=PAGES {
            let answer = self.page(token.clone()).await;
            let answer = answer.map_err(|failure| failure.on_page(page))?;
            let images = answer.image_details.ok_or(Failure::NoList)?;
            images.into_iter().for_each(|image| take(&mut found, image));
            if found.len() > TAGS {
                return Err(Failure::TooMany("tags", TAGS));
            }
            token = answer.next_token.filter(|token| !token.is_empty());
            let Some(next) = &token else {
                return Ok(found.into_values().collect());
            };
            if !seen.insert(next.clone()) {
                return Err(Failure::Loop(page));
            }
        }
        Err(Failure::TooMany("pages", PAGES))
    }

    async fn page(&self, token: Option<String>) -> Result<DescribeImagesOutput, Failure> {
        self.requests.set(self.requests.get() + 1);
        let tagged = DescribeImagesFilter::builder().tag_status(TagStatus::Tagged);
        let call = self
            .client
            .describe_images()
            .set_registry_id(self.registry.account.clone())
            .repository_name(&self.name)
            .filter(tagged.build())
            .max_results(PAGE)
            .set_next_token(token);
        let answer = call.send().await;
        answer.map_err(|error| Failure::call(self, error))
    }
}

/// Takes the versions that an image's tags stand for. A tag that moves while the pages are read may come
/// twice; the image that was pushed last has it.
fn take(found: &mut BTreeMap<String, Listed>, image: ImageDetail) {
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
        let standing = found.get(&listed.version);
        if standing.is_none_or(|standing| standing.published <= listed.published) {
            found.insert(listed.version.clone(), listed);
        }
    }
}

/// The version that a tag stands for. Helm writes `_` for the `+` that no tag may hold.
fn version(tag: String, is_chart: bool) -> String {
    if is_chart && tag.contains('_') && parse_helm_tag(&tag).is_ok() {
        tag.replace('_', "+")
    } else {
        tag
    }
}
