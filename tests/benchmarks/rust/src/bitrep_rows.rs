//! bitrep: reproducible sums, moments and its own sketch, in groups with fixed places; distinct users in plain sets.

use crate::answer::Answer;
use crate::rows::Rows;
use crate::Failure;
use bitrep::{MomentsF64, RelSketch, SumF64};
use std::collections::HashSet;

const HOUR_MS: i64 = 3_600_000;
/// The accuracy nearest to isofold's that its sketch can have.
const ALPHA: f64 = 0.0078125;

pub struct Contestant<'r> {
    rows: &'r Rows,
    groups: usize,
}

impl<'r> Contestant<'r> {
    pub fn new(rows: &'r Rows) -> Self {
        Self { rows, groups: rows.days as usize * 24 * rows.models.len() }
    }

    fn place(&self, row: usize) -> usize {
        let hour = (self.rows.ts_us[row] / 1000 - self.rows.start_ms) / HOUR_MS;
        hour as usize * self.rows.models.len() + self.rows.model[row] as usize
    }

    fn simple(&self) -> Answer {
        #[derive(Clone)]
        struct Group {
            count: u64,
            sum: SumF64,
            min: f64,
            max: f64,
        }
        let empty = Group { count: 0, sum: SumF64::default(), min: f64::INFINITY, max: f64::NEG_INFINITY };
        let mut groups = vec![empty; self.groups];
        for row in 0..self.rows.len() {
            let group = &mut groups[self.place(row)];
            let cost = f64::from_bits(self.rows.cost_bits[row]);
            group.count += 1;
            group.sum.add(cost);
            group.min = group.min.min(cost);
            group.max = group.max.max(cost);
        }
        let present: Vec<(usize, &Group)> = groups.iter().enumerate().filter(|(_, group)| group.count > 0).collect();
        let mut answer = self.keys(present.iter().map(|(place, _)| *place));
        answer.put("count", present.iter().map(|(_, group)| group.count));
        answer.put("sum", present.iter().map(|(_, group)| group.sum.value()));
        answer.put("min", present.iter().map(|(_, group)| group.min));
        answer.put("max", present.iter().map(|(_, group)| group.max));
        answer
    }

    fn full(&self) -> Answer {
        #[derive(Clone)]
        struct Group {
            count: u64,
            sum: SumF64,
            moments: MomentsF64,
            sketch: RelSketch,
            users: HashSet<u32>,
            errors: u64,
        }
        let empty = Group {
            count: 0,
            sum: SumF64::default(),
            moments: MomentsF64::new(),
            sketch: RelSketch::new(ALPHA).expect("an accuracy between 0 and 1"),
            users: HashSet::new(),
            errors: 0,
        };
        let mut groups = vec![empty; self.groups];
        for row in 0..self.rows.len() {
            let group = &mut groups[self.place(row)];
            let duration = f64::from_bits(self.rows.duration_bits[row]);
            group.count += 1;
            group.sum.add(f64::from_bits(self.rows.cost_bits[row]));
            group.moments.add(duration);
            group.sketch.add(duration);
            group.users.insert(self.rows.user[row]);
            group.errors += u64::from(self.rows.status[row] >= 400);
        }
        let present: Vec<(usize, &Group)> = groups.iter().enumerate().filter(|(_, group)| group.count > 0).collect();
        let mut answer = self.keys(present.iter().map(|(place, _)| *place));
        let each = |read: fn(&Group) -> Option<f64>| present.iter().map(|(_, group)| read(group)).collect::<Vec<_>>();
        answer.put("count", present.iter().map(|(_, group)| group.count));
        answer.put("sum", each(|group| Some(group.sum.value())));
        answer.put("avg", each(|group| group.moments.try_mean().ok()));
        answer.put("stddev", each(|group| group.moments.try_sample_variance().ok().map(f64::sqrt)));
        answer.put("min", each(|group| group.sketch.min()));
        answer.put("max", each(|group| group.sketch.max()));
        answer.put("p50", each(|group| group.sketch.quantile(0.5)));
        answer.put("p95", each(|group| group.sketch.quantile(0.95)));
        answer.put("p99", each(|group| group.sketch.quantile(0.99)));
        answer.put("users", present.iter().map(|(_, group)| group.users.len()));
        answer.put("errors", present.iter().map(|(_, group)| group.errors));
        answer
    }

    fn keys(&self, places: impl Iterator<Item = usize> + Clone) -> Answer {
        let models = self.rows.models.len();
        let mut answer = Answer::default();
        answer.put("hour_ms", places.clone().map(|place| self.rows.start_ms + (place / models) as i64 * HOUR_MS));
        answer.put("model", places.map(|place| self.rows.models[place % models].as_str()));
        answer
    }
}

impl crate::Contestant for Contestant<'_> {
    const VERSION: &'static str = "0.5.1";

    fn run(&self, query: &str) -> Result<Answer, Failure> {
        Ok(if query == "simple" { self.simple() } else { self.full() })
    }
}
