//! Runs a history, and holds the store to its promises after every step.

use super::catalogs::{first, second, Plan, LOOKED_AT};
use super::faults::{Fault, Faulty};
use super::step::{History, Step, Write};
use super::truth::{folded, survey, Place, Survey, Versions};
use super::world::{connect, World, MINUTE_US};
use isofold::refresh::Window;
use isofold::time::{format_timestamp, parse_timestamp};
use isofold::{Code, Error};
use isofold_stores::{Driver, Refresh, RefreshReport, RollupState, Span, Store};
use std::collections::{BTreeMap, BTreeSet};

pub struct Keeper<'h> {
    history: &'h History,
    world: World,
    plan: Plan,
    /// The catalog of before.
    old: Option<Plan>,
    /// The second catalog, once it was made.
    other: Option<Plan>,
    versions: Versions,
    /// Rollups whose tables were dropped by hand.
    gone: BTreeSet<&'static str>,
    /// Whether nobody keeps the log, or nobody may.
    is_log_gone: bool,
    is_unwatched: bool,
    /// A transaction of an application that is open.
    open: Option<Box<dyn Driver>>,
    /// What was stored where rows were dropped.
    frozen: BTreeMap<(&'static str, Place), Vec<u8>>,
    /// What a refresh told that it cannot build.
    given_up: BTreeMap<&'static str, Vec<Window>>,
}

fn window(span: &Span) -> Window {
    let at = |text: &Option<String>, open| text.as_deref().map_or(open, |text| parse_timestamp(text).expect("a time"));
    Window { start: at(&span.start, i64::MIN), end: at(&span.end, i64::MAX) }
}

fn touches(windows: &[Window], it: &Window) -> bool {
    windows.iter().any(|window| !window.intersection(*it).is_empty())
}

fn time(us: i64) -> String {
    format_timestamp(us)
}

impl<'h> Keeper<'h> {
    pub fn new(history: &'h History, postgres: Option<&str>) -> Self {
        let mut world = World::new(history, postgres);
        let plan = first(history, world.kind(), history.rollups, 0);
        let insert = world.insert(6000, 20, 290);
        world.run(&insert);
        let mut keeper = Self {
            history,
            world,
            plan: plan.clone(),
            old: None,
            other: None,
            versions: Versions::default(),
            gone: BTreeSet::new(),
            is_log_gone: false,
            is_unwatched: false,
            open: None,
            frozen: BTreeMap::new(),
            given_up: BTreeMap::new(),
        };
        keeper.init(&plan, Fault::Nothing).expect("a first init");
        keeper
    }

