//! The order of the log: a request is written when its answer has been delivered, which can be late.
//!
//! One hour is drawn at a time and held until nothing drawn later can come before it, so memory follows the lateness,
//! not the number of rows.

use super::random::Random;
use super::request::Request;
use super::rhythm;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

const HOUR_US: i64 = 3_600_000_000;

/// Requests in the order in which they are logged.
pub struct Arrivals {
    random: Random,
    start_us: i64,
    rows_per_hour: Vec<u64>,
    next_hour: usize,
    /// When logged, a running number that settles ties, and the place in `held`.
    waiting: BinaryHeap<Reverse<(i64, u64, usize)>>,
    held: Vec<Option<Request>>,
    free: Vec<usize>,
    drawn: u64,
}

impl Arrivals {
    /// The log of so many rows over so many days from `start_us`, a Monday's midnight.
    pub fn new(seed: u64, start_us: i64, days: u32, rows: u64) -> Self {
        Self {
            random: Random::new(seed),
            start_us,
            rows_per_hour: rhythm::rows_per_hour(days * 24, rows),
            next_hour: 0,
            waiting: BinaryHeap::new(),
            held: Vec::new(),
            free: Vec::new(),
            drawn: 0,
        }
    }

    fn hour_start_us(&self) -> i64 {
        self.next_hour as i64 * HOUR_US
    }

    fn draw_hour(&mut self) {
        for _ in 0..self.rows_per_hour[self.next_hour] {
            let since_start_us = self.hour_start_us() + self.random.below(HOUR_US as u64) as i64;
            let request = Request::draw(&mut self.random, self.start_us + since_start_us, since_start_us);
            let logged_us = since_start_us + delay_us(&mut self.random);
            let place = self.free.pop().unwrap_or(self.held.len());
            if place == self.held.len() {
                self.held.push(None);
            }
            self.held[place] = Some(request);
            self.waiting.push(Reverse((logged_us, self.drawn, place)));
            self.drawn += 1;
        }
        self.next_hour += 1;
    }
}

impl Iterator for Arrivals {
    type Item = Request;

    fn next(&mut self) -> Option<Request> {
        loop {
            let due_us = self.waiting.peek().map(|Reverse((logged_us, ..))| *logged_us);
            let is_last_hour_drawn = self.next_hour == self.rows_per_hour.len();
            if is_last_hour_drawn || due_us.is_some_and(|due_us| due_us < self.hour_start_us()) {
                break;
            }
            self.draw_hour();
        }
        let Reverse((_, _, place)) = self.waiting.pop()?;
        self.free.push(place);
        self.held[place].take()
    }
}

/// Most rows are logged within seconds, one in fifty minutes later, one in five hundred hours later.
fn delay_us(random: &mut Random) -> i64 {
    let mean_s = match random.below(1000) {
        0..2 => 6.0 * 3600.0,
        2..20 => 300.0,
        _ => 1.5,
    };
    (random.exponential(mean_s) * 1e6) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_log_and_another_seed_another() {
        let log = |seed| Arrivals::new(seed, 0, 2, 3_000).collect::<Vec<_>>();
        assert_eq!(log(1).len(), 3_000);
        assert_eq!(log(1), log(1));
        assert_ne!(log(1), log(2));
    }

    #[test]
    fn a_seed_gives_the_bits_it_gave_before() {
        let mut mixed = 0_u64;
        for request in Arrivals::new(1, 0, 2, 3_000) {
            let durations = request.duration_ms.map_or(0, f64::to_bits) ^ request.cost_usd.map_or(0, f64::to_bits);
            for word in [request.ts_us as u64, durations, request.output_tokens.unwrap_or(0) as u64] {
                mixed = mixed.rotate_left(5).wrapping_mul(0x0100_0000_01B3) ^ word;
            }
        }
        assert_eq!(mixed, 13_739_558_757_814_524_016);
    }

    #[test]
    fn some_rows_are_logged_hours_late() {
        let mut newest_us = 0;
        let mut late = 0;
        for request in Arrivals::new(1, 0, 2, 50_000) {
            newest_us = newest_us.max(request.ts_us);
            late += u32::from(request.ts_us + HOUR_US < newest_us);
        }
        assert!((30..200).contains(&late), "{late} of 50000");
    }
}
