//! NuGet's ranges on Semver and Docker versions.

use domain::range::{RangeFault, VersionRange};
use domain::version::{VersionFault, VersionFormat};

use crate::tables::{NO_RANGES_NUGET, RANGES_DOCKER, RANGES_SEMVER, conditions, named_faults};
use crate::{check_order, check_ranges};

#[test]
fn semver() {
    check_ranges(VersionFormat::Semver, &conditions(RANGES_SEMVER));
    let spaced = " [ 1.0 , 2.0 )   in: 1.0  out: 2.0";
    check_ranges(VersionFormat::Semver, &conditions(spaced));
}

#[test]
fn docker() {
    check_order(
        VersionFormat::Docker,
        &[("myfeature", '=', "0.0.0.0-myfeature")],
    );
    check_ranges(VersionFormat::Docker, &conditions(RANGES_DOCKER));
}

#[test]
fn what_is_no_range() {
    let blank = [(0, "Blank", ""), (2, "Blank", "  ")];
    for (offset, fault, text) in named_faults(NO_RANGES_NUGET).into_iter().chain(blank) {
        let error = VersionRange::parse(VersionFormat::Semver, text)
            .map(drop)
            .unwrap_err();
        assert_eq!(error.is_not_evaluable(), fault == "Floating", "{text}");
        let found = (error.offset, format!("{:?}", error.fault));
        assert_eq!(found, (offset, fault.to_owned()), "{text}");
    }
}

#[test]
fn a_wrong_bound_is_shown_at_its_place() {
    let error = VersionRange::parse(VersionFormat::Semver, "[1.0, latest)")
        .map(drop)
        .unwrap_err();
    assert_eq!(error.offset, 6);
    let RangeFault::Version(version) = &error.fault else {
        panic!("{error}")
    };
    assert_eq!(version.fault, VersionFault::UnexpectedCharacter('l'));
}