    pub fn run(mut self, steps: &[Step]) {
        for (number, step) in steps.iter().enumerate() {
            let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                self.step(step);
                self.check(None);
            }));
            if let Err(panic) = ran {
                panic!("step {number}, {step:?}: {}", super::told(&*panic));
            }
        }
        self.end();
    }

    fn store(&self, plan: &Plan, fault: Fault) -> Store {
        let driver = Faulty { driver: connect(&self.world.place), fault, is_dead: false };
        Store::new(plan.json.as_str(), Box::new(driver)).expect("a catalog")
    }

    fn plain(&self) -> Store {
        self.store(&self.plan, Fault::Nothing)
    }

    fn survey(&mut self, plan: &Plan) -> BTreeMap<&'static str, Survey> {
        let mut found = survey(&mut self.world, plan, &self.versions, &self.gone);
        for (name, survey) in &mut found {
            if let Some(given_up) = self.given_up.get(name) {
                survey.bad.retain(|bad| !touches(given_up, bad));
            }
        }
        found
    }

    fn init(&mut self, plan: &Plan, fault: Fault) -> Result<(), Error> {
        self.commit();
        self.store(plan, fault).init()?;
        self.versions.put(plan);
        self.gone.retain(|name| plan.rollups.iter().all(|kept| kept.name != *name));
        self.is_log_gone = false;
        self.is_unwatched = false;
        // an unchanged catalog
        self.store(plan, Fault::OnlyReads).init().expect("init of an unchanged catalog does nothing");
        Ok(())
    }

    fn commit(&mut self) {
        if let Some(mut open) = self.open.take() {
            open.run("COMMIT", &[]).expect("committed");
        }
    }

    fn write(&mut self, write: &Write) {
        if !matches!(write, Write::Insert { .. } | Write::Below { .. }) {
            self.commit();
        }
        let statements = self.world.statements(write);
        self.world.run_all(&statements);
    }

    /// Whether a refresh may fail.
    fn is_troubled(&self, plan: &Plan) -> bool {
        self.is_log_gone || plan.rollups.iter().any(|kept| self.gone.contains(kept.name))
    }

    /// The time of the first row, after all times where there is none.
    fn first_row(&mut self) -> i64 {
        self.world.rows().iter().map(|row| row.us).min().unwrap_or(i64::MAX)
    }

    /// Notes what a refresh gave up, before which the first row was at that time.
    fn note(&mut self, report: &RefreshReport, first: i64) {
        // who moved rows back meanwhile, between a plan and what it builds, is seen by the next one
        let first = first.max(self.first_row());
        for rollup in &report.rollups {
            let names = self.plan.rollups.iter().chain(self.other.iter().flat_map(|other| &other.rollups));
            let Some(kept) = names.into_iter().find(|kept| kept.name == rollup.name).cloned() else { continue };
            let dropped = match self
                .world
                .run(&format!("SELECT max(rows_dropped_before) FROM isofold_rollups WHERE name = '{}'", kept.name))[0]
                [0]
            {
                isofold_stores::SqlValue::Int64(us) => us,
                _ => i64::MIN,
            };
            let told: Vec<Window> = rollup.refused.iter().chain(&rollup.lost).map(window).collect();
            for window in &told {
                let bucket = self.versions.of(kept.name)[0].bucket().clone();
                let last = bucket.start(window.end - 1).expect("a bucket");
                let is_known = kept.from.is_some() || last < dropped.max(first);
                assert!(is_known, "{} gives up {window:?}, whose rows are there", kept.name);
            }
            self.given_up.entry(kept.name).or_default().extend(told);
        }
    }

    /// What rollups gave up in a refresh that ended with the error of another one, and told nothing.
    fn note_lost(&mut self, plan: &Plan) {
        if self.is_log_gone {
            return;
        }
        for kept in &plan.rollups {
            let lost = format!("SELECT start_us, end_us FROM isofold_lost WHERE rollup = '{}'", kept.name);
            for row in self.world.run(&lost) {
                let [isofold_stores::SqlValue::Int64(start), isofold_stores::SqlValue::Int64(end)] = row[..] else {
                    panic!("{row:?}")
                };
                self.given_up.entry(kept.name).or_default().push(Window { start, end });
            }
        }
    }

    fn refresh(&mut self, plan: &Plan, fault: Fault, skew: i64, force: bool) {
        let now = self.world.now + skew * MINUTE_US;
        let is_plain = matches!(fault, Fault::Nothing);
        let mut options = Refresh::new().now(time(now));
        if force {
            options = options.since("1990-01-01").force();
            self.given_up.clear();
        }
        let may_fail = self.is_troubled(plan) || matches!(fault, Fault::Fails { .. });
        let first = self.first_row();
        let refreshed = self.store(plan, fault).refresh(&options);
        match &refreshed {
            Ok(report) => self.note(report, first),
            Err(error) => {
                assert!(may_fail, "a refresh failed: {error}");
                self.note_lost(plan);
            }
        }
        if !is_plain || self.is_log_gone {
            return;
        }
        if refreshed.is_err() {
            // what the others gave up is told by a check
            self.check(None);
        }
        // what is known is built, whatever another rollup failed with
        let broken: BTreeSet<&str> = plan
            .rollups
            .iter()
            .filter(|kept| self.gone.contains(kept.name) || kept.from.is_some_and(|from| self.gone.contains(from)))
            .map(|kept| kept.name)
            .collect();
        let stale: BTreeMap<&str, Vec<Window>> = match &refreshed {
            Ok(report) => report
                .rollups
                .iter()
                .map(|rollup| (rollup.name.as_str(), rollup.stale.iter().map(window).collect()))
                .collect(),
            Err(_) => BTreeMap::new(),
        };
        for (name, survey) in self.survey(plan) {
            if broken.contains(name) || refreshed.is_err() && skew < 0 {
                continue;
            }
            let mut bad = survey.bad;
            let is_direct = plan.rollups.iter().any(|kept| kept.name == name && kept.from.is_none());
            if is_direct && self.is_unwatched {
                continue;
            }
            if is_direct && !self.world.is_logged() {
                bad.retain(|bad| bad.start >= now - LOOKED_AT * MINUTE_US && bad.end <= now);
            }
            bad.retain(|bad| stale.get(name).is_none_or(|stale| !touches(stale, bad)));
            let ahead = refreshed.is_err().then_some(now);
            bad.retain(|bad| ahead.is_none_or(|now| bad.end <= now));
            assert!(bad.is_empty(), "{name} after a refresh: {bad:?} differ from their rows");
        }
    }

    fn prune(&mut self, plan: &Plan, fault: Fault, skew: i64) {
        self.commit();
        let may_fail = self.is_troubled(plan) || matches!(fault, Fault::Fails { .. });
        let all: Vec<Plan> = [Some(self.plan.clone()), self.other.clone()].into_iter().flatten().collect();
        let before: Vec<_> = all.iter().map(|plan| self.survey(plan)).collect();
        let pruned = self.store(plan, fault).prune(time(self.world.now + skew * MINUTE_US));
        assert!(pruned.is_ok() || may_fail, "a prune failed: {pruned:?}");
        for (plan, before) in all.iter().zip(before) {
            for kept in plan.rollups.iter().filter(|kept| kept.from.is_none()) {
                let Some(before) = before.get(kept.name) else { continue };
                let after = &self.survey(plan)[kept.name];
                let Some(dropped) = after.rows_dropped.filter(|_| after.rows_dropped > before.rows_dropped) else {
                    continue;
                };
                assert!(
                    before.watermark.is_some_and(|at| at >= dropped),
                    "{} was not built up to {dropped}",
                    kept.name
                );
                let lost: Vec<_> = before.bad.iter().filter(|bad| bad.start < dropped).collect();
                let is_known = self.world.is_logged() && !self.is_unwatched;
                assert!(lost.is_empty() || !is_known, "{}: {lost:?} were dropped before they were built", kept.name);
                self.freeze(kept.name, after, dropped);
            }
        }
    }

    fn freeze(&mut self, name: &'static str, survey: &Survey, dropped: i64) {
        for (place, state) in survey.stored.range(..(dropped, String::new())) {
            self.frozen.entry((name, place.clone())).or_insert_with(|| state.clone());
        }
    }

    fn step(&mut self, step: &Step) {
        let (plan, fails) = (self.plan.clone(), |after: u32, forever| Fault::Fails { after, forever });
        match step {
            Step::Write(write) => self.write(write),
            Step::Refresh { skew } => self.refresh(&plan, Fault::Nothing, *skew, false),
            Step::Force => self.refresh(&plan, Fault::Nothing, 0, true),
            Step::Crash { after, skew } => self.refresh(&plan, fails(*after, true), *skew, false),
            Step::Cut { after } => self.refresh(&plan, fails(*after, false), 0, false),
            Step::During { begin, write } => {
                self.commit();
                let (driver, sql) = (connect(&self.world.place), self.world.statements(write));
                self.refresh(&plan, Fault::Others { begin: *begin, driver, sql }, 0, false);
            }
            Step::Open { repeatable, back } if !self.world.is_sqlite() && self.open.is_none() => {
                let isolation = if *repeatable { "REPEATABLE READ" } else { "READ COMMITTED" };
                let mut driver = connect(&self.world.place);
                let insert = self.world.insert(*back, 3, 30);
                for sql in [&format!("BEGIN ISOLATION LEVEL {isolation}"), "SELECT count(*) FROM requests", &insert] {
                    driver.run(sql, &[]).expect("a transaction");
                }
                self.open = Some(driver);
            }
            Step::Open { .. } | Step::Commit => self.commit(),
            Step::Prune { skew } => self.prune(&plan, Fault::Nothing, *skew),
            Step::PruneCut { after } => self.prune(&plan, fails(*after, false), 0),
            Step::Init => self.init(&plan, Fault::Nothing).expect("init"),
            Step::InitCut { after } => drop(self.init(&plan, fails(*after, false))),
            Step::Edit { rollups, metrics } => {
                let next = first(self.history, self.world.kind(), *rollups, *metrics);
                self.init(&next, Fault::Nothing).expect("init of another catalog");
                self.old = Some(std::mem::replace(&mut self.plan, next));
            }
            Step::OldProcess => {
                let Some(old) = self.old.clone().filter(|_| !self.is_log_gone && self.gone.is_empty()) else { return };
                // whatever it is told, it writes nothing that is not of the catalog as it is registered
                let first = self.first_row();
                match self.store(&old, Fault::Nothing).refresh(&Refresh::new().now(time(self.world.now))) {
                    Ok(report) => self.note(&report, first),
                    Err(error) => {
                        for problem in error.problems() {
                            let is_told = [Code::StoreVersion, Code::StoreTable].contains(&problem.code());
                            assert!(is_told, "an old process: {error}");
                        }
                    }
                }
            }
            Step::Invalidate { back, minutes } if !self.is_log_gone => {
                let (start, end) = (self.world.at(*back), self.world.at(*back - *minutes));
                self.plain().invalidate(time(start)..time(end), None).expect("told");
            }
            Step::DropTable(which) => {
                let name = plan.rollups[usize::from(*which) % plan.rollups.len()].name;
                self.commit();
                self.world.run(&format!("DROP TABLE IF EXISTS {name}"));
                self.gone.insert(name);
                self.frozen.retain(|(frozen, _), _| *frozen != name);
            }
            Step::DropLog => {
                self.commit();
                if self.world.is_sqlite() {
                    self.unwatch(usize::MAX);
                }
                self.world.run("DROP TABLE IF EXISTS isofold_changes");
                self.is_log_gone = true;
            }
            Step::Unwatch(which) => {
                self.commit();
                self.unwatch(usize::from(*which));
            }
            Step::Wait { minutes } => self.world.now += minutes * MINUTE_US,
            Step::Other(what) => self.other(*what),
            Step::Invalidate { .. } => {}
        }
    }

    /// Drops one trigger by hand, or all.
    fn unwatch(&mut self, which: usize) {
        let found = self.world.run(if self.world.is_sqlite() {
            "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
        } else {
            "SELECT tgname::text FROM pg_trigger WHERE tgrelid = 'requests'::regclass AND NOT tgisinternal ORDER BY 1"
        });
        for row in found.iter().cycle().skip(which % found.len().max(1)).take(if which == usize::MAX {
            found.len()
        } else {
            found.len().min(1)
        }) {
            let isofold_stores::SqlValue::Text(name) = &row[0] else { continue };
            let on = if self.world.is_sqlite() { "" } else { " ON requests" };
            self.world.run(&format!("DROP TRIGGER {name}{on}"));
            self.is_unwatched = true;
        }
    }

    fn other(&mut self, what: u8) {
        let other = second(self.history, self.world.kind());
        if what == 0 || self.other.is_none() {
            self.init(&other, Fault::Nothing).expect("init of the second catalog");
            self.other = Some(other);
        } else if what == 3 {
            self.prune(&other, Fault::Nothing, 0);
        } else {
            self.refresh(&other, Fault::Nothing, 0, false);
        }
    }

    /// What every catalog says of itself is so.
    fn check(&mut self, only: Option<&str>) -> Vec<RollupState> {
        let all: Vec<Plan> = [Some(self.plan.clone()), self.other.clone()].into_iter().flatten().collect();
        let mut states = Vec::new();
        for plan in &all {
            let surveys = self.survey(plan);
            for ((name, place), state) in &self.frozen {
                let Some(survey) = surveys.get(name) else { continue };
                if survey.dropped.is_none_or(|dropped| place.0 >= dropped) {
                    assert!(survey.stored.contains_key(place), "{name}: {place:?} was emptied");
                    assert!(survey.stored[place] == *state, "{name}: {place:?} changed after its rows were dropped");
                }
            }
            let checked = self.store(plan, Fault::Nothing).check(time(self.world.now));
            let checked = match checked {
                Ok(checked) => checked,
                Err(error) => {
                    assert!(self.is_log_gone, "a check failed: {error}");
                    continue;
                }
            };
            for (state, kept) in checked.rollups.iter().zip(&plan.rollups) {
                // of a refresher that died before it told
                let at = |text: &str| parse_timestamp(text).expect("a time");
                let lost = state.lost.iter().map(|lost| Window { start: at(&lost.start), end: at(&lost.end) });
                self.given_up.entry(kept.name).or_default().extend(lost);
            }
            let surveys = self.survey(plan);
            for (state, kept) in checked.rollups.into_iter().zip(&plan.rollups) {
                if self.gone.contains(kept.name) {
                    assert_eq!(state.status, "error", "{} has no table", kept.name);
                } else if self.world.is_logged() {
                    self.is_told(&state, kept.from.is_some(), &surveys[kept.name].bad, only);
                } else if let (None, Some(at)) = (kept.from, state.refreshed_at.as_deref().map(parse_timestamp)) {
                    // what the last refresh did not look at
                    let looked = at.expect("a time") - LOOKED_AT * MINUTE_US;
                    let mut bad = surveys[kept.name].bad.clone();
                    bad.retain(|bad| bad.end <= looked);
                    self.is_told(&state, false, &bad, only);
                }
                states.push(state);
            }
        }
        states
    }

    /// What differs is told, by range.
    fn is_told(&self, state: &RollupState, is_derived: bool, bad: &[Window], only: Option<&str>) {
        let told = [&state.due, &state.stale, &state.refused, &state.unwatched].into_iter().flatten();
        let told: Vec<Window> = told.map(window).collect();
        for bad in bad {
            assert_ne!(state.status, "fresh", "{} is fresh, and {bad:?} is not what its rows are {only:?}", state.name);
            let is_known = is_derived || state.status == "unwatched" || touches(&told, bad);
            assert!(is_known || self.is_unwatched, "{}: {bad:?} differs, told are {told:?}", state.name);
        }
    }

    /// Whatever happened, the next init and refreshes bring everything up, and nothing is held back.
    fn end(mut self) {
        self.commit();
        let plans: Vec<Plan> = [Some(self.plan.clone()), self.other.clone()].into_iter().flatten().collect();
        self.world.now += 60 * 24 * 60 * MINUTE_US;
        if self.history.steps.iter().any(|step| matches!(step, Step::DropTable(_))) {
            // what is built from a rollup that was made anew waits for rows as new as those that it was built from
            self.write(&Write::Insert { back: 180, count: 1, apart: 0 });
        }
        for plan in &plans {
            self.init(plan, Fault::Nothing).expect("the last init");
        }
        for plan in &plans {
            self.refresh(plan, Fault::Nothing, 0, false);
            self.refresh(plan, Fault::Nothing, 0, false);
        }
        for state in self.check(Some("at the end")) {
            // without a log, what is there before the first row is taken for what is left of dropped ones at every refresh
            let is_guarded = !self.world.is_logged() && !state.refused.is_empty();
            // nor is known what changed before the reach of its refreshes
            let is_unseen = !self.world.is_logged() && state.status == "unwatched" && !state.unwatched.is_empty();
            assert!(state.status == "fresh" || is_guarded || is_unseen, "at the end: {state:?}");
        }
        if self.frozen.is_empty() && self.given_up.values().all(Vec::is_empty) && self.world.is_logged() {
            self.answers();
        }
        for plan in &plans {
            let pruned = self.plain_of(plan).prune(time(self.world.now)).expect("the last prune");
            for table in pruned.pruned {
                // a text of another zone stays until it is surely before
                let is_spelled = self.world.is_sqlite() && self.history.spelling == 3 && table.name == "requests";
                assert!(table.status == "ok" || is_spelled, "at the end: {table:?}");
            }
        }
    }

    fn plain_of(&self, plan: &Plan) -> Store {
        self.store(plan, Fault::Nothing)
    }

    /// An answer is that of the rows.
    fn answers(&mut self) {
        let rows = self.world.rows();
        let hours = self.plan.rollups[0].clone();
        let mut store = self.plain();
        for query in [
            r#"{"bucket": null, "group_by": ["model"], "select": ["n", "total"]}"#,
            r#"{"bucket": null, "group_by": ["model"], "select": ["n", "total"], "where": "model = 'b' or model is null"}"#,
        ] {
            let wanted = folded(&hours.spec, &rows).query(query).expect("an answer").into_kernel();
            let answer = store.query("hours", query).expect("an answer");
            if !answer.coverage.missing.is_empty() {
                return;
            }
            let columns = |columns| format!("{columns:?}");
            assert_eq!(columns(answer.frame.columns()), columns(wanted.columns()), "{:?}", answer.coverage);
        }
    }
}
