//! Chance from a seed: the same draws on every machine and in every version of the crates below.
//!
//! Only the raw words of ChaCha are used; how a word becomes a draw is decided here.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of draws.
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// The stream of this number under a seed. Each person has one, so that more people in the country leave the
    /// lives of the others as they were.
    pub fn new(seed: u64, stream: u64) -> Chance {
        let mut words = ChaCha8Rng::seed_from_u64(seed);
        words.set_stream(stream);
        Chance(words)
    }

    /// 0 to `count` − 1.
    pub fn below(&mut self, count: usize) -> usize {
        let wide = u128::from(self.0.next_u64()) * (count as u128);
        (wide >> 64) as usize
    }

    /// `low` to `high`, both included; `low` where the order is wrong.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = usize::try_from(high - low + 1).unwrap_or(1).max(1);
        low + self.below(span) as i64
    }

    /// True in so many cases of a thousand.
    pub fn promille(&mut self, cases: usize) -> bool {
        self.below(1000) < cases
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// The position of one of several, by weight.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let total: u32 = weights.iter().sum();
        let mut left = self.below(total.max(1) as usize) as u32;
        for (position, weight) in weights.iter().enumerate() {
            if left < *weight {
                return position;
            }
            left -= weight;
        }
        weights.len().saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn the_same_seed_draws_the_same() {
        let draw = |seed, stream| {
            let mut chance = Chance::new(seed, stream);
            (0..5).map(|_| chance.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1, 2), draw(1, 2));
        assert_ne!(draw(1, 2), draw(1, 3));
        assert_ne!(draw(1, 2), draw(2, 2));
    }

    #[test]
    fn draws_keep_within_their_bounds() {
        let mut chance = Chance::new(7, 0);
        for _ in 0..1000 {
            assert!((3..=5).contains(&chance.between(3, 5)));
            assert_ne!(chance.weighted(&[1, 0, 3]), 1);
        }
    }
}
