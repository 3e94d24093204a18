//! Refreshing rollups: plan, then window after window.

use super::aside::{outside, SetAside, OUTSIDE};
use super::build::{build, Built, Part};
use super::history::{self, Finished};
use super::known::{known, known_levels, require_current, require_registered, KnownLevel};
use super::log::ALWAYS;
use super::members::{follow_again, is_followed};
use super::options::RefreshOptions;
use super::planning::{plan_and_settle, RowExtent};
use super::port::Port;
use super::raw::{read_alike, Blamed};
use super::run::Progress;
use super::sql_value::SqlValue;
use super::together::{next_step, Pending, Step};
use super::Shared;
use isofold::refresh::{RefreshPlan, Window};
use isofold::sql::Dialect;
use isofold::time::{format_timestamp, Bucket};
use isofold::{Code, Error, Result};
use isofold_facade::json::{error_json, Json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Groups of one transaction below which the next has more buckets, and above which it has fewer.
const FEW_GROUPS: u64 = 4_000;
const MANY_GROUPS: u64 = 40_000;
/// Rows of one transaction in SQLite, where nobody else writes meanwhile, from which the next has fewer buckets; and rows
/// that are read for as long as one group is written.
const MANY_ROWS: u64 = 200_000;
const ROWS_OF_A_GROUP: u64 = MANY_ROWS / MANY_GROUPS;
/// For how long SQLite's lock is held before others get it, about, and for how long they do: who waits asks for it every
/// 100 ms.
const HOLD: Duration = Duration::from_millis(330);
const LET_OTHERS: Duration = Duration::from_millis(110);
/// Buckets of one transaction, where most are empty.
const MAX_BUCKETS: u32 = 1 << 16;

/// A rollup that is refreshed.
struct Job {
    level: usize,
    /// The time of the database when it was planned.
    began: i64,
    plan: RefreshPlan,
    /// What is left to build.
    rest: Vec<Window>,
    /// How many buckets its next transaction is to have.
    buckets: u32,
    /// Only those of one turn are built together, one turn after the other.
    turn: usize,
    total: Built,
    transactions: u64,
    worked: Duration,
}

/// What a refresh has done so far.
struct Refreshing<'r> {
    shared: &'r Shared,
    port: &'r Port,
    asked: RefreshOptions<Option<i64>>,
    /// By level.
    reports: BTreeMap<usize, Json>,
    /// By level.
    failures: Vec<(usize, Error)>,
    /// For how long SQLite's lock was held since others had it.
    held: Duration,
    turns: usize,
    /// What failed last when several were built together, until something is built.
    suspected: Option<Error>,
    /// How far the rows reach.
    extent: RowExtent,
    /// Rows whose time is in no bucket, once they are counted.
    outside: Option<SetAside>,
}

/// Builds what is due, each rollup after the one it is built from, and those that are built from the same rows together; one
/// that fails is noted, and stops no other.
pub(super) async fn refresh(shared: &Shared, port: &Port, asked: &RefreshOptions<Option<i64>>) -> Result<Json> {
    let mut it = Refreshing {
        shared,
        port,
        asked: asked.clone(),
        reports: BTreeMap::new(),
        failures: Vec::new(),
        held: Duration::ZERO,
        turns: 0,
        suspected: None,
        extent: RowExtent::default(),
        outside: None,
    };
    let (of_rows, derived): (Vec<usize>, Vec<usize>) =
        asked.levels.iter().partition(|&&level| shared.catalog.levels()[level].from.is_none());
    it.refresh_together(&of_rows).await?;
    for level in derived {
        it.refresh_together(&[level]).await?;
    }
    // all that failed is noted
    port.progress(|progress| progress.rollup.clear());
    it.failures.sort_by_key(|(level, _)| *level);
    if let Some(error) = Error::from_all(it.failures.into_iter().map(|(_, error)| error).collect()) {
        return Err(error);
    }
    let now = match it.asked.now {
        Some(now) => now,
        None => port.value(&shared.own.now(), Vec::new()).await?.time()?,
    };
    let reports = it.reports.into_values().collect();
    Ok(Json::object([("now", Json::Text(format_timestamp(now))), ("rollups", Json::Array(reports))]))
}

