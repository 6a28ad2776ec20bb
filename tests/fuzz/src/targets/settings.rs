//! Text that users write: `triggers.yaml`, masks and templates for release numbers, networks.

use domain::mask::{apply_mask, current_for_mask};
use domain::template::{Facts, Template};
use domain::version::{Version, VersionFormat};
use http_client::AllowedNetworks;

/// A file that can be read is written so that it reads the same.
pub(crate) fn triggers(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let file = match trigger_file::read("triggers.yaml", &text) {
        Ok(file) => file,
        Err(faults) => {
            assert!(!faults.to_string().is_empty());
            return;
        }
    };
    let written = trigger_file::write(&file.definitions).expect("definitions have a form");
    match trigger_file::read("triggers.yaml", &written) {
        Ok(again) => assert_eq!(again.definitions, file.definitions, "{written}"),
        Err(faults) => panic!("{faults}\n{written}"),
    }
}

/// The first line is the setting, the others are versions. A mask results in a version; a template ends.
pub(crate) fn settings(data: &[u8]) {
    let lines = super::lines(data);
    let Some((setting, versions)) = lines.split_first() else {
        return;
    };
    let versions: Vec<_> = versions.iter().map(|version| version.as_ref()).collect();
    let current = current_for_mask(setting, versions.iter().copied());
    assert!(current.is_none_or(|current| versions.contains(&current)));
    for current in versions.iter().copied().map(Some).chain([None]) {
        if let Ok(number) = apply_mask(setting, current) {
            let version = Version::parse(VersionFormat::Octopus, &number);
            assert_eq!(version.expect("it results in versions").text(), number);
        }
    }
    let mut facts = Facts::default();
    facts.text("version", versions.first().copied());
    facts.text("nothing", None);
    facts.truth("is_new", true);
    if let Ok(template) = Template::parse(setting) {
        drop(template.render(&facts));
    }
    if let Ok(networks) = setting.parse::<AllowedNetworks>() {
        for version in versions.iter().filter_map(|text| text.parse().ok()) {
            assert!(networks.permit(version) || !networks.contain(version));
        }
    }
}
