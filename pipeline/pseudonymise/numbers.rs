//! A set of identity numbers, in memory alone: never written, and wiped when it is dropped.

use super::{Canonical, Quality};
use zeroize::Zeroize;

/// A number of twelve digits as one word, half a byte a digit. Neither written nor shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Number(u64);

impl Number {
    pub(super) const fn word(self) -> u64 {
        self.0
    }

    /// For a keyed digest in memory.
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }
}

impl Canonical {
    /// The number as one word; nothing of a reserve number, which holds letters.
    #[inline(always)]
    pub fn number(&self) -> Option<Number> {
        (!matches!(self.quality(), Quality::Reserve(_))).then(|| Number(word(self.bytes())))
    }
}

/// Twelve digits as one word.
#[inline(always)]
fn word(digits: &[u8; 12]) -> u64 {
    const HALVES: u64 = 0x0f0f_0f0f_0f0f_0f0f;
    let [a, b, c, d, e, f, g, h, i, j, k, l] = *digits;
    let head = u64::from_le_bytes([a, b, c, d, e, f, g, h]) & HALVES;
    let tail = u64::from(u32::from_le_bytes([i, j, k, l])) & HALVES;
    head | tail << 4
}

/// A set of numbers. `Debug` shows how many there are.
pub struct Numbers {
    /// Three bits of one word for each number, at the places that its spread says: nearly all numbers that are not in
    /// the set end here, in memory that stays near the processor.
    bits: Vec<u64>,
    /// Open addressing, at most half full; 0 is empty, and no number.
    slots: Vec<u64>,
    held: usize,
    /// Spreads the numbers; of the moment, so that no delivery can be made to collide.
    seed: [u64; 2],
}

impl std::fmt::Debug for Numbers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Numbers({})", self.held)
    }
}

impl Default for Numbers {
    fn default() -> Numbers {
        Numbers::new()
    }
}

/// Slots of an empty set, and how many of them have a word of bits together: there are eight to sixteen bits a number.
const SLOTS: usize = 64;
const SHARED: usize = 16;

impl Numbers {
    pub fn new() -> Numbers {
        let (bits, slots) = (vec![0; SLOTS / SHARED], vec![0; SLOTS]);
        Numbers { bits, slots, held: 0, seed: [rand::random(), rand::random::<u64>() | 1] }
    }

    /// Adds a number; the set grows where it must.
    pub fn insert(&mut self, number: Number) {
        if (self.held + 1) * 2 > self.slots.len() {
            let wider = self.slots.len() * 2;
            let mut held = std::mem::replace(&mut self.slots, vec![0; wider]);
            self.bits = vec![0; wider / SHARED];
            held.iter().filter(|number| **number != 0).for_each(|number| self.put(*number));
            held.zeroize();
        }
        self.held += usize::from(!self.contains(number));
        self.put(number.word());
    }

    pub const fn len(&self) -> usize {
        self.held
    }

    pub const fn is_empty(&self) -> bool {
        self.held == 0
    }

    #[inline(always)]
    pub fn contains(&self, number: Number) -> bool {
        let spread = self.spread(number.word());
        let (word, bits) = self.bits(spread);
        self.bits[word] & bits == bits && self.slots[self.slot(spread, number.word())] != 0
    }

    /// Whether twelve characters, if they are a number, are certainly none of these; said of many in a row it costs
    /// little, because none waits for the one before.
    #[inline(always)]
    pub fn lacks(&self, characters: &[u8; 12]) -> bool {
        let (word, bits) = self.bits(self.spread(word(characters)));
        self.bits[word] & bits != bits
    }

    fn put(&mut self, number: u64) {
        let spread = self.spread(number);
        let (word, bits) = self.bits(spread);
        self.bits[word] |= bits;
        let at = self.slot(spread, number);
        self.slots[at] = number;
    }

    #[inline(always)]
    const fn spread(&self, number: u64) -> u64 {
        let spread = (number ^ self.seed[0]).wrapping_mul(self.seed[1]);
        spread ^ (spread >> 32)
    }

    #[inline(always)]
    fn bits(&self, spread: u64) -> (usize, u64) {
        let bit = |from: u32| 1 << (spread >> from & 63);
        ((spread >> 18) as usize & (self.bits.len() - 1), bit(0) | bit(6) | bit(12))
    }

    /// Where the number is, or would be.
    #[inline(always)]
    fn slot(&self, spread: u64, number: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = (spread >> 32) as usize & mask;
        while self.slots[at] != 0 && self.slots[at] != number {
            at = (at + 1) & mask;
        }
        at
    }
}

impl Drop for Numbers {
    fn drop(&mut self) {
        self.slots.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_is_there_and_nothing_else() {
        let mut numbers = Numbers::new();
        let held = |nr: u64| Number(180_001_010_016 + nr * 7);
        (0..1000).chain(0..1000).for_each(|nr| numbers.insert(held(nr)));
        assert_eq!(numbers.len(), 1000);
        let next = |nr: u64| Number(held(nr).word() + 1);
        assert!((0..1000).all(|nr| numbers.contains(held(nr)) && !numbers.contains(next(nr))));
        assert_eq!(format!("{numbers:?}"), "Numbers(1000)");
    }

    #[test]
    fn a_number_is_one_word_however_it_is_spelled() {
        let number = |text: &str| Canonical::person(text, 2023).ok().and_then(|canonical| canonical.number());
        let first = number("190905271474").map(Number::word);
        assert_eq!(first, number("090527+1474").map(Number::word));
        let other = number("191404722397").map(Number::word);
        assert!(first.is_some() && other.is_some() && first != other);
    }
}
