//! Lines without passwords.
//!
//! The one idea: every line that tells of a problem goes through here, whoever wrote its words: this program, a driver, or
//! the person who gave a URL where a file was expected.

use std::sync::Mutex;

const HIDDEN: &str = "…";
/// Shorter passwords would blank out more than themselves.
const MIN_LENGTH: usize = 4;

static KNOWN: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps the passwords of a connection from being written anywhere.
pub fn hide_those_of(connection: &str) {
    let mut found = Vec::new();
    if let Some((before, _)) = connection.rsplit_once('@') {
        let word = before.rsplit(char::is_whitespace).next().unwrap_or_default();
        // a URL has its scheme before the name
        let word = word.split_once("//").map_or(word, |(_, word)| word);
        found.extend(word.split_once(':').map(|(_, password)| password.to_owned()));
    }
    for (_, value) in assigned(connection) {
        found.push(value.trim_matches('\'').replace("\\'", "'").replace("\\\\", "\\"));
    }
    found.extend(std::env::var("PGPASSWORD"));
    let decoded: Vec<String> = found.iter().map(|text| decoded(text)).collect();
    if let Ok(mut known) = KNOWN.lock() {
        known.extend(found.into_iter().chain(decoded).filter(|text| text.len() >= MIN_LENGTH));
    }
}

/// `%40` as `@`.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| byte == b'%') {
            Some(code) => {
                bytes.push(code);
                rest = &after[2..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Where `password = …` has its value, and the value.
fn assigned(text: &str) -> Vec<(usize, &str)> {
    let lower = text.to_ascii_lowercase();
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = lower[from..].find("pass").map(|at| at + from) {
        from = at + 4;
        let word =
            lower[from..].find(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(lower.len(), |end| end + from);
        let rest = text[word..].trim_start();
        let Some(rest) = rest.strip_prefix('=') else { continue };
        let value = rest.trim_start();
        let start = text.len() - value.len();
        let length = match value.strip_prefix('\'') {
            Some(inner) => quoted_length(inner) + 1,
            None => value.find(|c: char| c.is_whitespace() || c == '&').unwrap_or(value.len()),
        };
        found.push((start, &value[..length]));
        from = start + length;
    }
    found
}

/// Bytes up to and with the quote that closes; all where none does.
fn quoted_length(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            '\'' if !is_escaped => return at + 1,
            _ => is_escaped = character == '\\' && !is_escaped,
        }
    }
    text.len()
}

/// The text without passwords.
#[must_use]
pub fn hidden(text: &str) -> String {
    let mut bare = text.to_owned();
    for (start, value) in assigned(text).into_iter().rev() {
        bare.replace_range(start..start + value.len(), HIDDEN);
    }
    // what stands between a name and its host, in however mistyped a connection
    let words: Vec<String> = bare
        .split(' ')
        .map(|word| match (word.find(':'), word.rfind('@')) {
            (Some(colon), Some(at)) if colon < at => format!("{}{HIDDEN}{}", &word[..=colon], &word[at..]),
            _ => word.to_owned(),
        })
        .collect();
    let bare = words.join(" ");
    let known = KNOWN.lock().map(|known| known.clone()).unwrap_or_default();
    known.iter().fold(bare, |bare, password| bare.replace(password.as_str(), HIDDEN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_hidden_wherever_they_stand() {
        for text in [
            "cannot reach postgresql://boss:s3cretPW@127.0.0.1:1/x: refused",
            "postgres//boss:s3cretPW@127.0.0.1:1/x: no such file",
            "host=x password = s3cretPW dbname=y",
            "host=x PASSWORD='s3cret\\'s3cretPW' dbname=y",
            "postgresql://h/d?user=u&password=s3cretPW&x=1",
            "password='s3cretPW",
        ] {
            assert!(!hidden(text).contains("s3cretPW"), "{}", hidden(text));
        }
        assert_eq!(hidden("no password is asked at 10:15"), "no password is asked at 10:15");
        hide_those_of("postgresql://u:p%40ss%20word@h/d");
        assert_eq!(hidden("the text p@ss word is wrong"), "the text … is wrong");
    }
}
