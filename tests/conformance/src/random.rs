//! Numbers from a seed: the same on every machine.

/// SplitMix64.
///
/// **Source** Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, evenly but for one part in 2^32.
    pub fn below(&mut self, bound: usize) -> usize {
        // cannot truncate: the product of two 32-bit numbers, shifted down by 32
        (((self.bits() >> 32) * bound as u64) >> 32) as usize
    }

    /// The places of `rows` rows in random order.
    pub fn shuffled(&mut self, rows: usize) -> Vec<u32> {
        let mut places: Vec<u32> = (0..rows as u32).collect();
        for last in (1..rows).rev() {
            places.swap(last, self.below(last + 1));
        }
        places
    }
}
