//! Platforms: `linux/amd64`, `linux/arm/v7`, under the names that people and builders give them.

use serde::Deserialize;

/// A platform that is asked for, or that an image is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
pub(super) struct Platform {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    variant: Option<String>,
}

impl Platform {
    /// `os/architecture[/variant]`; without an os, linux.
    pub(super) fn parse(text: &str) -> Self {
        let parts: Vec<_> = text.trim().split('/').collect();
        let (os, architecture, variant) = match *parts.as_slice() {
            [architecture] => ("linux", architecture, None),
            [os, architecture] => (os, architecture, None),
            [os, architecture, variant, ..] => (os, architecture, Some(variant)),
            [] => ("linux", "", None),
        };
        Self {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
            variant: variant.map(str::to_owned),
        }
    }

    /// Whether an image for `self` is one for `wanted`. A variant counts where one is asked for, or where
    /// the architecture without one has a usual one.
    pub(super) fn suits(&self, wanted: &Self) -> bool {
        let same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
        let (own, asked) = (self.normal(), wanted.normal());
        same(&self.os, &wanted.os)
            && same(own.0, asked.0)
            && asked
                .1
                .is_none_or(|asked| own.1.is_some_and(|own| same(own, asked)))
    }

    /// Architecture and variant under their usual names.
    fn normal(&self) -> (&str, Option<&str>) {
        let is = |names: &[&str]| {
            names
                .iter()
                .any(|name| name.eq_ignore_ascii_case(&self.architecture))
        };
        let (architecture, usual) = if is(&["amd64", "x86_64", "x86-64"]) {
            ("amd64", None)
        } else if is(&["arm64", "aarch64"]) {
            ("arm64", Some("v8"))
        } else if is(&["arm"]) {
            ("arm", Some("v7"))
        } else {
            (self.architecture.as_str(), None)
        };
        let variant = self
            .variant
            .as_deref()
            .filter(|variant| !variant.is_empty());
        (architecture, variant.or(usual))
    }
}

#[cfg(test)]
mod tests {
    use super::Platform;

    #[test]
    fn platforms_match_under_their_other_names() {
        for (image, wanted, expected) in [
            ("linux/amd64", "linux/amd64", true),
            ("linux/amd64", "linux/x86_64", true),
            ("linux/amd64", "amd64", true),
            ("linux/amd64", "windows/amd64", false),
            ("linux/amd64/v2", "linux/amd64", true),
            ("linux/amd64", "linux/amd64/v3", false),
            ("linux/arm64", "linux/aarch64", true),
            ("linux/arm64", "linux/arm64/v8", true),
            ("linux/arm64/v8", "Linux/ARM64", true),
            ("linux/arm", "linux/arm/v7", true),
            ("linux/arm/v7", "linux/arm", true),
            ("linux/arm/v6", "linux/arm", false),
            ("linux/arm/v6", "linux/arm/v7", false),
            ("unknown/unknown", "linux/amd64", false),
        ] {
            let (image, wanted) = (Platform::parse(image), Platform::parse(wanted));
            assert_eq!(image.suits(&wanted), expected, "{image:?} {wanted:?}");
        }
    }
}
