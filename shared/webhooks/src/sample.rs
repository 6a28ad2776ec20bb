//! A sample request of each kind of sender, with its proof, by which a user tests a receiver.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Method, Request};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::configuration::Configuration;
use crate::error::ReceiverError;
use crate::kind::{Kind, Proof};
use crate::receiver::{Receiver, Receivers};
use crate::verify::signature;

/// The push that a sample announces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SamplePush {
    /// Host and port of the registry, for the kinds whose payload contains it.
    pub registry: String,
    /// The repository, or the package.
    pub repository: String,
    /// The tag.
    pub tag: String,
}

impl Configuration {
    /// The request that the sender of a receiver sends after a push, proven with the newest key. Its URI is the path.
    ///
    /// # Errors
    /// When there is no such receiver, it is not usable, or only Google can sign its requests.
    pub fn sample(&self, name: &str, push: &SamplePush) -> Result<Request<Bytes>, ReceiverError> {
        let text = self.text();
        let text = text.map_err(|error| ReceiverError::of(name, error.to_string()))?;
        let receivers = Receivers::parse(text.expose_secret())?;
        let entry = self.named(name)?;
        let receiver = receivers.find(entry.id.expose_secret());
        let receiver = receiver.ok_or_else(|| ReceiverError::of(name, "it does not exist"))?;
        let body = body(receiver.kind, push).to_string();
        let mut request = Request::new(Bytes::from(body.clone()));
        *request.method_mut() = Method::POST;
        let path = format!("/hook/{}/{}", receiver.kind, entry.id.expose_secret());
        let path = path
            .parse()
            .map_err(|_| ReceiverError::of(name, "its id cannot be used"))?;
        *request.uri_mut() = path;
        let headers = request.headers_mut();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        for (header, value) in event_headers(receiver.kind) {
            headers.insert(*header, HeaderValue::from_static(value));
        }
        if let Some((header, value)) = proof(receiver, body.as_bytes())? {
            let value = HeaderValue::from_str(&value);
            let mut value = value
                .map_err(|_| ReceiverError::of(name, "its key cannot be the value of a header"))?;
            value.set_sensitive(true);
            headers.insert(header, value);
        }
        Ok(request)
    }
}

/// The header that proves the request, if the kind has one.
fn proof(
    receiver: &Receiver,
    body: &[u8],
) -> Result<Option<(http::HeaderName, String)>, ReceiverError> {
    let key = receiver.keys.first();
    let key = key.map(ExposeSecret::expose_secret).unwrap_or_default();
    Ok(match receiver.proof {
        Proof::Path => None,
        Proof::Header => Some((receiver.header.clone(), key.to_owned())),
        Proof::Generic => Some((http::header::AUTHORIZATION, format!("Bearer {key}"))),
        Proof::Hmac(header) => Some((
            http::HeaderName::from_static(header.name),
            signature(header, key, body),
        )),
        Proof::Google => {
            let problem = "only Google can sign its requests; push an image, or publish a message to the topic gcr";
            return Err(ReceiverError::of(&receiver.name, problem));
        }
    })
}

/// The headers that contain the event, where the body does not.
fn event_headers(kind: Kind) -> &'static [(&'static str, &'static str)] {
    match kind {
        Kind::Github => &[("x-github-event", "package")],
        Kind::Gitea => &[("x-gitea-event", "package")],
        Kind::Zot => &[
            ("ce-specversion", "1.0"),
            ("ce-type", "zotregistry.image.updated"),
        ],
        _ => &[],
    }
}

