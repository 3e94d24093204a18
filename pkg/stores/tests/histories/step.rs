//! What happens in a history: times are minutes, before the clock of the history unless told otherwise.

use proptest::prelude::*;

/// What an application does to its rows. `every` and `rest` pick the rows whose id has that rest.
#[derive(Clone, Debug)]
pub enum Write {
    /// Rows from so long ago on (before zero: to come), some minutes apart.
    Insert {
        back: i64,
        count: i64,
        apart: i64,
    },
    Change {
        every: i64,
        rest: i64,
    },
    Move {
        every: i64,
        rest: i64,
        back: i64,
    },
    Delete {
        every: i64,
        rest: i64,
    },
    DeleteRange {
        back: i64,
        minutes: i64,
    },
    Truncate,
    Reload,
    /// Rows that take the place of others.
    Replace {
        every: i64,
        rest: i64,
        back: i64,
    },
    /// Into a partition by its own name, where there are some.
    Below {
        back: i64,
    },
    /// A row that does not fit: half a user.
    Misfit {
        back: i64,
    },
    /// A row in no rollup.
    NoTime,
}

/// One step of a history.
#[derive(Clone, Debug)]
pub enum Step {
    Write(Write),
    /// `skew` minutes after what the clock of the history says.
    Refresh {
        skew: i64,
    },
    /// Takes the rows as they are.
    Force,
    /// The refresher dies before its statement of that number.
    Crash {
        after: u32,
        skew: i64,
    },
    /// A statement of a refresh fails, and nothing else.
    Cut {
        after: u32,
    },
    /// Somebody writes before the transaction of that number begins.
    During {
        begin: u32,
        write: Write,
    },
    /// Somebody writes in a transaction that stays open, of that isolation.
    Open {
        repeatable: bool,
        back: i64,
    },
    Commit,
    Prune {
        skew: i64,
    },
    PruneCut {
        after: u32,
    },
    Init,
    InitCut {
        after: u32,
    },
    /// Another catalog: which rollups, and which metrics they have.
    Edit {
        rollups: u8,
        metrics: u8,
    },
    /// A process that has the catalog of before refreshes.
    OldProcess,
    Invalidate {
        back: i64,
        minutes: i64,
    },
    /// Drops the table of a rollup by hand.
    DropTable(u8),
    /// Drops what keeps the log by hand.
    DropLog,
    /// Drops a trigger by hand.
    Unwatch(u8),
    Wait {
        minutes: i64,
    },
    /// A second catalog on the same table: init, refresh, prune.
    Other(u8),
}

fn back() -> impl Strategy<Value = i64> {
    prop_oneof![3 => 0..120i64, 3 => 0..6000i64, 1 => -3000..0i64, 1 => 6000..12_000i64]
}

fn write() -> impl Strategy<Value = Write> {
    let pick = || (2..9i64, 0..9i64);
    prop_oneof![
        8 => (back(), 1..12i64, 0..90i64).prop_map(|(back, count, apart)| Write::Insert { back, count, apart }),
        2 => pick().prop_map(|(every, rest)| Write::Change { every, rest: rest % every }),
        3 => (pick(), back()).prop_map(|((every, rest), back)| Write::Move { every, rest: rest % every, back }),
        2 => pick().prop_map(|(every, rest)| Write::Delete { every, rest: rest % every }),
        2 => (back(), 1..900i64).prop_map(|(back, minutes)| Write::DeleteRange { back, minutes }),
        1 => Just(Write::Truncate),
        1 => Just(Write::Reload),
        2 => (pick(), back()).prop_map(|((every, rest), back)| Write::Replace { every, rest: rest % every, back }),
        2 => back().prop_map(|back| Write::Below { back }),
        2 => back().prop_map(|back| Write::Misfit { back }),
        1 => Just(Write::NoTime),
    ]
}

fn skew() -> impl Strategy<Value = i64> {
    prop_oneof![8 => Just(0i64), 1 => 1..6000i64, 1 => -6000..0i64]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        16 => write().prop_map(Step::Write),
        12 => skew().prop_map(|skew| Step::Refresh { skew }),
        1 => Just(Step::Force),
        4 => (0..80u32, skew()).prop_map(|(after, skew)| Step::Crash { after, skew }),
        2 => (0..80u32).prop_map(|after| Step::Cut { after }),
        3 => (0..8u32, write()).prop_map(|(begin, write)| Step::During { begin, write }),
        2 => (any::<bool>(), back()).prop_map(|(repeatable, back)| Step::Open { repeatable, back }),
        2 => Just(Step::Commit),
        3 => skew().prop_map(|skew| Step::Prune { skew }),
        1 => (0..40u32).prop_map(|after| Step::PruneCut { after }),
        3 => Just(Step::Init),
        1 => (0..60u32).prop_map(|after| Step::InitCut { after }),
        3 => (0..8u8, 0..4u8).prop_map(|(rollups, metrics)| Step::Edit { rollups, metrics }),
        1 => Just(Step::OldProcess),
        1 => (back(), 1..9000i64).prop_map(|(back, minutes)| Step::Invalidate { back, minutes }),
        1 => any::<u8>().prop_map(Step::DropTable),
        1 => Just(Step::DropLog),
        1 => (0..4u8).prop_map(Step::Unwatch),
        4 => (1..4000i64).prop_map(|minutes| Step::Wait { minutes }),
        4 => (0..4u8).prop_map(Step::Other),
    ]
}

/// How the rows are kept and watched, and what happens.
#[derive(Clone, Debug)]
pub struct History {
    /// Whether a trigger watches the rows.
    pub is_logged: bool,
    /// Times as integers in SQLite, partitions in PostgreSQL.
    pub is_other_shape: bool,
    /// How texts spell times.
    pub spelling: u8,
    pub rollups: u8,
    pub steps: Vec<Step>,
}

/// Any history of up to so many steps.
pub fn history(steps: usize) -> impl Strategy<Value = History> {
    let kept = (proptest::bool::weighted(0.85), proptest::bool::weighted(0.3), 0..4u8, 0..8u8);
    (kept, proptest::collection::vec(step(), 1..=steps)).prop_map(
        |((is_logged, is_other_shape, spelling, rollups), steps)| History {
            is_logged,
            is_other_shape,
            spelling,
            rollups,
            steps,
        },
    )
}
