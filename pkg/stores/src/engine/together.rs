//! Which windows of which rollups are built in the next transaction?
//!
//! The one idea: rollups over the same rows whose windows cover the same range are built from one read of it. The range ends
//! where all of them have whole buckets, and no rollup gets more buckets than its transactions are to hold, but for one
//! bucket of the coarsest, where that is not far more. What must be left of the range is read again by the rollup alone that needs it.
//!
//! Not here: how large transactions are to be (`refresh`).

use isofold::refresh::Window;
use isofold::time::Bucket;

/// Windows of one transaction: a statement has a column for each.
const MAX_WINDOWS: usize = 16;

/// Buckets that a rollup gets, though its transactions are to have fewer, so that a coarser one is built with it: a day of
/// minutes, a month of hours.
const WITH_COARSER: u32 = 4096;

/// What is left to build of a rollup.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending<'p> {
    pub(super) bucket: &'p Bucket,
    /// In order of time, apart, and none of them empty.
    pub(super) rest: &'p [Window],
    /// How many buckets a transaction is to have.
    pub(super) buckets: u32,
}

impl Pending<'_> {
    fn first(&self) -> Option<Window> {
        self.rest.first().copied()
    }

    /// What of a window are whole buckets before a time.
    fn whole(&self, window: Window, end: i64) -> Window {
        if window.end <= end {
            return window;
        }
        let edge = self.bucket.start(end).unwrap_or(window.start);
        Window { start: window.start, end: edge.max(window.start) }
    }
}

/// What one transaction builds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// Windows by the place of their rollup, in order of both; none where some are too coarse to be built with the others.
    pub(super) windows: Vec<(usize, Window)>,
    /// The places of those that make others take more buckets than they are to have; never all.
    pub(super) too_coarse: Vec<usize>,
}

