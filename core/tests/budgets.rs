//! What arrives brings no more than its budget, and what brings more changes nothing.

mod support {
    pub mod requests;
}

use isofold::codec::StoredGroup;
use isofold::{limits, Budget, Code, Result, Rollup};
use support::requests::requests;

const HOUR_US: i64 = 3_600_000_000;
/// The hours of the two rows.
const FIRST_US: i64 = 1_793_527_200_000_000;
const SECOND_US: i64 = FIRST_US + HOUR_US;

/// The two rows so often that there are 2^`bits` of them.
fn claiming(bits: u32) -> Rollup {
    let mut rollup = requests();
    for _ in 1..bits {
        let same = rollup.clone();
        rollup.merge(&same).expect("fewer than 2^62 rows");
    }
    assert_eq!(rollup.stats().rows, 1 << bits);
    rollup
}

fn of_records(rollup: &Rollup, budget: &Budget) -> Result<Rollup> {
    let rows = rollup.rows()?;
    let groups = rows.iter().map(|row| StoredGroup { bucket: row.bucket, keys: &row.keys, record: &row.state });
    rollup.emptied().with_records(groups, budget)
}

/// The ways in which a rollup arrives, each as far as it says that it fits.
fn arrives(rollup: &Rollup, budget: Budget) -> Result<()> {
    let bytes = rollup.encode();
    let doors = [
        budget.check(rollup),
        Rollup::decode_within(&bytes, &budget).map(|decoded| assert_eq!(decoded.encode(), bytes)),
        of_records(rollup, &budget).map(|loaded| assert_eq!(loaded.encode(), bytes)),
    ];
    let code = |door: &Result<()>| door.as_ref().err().map(isofold::Error::code);
    assert!(doors.iter().all(|door| code(door) == code(&doors[0])), "{doors:?}");
    doors.into_iter().collect()
}

fn code_of(rollup: &Rollup, budget: Budget) -> Option<Code> {
    arrives(rollup, budget).err().map(|error| error.code())
}

#[test]
fn an_encoding_claims_at_most_2_to_the_48_rows_unless_told_otherwise() {
    assert_eq!(code_of(&claiming(48), Budget::default()), None);
    let more = claiming(49);
    assert_eq!(code_of(&more, Budget::default()), Some(Code::LimitRows));
    assert_eq!(Rollup::decode(&more.encode()).unwrap_err().code(), Code::LimitRows);
    assert_eq!(code_of(&more, Budget { max_rows: 1 << 49, ..Budget::default() }), None);
    assert_eq!(code_of(&claiming(61), Budget { max_rows: limits::MAX_ROWS, ..Budget::default() }), None);
}

#[test]
fn what_a_store_wrote_itself_is_read_whole() {
    let rollup = claiming(60);
    let rows = rollup.rows().expect("rows");
    assert_eq!(Rollup::from_rows(rollup.spec().clone(), &rows).expect("own rows").digest(), rollup.digest());
}

#[test]
fn a_budget_bounds_rows_and_groups() {
    let rollup = requests();
    assert_eq!(code_of(&rollup, Budget { max_rows: 2, max_groups: Some(2), ..Budget::default() }), None);
    assert_eq!(code_of(&rollup, Budget { max_rows: 1, ..Budget::default() }), Some(Code::LimitRows));
    assert_eq!(code_of(&rollup, Budget { max_groups: Some(1), ..Budget::default() }), Some(Code::LimitGroups));
    assert_eq!(code_of(&rollup.emptied(), Budget { max_rows: 0, max_groups: Some(0), ..Budget::default() }), None);
}

#[test]
fn buckets_lie_wholly_in_the_range_of_a_budget() {
    let within = |start, end| code_of(&requests(), Budget { start, end, ..Budget::default() });
    let (first, end) = (Some(FIRST_US), Some(SECOND_US + HOUR_US));
    for (start, end) in [(first, end), (first, None), (None, end), (Some(FIRST_US - 1), Some(SECOND_US + 2 * HOUR_US))]
    {
        assert_eq!(within(start, end), None, "{start:?} {end:?}");
    }
    let outside = [(Some(FIRST_US + 1), None), (None, Some(SECOND_US + HOUR_US - 1)), (Some(SECOND_US), end)];
    for (start, end) in outside {
        assert_eq!(within(start, end), Some(Code::RangeOutside), "{start:?} {end:?}");
    }
}

#[test]
fn an_impossible_budget_is_refused_whatever_arrives() {
    let nothing = requests().emptied();
    assert_eq!(code_of(&nothing, Budget { max_rows: u64::MAX, ..Budget::default() }), Some(Code::LimitRows));
    assert_eq!(
        code_of(&nothing, Budget { max_groups: Some(usize::MAX), ..Budget::default() }),
        Some(Code::LimitGroups)
    );
    let backwards = Budget { start: Some(1), end: Some(0), ..Budget::default() };
    assert_eq!(code_of(&nothing, backwards), Some(Code::RangeInvalid));
}
