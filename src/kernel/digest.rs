//! The digest of a run: a fingerprint of everything that happened, in order.

/// A 128-bit fingerprint of a sequence of words. Equal sequences have equal digests on every
/// machine; sequences that differ in one word, in their order or in their length do not, but for
/// chance. It is no protection against somebody who wants two runs to look alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    state: u128,
    words: u64,
}

/// An odd 128-bit multiplier with a good spectrum (that of the generator PCG64).
const MULTIPLIER: u128 = 0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645;
/// The fractional digits of pi: a start without pattern.
const START: u128 = 0x243f_6a88_85a3_08d3_1319_8a2e_0370_7344;

impl Default for Digest {
    fn default() -> Self {
        Self::new()
    }
}

impl Digest {
    /// The digest of nothing yet.
    pub const fn new() -> Self {
        Self {
            state: START,
            words: 0,
        }
    }

    /// Takes a word in.
    #[inline]
    pub fn update(&mut self, word: u64) {
        self.words += 1;
        self.state = round(self.state ^ u128::from(word));
    }

    /// The digest so far: 32 hexadecimal digits.
    pub fn finish(&self) -> String {
        // The last words have only met a few multiplications: some more spread them over all bits.
        let mut state = self.state ^ (u128::from(self.words) << 64);
        for _ in 0..4 {
            state = round(state);
            state ^= state >> 67;
        }
        format!("{state:032x}")
    }
}

/// One step, which never brings two states together: the multiplication carries differences
/// upwards, exchanging the halves carries them down again.
#[inline]
const fn round(state: u128) -> u128 {
    state.wrapping_mul(MULTIPLIER).rotate_right(64)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Digest;

    fn of(words: &[u64]) -> String {
        let mut digest = Digest::new();
        for &word in words {
            digest.update(word);
        }
        digest.finish()
    }

    #[test]
    fn golden_digests() {
        assert_eq!(of(&[]), "836a89ce0c412c6b4493853b47d62e8f");
        assert_eq!(of(&[0]), "6f862e5c38a42a738fa6aa70aa38c855");
        assert_eq!(of(&[1, 2, 3, u64::MAX]), "c81fcced834f50c241e71e1665ea4bed");
    }

    #[test]
    fn order_length_and_every_bit_count() {
        let base = [5, 0, 9, 1 << 40];
        let mut seen = BTreeSet::from([of(&base)]);
        assert!(seen.insert(of(&[0, 5, 9, 1 << 40])));
        assert!(seen.insert(of(&[5, 9, 0, 1 << 40])));
        assert!(seen.insert(of(&[5, 0, 9])));
        assert!(seen.insert(of(&[5, 0, 9, 1 << 40, 0])));
        for place in 0..base.len() {
            for bit in 0..64 {
                let mut changed = base;
                changed[place] ^= 1 << bit;
                assert!(seen.insert(of(&changed)), "word {place}, bit {bit}");
            }
        }
    }

    #[test]
    fn one_bit_changes_about_half_of_the_digest() {
        let digits = |text: String| u128::from_str_radix(&text, 16).unwrap();
        for bit in 0..64 {
            let difference = digits(of(&[1, 2, 3])) ^ digits(of(&[1, 2, 3 ^ (1 << bit)]));
            // Mean 64 of 128 bits, standard deviation 5.7.
            assert!((35..=93).contains(&difference.count_ones()), "bit {bit}");
        }
    }

    #[test]
    fn looking_does_not_change_it() {
        let mut digest = Digest::new();
        digest.update(1);
        let _ = digest.finish();
        digest.update(2);
        assert_eq!(digest.finish(), of(&[1, 2]));
        assert_eq!(digest.finish().len(), 32);
    }
}
