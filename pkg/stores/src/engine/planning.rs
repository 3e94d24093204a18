//! What is due of a rollup, as the log and the rows are.
//!
//! Not here: what follows from it (`isofold::refresh`), building it (`refresh`).

use super::known::KnownLevel;
use super::log::{logged, settle, spread, take_all, Logged};
use super::options::{Guard, RefreshOptions};
use super::port::{columns, Port};
use super::sql_value::SqlValue;
use super::Shared;
use isofold::refresh::{merged, plan_refresh, Policy, RefreshPlan, RefreshState, Window};
use isofold::sql::Dialect;
use isofold::{limits, Code, Result};

/// The times of the first row, and of the newest one that is not in the future: asked for when they are needed first, for all
/// plans of one moment.
#[derive(Debug, Default)]
pub(super) struct RowExtent(Option<(Option<i64>, Option<i64>)>);

impl RowExtent {
    pub(super) async fn get(&mut self, shared: &Shared, port: &Port, now: i64) -> Result<(Option<i64>, Option<i64>)> {
        match self.0 {
            Some(extent) => Ok(extent),
            None => Ok(*self.0.insert(row_extent(shared, port, now).await?)),
        }
    }
}

/// What is due of a level, as the log is.
pub(super) async fn plan(
    shared: &Shared,
    port: &Port,
    known: &[KnownLevel],
    level: usize,
    (options, extent): (&RefreshOptions, &mut RowExtent),
) -> Result<RefreshPlan> {
    plan_after(shared, port, known, level, (options, extent), &[]).await
}

/// What is due of a level after windows of the finer one were built.
pub(super) async fn plan_after(
    shared: &Shared,
    port: &Port,
    known: &[KnownLevel],
    level: usize,
    (options, extent): (&RefreshOptions, &mut RowExtent),
    built: &[Window],
) -> Result<RefreshPlan> {
    let mut logged = logged(shared, port, shared.catalog.levels()[level].spec.name()).await?;
    logged.moved.extend_from_slice(built);
    let Some(mut state) = state(shared, port, known, level, (options, extent), &logged).await? else {
        return Ok(RefreshPlan::default());
    };
    state.first = state.first.into_iter().chain(built.first().map(|window| window.start)).min();
    plan_until(&shared.policy(level), &state, options.until)
}

/// A plan that builds nothing from a time on, in whole buckets.
fn plan_until(policy: &Policy, state: &RefreshState, until: Option<i64>) -> Result<RefreshPlan> {
    let mut plan = plan_refresh(policy, state)?;
    if let Some(until) = until {
        let until = policy.bucket.start(until)?;
        for window in &mut plan.windows {
            window.end = window.end.min(until);
        }
        plan.windows.retain(|window| !window.is_empty());
        plan.watermark = state.watermark.max(plan.windows.last().map(|last| last.end));
    }
    Ok(plan)
}

/// What is due of a level, with what cannot be built taken out of its log. Where the log is empty, the rows are taken to reach as
/// far as when another level was planned: what came since is logged, or nobody's to know.
pub(super) async fn plan_and_settle(
    shared: &Shared,
    port: &Port,
    known: &[KnownLevel],
    level: usize,
    (options, extent): (&RefreshOptions, &mut RowExtent),
) -> Result<RefreshPlan> {
    let it = &shared.catalog.levels()[level];
    let name = it.spec.name();
    if logged(shared, port, name).await?.is_empty() {
        return plan(shared, port, known, level, (options, extent)).await;
    }
    port.run_all(&shared.own.begin([name])).await?;
    if it.from.is_none() {
        spread(shared, port).await?;
    }
    // first, so that the rows of what is taken are seen
    let taken = take_all(shared, port, name).await?;
    let state = state(shared, port, known, level, (options, &mut RowExtent::default()), &taken).await?;
    let mut plan = RefreshPlan::default();
    if let Some(state) = state {
        plan = plan_until(&shared.policy(level), &state, options.until)?;
        let watermark = state.watermark.unwrap_or(limits::MIN_TIME_US);
        let first = state.first.map_or(Ok(watermark), |first| it.spec.bucket().start(first))?;
        settle(shared, port, level, &taken, &plan, Window { start: first, end: watermark }).await?;
    } else {
        // until there is something to build it from
        taken.write(shared, port, name).await?;
    }
    port.run("COMMIT", Vec::new()).await?;
    Ok(plan)
}

