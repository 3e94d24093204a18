//! A stream of values that is a function of its seed.

/// A stream of values that is a function of its seed (SplitMix64: Steele, Lea, Flood, OOPSLA 2014).
#[derive(Clone, Debug)]
pub struct Generator {
    state: u64,
}

impl Generator {
    /// The stream of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Any 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a bound of at least 1; each about as likely as the others.
    pub fn below(&mut self, bound: u64) -> u64 {
        let product = u128::from(self.bits()) * u128::from(bound);
        (product >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.wrapping_sub(low) as u64;
        let step = if width == u64::MAX { self.bits() } else { self.below(width + 1) };
        low.wrapping_add(step as i64)
    }

    /// One of some items.
    pub fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize]
    }

    /// Puts items in a random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last as u64 + 1) as usize;
            items.swap(last, other);
        }
    }

    /// Cuts items into consecutive parts, some of them empty: a random partition after [`Generator::shuffle`].
    pub fn split<'a, T>(&mut self, mut items: &'a [T]) -> Vec<&'a [T]> {
        let mut parts = Vec::new();
        while !items.is_empty() {
            let (part, rest) = items.split_at(self.below(items.len() as u64 + 1) as usize);
            parts.push(part);
            items = rest;
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_published_stream() {
        let mut generator = Generator::new(1_234_567);
        let stream = [generator.bits(), generator.bits(), generator.bits()];
        assert_eq!(stream, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn a_range_of_all_integers_is_drawn_from() {
        let mut generator = Generator::new(8);
        let drawn: Vec<i64> = (0..100).map(|_| generator.between(i64::MIN, i64::MAX)).collect();
        assert!(drawn.iter().any(|value| *value < i64::MIN / 2) && drawn.iter().any(|value| *value > i64::MAX / 2));
        assert_eq!(generator.between(5, 5), 5);
    }

    #[test]
    fn a_split_keeps_every_item_once_and_in_order() {
        let items: Vec<u32> = (0..1000).collect();
        let mut generator = Generator::new(9);
        let parts = generator.split(&items);
        assert!(parts.len() > 1);
        assert_eq!(parts.concat(), items);
        let mut shuffled = items.clone();
        generator.shuffle(&mut shuffled);
        assert_ne!(shuffled, items);
        shuffled.sort_unstable();
        assert_eq!(shuffled, items);
    }
}
