//! Options of triggers and sources as JSON. Absent options are `null`.

use domain::options::{
    CatchUp, FirstSight, Options, ReleaseContext, VersionOrder, VersionPolicy, When,
};
use domain::time::Span;
use domain::window::ReleaseWindow;
use serde_json::{Value, json};

/// The options of a trigger.
pub(super) fn options_json(options: &Options) -> Value {
    let (when, extract, label) = match &options.when {
        When::Any => ("Any", None, None),
        When::All => ("All", None, None),
        When::SameVersion { extract } => ("SameVersion", extract.as_deref(), None),
        When::SameLabel { by } => ("SameLabel", None, Some(by)),
    };
    let context = options.release_context.iter().map(|one| match one {
        ReleaseContext::Commits => "Commits",
        ReleaseContext::BuildInformation => "BuildInformation",
    });
    let seconds = |span: Option<Span>| span.map(|span| span.as_millis() / 1_000);
    json!({
        "When": when,
        "SameVersionExtract": extract,
        "SameLabel": label,
        "If": options.condition,
        "QuietPeriodSeconds": seconds(options.quiet_period),
        "MaxWaitSeconds": seconds(options.max_wait),
        "MinimumAgeSeconds": seconds(options.minimum_age),
        "CatchUp": match options.catch_up {
            CatchUp::Newest => "Newest",
            CatchUp::Every => "Every",
            CatchUp::NewestPerMinor => "NewestPerMinor",
        },
        "FirstSight": match options.first_sight {
            FirstSight::Compare => "Compare",
            FirstSight::Baseline => "Baseline",
        },
        "MaxReleasesPerHour": options.max_releases_per_hour,
        "Window": options.window.as_ref().map(window_json),
        "GitRef": options.git_ref,
        "ReleaseVersion": options.release_version,
        "ReleaseNotes": options.release_notes,
        "ReleaseContext": context.collect::<Vec<_>>(),
        "CustomFields": options.custom_fields,
        "DryRun": options.dry_run,
    })
}

fn window_json(window: &ReleaseWindow) -> Value {
    let open = window.open.iter().map(|hours| {
        let days: Vec<_> = hours.days.iter().map(ToString::to_string).collect();
        json!({ "Days": days, "From": hours.from.to_string(), "To": hours.to.to_string() })
    });
    let freezes = window
        .freezes
        .iter()
        .map(|freeze| json!({ "From": freeze.from.to_string(), "To": freeze.to.to_string() }));
    json!({
        "TimeZone": window.time_zone,
        "Open": open.collect::<Vec<_>>(),
        "Freezes": freezes.collect::<Vec<_>>(),
    })
}

/// The conditions on the versions of a source.
pub(super) fn policy_json(policy: &VersionPolicy) -> Value {
    let (versions, require) = (&policy.versions, &policy.require);
    let signed = require.signed.as_ref();
    let scan = require.scan.as_ref();
    json!({
        "Follow": policy.follow,
        "RequireSignedByKeys": signed.map(|signed| &signed.keys),
        "RequireSignedByProfile": signed.map(|signed| &signed.profile),
        "RequireSignedWithinSeconds": signed.map(|signed| signed.within().as_millis() / 1_000),
        "RequirePlatforms": require.platforms,
        "RequireLabels": require.labels,
        "RequireScanAllow": scan.map(domain::options::ScanLimit::allowed),
        "RequireScanWithinSeconds": scan.map(|scan| scan.within().as_millis() / 1_000),
        "Range": versions.range,
        "PreReleaseTag": versions.pre_release_tag,
        "Include": versions.include,
        "Exclude": versions.exclude,
        "Order": versions.order.map(|order| match order {
            VersionOrder::Semver => "Semver",
            VersionOrder::Published => "Published",
            VersionOrder::Numeric => "Numeric",
            VersionOrder::Alphabetical => "Alphabetical",
        }),
        "Extract": versions.extract,
        "Platform": versions.platform,
        "RollBack": versions.roll_back,
    })
}