impl Refreshing<'_> {
    /// Refreshes levels that are built from the same rows.
    async fn refresh_together(&mut self, levels: &[usize]) -> Result<()> {
        let mut jobs = Vec::new();
        let mut known = Vec::new();
        for &level in levels {
            let name = self.shared.catalog.levels()[level].spec.name();
            self.port.progress(|progress| *progress = Progress { rollup: name.to_owned(), ..Progress::default() });
            let mut began = None;
            match self.begin(level, &mut began).await {
                Ok((job, levels)) => {
                    jobs.push(job);
                    known = levels;
                }
                Err(error) => self.fail(level, began, error).await?,
            }
        }
        self.work(&mut jobs, &known).await?;
        for job in jobs {
            match self.finish(&job).await {
                Ok(report) => drop(self.reports.insert(job.level, report)),
                Err(error) => self.fail(job.level, Some(job.began), error).await?,
            }
        }
        Ok(())
    }

    /// Notes what ended the refresh of a level.
    ///
    /// **Errors** what it was, where that cannot be noted: who cannot take the note has failed as a whole, and what failed first
    /// is what is told.
    async fn fail(&mut self, level: usize, began: Option<i64>, error: Error) -> Result<()> {
        let name = self.shared.catalog.levels()[level].spec.name();
        let text = error_json(&error).to_string();
        // a process with another catalog says nothing of what is kept under the one that is registered
        let is_noted = !matches!(error.code(), Code::StoreTable | Code::StoreVersion);
        let is_left = self.port.rollback().await.is_err();
        if is_left || is_noted && note_failed(self.shared, self.port, name, began, &text).await.is_err() {
            self.port.progress(|progress| progress.rollup = name.to_owned());
            return Err(error);
        }
        self.failures.extend(error.problems().map(|problem| (level, Error::alone(problem))));
        Ok(())
    }

    /// Plans a level. The first one tells the others the time, and `began` is the time of the database.
    async fn begin(&mut self, level: usize, began: &mut Option<i64>) -> Result<(Job, Vec<KnownLevel>)> {
        let started = Instant::now();
        let (shared, port) = (self.shared, self.port);
        let spec = &shared.catalog.levels()[level].spec;
        require_current(shared, port).await?;
        let about = known(shared, port).await?;
        *began = Some(about.clock);
        let options = &self.asked.at(about.clock);
        self.asked.now = Some(options.now);
        let known = about.levels;
        require_registered(shared, level, &port.run(&shared.own.rollups(), Vec::new()).await?)?;
        if !is_followed(shared, port, spec.name()).await? {
            follow_again(shared, port, spec.name()).await?;
        }
        let plan = plan_and_settle(shared, port, &known, level, (options, &mut self.extent)).await?;
        let dropped = match shared.catalog.levels()[level].from {
            None => known[level].rows_dropped_before,
            Some(from) => known[from].dropped_before,
        };
        if let (None, Some(at)) = (known[level].watermark, plan.watermark) {
            if dropped.is_some() {
                // what was dropped before it was first built is not in it, which answers are to know
                let from = ALWAYS.kept(spec.bucket(), dropped).start;
                port.run(&shared.own.note_dropped(), vec![spec.name().into(), from.into()]).await?;
            }
            if plan.windows.is_empty() {
                port.run(&shared.own.move_watermark(), vec![spec.name().into(), at.into()]).await?;
            }
        }
        let job = Job {
            level,
            began: about.clock,
            rest: plan.windows.clone(),
            plan,
            buckets: 1,
            turn: 0,
            total: Built::default(),
            transactions: 0,
            worked: started.elapsed(),
        };
        Ok((job, known))
    }

    /// Builds all that is left of jobs; those that fail are gone.
    async fn work(&mut self, jobs: &mut Vec<Job>, known: &[KnownLevel]) -> Result<()> {
        let levels = self.shared.catalog.levels();
        loop {
            let Some(turn) = jobs.iter().filter(|job| !job.rest.is_empty()).map(|job| job.turn).min() else {
                return Ok(());
            };
            let turns: Vec<usize> = jobs.iter().map(|job| job.turn).collect();
            let pending = jobs.iter().map(|job| Pending {
                bucket: levels[job.level].spec.bucket(),
                rest: if job.turn == turn { &job.rest } else { &[] },
                buckets: job.buckets,
            });
            let of = |at: usize| &levels[jobs[at].level].spec;
            let may_share = |one: usize, other: usize| turns[one] == turns[other] && read_alike(of(one), of(other));
            let Some(step) = next_step(&pending.collect::<Vec<_>>(), may_share) else { return Ok(()) };
            if step.windows.is_empty() {
                self.put_off(jobs, &step.too_coarse);
                continue;
            }
            match self.take_step(jobs, known, &step).await {
                Ok(()) => {}
                Err(Blamed { error, on }) => self.step_failed(jobs, &step, error, on).await?,
            }
        }
    }

    /// Builds the windows of a step.
    async fn take_step(&mut self, jobs: &mut [Job], known: &[KnownLevel], step: &Step) -> Result<(), Blamed> {
        let levels = self.shared.catalog.levels();
        let parts = step.windows.iter().map(|&(at, window)| Part { level: jobs[at].level, window });
        let parts: Vec<Part> = parts.collect();
        if let [first, ..] = parts.as_slice() {
            let total = jobs[step.windows[0].0].total;
            self.port.progress(|progress| {
                *progress = Progress {
                    rollup: levels[first.level].spec.name().to_owned(),
                    window: Some((first.window.start, first.window.end)),
                    rows_read: total.rows_read,
                    groups_written: total.written,
                };
            });
        }
        let began = Instant::now();
        let built = build(self.shared, self.port, known, &parts).await?;
        let worked = began.elapsed();
        self.held += worked;
        self.suspected = None;
        for ((at, _), built) in step.windows.iter().zip(&built) {
            jobs[*at].total.add(built);
        }
        let first = &jobs[step.windows[0].0].total;
        self.port.progress(|progress| {
            progress.rows_read = first.rows_read;
            progress.groups_written = first.written;
        });
        let size = self.size(&parts, &built);
        for (at, job) in jobs.iter_mut().enumerate() {
            let windows: Vec<Window> = step.windows.iter().filter(|it| it.0 == at).map(|it| it.1).collect();
            if !windows.is_empty() {
                job.transactions += 1;
                job.worked += worked;
                job.go_on(levels[job.level].spec.bucket(), &windows, size);
            }
        }
        if size >= MANY_GROUPS {
            self.put_off(jobs, &step.too_coarse);
        }
        if self.shared.dialect == Dialect::Sqlite && self.held >= HOLD && jobs.iter().any(|job| !job.rest.is_empty()) {
            std::thread::sleep(LET_OTHERS);
            self.held = Duration::ZERO;
        }
        Ok(())
    }

    /// Has some built together after all others.
    fn put_off(&mut self, jobs: &mut [Job], places: &[usize]) {
        self.turns += 1;
        places.iter().for_each(|&at| jobs[at].turn = self.turns);
    }

    /// How much a transaction had, as groups that are written.
    fn size(&self, parts: &[Part], built: &[Built]) -> u64 {
        let levels = self.shared.catalog.levels();
        let groups: u64 = built.iter().map(|built| built.groups).sum();
        let rows = built.iter().map(|built| built.rows_read).max().unwrap_or(0);
        match parts {
            [part, ..] if levels[part.level].from.is_some() => rows,
            _ if self.shared.dialect == Dialect::Sqlite => groups.max(rows / ROWS_OF_A_GROUP),
            _ => groups,
        }
    }

    /// A rollup that fails alone has failed. Of several, whose fault it was goes on alone, or each of them where that is not
    /// known.
    async fn step_failed(&mut self, jobs: &mut Vec<Job>, step: &Step, error: Error, on: Option<usize>) -> Result<()> {
        let mut places: Vec<usize> = step.windows.iter().map(|(at, _)| *at).collect();
        places.dedup();
        if let [at] = places[..] {
            let job = jobs.remove(at);
            let first = self.suspected.take().unwrap_or_else(|| error.clone());
            return match self.fail(job.level, Some(job.began), error).await {
                // what failed first is what is told
                Err(_) => Err(first),
                noted => noted,
            };
        }
        // where this fails so does what follows
        drop(self.port.rollback().await);
        if let Some(on) = on {
            places = vec![step.windows[on].0];
        }
        for at in places {
            self.turns += 1;
            jobs[at].turn = self.turns;
        }
        self.suspected.get_or_insert(error);
        Ok(())
    }

    /// Notes what was done of a level.
    async fn finish(&mut self, job: &Job) -> Result<Json> {
        let started = Instant::now();
        let (shared, port) = (self.shared, self.port);
        let it = &shared.catalog.levels()[job.level];
        let name = it.spec.name();
        port.progress(|progress| progress.rollup = name.to_owned());
        let mut total = job.total;
        let aside = match (it.from, &self.outside) {
            (Some(_), _) => None,
            (None, Some(counted)) => Some(counted.clone()),
            (None, None) => Some(self.outside.insert(outside(shared, port).await?).clone()),
        };
        let error = (!job.plan.refused.is_empty()).then(|| refused_text(&job.plan));
        port.run_all(&shared.own.begin([])).await?;
        if let Some(aside) = aside {
            total.skipped += aside.count();
            aside.keep(shared, port, name, OUTSIDE).await?;
        }
        for window in &job.plan.windows {
            // a bucket is built of all its rows, or not at all
            let built = vec![name.into(), window.start.into(), window.end.into()];
            port.run(&shared.own.find_lost(), built).await?;
        }
        let ms = i64::try_from((job.worked + started.elapsed()).as_millis()).unwrap_or(i64::MAX);
        // a refresh that ended is of the time that it was told
        let now = self.asked.now.unwrap_or(job.began);
        let parameters = vec![
            name.into(),
            now.into(),
            ms.into(),
            count(total.rows_read),
            count(total.written),
            error.as_deref().map_or(SqlValue::Null, SqlValue::from),
        ];
        port.run(&shared.own.note_refresh(), parameters).await?;
        let number = |value: u64| i64::try_from(value).ok();
        let finished = Finished {
            rollup: name,
            started: Some(job.began),
            rows_read: number(total.rows_read),
            groups_written: number(total.written),
            error: error.as_deref(),
        };
        history::note(shared, port, &finished).await?;
        port.run("COMMIT", Vec::new()).await?;
        Ok(report(name, &job.plan, total, job.transactions, ms))
    }
}

