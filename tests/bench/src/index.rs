//! An index as the large public ones are: 144 charts, as many versions of each as it takes, some fifty
//! pieces of text in a version.

use std::fmt::Write as _;

/// As in the largest public index.
pub(crate) const CHARTS: usize = 144;

/// The name of a chart.
pub(crate) fn chart(number: usize) -> String {
    format!("chart-{number:03}")
}

/// The text in pieces, of about so many bytes altogether.
pub(crate) fn pieces(bytes: usize) -> impl Iterator<Item = String> {
    let versions = (bytes / CHARTS / version(0, 0).len()).max(1);
    let charts = (0..CHARTS).flat_map(move |number| {
        let name = format!("  {}:\n", chart(number));
        std::iter::once(name).chain((0..versions).map(move |minor| version(number, minor)))
    });
    std::iter::once("apiVersion: v1\nentries:\n".to_owned())
        .chain(charts)
        .chain(std::iter::once(
            "generated: \"2026-01-01T00:00:00.000000000Z\"\n".to_owned(),
        ))
}

fn version(number: usize, minor: usize) -> String {
    let name = chart(number);
    let mut text = format!(
        "  - annotations:\n      category: Infrastructure\n      images: |\n        - name: {name}\n          \
         image: registry.test/acme/{name}:1.{minor}.0-debian-12-r3\n        - name: exporter\n          \
         image: registry.test/acme/exporter:0.{minor}.1-debian-12-r9\n      licenses: Apache-2.0\n    \
         apiVersion: v2\n    appVersion: 1.{minor}.0\n    created: \"2026-01-01T00:00:00.123456789Z\"\n    \
         dependencies:\n"
    );
    for dependency in ["common", "postgresql", "redis"] {
        let _ = write!(
            text,
            "    - condition: {dependency}.enabled\n      name: {dependency}\n      \
             repository: oci://registry.test/charts\n      version: 2.x.x\n"
        );
    }
    let digest = format!("{:064x}", number * 1_000_003 + minor);
    let _ = write!(
        text,
        "    description: {name} is a chart with a description as long as such descriptions\n      \
         are, so that it continues on two lines.\n    digest: {digest}\n    \
         home: https://charts.test/{name}\n    icon: https://charts.test/{name}.svg\n    keywords:\n    \
         - {name}\n    - database\n    - infrastructure\n    maintainers:\n    - name: Acme\n      \
         url: https://charts.test\n    name: {name}\n    sources:\n    \
         - https://git.test/charts/tree/main/{name}\n    urls:\n    \
         - https://charts.test/{name}-1.{minor}.0.tgz\n    version: 1.{minor}.0\n"
    );
    text
}
