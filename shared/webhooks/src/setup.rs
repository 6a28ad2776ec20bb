//! The steps by which a user sets up each kind of sender.

use crate::kind::Kind;

impl Kind {
    /// The steps in the sender, in order. `URL` is the receiver's URL and `KEY` its key.
    pub fn setup(self) -> &'static [&'static str] {
        match self {
            Self::Generic => &[
                "Send a POST request to URL with the content type application/json after each push.",
                "The body is {\"repository\": \"shop/web\", \"tag\": \"1.4.0\"}; \"registry\" and \"digest\" are optional.",
                "Prove it with the header Authorization: Bearer KEY, X-Signature: sha256=HMAC of the body, or Standard Webhooks.",
            ],
            Self::Github => &[
                "Open Settings, Webhooks, Add webhook of the repository or organization.",
                "Payload URL: URL. Content type: application/json. Secret: KEY.",
                "Select the events Packages and Registry packages. The package must be linked to a repository.",
            ],
            Self::DockerHub => &[
                "Open the tab Webhooks of the repository on hub.docker.com.",
                "Webhook URL: URL. Docker Hub signs nothing, so keep the URL secret.",
            ],
            Self::Harbor => &[
                "Open the tab Webhooks of the project, New Webhook; notify type http.",
                "Event types: Artifact pushed. Endpoint URL: URL. Auth Header: KEY.",
            ],
            Self::Acr => &[
                "Open Webhooks of the registry, Add; one for each replica of a geo-replicated registry.",
                "Service URI: URL. Custom headers: Authorization: KEY. Actions: push.",
            ],
            Self::EventGrid => &[
                "Add an event subscription of the registry, with the event type Image Pushed.",
                "Endpoint type: web hook. Endpoint: URL. Delivery property: header Authorization, type static, value KEY.",
            ],
            Self::Quay => &[
                "Open Settings of the repository, Events and Notifications, Create Notification.",
                "Event: Push to Repository. Method: Webhook POST. URL: URL. Leave the body template empty.",
                "Quay signs nothing, so keep the URL secret.",
            ],
            Self::PubSub => &[
                "Create the topic gcr in the project; Artifact Registry publishes to it.",
                "Create a push subscription to URL with authentication, the service account and the audience of this receiver.",
            ],
            Self::Artifactory => &[
                "Open Administration, General, Webhooks, New Webhook.",
                "URL: URL. Secret token: KEY, with Use secret for payload signing. Events: Docker, Tag was pushed.",
            ],
            Self::Nexus => &[
                "Add the capability Webhook: Repository, one for each repository.",
                "Event types: component. URL: URL. Secret key: KEY.",
            ],
            Self::Gitea => &[
                "Open Settings, Webhooks, Add Webhook of the repository, organization or site.",
                "Target URL: URL. Method: POST. Content type: application/json. Secret: KEY. Event: Package.",
            ],
            Self::Distribution => &[
                "Add an endpoint to `notifications` in the registry's configuration, or to GitLab's `registry['notifications']`.",
                "url: URL. headers: Authorization: [KEY]. timeout: 3s. threshold: 5. backoff: 10s.",
                "ignore: mediatypes: [application/octet-stream], actions: [pull, mount, delete].",
            ],
            Self::Zot => &[
                "Add a sink to `extensions.events` in zot's configuration: type http, address URL.",
                "Send the header Authorization with the value KEY.",
            ],
            Self::Cloudsmith => &[
                "Open Webhooks of the repository, Create Webhook; format JSON object.",
                "Target URL: URL. Signature key: KEY. Events: Package synced, Package tags updated.",
            ],
            Self::CdEvents => &[
                "Send events of the type dev.cdevents.artifact.published to URL, as JSON or structured CloudEvents.",
                "Prove them with the header Authorization: Bearer KEY, X-Signature: sha256=HMAC of the body, or Standard Webhooks.",
            ],
            Self::Aliyun => &[
                "Open Triggers of the repository, Create; trigger by tag or for all pushes.",
                "URL: URL. Alibaba Cloud signs nothing, so keep the URL secret.",
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::kind::Kind;

    #[test]
    fn steps_of_every_kind_name_the_url_and_the_key_if_there_is_one() {
        for kind in Kind::ALL {
            let steps = kind.setup().join(" ");
            assert!(steps.contains("URL"), "{kind}");
            assert_eq!(steps.contains("KEY"), kind.needs_key(), "{kind}");
        }
    }

    #[test]
    fn steps_are_in_the_guide() {
        const GUIDE: &str = include_str!("../../../docs/guide/webhook-senders.md");
        for kind in Kind::ALL {
            let (_, section) = GUIDE.split_once(&format!("Kind `{kind}`.")).unwrap();
            let section = section.split("\n## ").next().unwrap();
            for (number, step) in (1..).zip(kind.setup()) {
                let line = format!("\n{number}. {step}\n");
                assert!(format!("{section}\n").contains(&line), "{kind}: {step}");
            }
        }
    }
}