impl Job {
    /// Takes what was built from what is left, and sets how much is to be built next after a transaction of that size.
    fn go_on(&mut self, bucket: &Bucket, built: &[Window], size: u64) {
        let mut buckets = 0;
        for window in built {
            let mut at = window.start;
            while at < window.end {
                at = bucket.end(at);
                buckets += 1;
            }
            for rest in self.rest.iter_mut().filter(|rest| rest.start == window.start) {
                rest.start = window.end;
            }
        }
        let is_cut = self.rest.iter().any(|rest| built.iter().any(|built| rest.start == built.end && !rest.is_empty()));
        self.rest.retain(|rest| !rest.is_empty());
        // a window that ended says nothing of how many there may be
        let had = if is_cut { buckets } else { self.buckets.max(buckets) };
        self.buckets = match size {
            0..FEW_GROUPS => had.saturating_mul(2).min(MAX_BUCKETS),
            MANY_GROUPS.. => (had / 2).max(1),
            _ => had.max(1),
        };
    }
}

/// Notes the error that ended a refresh.
pub(super) async fn note_failure(shared: &Shared, port: &Port, name: &str, error: &str) -> Result<Json> {
    note_failed(shared, port, name, None, error).await
}

async fn note_failed(shared: &Shared, port: &Port, name: &str, started: Option<i64>, error: &str) -> Result<Json> {
    let known = known_levels(shared, port).await?;
    let Ok(level) = shared.catalog.position(name) else { return Ok(Json::Null) };
    let of = |value: Option<i64>| value.map_or(SqlValue::Null, SqlValue::Int64);
    let level = &known[level];
    let parameters = vec![
        name.into(),
        of(level.refreshed_at),
        of(level.refresh_ms),
        of(level.rows_read),
        of(level.groups_written),
        error.into(),
    ];
    port.run(&shared.own.note_refresh(), parameters).await?;
    let finished = Finished { rollup: name, started, rows_read: None, groups_written: None, error: Some(error) };
    history::note(shared, port, &finished).await?;
    Ok(Json::Null)
}

