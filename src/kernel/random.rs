//! Random streams: one for each purpose and entity, so that a draw made for one of them never
//! shifts the draws of another.
//!
//! The numbers come from ChaCha8, which is the same on every machine and whose streams are
//! independent of each other. The key is made from the master seed; the stream number from the
//! names. Nothing here may change: golden tests hold the words.

use std::convert::Infallible;

use rand::{Rng, SeedableRng, TryRng};
use rand_chacha::ChaCha8Rng;

/// All random streams of a run.
#[derive(Debug, Clone)]
pub struct Streams {
    key: [u8; 32],
}

/// The streams of one purpose whose entities are a prefix and a number, such as `jobs/1`,
/// `jobs/2`: opened without writing the name out.
#[derive(Debug, Clone)]
pub struct StreamFamily {
    key: [u8; 32],
    /// Hash of the purpose and the prefix.
    hash: u64,
}

/// One stream of random numbers. It is also a generator in the terms of the `rand` crate.
#[derive(Debug, Clone)]
pub struct Stream {
    generator: ChaCha8Rng,
}

impl Streams {
    /// The streams of a master seed.
    pub fn new(seed: u64) -> Self {
        let mut key = [0; 32];
        let mut state = seed;
        for word in key.chunks_exact_mut(8) {
            // SplitMix64: steps of the golden ratio, each mixed.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            word.copy_from_slice(&mix(state).to_le_bytes());
        }
        Self { key }
    }

    /// Opens the stream of a purpose (`"task"`, `"placement"`) and an entity (`"jobs/17"`) at its
    /// start. The names alone decide which stream it is.
    pub fn open(&self, purpose: &str, entity: &str) -> Stream {
        Stream::new(self.key, mix(hash_names(purpose, entity)))
    }

    /// The streams whose entities are `prefix` and a number.
    pub fn family(&self, purpose: &str, prefix: &str) -> StreamFamily {
        StreamFamily {
            key: self.key,
            hash: hash_names(purpose, prefix),
        }
    }
}

impl StreamFamily {
    /// The stream that [`Streams::open`] gives for the purpose and the prefix followed by the
    /// number in decimal digits.
    pub fn open(&self, number: u64) -> Stream {
        self.open_attempt(number, 1)
    }

    /// The stream of an attempt of what has this number: that of the number for the first, and for
    /// the others one of its own, which is named `number:attempt` after the prefix.
    pub fn open_attempt(&self, number: u64, attempt: u16) -> Stream {
        let mut hash = hash_digits(self.hash, number);
        if attempt > 1 {
            hash = hash_digits(hash_bytes(hash, b":"), attempt.into());
        }
        Stream::new(self.key, mix(hash))
    }
}

/// Goes on with a number in decimal digits.
fn hash_digits(state: u64, number: u64) -> u64 {
    let mut digits = [0; 20];
    let mut start = digits.len();
    let mut rest = number;
    loop {
        start -= 1;
        digits[start] = b'0' + u8::try_from(rest % 10).expect("a decimal digit");
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    hash_bytes(state, &digits[start..])
}

impl Stream {
    fn new(key: [u8; 32], number: u64) -> Self {
        let mut generator = ChaCha8Rng::from_seed(key);
        generator.set_stream(number);
        Self { generator }
    }

    /// 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        Rng::next_u64(&mut self.generator)
    }

    /// A number from 0 to `bound - 1`, each exactly equally likely.
    ///
    /// # Panics
    /// When `bound` is 0: there is no such number.
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "a number below 0 was asked for");
        // Lemire's method: the upper word of the product is the draw. Of the 2^64 words a few too
        // many fall on some draws; they are those whose lower word is below 2^64 mod bound, which
        // is itself below the bound, so that the division is seldom needed.
        loop {
            let product = u128::from(self.next_u64()) * u128::from(bound);
            let lower = product & u128::from(u64::MAX);
            if lower >= u128::from(bound) || lower >= u128::from(bound.wrapping_neg() % bound) {
                return u64::try_from(product >> 64).expect("the upper word of two");
            }
        }
    }

    /// A number from 0 (included) to 1 (excluded), a multiple of 2^-53.
    #[expect(
        clippy::float_arithmetic,
        reason = "multiplying by a power of two is exact"
    )]
    pub fn unit(&mut self) -> f64 {
        const STEP: f64 = 1.0 / 9_007_199_254_740_992.0;
        fraction_bits(self.next_u64()) * STEP
    }

    /// A number between 0 and 1, both excluded: the middle of one of 2^52 equal parts.
    #[expect(
        clippy::float_arithmetic,
        reason = "exact: 53 bits hold every such middle"
    )]
    pub(super) fn open_unit(&mut self) -> f64 {
        const STEP: f64 = 1.0 / 9_007_199_254_740_992.0;
        fraction_bits(self.next_u64() | (1 << 11)) * STEP
    }

    /// Puts the items in random order, each order equally likely.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        let mut end = items.len();
        while end > 1 {
            let bound = u64::try_from(end).expect("a length has at most 64 bits");
            let place = usize::try_from(self.below(bound)).expect("a place within the slice");
            end -= 1;
            items.swap(end, place);
        }
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.generator.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.generator.try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.generator.try_fill_bytes(bytes)
    }
}