/// The next transaction; nothing when nothing is pending. Only what `may_share` says of the first one in time is built with it.
pub(super) fn next_step(pending: &[Pending<'_>], may_share: impl Fn(usize, usize) -> bool) -> Option<Step> {
    let begins = |at: usize| pending[at].first().map(|window| window.start);
    let lead = (0..pending.len()).filter(|&at| begins(at).is_some()).min_by_key(|&at| begins(at))?;
    let first = pending[lead].first()?;
    let reach = first.first_buckets(pending[lead].bucket, pending[lead].buckets).end;
    let sharing: Vec<usize> = (0..pending.len()).filter(|&at| at == lead || may_share(lead, at)).collect();
    let cover: Vec<(usize, Window)> = sharing
        .iter()
        .filter_map(|&at| Some((at, pending[at].first()?)))
        .filter(|(_, window)| window.start < reach)
        .collect();
    let end_of = |(at, window): &(usize, Window), buckets| window.first_buckets(pending[*at].bucket, buckets).end;
    let bounded = cover.iter().map(|it| (end_of(it, pending[it.0].buckets), it.1.end)).filter(|(end, last)| end < last);
    let wanted = bounded.map(|(end, _)| end).min().or_else(|| cover.iter().map(|(_, window)| window.end).max())?;
    let least = cover.iter().map(|it| end_of(it, 1)).max()?;
    let forces = |it: &&(usize, Window)| end_of(it, 1) > wanted;
    let too_coarse: Vec<usize> = cover.iter().filter(forces).map(|(at, _)| *at).collect();
    let is_far = |it: &(usize, Window)| end_of(it, pending[it.0].buckets.max(WITH_COARSER)) < least.min(it.1.end);
    if cover.iter().any(is_far) {
        return Some(Step { windows: Vec::new(), too_coarse });
    }
    let mut end = wanted.max(least);
    // back to where whatever goes on has whole buckets
    let goes_on = cover.iter().filter(|(_, window)| window.end > end);
    if let Some(edge) = goes_on.map(|(at, window)| pending[*at].whole(*window, end).end).min() {
        end = if edge >= least { edge } else { end };
    }
    let mut windows = Vec::new();
    for at in sharing {
        for &window in pending[at].rest.iter().take_while(|window| window.start < end) {
            let part = pending[at].whole(window, end);
            if !part.is_empty() && (at == lead || windows.len() < MAX_WINDOWS) {
                windows.push((at, part));
            }
            if part != window || windows.len() >= MAX_WINDOWS {
                break;
            }
        }
    }
    Some(Step { windows, too_coarse })
}

#[cfg(test)]
mod tests {
    use super::*;
    use isofold::time::BucketSource;

    const HOUR: i64 = 3_600_000_000;

    fn bucket(width: &str) -> Bucket {
        Bucket::new(&BucketSource { width: width.into(), ..BucketSource::default() }).expect("a bucket")
    }

    fn hours(start: i64, end: i64) -> Window {
        Window { start: start * HOUR, end: end * HOUR }
    }

    /// Steps until nothing is pending; transactions are to have `buckets`.
    fn steps(rollups: &[(&str, Vec<Window>)], buckets: u32) -> Vec<Vec<(usize, Window)>> {
        let widths: Vec<Bucket> = rollups.iter().map(|(width, _)| bucket(width)).collect();
        let mut rest: Vec<Vec<Window>> = rollups.iter().map(|(_, windows)| windows.clone()).collect();
        let mut all = Vec::new();
        loop {
            let pending: Vec<Pending<'_>> =
                widths.iter().zip(&rest).map(|(bucket, rest)| Pending { bucket, rest, buckets }).collect();
            let Some(step) = next_step(&pending, |_, _| true) else { return all };
            for (at, built) in &step.windows {
                let window = rest[*at].iter_mut().find(|it| it.start == built.start).expect("it was pending");
                assert!(!built.is_empty() && built.end <= window.end);
                window.start = built.end;
                rest[*at].retain(|window| !window.is_empty());
            }
            all.push(step.windows);
        }
    }

    #[test]
    fn the_same_windows_are_read_once() {
        let of = |end| vec![hours(0, end)];
        assert_eq!(
            steps(&[("1 hour", of(48)), ("1 hour", of(48)), ("15 minutes", of(48))], 1000),
            [vec![(0, hours(0, 48)), (1, hours(0, 48)), (2, hours(0, 48))]]
        );
    }

    #[test]
    fn a_coarser_one_ends_at_its_own_edge_and_the_finer_one_goes_on_alone() {
        let found = steps(&[("1 hour", vec![hours(0, 58)]), ("1 day", vec![hours(0, 48)])], 30);
        let wanted = [
            vec![(0, hours(0, 24)), (1, hours(0, 24))],
            vec![(0, hours(24, 54)), (1, hours(24, 48))],
            vec![(0, hours(54, 58))],
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn a_bucket_of_the_coarsest_is_the_least() {
        let widths = [bucket("1 minute"), bucket("1 day")];
        let rest = [hours(0, 48)];
        let pending = widths.each_ref().map(|bucket| Pending { bucket, rest: &rest, buckets: 2 });
        let step = next_step(&pending, |_, _| true).expect("a step");
        assert_eq!(step, Step { windows: vec![(0, hours(0, 24)), (1, hours(0, 24))], too_coarse: vec![1] });
    }

    #[test]
    fn far_more_buckets_are_no_reason_to_read_once() {
        let widths = [bucket("1 second"), bucket("1 day"), bucket("1 day")];
        let rest = [hours(0, 48)];
        let pending = widths.each_ref().map(|bucket| Pending { bucket, rest: &rest, buckets: 2 });
        let step = next_step(&pending, |_, _| true).expect("a step");
        assert_eq!(step, Step { windows: Vec::new(), too_coarse: vec![1, 2] });
        // a window that ends soon is read with it
        let [short, long] = [[hours(0, 1)], [hours(0, 48)]];
        let pending = [&short, &long, &long].into_iter().zip(&widths);
        let pending: Vec<_> = pending.map(|(rest, bucket)| Pending { bucket, rest, buckets: 2 }).collect();
        let step = next_step(&pending, |_, _| true).expect("a step");
        assert_eq!(step.windows, [(0, hours(0, 1)), (1, hours(0, 24)), (2, hours(0, 24))]);
    }

    #[test]
    fn changed_hours_of_one_day_are_read_with_the_day() {
        let found = steps(&[("1 hour", vec![hours(5, 6), hours(9, 11)]), ("1 day", vec![hours(0, 24)])], 64);
        assert_eq!(found, [vec![(0, hours(5, 6)), (0, hours(9, 11)), (1, hours(0, 24))]]);
    }

    #[test]
    fn windows_far_apart_are_read_apart() {
        let found = steps(&[("1 hour", vec![hours(0, 1)]), ("1 hour", vec![hours(40, 41)])], 64);
        assert_eq!(found, [vec![(0, hours(0, 1))], vec![(1, hours(40, 41))]]);
    }

    #[test]
    fn who_does_not_share_is_built_alone() {
        let buckets = bucket("1 hour");
        let rest = [hours(0, 2)];
        let pending = [Pending { bucket: &buckets, rest: &rest, buckets: 9 }; 3];
        let step = next_step(&pending, |one, other| one + other != 1).expect("a step");
        assert_eq!(step.windows, [(0, hours(0, 2)), (2, hours(0, 2))]);
    }

    #[test]
    fn months_and_weeks_end_although_no_edge_is_both() {
        let (weeks, months) = (bucket("1 week"), bucket("1 month"));
        let until = 24 * 7 * 60 * HOUR;
        let whole = |bucket: &Bucket| Window { start: bucket.end(0), end: bucket.start(until).expect("a time") };
        let end = whole(&months).end;
        let found = steps(&[("1 week", vec![whole(&weeks)]), ("1 month", vec![whole(&months)])], 2);
        let months = found.iter().flatten().filter(|(at, _)| *at == 1).map(|(_, window)| window.end).max();
        assert_eq!(months, Some(end));
    }
}
