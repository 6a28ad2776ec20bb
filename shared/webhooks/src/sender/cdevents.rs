//! CDEvents `artifact.published`, with or without a CloudEvents envelope.
//!
//! <https://cdevents.dev/docs/continuous-deployment/> and, for package URLs,
//! <https://github.com/package-url/purl-spec>

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use super::{Event, OTHER_EVENT, Reading, host_and_path, one, package};
use crate::body::Body;
use crate::push::kind_of_format;
use domain::push::{PackageKind, Push};

pub(super) fn read(body: Body<'_>) -> Reading {
    let body = match Event::structured(body) {
        Some(event) if event.data.is_object() => event.data,
        _ => body,
    };
    let context = body.at(&["context"]);
    match context.text(&["type"]) {
        Some(kind) if kind.starts_with("dev.cdevents.artifact.published.") => {}
        Some(_) => return Reading::Ignored(OTHER_EVENT),
        None => return Reading::NotUnderstood,
    }
    one(
        context.text(&["id"]),
        body.text(&["subject", "id"]).and_then(push_of_purl),
    )
}

/// The push of a package URL: `pkg:TYPE/[NAMESPACE/]NAME[@VERSION][?QUALIFIERS][#SUBPATH]`.
fn push_of_purl(purl: &str) -> Option<Push> {
    let rest = purl.strip_prefix("pkg:")?;
    let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
    let (path, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
    let (kind, path) = path.trim_start_matches('/').split_once('/')?;
    let (path, version) = match path.rsplit_once('@') {
        Some((path, version)) => (path, Some(decoded(version)?)),
        None => (path, None),
    };
    let path = decoded(path)?;
    let qualifiers: BTreeMap<&str, String> = qualifiers
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .filter_map(|(name, value)| Some((name, decoded(value)?)))
        .collect();
    let version = version.as_deref();
    match kind.to_ascii_lowercase().as_str() {
        "oci" | "docker" => {
            let name = path.rsplit('/').next()?;
            let url = qualifiers.get("repository_url")?;
            let (host, repository) = host_and_path(url.trim_end_matches('/'))?;
            let repository = match repository.rsplit('/').next() {
                Some(last) if last == name => repository.to_owned(),
                _ => format!("{repository}/{name}"),
            };
            let tag = qualifiers.get("tag").map(String::as_str);
            Some(Push {
                registry: Some(host.to_owned()),
                ..package(PackageKind::Oci, &repository, tag, version)
            })
        }
        "maven" => {
            let (group, name) = path.rsplit_once('/')?;
            let name = format!("{}:{name}", group.replace('/', "."));
            Some(package(PackageKind::Maven, &name, version, None))
        }
        other => Some(package(kind_of_format(other)?, &path, version, None)),
    }
}

fn decoded(text: &str) -> Option<String> {
    Some(percent_decode_str(text).decode_utf8().ok()?.into_owned())
}
