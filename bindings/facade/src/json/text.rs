//! JSON text, read and written.
//!
//! The one idea: numbers are read by the kernel, as its expressions are, so a double is the nearest one in every host.
//!
//! Not here: what a document means (`reading`).

use super::value::Json;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{self, Write};
use isofold::math::Float64;

/// Arrays and objects inside each other: recursion uses a few hundred bytes of stack a level.
const MAX_DEPTH: usize = 128;

/// Why a text is not JSON, and the byte at which it stops being it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotJson {
    /// What was expected.
    pub reason: String,
    /// From 0.
    pub byte: usize,
}

impl Json {
    /// The value that a text spells.
    ///
    /// Zero has no sign. An integer past int64 is a double where it is spelled as the shortest text of one (`100000000000000000000`, as
    /// JavaScript writes 1e20), and else refused rather than rounded.
    ///
    /// **Errors** the first byte at which the text stops being JSON, and why.
    pub fn from_text(text: &str) -> Result<Json, NotJson> {
        let mut reader = Reader { text, at: 0 };
        let json = reader.value(0)?;
        match reader.peek() {
            None => Ok(json),
            Some(_) => reader.refuse("nothing more is expected"),
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn refuse<T>(&self, reason: &str) -> Result<T, NotJson> {
        Err(NotJson { reason: reason.to_owned(), byte: self.at })
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is no space.
    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.byte() {
            self.at += 1;
        }
        self.byte()
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_there = self.byte() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    fn value(&mut self, depth: usize) -> Result<Json, NotJson> {
        match self.peek() {
            Some(b'{' | b'[') if depth == MAX_DEPTH => self.refuse("nesting this deep is refused"),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Json::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => {
                let words = [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))];
                for (word, json) in words {
                    if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
                        self.at += word.len();
                        return Ok(json);
                    }
                }
                self.refuse("a value is expected")
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Json, NotJson> {
        let mut items = Vec::new();
        self.at += 1;
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Json::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if !self.goes_on(b']', "',' or ']' is expected")? {
                return Ok(Json::Array(items));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, NotJson> {
        let mut entries = Vec::new();
        self.at += 1;
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Json::Object(entries));
        }
        loop {
            if self.peek() != Some(b'"') {
                return self.refuse("a key in double quotes is expected");
            }
            let key = self.string()?;
            self.peek();
            if !self.take(b':') {
                return self.refuse("':' is expected");
            }
            entries.push((key, self.value(depth + 1)?));
            if !self.goes_on(b'}', "',' or '}' is expected")? {
                return Ok(Json::Object(entries));
            }
        }
    }

    /// Takes a comma, after which there is more, or the end.
    fn goes_on(&mut self, end: u8, expected: &str) -> Result<bool, NotJson> {
        self.peek();
        if self.take(b',') {
            return Ok(true);
        }
        if self.take(end) {
            return Ok(false);
        }
        self.refuse(expected)
    }

    fn digits(&mut self) -> Result<(), NotJson> {
        let from = self.at;
        while let Some(b'0'..=b'9') = self.byte() {
            self.at += 1;
        }
        if from == self.at {
            return self.refuse("a digit is expected");
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Json, NotJson> {
        let from = self.at;
        let _ = self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        let mut is_integer = true;
        if self.take(b'.') {
            is_integer = false;
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            is_integer = false;
            let _ = self.take(b'-') || self.take(b'+');
            self.digits()?;
        }
        let text = &self.text[from..self.at];
        if let (true, Ok(value)) = (is_integer, text.parse()) {
            return Ok(Json::Int64(value));
        }
        let value = Float64::from_decimal(text).filter(|value| !value.is_infinite());
        match value {
            Some(value) if !is_integer || significant(&value.to_string()) == significant(text) => {
                Ok(Json::Number(f64::from_bits(value.to_bits())))
            }
            _ => {
                let kind = if is_integer { "int64" } else { "float64" };
                Err(NotJson { reason: format!("the number {text} is outside {kind}"), byte: from })
            }
        }
    }

    fn string(&mut self) -> Result<String, NotJson> {
        let mut string = String::new();
        self.at += 1;
        loop {
            let from = self.at;
            while self.byte().is_some_and(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
                self.at += 1;
            }
            string.push_str(&self.text[from..self.at]);
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(string);
                }
                Some(b'\\') => string.push(self.escape()?),
                Some(_) => return self.refuse("a control character is written \\u00.. in a text"),
                None => return self.refuse("the text in double quotes does not end"),
            }
        }
    }

    fn escape(&mut self) -> Result<char, NotJson> {
        self.at += 1;
        let Some(byte) = self.byte() else { return self.refuse("an escape is expected") };
        let plain = match byte {
            b'"' | b'\\' | b'/' => byte,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => return self.code_point(),
            _ => return self.refuse("an escape is expected"),
        };
        self.at += 1;
        Ok(char::from(plain))
    }

    /// `\uXXXX`, or two of them that are one character.
    fn code_point(&mut self) -> Result<char, NotJson> {
        let start = self.at;
        let unit = self.unit()?;
        let mut code = unit;
        if (0xd800..0xdc00).contains(&unit) && self.take(b'\\') && self.byte() == Some(b'u') {
            let low = self.unit()?;
            if (0xdc00..0xe000).contains(&low) {
                code = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
            }
        }
        match char::from_u32(code) {
            Some(character) => Ok(character),
            None => Err(NotJson { reason: "half a surrogate pair is no character".to_owned(), byte: start }),
        }
    }

    fn unit(&mut self) -> Result<u32, NotJson> {
        let digits = self.text.as_bytes().get(self.at + 1..self.at + 5).unwrap_or_default();
        let mut unit = 0;
        for &digit in digits {
            match char::from(digit).to_digit(16) {
                Some(digit) => unit = unit * 16 + digit,
                None => return self.refuse("four hexadecimal digits are expected"),
            }
        }
        if digits.len() < 4 {
            return self.refuse("four hexadecimal digits are expected");
        }
        self.at += 5;
        Ok(unit)
    }
}

/// The digits of a number without zeros around them.
fn significant(text: &str) -> String {
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').to_owned()
}

impl fmt::Display for Json {
    /// JSON text, without spaces; a double that is no number is null.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(value) => f.write_str(if *value { "true" } else { "false" }),
            Json::Int64(value) => value.fmt(f),
            Json::Number(value) => match Float64::from_bits(value.to_bits()) {
                value if value.is_nan() || value.is_infinite() => f.write_str("null"),
                value => value.fmt(f),
            },
            Json::Text(text) => write_text(f, text),
            Json::Array(items) => {
                let mut before = "[";
                for item in items {
                    f.write_str(before)?;
                    item.fmt(f)?;
                    before = ",";
                }
                f.write_str(if items.is_empty() { "[]" } else { "]" })
            }
            Json::Object(entries) => {
                let mut before = "{";
                for (key, value) in entries {
                    f.write_str(before)?;
                    write_text(f, key)?;
                    f.write_char(':')?;
                    value.fmt(f)?;
                    before = ",";
                }
                f.write_str(if entries.is_empty() { "{}" } else { "}" })
            }
        }
    }
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        f.write_str(&rest[..at])?;
        match rest.as_bytes()[at] {
            8 => f.write_str("\\b")?,
            9 => f.write_str("\\t")?,
            10 => f.write_str("\\n")?,
            12 => f.write_str("\\f")?,
            13 => f.write_str("\\r")?,
            byte @ (b'"' | b'\\') => write!(f, "\\{}", char::from(byte))?,
            byte => write!(f, "\\u{byte:04x}")?,
        }
        rest = &rest[at + 1..];
    }
    f.write_str(rest)?;
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubles() -> impl Iterator<Item = f64> {
        let mut seed = 20_261_130_u64;
        (0..100_000).map(move |_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            f64::from_bits(seed ^ (seed >> 29))
        })
    }

    #[test]
    fn order_and_repeated_keys_survive() {
        let text = r#"{"b":[1,-2.5,null,true],"a":"é\n\u0001","b":{},"c":[]}"#;
        assert_eq!(Json::from_text(text).expect("JSON").to_string(), text);
        assert_eq!(Json::from_text(" [ { \"a\" : false } , 1 ] \r\n").expect("JSON").to_string(), r#"[{"a":false},1]"#);
    }

    #[test]
    fn every_double_is_the_nearest_one_and_comes_back() {
        for value in doubles().filter(|value| value.is_finite()) {
            for text in [Json::Number(value).to_string(), format!("{value:e}"), format!("{value:.40e}")] {
                let read = Json::from_text(&text).expect("JSON");
                assert!(matches!(read, Json::Number(read) if read.to_bits() == value.to_bits()), "{text} {read}");
            }
        }
        for text in ["0.11533051866064725", "5e-324", "1E+2", "1.7976931348623157e308"] {
            let right: f64 = text.parse().expect("a double");
            let read = Json::from_text(text).expect("JSON");
            assert!(matches!(read, Json::Number(read) if read.to_bits() == right.to_bits()), "{text} {read}");
        }
        assert_eq!(Json::from_text("1e400").expect_err("too large").reason, "the number 1e400 is outside float64");
    }

    #[test]
    fn serde_json_reads_what_is_written_and_writes_what_is_read() {
        for text in ["\"\\u00e9\\ud83d\\ude00\\/\\b\\f\\\\\"", "[]", "{}", "[[],{\"\":null}]", "-1", "9007199254740993"]
        {
            let theirs: serde_json::Value = serde_json::from_str(text).expect("JSON");
            let ours = Json::from_text(text).expect("JSON");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&ours.to_string()).expect("JSON"), theirs);
            assert_eq!(ours.to_string(), theirs.to_string());
        }
    }

    #[test]
    fn what_is_not_json_is_refused_where_it_stops_being_it() {
        for (text, byte) in [
            ("", 0),
            ("nul", 0),
            ("[1,]", 3),
            ("[1 2]", 3),
            ("{\"a\" 1}", 5),
            ("{a:1}", 1),
            ("{\"a\":1,}", 7),
            ("01", 1),
            ("1.", 2),
            ("1e", 2),
            ("-", 1),
            ("+1", 0),
            ("\"a", 2),
            ("\"\u{1}\"", 1),
            ("\"\\x\"", 2),
            ("\"\\u12g4\"", 2),
            ("\"\\u12", 2),
            ("\"\\ud83d\"", 2),
            ("\"\\ud83d\\u0041\"", 2),
            ("\"\\udc00\"", 2),
            ("1 1", 2),
            ("NaN", 0),
        ] {
            assert_eq!(Json::from_text(text).expect_err(text).byte, byte, "{text}");
            assert!(serde_json::from_str::<serde_json::Value>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_and_does_not_end_the_process() {
        assert!(Json::from_text(&"[".repeat(1_000_000)).is_err());
        assert!(Json::from_text(&format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH))).is_ok());
    }

    #[test]
    fn integers_past_int64_are_refused_rather_than_rounded() {
        for text in ["9223372036854775808", "-9223372036854775809", "1180591620717411303424"] {
            let refused = Json::from_text(text).expect_err("past int64");
            assert_eq!((refused.reason.as_str(), refused.byte), (&*format!("the number {text} is outside int64"), 0));
        }
        assert_eq!(Json::from_text("9223372036854775807").expect("JSON"), Json::Int64(i64::MAX));
        // what JavaScript writes for doubles below 1e21
        assert_eq!(Json::from_text("100000000000000000000").expect("JSON"), Json::Number(1e20));
        assert_eq!(
            Json::from_text("590295810358705700000").expect("JSON"),
            Json::Number(590_295_810_358_705_651_712.0)
        );
    }
}
