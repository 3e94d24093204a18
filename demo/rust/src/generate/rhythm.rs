//! When people ask: more by day than by night, less at weekends.

/// Load of each hour of a working day, UTC.
const WORKING_DAY: [u64; 24] =
    [21, 17, 15, 14, 16, 22, 34, 52, 74, 91, 98, 94, 86, 95, 100, 99, 94, 85, 72, 61, 52, 44, 36, 28];
/// Load of each hour of a Saturday or Sunday.
const WEEKEND: [u64; 24] =
    [18, 15, 12, 11, 11, 13, 16, 20, 26, 33, 38, 40, 39, 40, 42, 43, 42, 40, 38, 37, 35, 31, 27, 22];

/// Load of an hour counted from a Monday's midnight.
pub fn load(hour: u32) -> u64 {
    let day = if hour / 24 % 7 < 5 { WORKING_DAY } else { WEEKEND };
    day[(hour % 24) as usize]
}

/// How many of `rows` fall to each of so many hours; they add up to `rows` exactly.
pub fn rows_per_hour(hours: u32, rows: u64) -> Vec<u64> {
    let total: u128 = (0..hours).map(|hour| u128::from(load(hour))).sum();
    let mut passed = 0_u128;
    let mut given = 0_u64;
    let mut share = |hour| {
        passed += u128::from(load(hour));
        let until = (u128::from(rows) * passed / total.max(1)) as u64;
        let here = until - given;
        given = until;
        here
    };
    (0..hours).map(&mut share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_row_is_lost_between_hours() {
        for rows in [0, 1, 999, 1_000_000] {
            assert_eq!(rows_per_hour(7 * 24, rows).iter().sum::<u64>(), rows);
        }
    }

    #[test]
    fn afternoons_are_busier_than_nights_and_than_sundays() {
        let hours = rows_per_hour(7 * 24, 100_000);
        assert!(hours[14] > 5 * hours[3]);
        assert!(hours[14] > 2 * hours[6 * 24 + 14]);
    }
}
