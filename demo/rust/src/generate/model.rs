//! The models that are asked, what they cost and how fast they answer.

/// One model.
pub struct Model {
    /// Who runs it: an index of [`PROVIDERS`].
    pub provider: usize,
    /// Its name.
    pub name: &'static str,
    /// Share of all requests, in thousandths.
    pub share: u64,
    /// Dollars for a million input tokens.
    pub input_price: f64,
    /// Dollars for a million output tokens.
    pub output_price: f64,
    /// Median milliseconds to the first token.
    pub first_token_ms: f64,
    /// Median milliseconds for each token after it.
    pub token_ms: f64,
}

/// Names of providers.
pub const PROVIDERS: [&str; 5] = ["openai", "anthropic", "google", "mistral", "deepseek"];

/// The models; shares add up to 1000.
pub const MODELS: [Model; 12] = [
    model(0, "gpt-4o", 150, 2.5, 10.0, 520.0, 12.0),
    model(0, "gpt-4o-mini", 240, 0.15, 0.6, 380.0, 9.0),
    model(0, "gpt-4.1", 80, 2.0, 8.0, 560.0, 11.0),
    model(0, "gpt-4.1-mini", 90, 0.4, 1.6, 410.0, 8.0),
    model(0, "o3-mini", 30, 1.1, 4.4, 6200.0, 7.0),
    model(1, "claude-3-5-sonnet", 160, 3.0, 15.0, 900.0, 14.0),
    model(1, "claude-3-5-haiku", 70, 0.8, 4.0, 620.0, 9.0),
    model(1, "claude-3-opus", 12, 15.0, 75.0, 1800.0, 36.0),
    model(2, "gemini-1.5-pro", 48, 1.25, 5.0, 780.0, 13.0),
    model(2, "gemini-2.0-flash", 85, 0.1, 0.4, 330.0, 5.0),
    model(3, "mistral-large", 15, 2.0, 6.0, 640.0, 18.0),
    model(4, "deepseek-chat", 20, 0.27, 1.1, 1500.0, 30.0),
];

const fn model(
    provider: usize,
    name: &'static str,
    share: u64,
    input_price: f64,
    output_price: f64,
    first_token_ms: f64,
    token_ms: f64,
) -> Model {
    Model { provider, name, share, input_price, output_price, first_token_ms, token_ms }
}

/// The index of the model that a number in 0..1000 falls to.
pub fn at_share(mut thousandth: u64) -> usize {
    for (index, model) in MODELS.iter().enumerate() {
        match thousandth.checked_sub(model.share) {
            None => return index,
            Some(rest) => thousandth = rest,
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_thousandth_falls_to_a_model_by_its_share() {
        let mut fallen = [0; MODELS.len()];
        (0..1000).for_each(|thousandth| fallen[at_share(thousandth)] += 1);
        assert_eq!(fallen, MODELS.each_ref().map(|model| model.share));
    }
}
