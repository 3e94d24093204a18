//! Doubles, each kind a way to break a sum, a variance or a sketch.

use super::Generator;

/// Kinds of doubles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Floats {
    /// Any 64 bits: every exponent, infinities and NaNs too.
    AnyBits,
    /// Around the smallest doubles, zeros of both signs included.
    Subnormal,
    /// Near the largest double: two of them overflow.
    Huge,
    /// Large values, their opposites, and small ones that only an exact sum still sees.
    Cancelling,
    /// Few distinct values: ties in every order.
    Ties,
    /// Cents and milliseconds: decimals that binary cannot hold.
    Decimal,
    /// Integers that a double holds exactly.
    Integral,
    /// Positive values over many decades, as latencies are.
    Latency,
    /// NaN, infinities, zeros, and the ends of each range.
    Special,
}

impl Floats {
    /// Every kind.
    pub const ALL: [Floats; 9] = [
        Floats::AnyBits,
        Floats::Subnormal,
        Floats::Huge,
        Floats::Cancelling,
        Floats::Ties,
        Floats::Decimal,
        Floats::Integral,
        Floats::Latency,
        Floats::Special,
    ];
}

const SPECIAL: [f64; 16] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    0.0,
    -0.0,
    5e-324,
    -5e-324,
    f64::MIN_POSITIVE,
    2.225_073_858_507_201e-308,
    f64::MAX,
    f64::MIN,
    1.0,
    -1.0,
    9_007_199_254_740_992.0,
    9_007_199_254_740_994.0,
    0.1,
];

impl Generator {
    /// One double of a kind.
    pub fn float(&mut self, kind: Floats) -> f64 {
        match kind {
            Floats::AnyBits => f64::from_bits(self.bits()),
            Floats::Subnormal => {
                let width = self.below(56);
                let magnitude = self.bits() & ((1 << width) - 1);
                self.signed(magnitude)
            }
            Floats::Huge => {
                let distance = self.below(1 << 54);
                self.signed(f64::MAX.to_bits() - distance)
            }
            Floats::Cancelling => match self.below(4) {
                0 => self.pick(&[1e300, -1e300, 1e16, -1e16, 4.5e15, -4.5e15]),
                1 => self.pick(&[1.0, -1.0, 0.5, -0.5, 1e-300, -1e-300]),
                _ => {
                    let exponent = 1023 - 60 + self.below(120);
                    let fraction = self.bits() >> 12;
                    self.signed((exponent << 52) | fraction)
                }
            },
            Floats::Ties => self.pick(&[-2.0, -0.0, 0.0, 0.5, 1.0, 1.0, 1.0, 3.0]),
            Floats::Decimal => decimal(self.between(-10_000_000, 10_000_000), 3),
            Floats::Integral => self.between(-(1 << 53), 1 << 53) as f64,
            Floats::Latency => {
                let digits = self.between(1, 999_999);
                decimal(digits, self.pick(&[0, 2, 3, 6]))
            }
            Floats::Special => self.pick(&SPECIAL),
        }
    }

    /// Doubles of a kind, as bits: what a kernel takes.
    pub fn float_bits(&mut self, kind: Floats, count: usize) -> Vec<u64> {
        (0..count).map(|_| self.float(kind).to_bits()).collect()
    }

    fn signed(&mut self, magnitude_bits: u64) -> f64 {
        f64::from_bits(magnitude_bits | (self.bits() << 63))
    }
}

/// The double nearest to `digits` × 10^−`places`, as a text of that number is read.
fn decimal(digits: i64, places: u32) -> f64 {
    format!("{digits}e-{places}").parse().expect("a decimal number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_floats_is_what_it_says() {
        let mut generator = Generator::new(6);
        for _ in 0..2000 {
            let small = generator.float(Floats::Subnormal);
            assert!(small.abs() < 1e-305, "{small:e}");
            let huge = generator.float(Floats::Huge);
            assert!(huge.is_finite() && huge.abs() > 1e307, "{huge:e}");
            let latency = generator.float(Floats::Latency);
            assert!((1e-6..1e6).contains(&latency), "{latency}");
            let integral = generator.float(Floats::Integral);
            assert_eq!(integral.fract(), 0.0);
        }
        let special = generator.float_bits(Floats::Special, 500);
        assert!(special.iter().any(|bits| f64::from_bits(*bits).is_nan()));
        assert!(special.contains(&(-0.0f64).to_bits()));
        let any = generator.float_bits(Floats::AnyBits, 20_000);
        assert!(any.iter().any(|bits| f64::from_bits(*bits).is_nan()));
    }
}
