//! Platforms such as `linux/amd64` and `linux/arm/v7`, and their synonyms.

/// The platform of an image, or a requested one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Platform {
    pub os: String,
    pub architecture: String,
    pub variant: Option<String>,
}

impl Platform {
    /// Parses `os/architecture[/variant]`; the default os is linux.
    pub fn parse(text: &str) -> Self {
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

    /// Whether it is that of an attestation and not of an image.
    pub fn is_unknown(&self) -> bool {
        self.os == "unknown" || self.architecture == "unknown"
    }

    /// `os/architecture[/variant]`. `None` without an operating system or architecture.
    pub fn name(&self) -> Option<String> {
        if self.os.is_empty() || self.architecture.is_empty() {
            return None;
        }
        let variant = self.variant.as_ref().filter(|one| !one.is_empty());
        let variant = variant.map(|one| format!("/{one}")).unwrap_or_default();
        Some(format!("{}/{}{variant}", self.os, self.architecture))
    }

    /// Whether an image for `self` can be used for `requested`. A variant is compared where one is requested, or
    /// where the architecture has a default variant.
    pub fn suits(&self, requested: &Self) -> bool {
        let same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
        let (own, other) = (self.normal(), requested.normal());
        same(&self.os, &requested.os)
            && same(own.0, other.0)
            && other
                .1
                .is_none_or(|other| own.1.is_some_and(|own| same(own, other)))
    }

    /// Architecture and variant with their usual names and defaults.
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
    fn platform_matches_its_synonyms() {
        for (image, selected, expected) in [
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
            let (image, selected) = (Platform::parse(image), Platform::parse(selected));
            assert_eq!(image.suits(&selected), expected, "{image:?} {selected:?}");
        }
    }
}
