//! Mutations of seeds, drawn from a number: without a look at coverage, and the same each time.

use fastrand::Rng;

/// Longer inputs are cut: what is found in a long one is found in a short one too, and sooner.
pub const MOST_BYTES: usize = 4 << 10;

/// The most changes that make one mutation.
const MOST_CHANGES: usize = 6;

/// Bytes that mean something in one of the formats.
const SIGNS: &[u8] = b"\0\t\n\r \"#&'()*+,-./:;<=>?@[\\]^_`{|}~\x7f\xff";

/// Seeds, and the words in them.
pub struct Mutator<'a> {
    chance: Rng,
    seeds: &'a [Vec<u8>],
    words: Vec<&'a [u8]>,
}

impl<'a> Mutator<'a> {
    /// Mutations of `seeds`; the same for the same number.
    pub fn new(number: u64, seeds: &'a [Vec<u8>]) -> Self {
        let is_sign = |byte: &u8| !byte.is_ascii_alphanumeric();
        let words = seeds.iter().flat_map(|seed| seed.split(is_sign));
        let mut words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        words.sort_unstable();
        words.dedup();
        Self {
            chance: Rng::with_seed(number),
            seeds,
            words,
        }
    }

    /// The next mutation; empty without seeds.
    pub fn next_input(&mut self) -> Vec<u8> {
        let mut input = self.seed().to_vec();
        for _ in 0..self.chance.usize(1..=MOST_CHANGES) {
            self.change(&mut input);
        }
        input.truncate(MOST_BYTES);
        input
    }

    fn seed(&mut self) -> &'a [u8] {
        self.chance.choice(self.seeds).map_or(&[], Vec::as_slice)
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.chance.usize(0..=input.len());
        let end = (at + self.chance.usize(0..=16)).min(input.len());
        match self.chance.u8(0..8) {
            0 => drop(input.drain(at..end)),
            1 => {
                let again = input[at..end].repeat(self.chance.usize(1..=4));
                input.splice(at..at, again);
            }
            2 => {
                let sign = self.chance.choice(SIGNS).copied();
                input.splice(at..at, sign);
            }
            3 => {
                let word = self.chance.choice(&self.words).copied();
                input.splice(at..end, word.unwrap_or_default().iter().copied());
            }
            4 => {
                let digits = self.chance.u64(..) >> self.chance.u32(0..64);
                input.splice(at..end, digits.to_string().into_bytes());
            }
            5 => {
                let other = self.seed();
                let from = self.chance.usize(0..=other.len());
                input.splice(at.., other[from..].iter().copied());
            }
            6 => input.truncate(at),
            _ => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << self.chance.u8(0..8);
                }
            }
        }
    }
}