/// The upper 53 bits as a number.
#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "53 bits are exact in f64, and the standard library has no lossless conversion"
)]
fn fraction_bits(word: u64) -> f64 {
    (word >> 11) as f64
}

/// The names' hash before mixing: FNV-1a over purpose, a byte that no UTF-8 text holds, entity.
fn hash_names(purpose: &str, entity: &str) -> u64 {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    let purpose = hash_bytes(OFFSET_BASIS, purpose.as_bytes());
    hash_bytes(hash_bytes(purpose, &[0xff]), entity.as_bytes())
}

fn hash_bytes(state: u64, bytes: &[u8]) -> u64 {
    const PRIME: u64 = 0x0100_0000_01b3;
    bytes.iter().fold(state, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    })
}

/// Spreads every bit of the input over all bits of the output, one to one (the finalizer of
/// SplitMix64).
fn mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::{Streams, hash_names, mix};

    fn words(seed: u64, purpose: &str, entity: &str) -> Vec<u64> {
        let mut stream = Streams::new(seed).open(purpose, entity);
        (0..16).map(|_| stream.next_u64()).collect()
    }

    #[test]
    fn a_further_attempt_has_a_stream_of_its_own() {
        let streams = Streams::new(7);
        let family = streams.family("behavior", "jobs/");
        for (attempt, entity) in [(1, "jobs/17"), (2, "jobs/17:2"), (10, "jobs/17:10")] {
            let mut named = streams.open("behavior", entity);
            let mut opened = family.open_attempt(17, attempt);
            assert_eq!(opened.next_u64(), named.next_u64(), "{entity}");
        }
    }

    #[test]
    fn golden_words_of_a_stream() {
        assert_eq!(words(7, "task", "jobs/1"), GOLDEN);
    }

    #[test]
    fn golden_hash_of_names() {
        // FNV-1a of the bytes "task", 0xff, "jobs/1", computed apart from this code.
        assert_eq!(hash_names("task", "jobs/1"), GOLDEN_HASH);
        assert_eq!(mix(0), 0);
        // The first output of SplitMix64 with seed 0.
        assert_eq!(mix(0x9e37_79b9_7f4a_7c15), 0xe220_a839_7b1d_cdaf);
    }

    #[test]
    fn seed_purpose_and_entity_each_make_another_stream() {
        let here = words(7, "task", "jobs/1");
        for other in [
            words(8, "task", "jobs/1"),
            words(7, "placement", "jobs/1"),
            words(7, "task", "jobs/2"),
            words(7, "taskj", "obs/1"),
            words(7, "task", "jobs/1 "),
        ] {
            assert!(here.iter().all(|word| !other.contains(word)));
        }
    }

    #[test]
    fn a_family_opens_the_streams_of_its_written_names() {
        let streams = Streams::new(1);
        let family = streams.family("task", "jobs/");
        for number in [0, 1, 9, 10, 17, 100, 999_999, 1_000_000, u64::MAX] {
            let mut written = streams.open("task", &format!("jobs/{number}"));
            let mut opened = family.open(number);
            assert!(
                (0..100).all(|_| written.next_u64() == opened.next_u64()),
                "{number}"
            );
        }
    }

    #[test]
    fn below_stays_below_and_reaches_all() {
        let mut stream = Streams::new(1).open("test", "below");
        for bound in [1, 2, 3, 10, 1 << 33, u64::MAX] {
            assert!((0..1_000).all(|_| stream.below(bound) < bound));
        }
        let mut counts = [0_u32; 6];
        for _ in 0..60_000 {
            counts[usize::try_from(stream.below(6)).unwrap()] += 1;
        }
        // Standard deviation sqrt(60000 * 1/6 * 5/6) = 91: five of them on either side.
        assert!(
            counts.iter().all(|count| (9_545..=10_455).contains(count)),
            "{counts:?}"
        );
    }

    #[test]
    fn below_rejects_words_that_would_favour_some_numbers() {
        // For this bound two of any four words in a row fall on the same number, a multiple of 3:
        // without rejection every second draw would be one.
        let bound = 3 << 62;
        let mut stream = Streams::new(1).open("test", "rejection");
        let multiples = (0..30_000)
            .filter(|_| stream.below(bound).is_multiple_of(3))
            .count();
        // Mean 10,000, standard deviation 82.
        assert!((9_590..=10_410).contains(&multiples), "{multiples}");
    }

    #[test]
    fn unit_fills_the_half_open_interval_evenly() {
        let mut stream = Streams::new(1).open("test", "unit");
        let mut quarters = [0_u32; 4];
        for _ in 0..40_000 {
            let unit = stream.unit();
            assert!((0.0..1.0).contains(&unit));
            let quarter = [0.25, 0.5, 0.75]
                .iter()
                .filter(|edge| unit >= **edge)
                .count();
            quarters[quarter] += 1;
        }
        // Standard deviation sqrt(40000 * 1/4 * 3/4) = 87.
        assert!(
            quarters
                .iter()
                .all(|count| (9_565..=10_435).contains(count)),
            "{quarters:?}"
        );
        assert!(
            (0..1_000)
                .map(|_| stream.open_unit())
                .all(|unit| unit > 0.0 && unit < 1.0)
        );
    }

    #[test]
    fn shuffling_makes_every_order_equally_often() {
        let mut stream = Streams::new(1).open("test", "shuffle");
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..24_000 {
            let mut items = [0, 1, 2, 3];
            stream.shuffle(&mut items);
            *counts.entry(items).or_insert(0_u32) += 1;
        }
        assert_eq!(counts.len(), 24);
        // Mean 1,000, standard deviation 31.
        assert!(
            counts.values().all(|count| (845..=1_155).contains(count)),
            "{counts:?}"
        );
        stream.shuffle::<u8>(&mut []);
    }

    #[test]
    fn a_stream_is_a_generator_of_the_rand_crate() {
        fn first(generator: &mut impl Rng) -> u64 {
            generator.next_u64()
        }
        let streams = Streams::new(7);
        assert_eq!(first(&mut streams.open("task", "jobs/1")), GOLDEN[0]);
    }

    const GOLDEN_HASH: u64 = 0x77c0_b83c_5c55_5f39;
    /// ChaCha with 8 rounds, computed apart from this code.
    const GOLDEN: [u64; 16] = [
        0x044a_bf8b_fb47_6980,
        0xf9b0_bf2f_fa65_5aa8,
        0x6416_3917_be0e_5419,
        0xe45f_8701_7142_a13e,
        0x1f7c_40fa_be0e_154a,
        0xb95e_1f06_2ed8_c00c,
        0x6e99_1ae1_913b_50ea,
        0xfc60_1a14_88e0_60ed,
        0x65e8_b78c_8af2_58bf,
        0x723c_a3aa_f80f_fa9a,
        0x6d28_de4e_3e9c_4d7c,
        0x0773_ccd9_d454_8a17,
        0x058c_41eb_2c9d_cd90,
        0x3456_5883_9c85_d05f,
        0xc73f_3fa1_39a9_5b77,
        0xc9cd_b337_7e6f_58c5,
    ];
}
