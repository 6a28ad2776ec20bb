//! Looks up resources by name, slug or id. Octopus compares all three without case.

use domain::process::same_name;
use engine::ports::{OctopusError, OctopusErrorKind};

use crate::error::error;

/// A resource with a name, slug and id. The slug is empty on old servers.
pub(crate) trait Named {
    fn name(&self) -> &str;
    fn slug(&self) -> &str;
    fn id(&self) -> &str;
}

impl<T: Named> Named for &T {
    fn name(&self) -> &str {
        T::name(self)
    }

    fn slug(&self) -> &str {
        T::slug(self)
    }

    fn id(&self) -> &str {
        T::id(self)
    }
}

/// All names of one resource.
pub(crate) struct Names(Vec<String>);

impl Names {
    pub(crate) fn of(resource: &impl Named) -> Self {
        Self(
            [resource.id(), resource.slug(), resource.name()]
                .map(str::to_owned)
                .into(),
        )
    }

    /// The names of a resource if only its id is known.
    pub(crate) fn by_id(id: &str) -> Self {
        Self(vec![id.to_owned()])
    }

    /// Whether the resource has this name, slug or id.
    pub(crate) fn include(&self, name: &str) -> bool {
        self.0.iter().any(|own| same_name(own, name))
    }
}

/// The resource with this exact name, otherwise with this name in another case, otherwise with this slug,
/// otherwise with this id. A name therefore takes precedence over another resource's slug.
///
/// # Errors
/// [`OctopusErrorKind::Invalid`] if several resources match at the same step.
pub(crate) fn pick<T: Named>(
    resources: Vec<T>,
    requested: &str,
    what: &str,
) -> Result<Option<T>, OctopusError> {
    let steps: [fn(&T, &str) -> bool; 4] = [
        |resource, requested| resource.name() == requested,
        |resource, requested| same_name(resource.name(), requested),
        |resource, requested| same_name(resource.slug(), requested),
        |resource, requested| same_name(resource.id(), requested),
    ];
    if requested.is_empty() {
        return Ok(None);
    }
    for matches in steps {
        let mut found: Vec<usize> = (0..resources.len()).collect();
        found.retain(|&index| matches(&resources[index], requested));
        if found.len() > 1 {
            let ids: Vec<_> = found.iter().map(|&index| resources[index].id()).collect();
            let message = format!(
                "cannot choose among several {what} named `{requested}`: {}; use the id",
                ids.join(", ")
            );
            return Err(error(OctopusErrorKind::Invalid, message));
        }
        if let [index] = found[..] {
            return Ok(resources.into_iter().nth(index));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Named for [&str; 3] {
        fn name(&self) -> &str {
            self[0]
        }
        fn slug(&self) -> &str {
            self[1]
        }
        fn id(&self) -> &str {
            self[2]
        }
    }

    #[test]
    fn pick_prefers_name_over_slug_over_id() {
        let resources = vec![
            ["Web", "shop", "Projects-1"],
            ["shop", "shop-1", "Projects-2"],
            ["SHOP", "", "Projects-3"],
            ["Projects-1", "x", "Projects-4"],
        ];
        for (requested, id) in [
            ("shop", Some("Projects-2")),
            ("SHOP", Some("Projects-3")),
            ("web", Some("Projects-1")),
            ("Shop-1", Some("Projects-2")),
            ("projects-3", Some("Projects-3")),
            ("Projects-1", Some("Projects-4")),
            ("Sho", None),
            ("", None),
        ] {
            let found = pick(resources.clone(), requested, "projects").unwrap();
            assert_eq!(found.map(|one| one[2]), id, "{requested}");
        }
        let error = pick(resources, "Shop", "projects").unwrap_err();
        assert_eq!(
            error.message,
            "cannot choose among several projects named `Shop`: Projects-2, Projects-3; use the id"
        );
    }
}
