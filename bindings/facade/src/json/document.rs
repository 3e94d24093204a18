//! JSON as it is handed over: text, or a value a host built.

use super::reading::Codes;
use super::value::Json;
use alloc::borrow::Cow;
use alloc::format;
use isofold::{Error, Result};

/// Bytes of one JSON text: a spec at every other limit of the kernel stays below.
pub const MAX_JSON_BYTES: usize = 16 << 20;

/// JSON text or a value.
pub trait Document {
    /// The value.
    ///
    /// **Errors** the code for an invalid document, with the character where the text stops being JSON.
    fn json(&self, codes: &Codes) -> Result<Cow<'_, Json>>;
}

impl Document for Json {
    fn json(&self, _: &Codes) -> Result<Cow<'_, Json>> {
        Ok(Cow::Borrowed(self))
    }
}

impl Document for str {
    fn json(&self, codes: &Codes) -> Result<Cow<'_, Json>> {
        if self.len() > MAX_JSON_BYTES {
            let message = format!("a JSON text must have at most {MAX_JSON_BYTES} bytes, got {}", self.len());
            return Err(Error::new(codes.invalid, message).within(codes.root));
        }
        Json::from_text(self).map(Cow::Owned).map_err(|error| {
            let message = format!("the text is not JSON: {}", error.reason);
            // cannot truncate: the text has at most MAX_JSON_BYTES
            let character = self.char_indices().take_while(|(start, _)| *start < error.byte).count() as u32;
            Error::new(codes.invalid, message).at(character).within(codes.root)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn an_error_points_at_the_character() {
        let error = "{\n \"é\": x }".json(&Codes::SPEC).expect_err("not JSON");
        assert_eq!(error.to_string(), "the text is not JSON: a value is expected (spec, character 8)");
    }

    #[test]
    fn a_text_past_the_limit_is_refused_unread() {
        let error = " ".repeat(MAX_JSON_BYTES + 1).as_str().json(&Codes::QUERY).expect_err("too long");
        assert_eq!((error.code(), error.position()), (isofold::Code::QueryInvalid, None));
    }
}
