//! Which of the offered versions make the next release: by what `when` asks of the sources together and
//! which of several new versions `catchUp` takes.

use std::cmp::Ordering;

use super::offer::{Offer, Pick};
use super::{Decision, Reason, Situation};
use crate::options::{CatchUp, OptionError, Options, When};
use crate::pattern::Pattern;
use crate::time::Timestamp;
use crate::version::{Version, VersionFormat};

/// What the next release would have of each source, in the order of the offers.
pub(super) struct Chosen {
    pub(super) picks: Vec<Pick>,
    /// After it there is another one to make.
    pub(super) more: bool,
}

/// Chooses, or says why there is nothing to choose.
pub(super) fn combine(situation: &Situation<'_>, offers: &[Offer<'_>]) -> Result<Chosen, Decision> {
    let options = &situation.trigger.options;
    let chosen = match &options.when {
        When::SameVersion { extract } => shared(options, offers, extract.as_deref())?,
        when => by_themselves(options, offers, *when == When::All),
    };
    let is_newer = |pick: &Pick| pick.compared == Ordering::Greater;
    match chosen {
        Some(chosen) if chosen.picks.iter().any(is_newer) => Ok(chosen),
        _ => Err(nothing(situation, offers)),
    }
}

fn by_themselves(options: &Options, offers: &[Offer<'_>], needs_all: bool) -> Option<Chosen> {
    let steps = || {
        offers
            .iter()
            .map(|offer| steps(options, offer))
            .collect::<Vec<_>>()
    };
    match (options.catch_up, needs_all) {
        (CatchUp::Newest, false) => {
            let picks = offers.iter().map(|offer| offer.latest().cloned());
            let picks = picks.collect::<Option<_>>()?;
            Some(Chosen { picks, more: false })
        }
        (CatchUp::Newest, true) => {
            let newer = |offer: &Offer<'_>| {
                let latest = offer.latest().cloned();
                latest.filter(|pick| pick.compared == Ordering::Greater)
            };
            let picks = offers.iter().map(newer).collect::<Option<_>>()?;
            Some(Chosen { picks, more: false })
        }
        (_, true) => {
            let steps = steps();
            let first = |steps: &Vec<&Pick>| steps.first().map(|&pick| pick.clone());
            let picks = steps.iter().map(first).collect::<Option<_>>()?;
            let more = steps.iter().all(|steps| steps.len() > 1);
            Some(Chosen { picks, more })
        }
        (_, false) => one_step(offers, &steps()),
    }
}

/// The newer versions of a source that get a release each, in order. A version that is too young stops
/// those after it, because it would come too late otherwise.
fn steps<'o>(options: &Options, offer: &'o Offer<'_>) -> Vec<&'o Pick> {
    let in_order = offer.newer().rev();
    let ripe: Vec<_> = in_order.take_while(|pick| pick.young.is_none()).collect();
    match options.catch_up {
        CatchUp::NewestPerMinor => newest_per_minor(ripe, |pick| &pick.version),
        CatchUp::Newest | CatchUp::Every => ripe,
    }
}

/// Of a list in order, the last of each run with the same major and minor version.
fn newest_per_minor<T>(in_order: Vec<T>, version: impl Fn(&T) -> &str) -> Vec<T> {
    let minor = |text: &str| {
        let version = Version::parse(VersionFormat::Octopus, text).ok()?;
        let [major, minor, ..] = version.numbers();
        Some((major, minor))
    };
    let mut newest: Vec<T> = Vec::new();
    for one in in_order {
        let own = minor(version(&one));
        if let Some(last) = newest.last_mut()
            && own.is_some()
            && minor(version(last)) == own
        {
            *last = one;
        } else {
            newest.push(one);
        }
    }
    newest
}