/// The body that the sender sends. No value but those of the push has a meaning.
fn body(kind: Kind, push: &SamplePush) -> Value {
    let SamplePush {
        registry,
        repository,
        tag,
    } = push;
    let (owner, name) = repository.split_once('/').unwrap_or(("", repository));
    let target = json!({
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "repository": repository,
        "tag": tag,
    });
    let event = json!({ "action": "push", "target": target, "request": { "host": registry } });
    match kind {
        Kind::Generic => json!({ "registry": registry, "repository": repository, "tag": tag }),
        Kind::Github => json!({ "action": "published", "package": {
            "name": name,
            "owner": { "login": owner },
            "package_version": {
                "package_url": format!("ghcr.io/{repository}:{tag}"),
                "container_metadata": { "tag": { "name": tag } },
            },
            "registry": { "type": "CONTAINER" },
        } }),
        Kind::DockerHub => json!({
            "push_data": { "tag": tag },
            "repository": { "repo_name": repository },
        }),
        Kind::Harbor => json!({ "type": "PUSH_ARTIFACT", "event_data": {
            "resources": [{
                "tag": tag,
                "resource_url": format!("{registry}/{repository}:{tag}"),
            }],
            "repository": { "repo_full_name": repository },
        } }),
        Kind::Acr => event,
        Kind::EventGrid => json!([{
            "eventType": "Microsoft.ContainerRegistry.ImagePushed",
            "data": event,
        }]),
        Kind::Quay => json!({
            "docker_url": format!("{registry}/{repository}"),
            "updated_tags": [tag],
        }),
        Kind::PubSub => json!({ "message": { "data": STANDARD.encode(
            json!({ "action": "INSERT", "tag": format!("{registry}/{repository}:{tag}") }).to_string(),
        ) } }),
        Kind::Artifactory => json!({ "domain": "docker", "event_type": "pushed", "data": {
            "image_name": repository, "image_type": "docker", "tag": tag,
        } }),
        Kind::Nexus => json!({ "action": "CREATED", "component": {
            "format": "docker", "name": repository, "version": tag,
        } }),
        Kind::Gitea => json!({ "action": "created", "package": {
            "type": "container",
            "owner": { "login": owner },
            "name": name,
            "version": tag,
            "html_url": format!("https://{registry}/"),
        } }),
        Kind::Distribution => json!({ "events": [event] }),
        Kind::Zot => json!({ "name": repository, "reference": tag }),
        Kind::Cloudsmith => {
            let (middle, name) = name.split_once('/').unwrap_or(("", name));
            json!({ "meta": { "event_id": "package.synced" }, "data": {
                "format": "docker",
                "namespace": owner,
                "repository": middle,
                "name": name,
                "tags": { "version": [tag] },
            } })
        }
        Kind::CdEvents => json!({
            "context": { "type": "dev.cdevents.artifact.published.0.3.0" },
            "subject": { "id": format!(
                "pkg:oci/{}?repository_url={registry}/{repository}&tag={tag}",
                repository.rsplit('/').next().unwrap_or_default()
            ) },
        }),
        Kind::Aliyun => json!({
            "push_data": { "tag": tag },
            "repository": { "repo_full_name": repository },
        }),
    }
}

#[cfg(test)]
mod tests {
    use domain::time::Timestamp;

    use super::*;
    use crate::configuration::{NewReceiver, RandomBytes};
    use crate::{Admission, AdmissionResult};

    #[test]
    fn sample_of_every_kind_is_accepted_with_the_newest_key() {
        let push = SamplePush {
            registry: "registry.example.com".to_owned(),
            repository: "acme/shop/web".to_owned(),
            tag: "1.0.0".to_owned(),
        };
        let mut configuration = Configuration::default();
        let google = Some("name@example.com".to_owned());
        for (kind, number) in Kind::ALL.into_iter().zip(1..) {
            let google = google.clone().filter(|_| kind == Kind::PubSub);
            let new = NewReceiver {
                feeds: vec!["*".to_owned()],
                audience: google.clone(),
                email: google,
                ..NewReceiver::default()
            };
            let random: RandomBytes = [number; size_of::<RandomBytes>()];
            configuration.add(kind.name(), kind, new, &random).unwrap();
            let rotated: RandomBytes = [16 + number; size_of::<RandomBytes>()];
            configuration.rotate(kind.name(), &rotated).unwrap();
        }
        let text = configuration.text().unwrap();
        let receivers = Receivers::parse(text.expose_secret()).unwrap();
        for kind in Kind::ALL {
            let sample = configuration.sample(kind.name(), &push);
            if kind == Kind::PubSub {
                let error = sample.unwrap_err().to_string();
                assert!(error.contains("only Google can sign"), "{error}");
                continue;
            }
            let sample = sample.unwrap();
            let now = Timestamp::from_millis(0);
            let result = Admission::default().judge(&receivers, &sample, now, None);
            let AdmissionResult::Accepted(accepted) = result else {
                panic!("{kind}: {result:?}");
            };
            assert_eq!(accepted.receiver, kind.name());
            let [read] = &accepted.pushes[..] else {
                panic!("{kind}: {:?}", accepted.pushes);
            };
            assert_eq!(read.tag.as_deref(), Some("1.0.0"), "{kind}");
            assert_eq!(read.repository.as_deref(), Some("acme/shop/web"), "{kind}");
        }
        let error = configuration.sample("other", &push).unwrap_err();
        assert!(error.to_string().contains("it does not exist"), "{error}");
    }
}
