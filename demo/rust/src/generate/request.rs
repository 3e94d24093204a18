//! One request: how long it took, what it cost, and how it failed.

use super::model::{self, MODELS};
use super::random::Random;
use libm::round;

const USERS: f64 = 20_000.0;
const HOUR_US: i64 = 3_600_000_000;
/// The third day from 14:00 to 15:30, one provider answers a third of its requests with 503.
const OUTAGE_US: std::ops::Range<i64> = 62 * HOUR_US..63 * HOUR_US + HOUR_US / 2;
const OUTAGE_PROVIDER: usize = 1;

/// A row of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// When it was asked, microseconds since the epoch.
    pub ts_us: i64,
    /// An index of [`MODELS`]; absent where the request named none that exists.
    pub model: Option<usize>,
    /// A number of the user; absent for requests of machines.
    pub user: Option<u32>,
    /// Milliseconds to the last token; absent where the client left first.
    pub duration_ms: Option<f64>,
    /// Dollars; absent for requests that failed.
    pub cost_usd: Option<f64>,
    /// Tokens asked.
    pub input_tokens: Option<i64>,
    /// Tokens answered; absent for requests that failed.
    pub output_tokens: Option<i64>,
    /// HTTP status.
    pub status_code: i64,
}

impl Request {
    /// Draws what happens at `ts_us`, which is `since_start_us` after the first midnight.
    pub fn draw(random: &mut Random, ts_us: i64, since_start_us: i64) -> Self {
        let user = (!random.chance(0.02)).then(|| user(random));
        let status_code = status(random);
        if status_code == 404 {
            let duration_ms = Some(to_microseconds(random.lognormal(18.0, 0.4)));
            return Self::refused(ts_us, None, user, duration_ms, None, status_code);
        }
        let index = model::at_share(random.below(1000));
        let model = &MODELS[index];
        let input_tokens = random.lognormal(900.0, 1.1) as i64 + 1;
        let is_out = model.provider == OUTAGE_PROVIDER && OUTAGE_US.contains(&since_start_us);
        let status_code = if is_out && random.chance(0.33) { 503 } else { status_code };
        if status_code != 200 {
            let duration_ms = Some(to_microseconds(refusal_ms(random, status_code)));
            return Self::refused(ts_us, Some(index), user, duration_ms, Some(input_tokens), status_code);
        }
        let output_tokens = random.lognormal(220.0, 0.9) as i64 + 1;
        let first_ms = random.lognormal(model.first_token_ms, 0.45);
        let rest_ms = output_tokens as f64 * random.lognormal(model.token_ms, 0.25);
        let slow = if is_out { 3.0 } else { 1.0 };
        let has_left = random.chance(0.005);
        let cost_usd = (input_tokens as f64 * model.input_price + output_tokens as f64 * model.output_price) / 1e6;
        Self {
            ts_us,
            model: Some(index),
            user,
            duration_ms: (!has_left).then(|| to_microseconds(slow * (first_ms + rest_ms))),
            cost_usd: Some(cost_usd),
            input_tokens: Some(input_tokens),
            output_tokens: Some(output_tokens),
            status_code,
        }
    }

    fn refused(
        ts_us: i64,
        model: Option<usize>,
        user: Option<u32>,
        duration_ms: Option<f64>,
        input_tokens: Option<i64>,
        status_code: i64,
    ) -> Self {
        Self { ts_us, model, user, duration_ms, cost_usd: None, input_tokens, output_tokens: None, status_code }
    }

    /// Whether it was answered.
    pub fn is_success(&self) -> bool {
        self.status_code < 400
    }
}

/// Few users ask much, most ask little.
fn user(random: &mut Random) -> u32 {
    let place = random.unit();
    (USERS * place * place * place) as u32
}

fn status(random: &mut Random) -> i64 {
    match random.below(10_000) {
        0..120 => 429,
        120..170 => 500,
        170..195 => 504,
        195..245 => 400,
        245..255 => 404,
        _ => 200,
    }
}

fn refusal_ms(random: &mut Random, status_code: i64) -> f64 {
    match status_code {
        504 => 60_000.0 + random.exponential(40.0),
        500 | 503 => random.lognormal(2_400.0, 0.9),
        _ => random.lognormal(45.0, 0.6),
    }
}

fn to_microseconds(milliseconds: f64) -> f64 {
    round(milliseconds * 1000.0) / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(since_start_us: i64) -> Vec<Request> {
        let mut random = Random::new(3);
        (0..20_000).map(|_| Request::draw(&mut random, since_start_us, since_start_us)).collect()
    }

    #[test]
    fn what_fails_costs_nothing_and_answers_nothing() {
        let requests = drawn(0);
        let failed: Vec<&Request> = requests.iter().filter(|request| !request.is_success()).collect();
        assert!((300..800).contains(&failed.len()), "{} of 20000", failed.len());
        assert!(failed.iter().all(|request| request.cost_usd.is_none() && request.output_tokens.is_none()));
    }

    #[test]
    fn the_outage_hits_one_provider_for_ninety_minutes() {
        let failures = |since_start_us| drawn(since_start_us).iter().filter(|r| r.status_code == 503).count();
        assert!(failures(OUTAGE_US.start) > 1000);
        assert_eq!(failures(OUTAGE_US.end), 0);
    }
}
