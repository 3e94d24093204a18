//! Work shared out among threads; one after the other where a host has none.
//!
//! The one idea: the calling thread takes part, and threads live no longer than the call.

#[cfg(feature = "threads")]
pub(crate) use threads::{answer, fold_stream, merge, run};

#[cfg(not(feature = "threads"))]
pub(crate) use alone::{answer, fold_stream, merge, run};

/// What a fold of one job gives: rows, or an error with the place of the job in the stream.
pub(crate) type Folded = Result<usize, (usize, isofold::Error)>;

#[cfg(feature = "threads")]
mod threads {
    use super::Folded;
    use crate::threads::available;
    use isofold::query::{Frame, QueryPart, QuerySource};
    use isofold::table::MergePart;
    use isofold::{Result, Rollup};
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::mpsc::{sync_channel, TrySendError};
    use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
    use std::thread::{current, park_timeout, scope, Builder, Scope, ScopedJoinHandle, Thread};
    use std::time::Duration;

    /// Bytes of states below which a thread costs more than it merges.
    const MIN_MERGE_BYTES: usize = 1 << 18;
    /// Parts of a query for each thread: one that began late, or has larger groups, then holds up the others less.
    const PARTS_PER_THREAD: usize = 4;
    /// Time between two looks at whether the host wants the work to stop, once only others work.
    const LOOK_EVERY: Duration = Duration::from_millis(50);

    /// Threads of the machine: to ask it takes longer than many a query.
    static THREADS: LazyLock<usize> = LazyLock::new(available);

    /// Runs jobs on as many threads, this one among them; on fewer where the system grants no more. While it waits for
    /// the others, this thread calls `meanwhile` now and then.
    pub(crate) fn run<J: Send, R: Send>(jobs: Vec<J>, meanwhile: impl Fn(), work: impl Fn(J) -> R + Sync) -> Vec<R> {
        let count = jobs.len();
        let tally = Tally::new();
        let queue = Mutex::new(jobs.into_iter().enumerate());
        let taken = || {
            let mut done = Vec::new();
            loop {
                let next = locked(&queue).next();
                match next {
                    Some((place, job)) => done.push((place, work(job))),
                    None => return done,
                }
            }
        };
        let mut done = scope(|scope| {
            let others: Vec<_> = (1..count).map_while(|_| tally.spawned(scope, taken)).collect();
            let mut done = taken();
            tally.wait(meanwhile);
            done.extend(others.into_iter().flat_map(joined));
            done
        });
        done.sort_by_key(|(place, _)| *place);
        done.into_iter().map(|(_, result)| result).collect()
    }

    /// Counts the threads that still work, and wakes the one that waits for them.
    struct Tally {
        working: AtomicUsize,
        waiting: Thread,
    }

