//! Combinations of versions, one of each source, in the order in which a condition (`if`) is tried on them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::source_options::EligibleCandidate;
use crate::options::MAX_COMBINATIONS;
use crate::time::Timestamp;

/// One candidate of each source.
pub(super) type Combination = Vec<EligibleCandidate>;

/// The combinations of one candidate of each list. The first has the first of each list; each next one is as few steps
/// away from it as possible, in total.
pub(super) fn by_distance(lists: Vec<Vec<EligibleCandidate>>) -> impl Iterator<Item = Combination> {
    let mut heap = BinaryHeap::new();
    if lists.iter().all(|list| !list.is_empty()) {
        heap.push(Reverse((0, vec![0; lists.len()])));
    }
    std::iter::from_fn(move || {
        let Reverse((distance, steps)) = heap.pop()?;
        // Each combination is reached on one way only: its last step is in the last list that has one.
        let last = steps.iter().rposition(|&step| step > 0).unwrap_or(0);
        for list in last..lists.len() {
            let mut next: Vec<usize> = steps.clone();
            next[list] += 1;
            // More are never tried, so they need no memory.
            if next[list] < lists[list].len() && heap.len() < MAX_COMBINATIONS {
                heap.push(Reverse((distance + 1, next)));
            }
        }
        let combination = lists.iter().zip(&steps);
        Some(
            combination
                .map(|(list, &step)| list[step].clone())
                .collect(),
        )
    })
}

/// The combinations in which one source moves by one version and the others keep theirs, in the order in which the
/// versions arrived. `steps`: the newer versions of each source, in their order. `kept`: the version of a source that
/// does not move; `None`: its first step.
pub(super) fn one_by_one(
    steps: Vec<Vec<EligibleCandidate>>,
    kept: Vec<Option<EligibleCandidate>>,
) -> impl Iterator<Item = Combination> {
    let mut taken = vec![0; steps.len()];
    std::iter::from_fn(move || {
        let next = |index: usize| steps[index].get(taken[index]);
        let (moving, _) = (0..steps.len())
            .filter_map(|index| Some((index, next(index)?.arrived)))
            .min_by_key(|&(index, arrived): &(usize, Timestamp)| (arrived, index))?;
        let candidate = |index: usize| match index == moving {
            true => next(index).cloned(),
            false => kept[index].clone(),
        };
        let combination: Option<Combination> = (0..steps.len()).map(candidate).collect();
        taken[moving] += 1;
        combination
    })
}