/// One source takes its next step, that which arrived first; the others stay where they are.
fn one_step(offers: &[Offer<'_>], steps: &[Vec<&Pick>]) -> Option<Chosen> {
    let (moving, _) = steps
        .iter()
        .enumerate()
        .filter_map(|(index, steps)| Some((index, steps.first()?.arrived)))
        .min_by_key(|&(index, arrived): &(usize, Timestamp)| (arrived, index))?;
    let picks = offers.iter().zip(steps).enumerate();
    let picks = picks.map(|(index, (offer, steps))| {
        let first = steps.first().map(|&pick| pick.clone());
        if index == moving {
            return first;
        }
        let still = offer.standing_still.clone();
        still.or(first).or_else(|| offer.latest().cloned())
    });
    Some(Chosen {
        picks: picks.collect::<Option<_>>()?,
        more: steps.iter().map(Vec::len).sum::<usize>() > 1,
    })
}

/// The newest version that all sources have, apart from those that follow a tag.
fn shared(
    options: &Options,
    offers: &[Offer<'_>],
    extract: Option<&str>,
) -> Result<Option<Chosen>, Decision> {
    let part = Part::new(extract)?;
    let Some(lead) = offers.iter().position(|offer| !offer.is_followed) else {
        return Ok(by_themselves(options, offers, false));
    };
    let sets: Vec<Vec<Pick>> = offers[lead]
        .ripe()
        .filter_map(|pick| set(offers, &part, &part.of(&pick.version)?))
        .filter(|set| set.iter().all(|pick| pick.compared != Ordering::Less))
        .collect();
    let is_newer = |set: &&Vec<Pick>| {
        let mut picks = set.iter();
        picks.any(|pick| pick.compared == Ordering::Greater)
    };
    let mut newer: Vec<_> = sets.iter().filter(is_newer).rev().collect();
    if options.catch_up == CatchUp::NewestPerMinor {
        newer = newest_per_minor(newer, |set| &set[lead].version);
    }
    let had_one = offers.iter().any(|offer| offer.previous.is_some());
    let next = match options.catch_up {
        CatchUp::Every | CatchUp::NewestPerMinor if had_one => newer.first(),
        _ => newer.last(),
    };
    Ok(next.map(|&picks| Chosen {
        picks: picks.clone(),
        more: had_one && options.catch_up != CatchUp::Newest && newer.len() > 1,
    }))
}

/// Of each source the version with this part; of those that follow a tag, the tag.
fn set(offers: &[Offer<'_>], part: &Part, wanted: &Version) -> Option<Vec<Pick>> {
    let of = |offer: &Offer<'_>| {
        let mut ripe = offer.ripe();
        let is_it = |pick: &&Pick| {
            offer.is_followed || part.of(&pick.version).is_some_and(|own| own == *wanted)
        };
        ripe.find(is_it).cloned()
    };
    offers.iter().map(of).collect()
}

/// What must be the same.
struct Part(Option<Pattern>);

impl Part {
    fn new(extract: Option<&str>) -> Result<Self, Decision> {
        let pattern = extract.map(Pattern::parse).transpose();
        pattern.map(Self).map_err(|error| {
            let error = OptionError {
                option: "when.sameVersion.extract".to_owned(),
                problem: error.to_string(),
            };
            let package = None;
            Decision::Refuse(Reason::InvalidOption { package, error })
        })
    }

    /// Compared as versions, so that `v1.2` and `1.2.0` are the same.
    fn of(&self, text: &str) -> Option<Version> {
        let part = match &self.0 {
            None => text,
            Some(pattern) => pattern.extract(text).ok()??,
        };
        Version::parse(VersionFormat::Octopus, part).ok()
    }
}

/// Why there is nothing to release.
fn nothing(situation: &Situation<'_>, offers: &[Offer<'_>]) -> Decision {
    let options = &situation.trigger.options;
    let ripens = offers
        .iter()
        .filter_map(|offer| Some((offer, offer.ripens()?)));
    let soonest = ripens.min_by_key(|(_, (_, _, at))| *at);
    let at = soonest.as_ref().map(|(_, (_, _, at))| *at);
    let has_newer = |offer: &&Offer<'_>| {
        let mut ripe = offer.ripe();
        ripe.any(|pick| pick.compared == Ordering::Greater)
    };
    if offers.iter().any(|offer| has_newer(&offer)) {
        match options.when {
            When::All => {
                let missing = offers.iter().filter(|offer| !has_newer(offer));
                let missing = names(missing, |offer| offer.entry.package.to_string());
                return Decision::Wait(Reason::NotAll { missing }, at);
            }
            When::SameVersion { .. } => {
                let newest = names(offers.iter(), |offer| {
                    let latest = offer.latest().map_or("none", |pick| pick.version.as_str());
                    format!("{} {latest}", offer.entry.package)
                });
                return Decision::Wait(Reason::NothingInCommon { newest }, at);
            }
            When::Any => {}
        }
    }
    if let Some((offer, (pick, why, at))) = soonest {
        let reason = Reason::TooRecent {
            package: offer.entry.package.to_string(),
            version: pick.version.clone(),
            why: why.to_owned(),
        };
        return Decision::Wait(reason, Some(at));
    }
    if offers.iter().any(|offer| offer.is_baseline) {
        return Decision::Skip(Reason::Baseline);
    }
    let release = situation
        .previous
        .map_or_else(String::new, |one| one.version.clone());
    Decision::Skip(Reason::NothingNewer { release })
}

fn names<'o, 'a: 'o>(
    offers: impl Iterator<Item = &'o Offer<'a>>,
    name: impl Fn(&Offer<'_>) -> String,
) -> String {
    offers.map(name).collect::<Vec<_>>().join(", ")
}