fn count(value: u64) -> SqlValue {
    SqlValue::Int64(i64::try_from(value).unwrap_or(i64::MAX))
}

fn refused_text(plan: &RefreshPlan) -> String {
    let windows: Vec<String> =
        plan.refused.iter().map(|w| format!("{} to {}", format_timestamp(w.start), format_timestamp(w.end))).collect();
    format!("{}: the rows of {} are dropped; what is stored is kept", Code::RefreshDropped, windows.join(", "))
}

fn report(name: &str, plan: &RefreshPlan, total: Built, transactions: u64, ms: i64) -> Json {
    let status = if plan.refused.is_empty() { "ok" } else { "refused" };
    let code = |window: &Window| {
        let Json::Object(mut fields) = window_json(window) else { return Json::Null };
        fields.push(("code".to_owned(), Code::RefreshDropped.as_str().into()));
        Json::Object(fields)
    };
    Json::object([
        ("name", Json::from(name)),
        ("status", status.into()),
        ("rows_read", total.rows_read.into()),
        ("groups_written", total.written.into()),
        ("groups_deleted", total.deleted.into()),
        ("rows_skipped", total.skipped.into()),
        ("transactions", transactions.into()),
        ("ms", Json::Int64(ms)),
        ("watermark", plan.watermark.map(|at| Json::Text(format_timestamp(at))).into()),
        ("refused", Json::Array(plan.refused.iter().map(code).collect())),
        ("lost", Json::Array(plan.lost.iter().map(window_json).collect())),
        ("stale", Json::Array(plan.stale.iter().map(window_json).collect())),
    ])
}

/// `{"start", "end"}`
pub(super) fn window_json(window: &Window) -> Json {
    let time = |us| Json::Text(format_timestamp(us));
    Json::object([("start", time(window.start)), ("end", time(window.end))])
}
