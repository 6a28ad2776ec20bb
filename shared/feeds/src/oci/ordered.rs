//! Tags in text order, each once.

use std::collections::BTreeSet;

/// Tags in text order, each once. Most registries return them in this order, which needs no search.
#[derive(Debug, Default)]
pub(super) struct Ordered {
    /// The tags while they are received in order.
    ascending: Vec<String>,
    /// All tags, after one was received out of order.
    others: BTreeSet<String>,
}

impl Ordered {
    /// Adds tags; duplicates are ignored.
    pub(super) fn extend(&mut self, tags: impl IntoIterator<Item = String>) {
        for tag in tags {
            if !self.others.is_empty() {
                self.others.insert(tag);
            } else if self.ascending.last().is_none_or(|last| *last < tag) {
                self.ascending.push(tag);
            } else {
                self.others.extend(self.ascending.drain(..));
                self.others.insert(tag);
            }
        }
    }

    /// The number of tags.
    pub(super) fn len(&self) -> usize {
        self.ascending.len() + self.others.len()
    }

    /// All tags.
    pub(super) fn into_vec(self) -> Vec<String> {
        if self.others.is_empty() {
            self.ascending
        } else {
            self.others.into_iter().collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Ordered;

    #[test]
    fn tags_are_sorted_and_unique_in_any_input_order() {
        let pages: [&[&str]; 6] = [
            &["a", "b", "c"],
            &["c", "b", "a"],
            &["a", "a", "b", "b", "c"],
            &["b", "c", "a", "c"],
            &["c", "a", "b"],
            &["a", "c", "b"],
        ];
        for page in pages {
            for cut in 0..page.len() {
                let mut ordered = Ordered::default();
                for part in [&page[..cut], &page[cut..]] {
                    ordered.extend(part.iter().map(|&tag| tag.to_owned()));
                }
                assert_eq!(ordered.len(), 3, "{page:?} {cut}");
                assert_eq!(ordered.into_vec(), ["a", "b", "c"], "{page:?} {cut}");
            }
        }
    }
}