/// What is known when a plan is made; nothing before the finer rollup was ever built.
async fn state(
    shared: &Shared,
    port: &Port,
    known: &[KnownLevel],
    level: usize,
    (options, extent): (&RefreshOptions, &mut RowExtent),
    logged: &Logged,
) -> Result<Option<RefreshState>> {
    let it = &shared.catalog.levels()[level];
    let own = &known[level];
    let (first, last, dropped, ready_until, slack) = match it.from {
        None => {
            let (first, last) = extent.get(shared, port, options.now).await?;
            (first, last, own.rows_dropped_before, None, shared.rows().first_slack_us())
        }
        Some(from) => {
            let Some(ready) = known[from].watermark else { return Ok(None) };
            let first = first_bucket(shared, port, from, known[from].dropped_before).await?;
            (first, None, known[from].dropped_before, Some(ready), 0)
        }
    };
    let earliest = first.map(|first| first.saturating_sub(slack).max(limits::MIN_TIME_US));
    let stored = first_bucket(shared, port, level, None).await?;
    // groups from before the first row whose rows are not known to be dropped: somebody else dropped them
    let bucket = it.spec.bucket();
    let mut unexplained = match dropped {
        Some(_) => first_bucket(shared, port, level, dropped).await?,
        None => stored,
    };
    // nor are those that rows were moved out of
    for moved in merged(logged.moved.iter().map(|moved| moved.outward(bucket)).collect()) {
        if unexplained.is_some_and(|first| (moved.start..moved.end).contains(&first)) {
            unexplained = first_bucket(shared, port, level, Some(moved.end)).await?;
        }
    }
    let unexplained_before = match (unexplained, first, options.guard) {
        // past what is built nothing is stored that could be emptied
        (Some(stored), Some(first), Guard::Keep) if stored < bucket.start(first)? => {
            Some(own.watermark.map_or(first, |watermark| first.min(watermark)))
        }
        (Some(_), None, Guard::Keep) => own.watermark,
        _ => None,
    };
    let first = [earliest, stored].into_iter().flatten().min();
    Ok(Some(RefreshState {
        watermark: own.watermark,
        invalidations: logged.changed.clone(),
        moved: logged.moved.clone(),
        raw_available_from: dropped,
        unexplained_before,
        // what is dropped of this rollup is not built again
        first: first.map(|first| first.max(own.dropped_before.unwrap_or(first))),
        last,
        ready_until,
        since: options.since,
        now: options.now,
    }))
}

async fn row_extent(shared: &Shared, port: &Port, now: i64) -> Result<(Option<i64>, Option<i64>)> {
    let rows = shared.rows();
    // so that a time without a zone is of UTC
    let begins = shared.dialect == Dialect::Postgres && !port.is_open();
    if begins {
        port.run_all(&shared.own.begin_planning()).await?;
    }
    let extent = port.run(&rows.extent(now), Vec::new()).await?;
    if begins {
        port.run("COMMIT", Vec::new()).await?;
    }
    let Some(extent) = extent.first() else { return Ok((None, None)) };
    let [first, last] = columns::<2>(extent)?;
    let last = rows.instant(&first_value(last)?)?;
    Ok((rows.instant(&first_value(first)?)?, last.map(|last| last.min(now))))
}

fn first_value(value: &SqlValue) -> Result<isofold::Value> {
    Ok(match value {
        SqlValue::Null => isofold::Value::Null,
        SqlValue::Int64(value) => isofold::Value::Int64(*value),
        // SQLite keeps doubles in any column; as casts do, past all integers the last one
        SqlValue::Float64(value) => isofold::Value::Int64(value.floor() as i64),
        SqlValue::Text(text) => isofold::Value::String(text.clone()),
        _ => {
            return Err(isofold::Error::new(
                Code::StoreValue,
                "the first time of the source is neither a text nor an integer",
            ))
        }
    })
}

async fn first_bucket(shared: &Shared, port: &Port, level: usize, from: Option<i64>) -> Result<Option<i64>> {
    let table = shared.table(level);
    match port.value(&table.first_bucket(from), Vec::new()).await? {
        SqlValue::Null => Ok(None),
        first => first.time().map(Some),
    }
}
