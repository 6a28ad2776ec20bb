//! The world at its start: three projects, four feeds, a trigger for each project.

use octopus_server::Seed;

use crate::ecr::REGION;

/// The trigger of the project Shop, which deploys two images of the feed Images and a chart of the feed
/// Charts. Its web image is to stay below 2.0.
pub const SHOP: &str = "ProjectTriggers-1";

/// The trigger of the project Site, which deploys an image of the feed Mirror.
pub const SITE: &str = "ProjectTriggers-2";

/// The trigger of the project Api, which deploys another image of the feed Images.
pub const API: &str = "ProjectTriggers-3";

pub(crate) fn seed(images: &str, mirror: &str, charts: &str) -> Seed {
    let yaml = format!(
        r##"
spaces:
  - name: Default
    feeds:
      - {{ name: Images, type: Docker, uri: "{images}" }}
      - {{ name: Mirror, type: Docker, uri: "{mirror}" }}
      - {{ name: Charts, type: Helm, uri: "{charts}" }}
      - {{ name: Ecr, type: AwsElasticContainerRegistry, uri: "{images}", region: {REGION} }}
    projects:
      - name: Shop
        channels:
          - name: Stable
            rules:
              - {{ range: "[1.0,2.0)", packages: [{{ action: Deploy web, package: web }}] }}
        steps:
          - name: Deploy
            actions:
              - {{ name: Deploy web, packages: [{{ name: web, package_id: acme/web, feed: Images }}] }}
              - {{ name: Deploy cart, packages: [{{ name: cart, package_id: acme/cart, feed: Images }}] }}
              - {{ name: Deploy chart, packages: [{{ name: chart, package_id: shop, feed: Charts }}] }}
        triggers:
          - id: {SHOP}
            name: New shop
            description: "#feed-triggers"
            is_disabled: true
            packages:
              - {{ action_slug: deploy-web, package_reference: web }}
              - {{ action_slug: deploy-cart, package_reference: cart }}
              - {{ action_slug: deploy-chart, package_reference: chart }}
        releases:
          - version: 0.0.1
            packages:
              - {{ action: Deploy web, package: web, version: 1.0.0 }}
              - {{ action: Deploy cart, package: cart, version: 1.0.0 }}
              - {{ action: Deploy chart, package: chart, version: 1.0.0 }}
      - name: Site
        steps:
          - name: Deploy
            actions:
              - {{ name: Deploy site, packages: [{{ package_id: acme/site, feed: Mirror }}] }}
        triggers:
          - id: {SITE}
            name: New site
            description: "#feed-triggers"
            is_disabled: true
            packages: [{{ action_slug: deploy-site }}]
        releases:
          - {{ version: 0.0.1, packages: [{{ action: Deploy site, version: 1.0.0 }}] }}
      - name: Api
        steps:
          - name: Deploy
            actions:
              - {{ name: Deploy api, packages: [{{ package_id: acme/api, feed: Images }}] }}
        triggers:
          - id: {API}
            name: New api
            description: "#feed-triggers"
            is_disabled: true
            packages: [{{ action_slug: deploy-api }}]
        releases:
          - {{ version: 0.0.1, packages: [{{ action: Deploy api, version: 1.0.0 }}] }}
"##
    );
    Seed::from_yaml(&yaml).unwrap()
}
