//! The files in which the tools store logins.

use std::ffi::OsString;
use std::path::PathBuf;

/// The files, in the order in which they are searched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places(pub(crate) Vec<PathBuf>);

impl Places {
    /// The files that the variables of this process name, or their defaults.
    pub fn from_env() -> Self {
        Self::of(|name| std::env::var_os(name))
    }

    /// The files for these variables. An empty variable counts as absent.
    pub fn of(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let path = |name: &str| {
            let value = variable(name).filter(|value| !value.is_empty());
            value.map(PathBuf::from)
        };
        let home = path("HOME").or_else(|| path("USERPROFILE"));
        let in_home = |folder: &str| home.as_ref().map(|home| home.join(folder));
        let config = || path("XDG_CONFIG_HOME").or_else(|| in_home(".config"));
        let docker = path("DOCKER_CONFIG").or_else(|| in_home(".docker"));
        let helm = || path("HELM_CONFIG_HOME").or_else(|| Some(config()?.join("helm")));
        let files = [
            path("REGISTRY_AUTH_FILE"),
            docker.map(|folder| folder.join("config.json")),
            path("XDG_RUNTIME_DIR").map(|folder| folder.join("containers/auth.json")),
            config().map(|folder| folder.join("containers/auth.json")),
            path("HELM_REGISTRY_CONFIG")
                .or_else(|| Some(helm()?.join("registry").join("config.json"))),
        ];
        Self(files.into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Places;

    fn files(variables: &[(&str, &str)]) -> Vec<String> {
        let places = Places::of(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).into())
        });
        let shown = places.0.iter().map(|path| path.display().to_string());
        shown.collect()
    }

    #[test]
    fn places_are_the_tools_defaults() {
        assert_eq!(
            files(&[("HOME", "/home/joe"), ("XDG_RUNTIME_DIR", "/run/user/1")]),
            [
                "/home/joe/.docker/config.json",
                "/run/user/1/containers/auth.json",
                "/home/joe/.config/containers/auth.json",
                "/home/joe/.config/helm/registry/config.json",
            ]
        );
        assert_eq!(files(&[]), [""; 0]);
    }

    #[test]
    fn places_follow_the_tools_variables() {
        let found = files(&[
            ("HOME", "/home/joe"),
            ("REGISTRY_AUTH_FILE", "/etc/auth.json"),
            ("DOCKER_CONFIG", "/etc/docker"),
            ("XDG_CONFIG_HOME", ""),
            ("HELM_REGISTRY_CONFIG", "/etc/helm.json"),
        ]);
        let expected = [
            "/etc/auth.json",
            "/etc/docker/config.json",
            "/home/joe/.config/containers/auth.json",
            "/etc/helm.json",
        ];
        assert_eq!(found, expected);
    }
}