    /// A thread that works.
    struct Working<'t>(&'t Tally);

    impl Tally {
        fn new() -> Self {
            Self { working: AtomicUsize::new(0), waiting: current() }
        }

        /// A thread, unless the system has none to give.
        fn spawned<'scope, R: Send + 'scope>(
            &'scope self,
            scope: &'scope Scope<'scope, '_>,
            work: impl FnOnce() -> R + Send + 'scope,
        ) -> Option<ScopedJoinHandle<'scope, R>> {
            self.working.fetch_add(1, Ordering::Relaxed);
            let working = Working(self);
            let work = move || {
                let _working = working;
                work()
            };
            Builder::new().spawn_scoped(scope, work).ok()
        }

        fn wait(&self, meanwhile: impl Fn()) {
            while self.working.load(Ordering::Acquire) > 0 {
                meanwhile();
                park_timeout(LOOK_EVERY);
            }
        }
    }

    impl Drop for Working<'_> {
        fn drop(&mut self) {
            self.0.working.fetch_sub(1, Ordering::Release);
            self.0.waiting.unpark();
        }
    }

    /// Folds jobs as they come, each into the partial of the thread that takes it.
    ///
    /// **Errors** that of the first job in the stream which has one.
    pub(crate) fn fold_stream<P: Send, J: Send>(
        partials: &mut [P],
        jobs: impl Iterator<Item = J>,
        meanwhile: impl Fn(),
        fold: impl Fn(&mut P, J) -> Folded + Sync,
    ) -> Folded {
        let Some((own, others)) = partials.split_first_mut() else { return Ok(0) };
        // a job for each of the others waits at most: what waits takes memory
        let (sender, receiver) = sync_channel(others.len());
        let receiver = Mutex::new(receiver);
        let has_failed = AtomicBool::new(false);
        let fold = |partial: &mut P, job| fold(partial, job).inspect_err(|_| has_failed.store(true, Ordering::Relaxed));
        // jobs are taken in the order of the stream: those before one that fails have been taken, too
        let drained = |partial: &mut P| -> Folded {
            let mut rows = 0;
            loop {
                let next = locked(&receiver).recv();
                match next {
                    Ok(job) => rows += fold(partial, job)?,
                    Err(_) => return Ok(rows),
                }
            }
        };
        let tally = Tally::new();
        scope(|scope| {
            let drained = &drained;
            let threads: Vec<_> =
                others.iter_mut().map_while(|partial| tally.spawned(scope, move || drained(partial))).collect();
            let mut ends: Vec<Folded> = Vec::new();
            for job in jobs {
                match sender.try_send(job) {
                    Ok(()) => {}
                    // everybody else has enough to do
                    Err(TrySendError::Full(job) | TrySendError::Disconnected(job)) => ends.push(fold(own, job)),
                }
                if has_failed.load(Ordering::Relaxed) {
                    break;
                }
            }
            drop(sender);
            ends.push(drained(own));
            tally.wait(meanwhile);
            ends.extend(threads.into_iter().map(joined));
            first_problem(ends)
        })
    }

    fn first_problem(ends: Vec<Folded>) -> Folded {
        let (rows, problems): (Vec<_>, Vec<_>) = ends.into_iter().partition(Result::is_ok);
        match problems.into_iter().filter_map(Result::err).min_by_key(|(place, _)| *place) {
            Some(problem) => Err(problem),
            None => Ok(rows.into_iter().flatten().sum()),
        }
    }

    /// Runs the parts of a merge on so many threads, the largest first.
    pub(crate) fn merge(threads: usize, parts: &mut [MergePart<'_>]) {
        let mut sized: Vec<_> = parts.iter_mut().map(|part| (part.heap_bytes(), part)).collect();
        if threads == 1 || sized.iter().map(|(bytes, _)| bytes).sum::<usize>() < MIN_MERGE_BYTES {
            return sized.into_iter().for_each(|(_, part)| part.run());
        }
        sized.sort_by_key(|(bytes, _)| *bytes);
        drain(threads, sized, |(_, part)| part.run());
    }

    /// Answers a query, one of many groups on all threads of the machine.
    pub(crate) fn answer(rollup: &Rollup, source: &QuerySource) -> Result<Frame> {
        rollup.query_by(source, PARTS_PER_THREAD * *THREADS, |parts| {
            // in their order
            drain(*THREADS, parts.iter_mut().rev().collect(), QueryPart::run);
        })
    }

    /// Works on all jobs, the last first, on so many threads.
    fn drain<J: Send>(threads: usize, jobs: Vec<J>, work: impl Fn(J) + Sync) {
        let queue = Mutex::new(jobs);
        run(
            vec![(); threads],
            || (),
            |()| loop {
                let next = locked(&queue).pop();
                match next {
                    Some(job) => work(job),
                    None => return,
                }
            },
        );
    }

    fn locked<T>(queue: &Mutex<T>) -> MutexGuard<'_, T> {
        queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn joined<R>(thread: ScopedJoinHandle<'_, R>) -> R {
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

#[cfg(not(feature = "threads"))]
mod alone {
    use super::Folded;
    use alloc::vec::Vec;
    use isofold::query::{Frame, QuerySource};
    use isofold::table::MergePart;
    use isofold::{Result, Rollup};

    pub(crate) fn answer(rollup: &Rollup, source: &QuerySource) -> Result<Frame> {
        rollup.query(source)
    }

    pub(crate) fn run<J, R>(jobs: Vec<J>, _: impl Fn(), work: impl Fn(J) -> R) -> Vec<R> {
        jobs.into_iter().map(work).collect()
    }

    pub(crate) fn fold_stream<P, J>(
        partials: &mut [P],
        jobs: impl Iterator<Item = J>,
        _: impl Fn(),
        fold: impl Fn(&mut P, J) -> Folded,
    ) -> Folded {
        let Some(own) = partials.first_mut() else { return Ok(0) };
        jobs.map(|job| fold(own, job)).sum()
    }

    pub(crate) fn merge(_: usize, parts: &mut [MergePart<'_>]) {
        parts.iter_mut().for_each(MergePart::run);
    }
}
